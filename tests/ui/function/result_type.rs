//! GRAD0013

use grad::grad;

#[grad]
fn reference(x: &[f64]) -> &[f64] {
    &x[1..]
}

#[grad]
fn optional(x: f64) -> Option<f64> {
    Some(x)
}

#[grad]
fn iterator(x: f64) -> impl Iterator<Item = f64> {
    std::iter::repeat(x)
}

fn main() {}
