//! `det`: a determinant by expansion into minors.

use grad_benches::given::kernels::det;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, has_length, read, unknown};
use crate::parts::Threads;

/// The columns that are used are bits of a word.
const LARGEST: usize = 32;

#[derive(Deserialize)]
struct Input {
    /// By rows.
    #[serde(rename = "A")]
    a: Vec<f64>,
    ell: usize,
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let input: Input = read(input)?;
    if input.ell > LARGEST {
        return Err(format!("`ell` is {}, and at most {LARGEST}", input.ell));
    }
    has_length("A", &input.a, input.ell * input.ell)?;
    match function {
        "primal" => Ok(evaluation(input, |Input { a, ell }| det(a, *ell), |y| (*y).into())),
        "gradient" => Ok(evaluation(input, |Input { a, ell }| det::grad(a, *ell), |g| g.clone().into())),
        _ => Err(unknown("det", function)),
    }
}
