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

fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn without_attribute(a: f64) -> f64 {
    middle(square, a, 1.0)
}

#[grad]
fn of_the_standard_library(a: f64) -> f64 {
    middle(f64::sin, a, 1.0)
}

#[grad(wrt(x))]
fn scaled(x: f64, by: fn(f64) -> f64, k: f64) -> f64 {
    x * by(k)
}

#[grad]
fn no_function(a: f64) -> f64 {
    scaled(a, square, 1.0)
}

#[grad]
fn of_other_inputs(v: &[f64]) -> f64 {
    each(v, |x| x.sin())
}

#[grad(second)]
fn twice<F: Fn(f64) -> f64>(f: F, a: f64) -> f64 {
    f(a) * f(2.0 * a)
}

#[grad(second)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[grad(second)]
fn by_path(a: f64) -> f64 {
    twice(cube, a)
}

fn main() {}
