//! GRAD0025: a callee writes floats into something whose type only rustc knows

use grad::grad;

fn zeros(n: usize) -> Vec<f64> {
    vec![0.0; n]
}

#[grad]
fn add(out: &mut [f64], by: f64) {
    out[0] += by;
}

#[grad]
fn norm(v: &[f64]) -> f64 {
    v[0] * v[0]
}

#[grad]
fn f(x: f64) -> f64 {
    let mut v = zeros(2);
    add(&mut v, x);
    norm(&v)
}

fn main() {}
