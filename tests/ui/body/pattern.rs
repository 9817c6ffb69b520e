//! GRAD0021: patterns that are not supported

use grad::grad;

#[grad]
fn rest(v: [f64; 3]) -> f64 {
    let [a, rest @ ..] = v;
    a * rest[0]
}

#[grad]
fn literal(x: f64) -> f64 {
    match x {
        0.0 => 1.0,
        _ => x,
    }
}

fn main() {}
