//! GRAD0014

use grad::grad;

#[grad]
fn references(x: &[&mut f64]) -> f64 {
    *x[0]
}

#[grad(wrt(x))]
fn boxed(x: Box<f64>) -> f64 {
    *x
}

fn main() {}
