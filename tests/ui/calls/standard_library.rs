//! Functions of the standard library without a derivative

use grad::grad;

use std::hint::black_box;

#[grad]
fn f(x: f64) -> f64 {
    black_box(x)
}

#[grad]
fn g(x: f64, y: f64) -> f64 {
    let mut a = x;
    let b = std::mem::replace(&mut a, y);
    a * b
}

fn main() {}
