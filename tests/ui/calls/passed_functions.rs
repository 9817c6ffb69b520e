//! What is passed to a function that takes a function.

use grad::grad;

#[grad]
fn middle<F: Fn(f64) -> f64>(f: F, a: f64, b: f64) -> f64 {
    (b - a) * f(0.5 * (a + b))
}

#[grad]
fn each(v: &[f64], f: impl Fn(&f64) -> f64) -> f64 {
    v.iter().map(|x| f(x)).sum()
}

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn by_name(a: f64) -> f64 {
    middle(square, a, 1.0)
}

#[grad]
fn of_other_inputs(v: &[f64]) -> f64 {
    each(v, |x| x.sin())
}

fn main() {}
