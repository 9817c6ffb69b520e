//! GRAD0001 and GRAD0040

use grad::grad;

#[grad(jacobian)]
fn no_mode(x: [f64; 2]) -> [f64; 2] {
    x
}

#[grad(jacobian = backward)]
fn another_word(x: [f64; 2]) -> [f64; 2] {
    x
}

#[grad(jacobian = forward)]
fn one_float(x: [f64; 2]) -> f64 {
    x[0] * x[1]
}

#[grad(jacobian = reverse)]
fn two_outputs(x: f64, out: &mut [f64], more: &mut [f64]) {
    out[0] = x;
    more[0] = x;
}

#[grad(wrt(x), jacobian = forward)]
fn changed_constant(x: [f64; 2], calls: &mut Vec<usize>) -> [f64; 2] {
    calls.push(1);
    x
}

fn main() {}
