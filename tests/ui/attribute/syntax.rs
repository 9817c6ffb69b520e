//! GRAD0001

use grad::grad;

#[grad(wrt = x)]
fn list_without_parentheses(x: f64) -> f64 {
    x
}

#[grad(wrt())]
fn empty_list(x: f64) -> f64 {
    x
}

#[grad(wrt(1))]
fn no_name(x: f64) -> f64 {
    x
}

#[grad(name = "other")]
fn name_as_text(x: f64) -> f64 {
    x
}

#[grad(crate = 1)]
fn no_path(x: f64) -> f64 {
    x
}

#[grad(recursive = true)]
fn flag_with_a_value(x: f64) -> f64 {
    x
}

#[grad(wrt(x),, recursive)]
fn two_commas(x: f64) -> f64 {
    x
}

fn main() {}
