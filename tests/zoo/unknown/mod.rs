//! Values of types that only rustc knows: results of calls, constants, the elements of `Vec::new()`.

mod carried;
mod max;
mod status;
mod tuples;
mod unzip;
mod vecs;
