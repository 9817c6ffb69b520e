//! GRAD0030: what cannot be assigned to or swapped

use grad::grad;

#[grad]
fn swapped(x: f64) -> f64 {
    let mut a = (x, 1.0);
    let b = &mut a;
    std::mem::swap(b, &mut (x, x));
    a.0
}

fn main() {}
