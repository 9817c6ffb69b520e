//! GRAD0031: `?`

use grad::grad;

#[grad]
fn f(x: f64, text: &str) -> f64 {
    let n: f64 = text.parse().ok()?;
    x * n
}

fn main() {}
