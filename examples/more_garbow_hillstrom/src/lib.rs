//! The 35 problems of Moré, Garbow and Hillstrom as functions with `#[grad]`, and what is true of a method that has run
//! on one.

pub mod problems;
pub mod runs;
