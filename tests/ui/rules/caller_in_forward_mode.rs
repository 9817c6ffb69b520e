//! Forward mode of a function that calls one with a rule for reverse mode only

use grad::grad;

#[grad(vjp = square_vjp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (square(x), move |bar| bar * 2.0 * x)
}

#[grad]
fn f(x: f64) -> f64 {
    square(x) + x
}

fn main() {
    f::grad(1.0);
    f::jvp(1.0, 1.0);
}
