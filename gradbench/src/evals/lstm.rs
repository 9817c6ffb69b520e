//! `lstm`: the mean log-likelihood of a sequence under a network of long short-term memory with diagonal weights.

use grad_benches::given::kernels::lstm;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, flat, has_length, read, unknown};
use crate::parts::Threads;

#[derive(Deserialize)]
struct Rows {
    main_params: Vec<Vec<f64>>,
    extra_params: Vec<Vec<f64>>,
    state: Vec<Vec<f64>>,
    sequence: Vec<Vec<f64>>,
}

/// The same, by rows.
struct Input {
    main: Vec<f64>,
    extra: Vec<f64>,
    state: Vec<f64>,
    sequence: Vec<f64>,
}

impl Rows {
    /// With `l` layers of `b` cells: 2l × 4b weights and biases, 3 × b weights and biases of input and output, 2l × b for what
    /// the cells hold at the start, and at least two characters of b bits.
    fn checked(&self) -> Result<Input, String> {
        let b = self.extra_params.first().map_or(0, Vec::len);
        if b == 0 || self.sequence.len() < 2 {
            return Err("there are no cells, or fewer than two characters".to_owned());
        }
        has_length("extra_params", &self.extra_params, 3)?;
        has_length("main_params", &self.main_params, self.main_params.len() / 2 * 2)?;
        has_length("state", &self.state, self.main_params.len())?;
        Ok(Input {
            main: flat("main_params", &self.main_params, 4 * b)?,
            extra: flat("extra_params", &self.extra_params, b)?,
            state: flat("state", &self.state, b)?,
            sequence: flat("sequence", &self.sequence, b)?,
        })
    }
}

pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let input = read::<Rows>(input)?.checked()?;
    match function {
        "objective" => Ok(evaluation(
            input,
            |Input { main, extra, state, sequence }| lstm(main, extra, state, sequence),
            |y| (*y).into(),
        )),
        "jacobian" => Ok(evaluation(
            input,
            |Input { main, extra, state, sequence }| {
                let mut gradient = vec![0.0; main.len() + extra.len()];
                let (main_bar, extra_bar) = gradient.split_at_mut(main.len());
                lstm::grad_into(main, extra, state, sequence, main_bar, extra_bar);
                gradient
            },
            |g| g.clone().into(),
        )),
        _ => Err(unknown("lstm", function)),
    }
}
