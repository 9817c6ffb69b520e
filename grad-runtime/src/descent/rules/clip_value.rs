//! No coordinate larger than a bound.

use crate::Scalar;
use crate::descent::{RuleState, UpdateRule};

/// Clips each coordinate: `dᵢ = max(−c, min(gᵢ, c))`.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipValue {
    bound: f64,
}

impl ClipValue {
    /// The rule for a bound c > 0.
    pub fn new(bound: f64) -> Self {
        ClipValue { bound }
    }
}

impl<S: Scalar> UpdateRule<S> for ClipValue {
    fn start(&mut self, _: usize) {}

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let bound = S::from_f64(self.bound);
        for (step, &gradient) in step.iter_mut().zip(gradient) {
            *step = if gradient > bound {
                bound
            } else if gradient < -bound {
                -bound
            } else {
                gradient
            };
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("clip_value", self.bound);
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::{assert_walk, chain_of};
    use super::*;

    #[test]
    fn the_walk_is_optaxs() {
        // optax.chain(optax.clip(1.2), optax.sgd(0.1))
        let walk = [
            [0.88, -0.38, 0.15310875782893552],
            [0.76, -0.26, 0.05427858444928037],
            [0.64, -0.14, -0.045574143476871457],
            [0.526, -0.020000000000000018, -0.1454703113226929],
            [0.4228, -0.03259999999999998, -0.24441409532403335],
            [0.3415, -0.009680000000000015, -0.34144202265732704],
        ];
        assert_walk(chain_of(ClipValue::new(1.2), 0.1), &walk);
    }
}
