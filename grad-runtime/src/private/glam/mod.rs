//! Vectors, matrices and quaternions of glam, in double precision: what generated code asks of them, and the rows of their operations.
//!
//! It is all that a library needs: its types, once, and for each operation a line with its operands, its formula and its value.

mod rules;
mod types;
