//! GRAD0012

use grad::grad;

#[grad]
fn generic<T: Into<f64>>(x: f64, t: T) -> f64 {
    x * t.into()
}

#[grad]
fn hidden(x: f64, f: impl Fn(f64) -> f64) -> f64 {
    f(x)
}

fn main() {}
