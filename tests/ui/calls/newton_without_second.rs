//! A method that needs second derivatives is given the objective of a function without them.

use grad::descent::NewtonCg;
use grad::grad;

#[grad]
fn bowl(x: &[f64]) -> f64 {
    x[0] * x[0]
}

fn main() {
    let report = NewtonCg::default().minimize(&mut bowl::objective(), vec![3.0]);
    println!("{report:?}");
}
