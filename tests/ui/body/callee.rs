//! GRAD0024: calls of what is no path to a function

use grad::grad;

#[grad]
fn table_of_functions(x: f64, fs: &[fn(f64) -> f64]) -> f64 {
    (fs[0])(x)
}

#[grad]
fn function_parameter(x: f64, f: fn(f64) -> f64) -> f64 {
    f(x)
}

fn main() {}
