//! GRAD0006

use grad::grad;

struct Config {
    scale: f64,
}

type Row = Vec<f64>;

#[grad(wrt(n))]
fn integer(x: f64, n: i32) -> f64 {
    x.powi(n)
}

#[grad(wrt(x, config))]
fn own_type(x: f64, config: &Config) -> f64 {
    x * config.scale
}

#[grad(wrt(row))]
fn alias(row: &Row) -> f64 {
    row[0]
}

fn main() {}
