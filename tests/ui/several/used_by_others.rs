//! One error, however often the function is used

use grad::grad;

#[grad]
fn refused(x: f64, v: &[f64]) -> f64 {
    let y = x.next_up();
    y * v[0]
}

/// Neither the caller nor those who use the derivatives add an error.
#[grad]
fn caller(x: f64, v: &[f64]) -> f64 {
    refused(x, v) * 2.0
}

fn main() {
    println!("{}", refused(1.0, &[2.0]));
    println!("{:?}", refused::grad(1.0, &[2.0]));
    println!("{:?}", refused::value_and_grad(1.0, &[2.0]));
    let (mut x_bar, mut v_bar) = (0.0, [0.0]);
    refused::grad_into(1.0, &[2.0], &mut x_bar, &mut v_bar);
    refused::vjp_add(1.0, &[2.0], 1.0, &mut x_bar, &mut v_bar);
    let (value, pullback) = refused::vjp(1.0, &[2.0]);
    println!("{value} {:?}", pullback(1.0));
    println!("{:?}", caller::grad(1.0, &[2.0]));
}
