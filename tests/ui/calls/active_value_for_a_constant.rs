//! A differentiated value where the callee takes a constant

use grad::grad;

#[grad(wrt(x))]
fn scaled(x: f64, k: f64) -> f64 {
    x * k
}

#[grad(wrt(v))]
fn with_table(v: &[f64], table: &[f64]) -> f64 {
    v[0] * table[0]
}

#[grad]
fn f(x: f64, v: &[f64]) -> f64 {
    scaled(x, x * 2.0) + with_table(v, v)
}

fn main() {}
