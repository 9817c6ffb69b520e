//! GRAD0013

use grad::grad;

#[grad]
fn reference(x: &[f64]) -> &[f64] {
    &x[1..]
}

#[grad]
fn borrowed_error(x: f64, name: &str) -> Result<f64, &str> {
    if x > 0.0 { Ok(x) } else { Err(name) }
}

#[grad]
fn iterator(x: f64) -> impl Iterator<Item = f64> {
    std::iter::repeat(x)
}

fn main() {}
