//! Errors that rustc finds by itself are shown where the user made them, and once

use grad::grad;

#[grad]
fn mismatched(x: f64) -> f64 {
    let y: usize = 1.0;
    x * y as f64
}

#[grad]
fn unknown_name(x: f64) -> f64 {
    x * scale
}

#[grad]
fn unknown_method(x: f64) -> f64 {
    x.sine()
}

#[grad]
fn borrowed(x: f64) -> f64 {
    let v = vec![x];
    let w = v;
    v[0] * w[0]
}

fn main() {}
