//! GRAD0042

use grad::grad;

#[grad(third)]
fn square(x: f64) -> f64 {
    x * x
}

#[grad(third)]
fn calls(x: f64) -> f64 {
    square(x) * x
}

#[grad(third)]
fn several(x: f64) -> [f64; 2] {
    [x, x * x]
}

#[grad(third)]
fn counts(x: f64, calls: &mut usize) -> f64 {
    *calls += 1;
    x * x
}

#[grad(third)]
fn may_fail(x: f64) -> Option<f64> {
    if x > 0.0 { Some(x * x) } else { None }
}

#[grad(third, vjp = cube_vjp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

fn main() {
    // No errors of their own.
    square::hessian(1.0);
    calls::hessian(1.0);
    calls::hvp(1.0, 1.0);
}
