//! The twelve evaluations of `GradBench` in plain Rust, with derivatives by `#[grad]`.
//!
//! `GradBench` (<https://gradben.ch>) compares tools for automatic differentiation across languages. A tool is a program that
//! answers messages: this one is `cargo run --release -p gradbench`, and [`protocol`] is what it speaks. Each
//! module of [`evals`] has the functions of one evaluation, written from their mathematical definitions, and asks
//! `#[grad]` for what the evaluation wants:
//!
//! | evaluation | wants | by |
//! | --- | --- | --- |
//! | `hello` | derivative of x² | `grad` |
//! | `llsq`, `lse`, `det`, `ode`, `gmm`, `lstm` | gradient | `grad_into`, `vjp_add` |
//! | `ba` | sparse Jacobian, a block of 2 × 15 for each observation | `jacobian` of one observation |
//! | `ht` | Jacobian of 28 columns, two of them compressed | `jvp_n` with 28 directions |
//! | `kmeans` | gradient and diagonal of the Hessian | `hvp` along (1, …, 1): the Hessian is diagonal |
//! | `particle`, `saddle` | derivative of a computation that contains a derivative, in all combinations of modes | `grad`, `jvp` inside of a function |
//!
//! `cargo bench -p gradbench` measures them.

// The functions are written as people write them.
#![allow(clippy::needless_range_loop)]

pub mod by_hand;
pub mod descend;
pub mod evals;
pub mod parts;
pub mod protocol;
pub mod workloads;
