//! A differentiated value that a pattern takes out of another

use grad::grad;

struct Wrapped(f64);

#[grad]
fn optional(x: f64) -> f64 {
    let y = Some(x);
    if let Some(z) = y { z * z } else { 0.0 }
}

#[grad]
fn chosen(x: f64) -> f64 {
    let y = if x > 0.0 { Some(x) } else { None };
    match y {
        Some(z) => z * z,
        None => 0.0,
    }
}

#[grad]
fn wrapped(x: f64) -> f64 {
    let Wrapped(z) = Wrapped(x);
    z * z
}

fn main() {}
