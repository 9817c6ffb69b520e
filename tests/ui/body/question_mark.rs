//! GRAD0031: `?`

use grad::grad;

#[grad]
fn in_a_plain_function(x: f64, text: &str) -> f64 {
    let n: f64 = text.parse().ok()?;
    x * n
}

#[grad]
fn in_a_closure(x: f64) -> Result<f64, String> {
    let inverse = |y: f64| -> Result<f64, &'static str> {
        let z = (y > 0.0).then_some(y).ok_or("negative")?;
        Ok(1.0 / z)
    };
    Ok(inverse(x)? * x)
}

fn main() {}
