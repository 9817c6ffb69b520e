//! GRAD0001

use grad::grad;

#[grad(vjp)]
fn no_path(x: f64) -> f64 {
    x
}

#[grad(jvp = "my_rule")]
fn path_as_text(x: f64) -> f64 {
    x
}

#[grad(vjp = |x| x)]
fn closure(x: f64) -> f64 {
    x
}

fn main() {}
