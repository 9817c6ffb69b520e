//! GRAD0007

use grad::grad;

#[grad]
fn integers(n: i32, flag: bool) -> f64 {
    if flag { f64::from(n) } else { 0.0 }
}

#[grad]
fn nothing() -> f64 {
    1.0
}

fn main() {}
