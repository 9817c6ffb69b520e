//! Descends into the banana valley of Rosenbrock's function, along its generated gradient.

#[path = "pages/only_help.rs"]
mod only_help;

use grad::descent::{DescentError, GradientDescent};
use grad::grad;

#[grad]
fn rosenbrock(p: &[f64; 2]) -> f64 {
    let [x, y] = *p;
    let a = 1.0 - x;
    let b = y - x * x;
    a * a + 100.0 * b * b
}

const HELP: &str = "\
Descends into the banana valley of Rosenbrock's function by gradient descent with momentum.

Usage: cargo run --example rosenbrock";

fn main() -> Result<(), DescentError> {
    if only_help::only_help_or_end(HELP) {
        return Ok(());
    }
    let (value, gradient) = rosenbrock::value_and_grad(&[-1.2, 1.0]);
    println!("at (-1.2, 1): value {value}, gradient {gradient:?}");

    let descent = GradientDescent::new(1e-3).momentum(0.9);
    let report = descent.minimize(&mut rosenbrock::objective(), vec![-1.2, 1.0])?;
    println!("minimum at {:?}\n{report}", report.x);
    Ok(())
}
