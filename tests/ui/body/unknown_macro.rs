//! GRAD0022: a macro that the compiler does not know

use grad::grad;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[grad]
fn f(x: f64) -> f64 {
    square!(x)
}

#[grad]
fn statement(x: f64) -> f64 {
    let mut y = x;
    square!(y);
    y += 1.0;
    y
}

fn main() {}
