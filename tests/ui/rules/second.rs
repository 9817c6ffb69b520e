//! GRAD0034

use grad::grad;

#[grad(second, vjp = cube_vjp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

fn main() {}
