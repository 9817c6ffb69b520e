//! What rustc says better: wrong arguments

use grad::grad;

#[grad]
fn helper(x: f64, y: f64) -> f64 {
    x * y
}

#[grad]
fn too_few(x: f64) -> f64 {
    helper(x)
}

#[grad]
fn wrong_type(v: &[f64]) -> f64 {
    helper(v, 1.0)
}

fn main() {}
