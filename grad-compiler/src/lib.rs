//! The transformation behind `#[grad]`, as an ordinary library.
pub mod args;
pub mod diag;
pub mod emit;
pub mod ir;
pub mod rules;

#[cfg(test)]
mod tests;
pub mod analysis;
pub mod transform;
pub mod simplify;
