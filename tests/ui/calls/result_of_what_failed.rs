//! A method of an `Option` that is not followed is called what it is

use grad::grad;

#[grad]
fn root(x: f64) -> Option<f64> {
    if x < 0.0 { None } else { Some(x.sqrt()) }
}

#[grad]
fn f(x: f64) -> f64 {
    *root(x).get_or_insert(2.0 * x)
}

fn main() {
    println!("{}", f(1.0));
}
