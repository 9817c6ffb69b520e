//! GRAD0029: references chosen at run time

use grad::grad;

#[grad]
fn chosen(x: &[f64], y: &[f64], first: bool) -> f64 {
    let r = if first { x } else { y };
    r[0] * x[1]
}

#[grad]
fn reassigned(x: f64, y: f64) -> f64 {
    let mut r = &x;
    if *r > 1.0 {
        r = &y;
    }
    *r * x
}

fn main() {}
