//! GRAD0006

use grad::grad;

#[grad(wrt(n))]
fn integer(x: f64, n: i32) -> f64 {
    x.powi(n)
}

fn main() {}
