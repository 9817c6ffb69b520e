//! GRAD0023: methods on differentiated values that have no derivative

use grad::grad;

#[grad]
fn bits(x: f64) -> f64 {
    f64::from_bits(x.to_bits())
}

#[grad]
fn gamma(x: f64) -> f64 {
    x.next_up() * 2.0
}

#[grad]
fn of_slices(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.rotate_left(1);
    w.reverse();
    w[0] * w[1]
}

#[grad]
fn of_vecs(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.truncate(1);
    w.insert(0, v[0]);
    w[0]
}

fn main() {}
