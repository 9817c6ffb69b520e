//! GRAD0026: a type that nothing tells

use grad::grad;

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

fn main() {}
