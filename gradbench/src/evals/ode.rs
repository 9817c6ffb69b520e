//! `ode`: y₀' = x₀, yᵢ' = xᵢ yᵢ₋₁, y(0) = 0, at the time 2, by s steps of the classical Runge-Kutta method.

use grad::grad;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, read, unknown};
use crate::parts::Threads;

#[grad]
fn slope(x: &[f64], y: &[f64], dy: &mut [f64]) {
    dy[0] = x[0];
    for i in 1..x.len() {
        dy[i] = x[i] * y[i - 1];
    }
}

/// The solution at the time 2.
#[grad(wrt(x))]
pub fn solution(x: &[f64], steps: usize) -> Vec<f64> {
    let n = x.len();
    let h = 2.0 / steps as f64;
    let mut y = vec![0.0; n];
    let [mut k1, mut k2, mut k3, mut k4] = [vec![0.0; n], vec![0.0; n], vec![0.0; n], vec![0.0; n]];
    let mut stage = vec![0.0; n];
    for _ in 0..steps {
        slope(x, &y, &mut k1);
        for i in 0..n {
            stage[i] = y[i] + h * k1[i] / 2.0;
        }
        slope(x, &stage, &mut k2);
        for i in 0..n {
            stage[i] = y[i] + h * k2[i] / 2.0;
        }
        slope(x, &stage, &mut k3);
        for i in 0..n {
            stage[i] = y[i] + h * k3[i];
        }
        slope(x, &stage, &mut k4);
        for i in 0..n {
            y[i] += h * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]) / 6.0;
        }
    }
    y
}

/// Its last component, whose gradient is asked for.
#[grad(wrt(x))]
pub fn last_component(x: &[f64], steps: usize) -> f64 {
    let y = solution(x, steps);
    y[y.len() - 1]
}

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
    s: usize,
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let input: Input = read(input)?;
    if input.x.is_empty() {
        return Err("`x` is empty".to_owned());
    }
    let output = |y: &Vec<f64>| y.clone().into();
    match function {
        "primal" => Ok(evaluation(input, |Input { x, s }| solution(x, *s), output)),
        "gradient" => Ok(evaluation(input, |Input { x, s }| last_component::grad(x, *s), output)),
        _ => Err(unknown("ode", function)),
    }
}
