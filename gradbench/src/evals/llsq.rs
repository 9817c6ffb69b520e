//! `llsq`: half the squared errors of a polynomial that shall be the sign of t, at n points of [−1, 1].

use grad::grad;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, read, unknown};
use crate::parts::Threads;

/// The coefficients `x` belong to 1, t, t², …
#[grad(wrt(x))]
pub fn half_squared_errors(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        let t = -1.0 + 2.0 * i as f64 / (n as f64 - 1.0);
        let mut error = if t > 0.0 {
            1.0
        } else if t < 0.0 {
            -1.0
        } else {
            0.0
        };
        let mut power = 1.0;
        for c in x {
            error -= c * power;
            power *= t;
        }
        sum += error * error;
    }
    0.5 * sum
}

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
    n: usize,
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let input: Input = read(input)?;
    match function {
        "primal" => Ok(evaluation(input, |Input { x, n }| half_squared_errors(x, *n), |y| (*y).into())),
        "gradient" => {
            Ok(evaluation(input, |Input { x, n }| half_squared_errors::grad(x, *n), |g| g.clone().into()))
        }
        _ => Err(unknown("llsq", function)),
    }
}
