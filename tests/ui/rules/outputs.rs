//! GRAD0033

use grad::grad;

#[grad(vjp = fill_vjp)]
fn fill(x: f64, out: &mut [f64], counts: &mut [usize]) -> f64 {
    out.fill(x);
    counts.fill(1);
    x
}

fn main() {}
