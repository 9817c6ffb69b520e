//! Mutual recursion of which nobody told

use grad::grad;

#[grad]
fn even(x: f64, n: usize) -> f64 {
    if n == 0 { x } else { odd(x * x, n - 1) }
}

#[grad]
fn odd(x: f64, n: usize) -> f64 {
    if n == 0 { -x } else { even(x + 1.0, n - 1) }
}

fn main() {}
