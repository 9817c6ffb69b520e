//! GRAD0035

use grad::{grad, with_cotangent};

#[grad]
fn of_an_array(x: [f64; 2]) -> f64 {
    let y = with_cotangent(x, |x_bar| x_bar);
    y[0] * y[1]
}

#[grad]
fn that_counts(x: f64) -> f64 {
    let mut calls = 0;
    let y = with_cotangent(x * x, |bar| {
        calls += 1;
        bar
    });
    y * f64::from(calls)
}

#[grad]
fn that_reads_what_is_differentiated(x: f64, y: f64) -> f64 {
    with_cotangent(x * y, |bar| bar * y)
}

fn main() {}
