//! GRAD0030: an assignment to something else than a place

use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    let mut a = x;
    *(if x > 0.0 { &mut a } else { &mut a }) = 2.0;
    a * x
}

fn main() {}
