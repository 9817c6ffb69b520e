//! Rules of another shape than the function's derivatives

use grad::grad;

#[grad(vjp = product_vjp)]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

fn product_vjp(x: f64, y: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (x * y, move |bar| bar * y)
}

#[grad(vjp = square_vjp, jvp = square_jvp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> f64 {
    2.0 * x
}

fn square_jvp(x: f64) -> (f64, f64) {
    (x * x, 2.0 * x)
}

#[grad(vjp = cube_vjp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn main() {}
