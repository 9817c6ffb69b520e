//! Functions with a rule for one mode, and callers that are differentiated in this mode

use grad::grad;

#[grad(vjp = square_vjp)]
pub fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (square(x), move |bar| bar * 2.0 * x)
}

#[grad(jvp = cube_jvp)]
pub fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

#[grad]
pub fn calls_square(x: f64) -> f64 {
    square(x) + x
}

#[grad]
pub fn calls_cube(x: f64) -> f64 {
    cube(x) + x
}

#[grad]
pub fn calls_both(x: f64) -> f64 {
    calls_cube(x) + calls_square(x)
}

pub(super) fn main() {
    assert_eq!(calls_square::grad(3.0), 7.0);
    assert_eq!(calls_cube::jvp(1.0, 1.0), (2.0, 4.0));
    assert_eq!(calls_both(1.0), 4.0);
}
