//! Second derivatives of a gradient ask for third derivatives.

use grad::grad;

#[grad(second)]
fn cube(x: f64) -> f64 {
    x * x * x
}

#[grad(second)]
fn slope(x: f64) -> f64 {
    cube::grad(x) * x
}

#[grad(second)]
fn in_a_loop(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for &x in x {
        let (value, dot) = cube::jvp(x, s);
        s += value * dot;
    }
    s
}

fn main() {
    slope::hessian(1.0);
}
