//! GRAD0034

use grad::grad;

#[grad(second, vjp = cube_vjp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

#[grad(vjp = square_vjp, hvp = square_hvp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (square(x), move |bar| bar * 2.0 * x)
}

fn square_hvp(x: f64, x_dot: f64) -> (f64, f64) {
    (2.0 * x, 2.0 * x_dot)
}

#[grad(vjp = both_vjp, jvp = both_jvp, hvp = both_hvp)]
fn both(x: f64, calls: &mut usize) -> [f64; 2] {
    *calls += 1;
    [x, x * x]
}

fn main() {}
