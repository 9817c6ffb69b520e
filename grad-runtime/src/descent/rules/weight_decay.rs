//! A pull towards zero.

use crate::Scalar;
use crate::descent::{RuleState, UpdateRule};

/// Adds a pull towards zero: `d = g + λ x`.
///
/// Before a scaling it is the gradient of (λ/2)‖x‖² (L2 regularisation); behind it, the decoupled weight decay of
/// Loshchilov and Hutter, *Decoupled weight decay regularization*, 2019.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightDecay {
    lambda: f64,
}

impl WeightDecay {
    /// The rule for λ ≥ 0.
    pub fn new(lambda: f64) -> Self {
        WeightDecay { lambda }
    }
}

impl<S: Scalar> UpdateRule<S> for WeightDecay {
    fn start(&mut self, _: usize) {}

    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]) {
        let lambda = S::from_f64(self.lambda);
        for ((step, &gradient), &x) in step.iter_mut().zip(gradient).zip(x) {
            *step = gradient + lambda * x;
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("weight_decay", self.lambda);
    }
}
