//! GRAD0043: a function of a type without the derive

use grad::grad;

struct Spring {
    k: f64,
}

#[grad(wrt(spring), second)]
fn energy(spring: &Spring, x: f64) -> f64 {
    0.5 * spring.k * x * x
}

fn main() {
    println!("{}", energy(&Spring { k: 1.0 }, 2.0));
}
