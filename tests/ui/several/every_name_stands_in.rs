//! One error a function, whichever of its derivatives are used

use grad::grad;

#[grad]
fn rows(x: &[f64]) -> Vec<f64> {
    x.iter().by_ref().take(9).map(|v| *v).collect()
}

#[grad(second)]
fn number(x: f64, v: [f64; 2]) -> f64 {
    let y = x.next_up();
    y * v[0] * v[1]
}

/// Those who differentiate its derivatives add no error.
#[grad(second)]
fn caller(x: f64, v: [f64; 2]) -> f64 {
    let (value, (slope, _)) = number::value_and_grad(x, v);
    value * slope + number::jvp(x, v, 1.0, [x; 2]).1
}

#[grad]
fn output(x: f64, out: &mut [f64]) {
    out[0] = x.next_up();
}

fn main() {
    let _ = rows::vjp(&[1.0]).1(vec![1.0]);
    let _ = rows::vjp_add(&[1.0], vec![1.0], &mut [0.0]);
    let _ = rows::jvp(&[1.0], &[1.0]);
    let _ = rows::jacobian(&[1.0]);
    let _ = rows::value_and_jacobian(&[1.0]);
    let _ = rows::jacobian_rows(&[1.0], &[vec![1.0]]);
    let _ = rows::jacobian_columns(&[1.0], &[vec![1.0]]);

    let _ = number::grad(1.0, [1.0; 2]);
    let _ = number::jvp(1.0, [1.0; 2], 1.0, [1.0; 2]);
    let _ = number::hvp(1.0, [1.0; 2], 1.0, [1.0; 2]);
    let _ = number::hessian(1.0, [1.0; 2]);

    let mut out = [0.0];
    output::vjp_add(1.0, &mut out, &mut 0.0, &mut [1.0]);
    output::jvp(1.0, &mut out, 1.0, &mut [1.0]);
    let _ = output::jacobian(1.0, &mut out);
    let _ = output::jacobian_rows(1.0, &mut out, &[vec![1.0]]);
    let _ = output::jacobian_columns(1.0, &mut out, &[1.0]);
}
