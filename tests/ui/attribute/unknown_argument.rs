//! GRAD0002

use grad::grad;

#[grad(respect_to(x))]
fn f(x: f64) -> f64 {
    x * x
}

#[grad(wrt(x), Recursive)]
fn g(x: f64) -> f64 {
    x * x
}

fn main() {}
