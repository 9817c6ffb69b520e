//! Constants that are functions: fields, elements, what a call gives.

use crate::support::check;
use grad::grad;

pub(super) struct Config {
    rate: fn(f64) -> f64,
    rates: [fn(f64) -> f64; 2],
}

#[grad(wrt(x), second)]
fn fields(config: &Config, k: f64, x: f64) -> f64 {
    let a = (config.rate)(k) + (config.rates[1])(k);
    let b = config.rates[0](2.0);
    x * x * a + b * x
}

#[test]
fn called_with_constants() {
    let config = Config { rate: f64::sin, rates: [f64::cos, f64::exp] };
    check!(fields(=&config, =0.5, 0.7));
}
