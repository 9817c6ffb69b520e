//! GRAD0020: items in a body

use grad::grad;

#[grad]
fn static_item(x: f64) -> f64 {
    static K: f64 = 2.0;
    x * K
}

#[grad]
fn macro_definition(x: f64) -> f64 {
    macro_rules! square {
        ($x:expr) => {
            $x * $x
        };
    }
    x * square!(2.0)
}

const RATE: f64 = 3.0;

#[grad]
fn hidden_constant(x: f64) -> f64 {
    let y = {
        const RATE: f64 = 2.0;
        RATE * x
    };
    y + RATE * x
}

#[grad]
fn hidden_import(x: f64) -> f64 {
    for _ in 0..2 {
        use std::f64::consts::*;
    }
    x * std::f64::consts::PI
}

/// The same in both blocks, and nowhere else.
#[grad]
fn twice_the_same(x: f64) -> f64 {
    let mut y = x;
    for _ in 0..2 {
        const STEP: f64 = 0.5;
        use std::f64::consts::PI;
        y *= STEP * PI;
    }
    if y > 0.0 {
        const STEP: f64 = 0.5;
        y += STEP * std::f64::consts::PI;
    }
    y
}

fn main() {}
