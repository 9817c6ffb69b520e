//! Types, methods and impls of traits as people write them: what half of the functions are that are found in other people's
//! code. `tests/in_the_wild.rs` of the root package has the free functions.

#![cfg(test)]
// As they are found: with parts that only their other callers use.
#![allow(dead_code, unreachable_pub, clippy::pedantic, clippy::style, clippy::complexity, clippy::perf)]

mod annotated_traits;
mod composed;
mod costs;
mod curves;
mod finance;
mod generic;
mod geometry;
mod guards;
mod held;
mod impls;
mod learning;
mod mechanics;
mod models;
mod objectives;
mod passed;
mod potentials;
mod problems;
mod shapes;
mod support;
mod systems;
mod tuple_structs;
mod vector;
