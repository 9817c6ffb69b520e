//! A helper without `#[grad]` on the way of the derivative

use grad::grad;

fn helper(x: f64) -> f64 {
    x * x
}

mod other {
    pub fn helper(x: &[f64], k: f64) -> f64 {
        x[0] * k
    }
}

#[grad]
fn f(x: f64) -> f64 {
    helper(x) + 1.0
}

#[grad]
fn g(v: &[f64]) -> f64 {
    other::helper(v, 2.0)
}

fn main() {}
