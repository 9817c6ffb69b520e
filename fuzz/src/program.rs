//! A program and how it is called.

use crate::types::{By, Data, Ty};
use std::collections::BTreeSet;

/// A parameter of a function of the program, as calls see it.
#[derive(Clone, Debug)]
pub struct Param {
    pub name: String,
    pub ty: Ty,
    pub by: By,
    /// Differentiated: neither a constant type nor left out by `wrt`.
    pub active: bool,
    /// How long rows are at least (of the root: exactly), from the outside in.
    pub lens: Vec<usize>,
}

/// The argument that the harness calls the root with.
#[derive(Clone, Debug)]
pub struct Arg {
    pub by: By,
    pub active: bool,
    pub data: Data,
}

/// A function whose derivative other functions ask for: `g::grad(..)`.
#[derive(Clone, Debug)]
pub struct Inner {
    pub name: String,
    pub params: Vec<(Ty, By)>,
}

#[expect(clippy::struct_excessive_bools, reason = "what a program has is independent of each other")]
#[derive(Clone, Debug)]
pub struct Program {
    pub source: String,
    pub root: String,
    pub args: Vec<Arg>,
    pub result: Ty,
    pub start: Vec<f64>,
    pub second: bool,
    /// Also compiled with `checkpoint` on the root.
    pub checkpoint: bool,
    pub single: bool,
    /// Has types with `#[derive(Differentiable)]`.
    pub structs: bool,
    pub inner: Vec<Inner>,
    /// What of the page of supported Rust is in it.
    pub constructs: BTreeSet<&'static str>,
}
