//! GRAD0013

use grad::grad;

struct Pair {
    a: f64,
    b: f64,
}

#[grad]
fn reference(x: &[f64]) -> &[f64] {
    &x[1..]
}

#[grad]
fn own_type(x: f64) -> Pair {
    Pair { a: x, b: x * x }
}

#[grad]
fn optional(x: f64) -> Option<f64> {
    Some(x)
}

#[grad]
fn iterator(x: f64) -> impl Iterator<Item = f64> {
    std::iter::repeat(x)
}

fn main() {
    let Pair { a, b } = own_type(1.0);
    println!("{a} {b}");
}
