//! GRAD0004

use grad::grad;

#[grad(skip)]
fn skipped(x: f64) -> f64 {
    x * x
}

fn main() {}
