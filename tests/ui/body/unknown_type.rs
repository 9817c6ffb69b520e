//! GRAD0026: a type that nothing tells

use grad::{Differentiable, grad};

#[grad]
fn helper(x: f64) -> f64 {
    x * x
}

#[grad]
fn converted(x: f64) -> f64 {
    let n = helper(x);
    x * n as f64
}

#[grad]
fn annotated(x: f64) -> f64 {
    let n: f64 = helper(x);
    x * n as f64
}

#[derive(Clone, Differentiable)]
struct Pair {
    at: f64,
    rounded: f64,
}

#[grad(wrt(p))]
fn only_a_float(p: &Pair) -> Pair {
    Pair { at: -p.at, rounded: (p.at as f32) as f64 }
}

#[grad(wrt(p))]
fn annotated_float(p: &Pair) -> Pair {
    let first: f64 = p.at;
    Pair { at: -first, rounded: (first as f32) as f64 }
}

fn main() {}
