//! A pullback that borrows an argument

use grad::grad;

#[grad(vjp = norm_vjp)]
fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn norm_vjp(x: &[f64]) -> (f64, impl FnOnce(f64) -> Vec<f64>) {
    let norm = norm(x);
    (norm, move |bar| x.iter().map(|x| bar * x / norm).collect())
}

fn main() {}
