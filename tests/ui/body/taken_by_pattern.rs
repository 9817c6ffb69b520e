//! A differentiated value that a pattern takes out of another

use grad::grad;

struct Wrapped(f64);

#[grad]
fn optional(x: f64) -> f64 {
    let y: Result<f64, ()> = Ok(x);
    if let Ok(z) = y { z * z } else { 0.0 }
}

#[grad]
fn wrapped(x: f64) -> f64 {
    let Wrapped(z) = Wrapped(x);
    z * z
}

fn main() {}
