//! GRAD0011

use grad::grad;

#[grad]
async fn later(x: f64) -> f64 {
    x * x
}

#[grad]
unsafe fn trusted(x: f64) -> f64 {
    x * x
}

#[grad]
extern "C" fn exported(x: f64) -> f64 {
    x * x
}

fn main() {}
