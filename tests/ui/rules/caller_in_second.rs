//! What a function with second derivatives calls has them, too.

use grad::grad;

#[grad(vjp = cube_vjp, jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

#[grad]
fn plain(x: &[f64], n: usize) -> f64 {
    x[n] * x[0]
}

#[grad(second)]
fn caller(x: &[f64]) -> f64 {
    let mut s = cube(x[0]);
    for k in 0..2 {
        s += plain(x, k);
    }
    grad::with_cotangent(s, |s_bar| s_bar.clamp(-1.0, 1.0))
}

#[grad]
fn nested(x: f64) -> f64 {
    cube::grad(x)
}

fn main() {
    caller::hessian(&[1.0, 2.0]);
}
