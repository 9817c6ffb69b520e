//! The transformation behind `#[grad]`, as an ordinary library: `syn` comes in at one layer, tokens go out at another.
//!
//! [`expand::expand`] is the pass list. The crate is an implementation detail of `grad`, with no stable interface.

mod aliased;
pub mod analysis;
pub mod args;
pub mod check;
pub mod derive;
pub mod diag;
pub mod emit;
pub mod expand;
pub mod fault;
pub mod function;
pub mod generic;
mod hash;
#[cfg(feature = "interp")]
pub mod interp;
pub mod ir;
mod local_items;
pub mod lower;
pub mod matrix;
mod neighbours;
mod object;
pub mod operator;
mod outcomes;
pub mod rules;
pub mod shape;
mod sibling;
pub mod simplify;
mod trait_method;
pub mod transform;
