//! Tests of the passes.

mod architecture;
mod check;
mod code;
mod datum;
mod diag;
mod emit;
mod emitted;
mod exits;
mod faults;
mod generate;
mod interp;
mod iter;
mod lower;
mod meaning;
mod orders;
mod places;
mod plan;
mod prims;
mod random;
mod rewrites;
mod ridders;
mod rules;
mod sweeps;
