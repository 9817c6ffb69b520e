//! Tests of the passes.

mod architecture;
mod code;
mod datum;
mod emitted;
mod generate;
mod interp;
mod lower;
mod meaning;
mod places;
mod prims;
mod random;
mod ridders;
mod rules;
mod sweeps;
