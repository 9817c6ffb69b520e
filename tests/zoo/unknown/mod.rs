//! Values of types that only rustc knows: results of calls, constants, the elements of `Vec::new()`.

mod unzip;
mod vecs;
