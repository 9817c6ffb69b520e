//! Every construct that `#[grad]` accepts: gradients against differences, against each other and against formulas.

#![deny(warnings)]
// The functions are written to be odd; their primal may do what nobody should.
#![allow(
    unreachable_pub,
    clippy::eq_op,
    clippy::modulo_one,
    clippy::pedantic,
    clippy::reversed_empty_ranges,
    clippy::style,
    clippy::complexity,
    clippy::perf,
    clippy::suspicious
)]

mod support;
mod zoo;
