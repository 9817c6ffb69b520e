//! GRAD0042

use grad::grad;

#[grad(second)]
fn square(x: f64) -> f64 {
    x * x
}

// What it calls ends with the second.
#[grad(third)]
fn calls(x: f64) -> f64 {
    square(x) * x
}

#[grad(order = 4, vjp = cube_vjp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

#[grad(order = 12)]
fn too_high(x: f64) -> f64 {
    x * x
}

fn main() {
    // No errors of their own.
    calls::derivative_along(1.0, 1.0, 1.0, 1.0);
    cube::hessian(1.0);
    too_high::hessian(1.0);
}
