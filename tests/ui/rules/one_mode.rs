//! A function with a rule for one mode, differentiated in the other

use grad::grad;

#[grad(vjp = square_vjp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (square(x), move |bar| bar * 2.0 * x)
}

#[grad(jvp = sum_jvp)]
fn sum(x: &[f64]) -> f64 {
    x.iter().sum()
}

fn sum_jvp(x: &[f64], x_dot: &[f64]) -> (f64, f64) {
    (sum(x), sum(x_dot))
}

fn main() {
    square::jvp(1.0, 1.0);
    sum::grad(&[1.0]);
    sum::vjp(&[1.0]);
    sum::vjp_add(&[1.0], 1.0, &mut [0.0]);
}
