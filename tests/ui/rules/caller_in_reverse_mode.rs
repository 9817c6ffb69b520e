//! Reverse mode of a function that calls one with a rule for forward mode only

use grad::grad;

#[grad(jvp = square_jvp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (square(x), 2.0 * x * x_dot)
}

#[grad]
fn f(x: f64) -> f64 {
    square(x) + x
}

fn main() {
    f::jvp(1.0, 1.0);
    f::grad(1.0);
}
