//! GRAD0004

use grad::grad;

#[grad(skip)]
fn skipped(x: f64) -> f64 {
    x * x
}

#[grad(vjp = my_rule)]
fn own_rule(x: f64) -> f64 {
    x * x
}

#[grad(checkpoint)]
fn checkpointed(x: f64) -> f64 {
    x * x
}

fn main() {}
