//! The 35 problems of Moré, Garbow and Hillstrom as functions with `#[grad]`, and what is true of a method that has run
//! on one.

#![expect(unreachable_pub, reason = "the modules of one program need no finer visibility")]

pub mod bounded;
pub mod problems;
pub mod rivals;
pub mod runs;
pub mod scipy;
pub mod table;
pub mod tables;
