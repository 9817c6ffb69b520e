//! GRAD0032: the derivative of a derivative

use grad::grad;

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn slope(x: f64) -> f64 {
    square::vjp(x).1(1.0)
}

#[grad]
fn without_second(x: f64) -> f64 {
    square::grad(x) * x
}

#[grad(second)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[grad(second)]
fn third(x: f64) -> f64 {
    cube::grad(x) * x
}

fn main() {}
