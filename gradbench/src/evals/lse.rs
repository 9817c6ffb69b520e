//! `lse`: ln Σ exp xᵢ.

use grad_benches::given::kernels::lse;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, read, unknown};
use crate::parts::Threads;

#[derive(Deserialize)]
struct Input {
    x: Vec<f64>,
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let Input { x } = read(input)?;
    match function {
        "primal" => Ok(evaluation(x, |x| lse(x), |y| (*y).into())),
        "gradient" => Ok(evaluation(x, |x| lse::grad(x), |g| g.clone().into())),
        _ => Err(unknown("lse", function)),
    }
}
