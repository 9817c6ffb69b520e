//! GRAD0019: expressions that are not supported

use grad::grad;

struct Pair {
    a: f64,
}

#[grad]
fn unsafe_block(x: f64) -> f64 {
    unsafe { x * x }
}

#[grad]
fn struct_expression(x: f64) -> f64 {
    let pair = Pair { a: x };
    pair.a * x
}

#[grad]
fn raw_pointer(x: f64) -> f64 {
    let p = &raw const x;
    let _ = p;
    x
}

fn main() {}
