//! GRAD0005

use grad::grad;

#[grad(wrt(x, z))]
fn f(x: f64, y: f64) -> f64 {
    x * y
}

#[grad(wrt(a))]
fn pattern((a, b): (f64, f64)) -> f64 {
    a * b
}

fn main() {}
