//! GRAD0032: the derivative of a derivative

use grad::grad;

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn slope(x: f64) -> f64 {
    square::grad(x) + square::value_and_grad(x).1
}

fn main() {}
