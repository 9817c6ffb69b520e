//! Tests of the passes.

mod architecture;
mod code;
mod interp;
mod prims;
mod ridders;
mod rules;
