//! GRAD0008

use grad::grad;

#[grad]
fn positive(x: f64) -> bool {
    x > 0.0
}

#[grad]
fn unit(x: f64) {
    println!("{x}");
}

#[grad]
fn never(x: f64) -> ! {
    panic!("{x}")
}

fn main() {}
