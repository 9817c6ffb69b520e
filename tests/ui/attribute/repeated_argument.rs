//! GRAD0003

use grad::grad;

#[grad(wrt(x), wrt(y))]
fn twice(x: f64, y: f64) -> f64 {
    x * y
}

#[grad(wrt(x, y, x))]
fn named_twice(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {}
