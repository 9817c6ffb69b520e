//! Tests of the passes.

mod along;
mod architecture;
mod check;
mod diag;
mod emit;
mod emitted;
mod exits;
mod facts;
mod faults;
mod generate;
mod interp;
mod iter;
mod lower;
mod matrices;
mod meaning;
mod names;
mod orders;
mod plan;
mod random;
mod rewrites;
mod ridders;
mod rules;
mod shapes;
mod strips;
mod sweeps;
