//! GRAD0017

use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    let __grad_x = x;
    __grad_x * x
}

fn main() {}
