//! GRAD0031: `?`

use grad::grad;

#[grad]
fn in_a_plain_function(x: f64, text: &str) -> f64 {
    let n: f64 = text.parse().ok()?;
    x * n
}

#[grad]
fn in_a_closure(x: f64) -> Option<f64> {
    let inverse = |y: f64| -> Option<f64> {
        let z = (y > 0.0).then_some(y)?;
        Some(1.0 / z)
    };
    inverse(x)
}

fn main() {}
