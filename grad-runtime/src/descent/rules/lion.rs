//! Lion.

use crate::descent::checks::fraction;
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, Stopping, UpdateRule};
use crate::{Objective, Scalar};

use super::{Chain, Schedule};

/// The signs of a mean of the gradient and its moving mean:
///
/// ```text
/// d  = sign(β₁ m + (1 − β₁) g)        m = 0 at the start, all by coordinate; sign(0) = 0
/// m₊ = β₂ m + (1 − β₂) g
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LionSign<S> {
    beta1: f64,
    beta2: f64,
    mean: Vec<S>,
}

impl<S: Scalar> LionSign<S> {
    /// The rule for β₁ and β₂.
    pub fn new(beta1: f64, beta2: f64) -> Self {
        LionSign { beta1, beta2, mean: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for LionSign<S> {
    fn start(&mut self, dim: usize) {
        self.mean.clear();
        self.mean.resize(dim, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let (beta1, rest1) = (S::from_f64(self.beta1), S::from_f64(1.0 - self.beta1));
        let (beta2, rest2) = (S::from_f64(self.beta2), S::from_f64(1.0 - self.beta2));
        let (zero, one) = (S::default(), S::from_f64(1.0));
        for ((step, mean), &g) in step.iter_mut().zip(&mut self.mean).zip(gradient) {
            let direction = beta1 * *mean + rest1 * g;
            *step = if direction > zero {
                one
            } else if direction < zero {
                -one
            } else {
                zero
            };
            *mean = beta2 * *mean + rest2 * g;
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("lion_beta1", self.beta1);
        state.setting("lion_beta2", self.beta2);
        state.vector("mean", &mut self.mean);
    }
}

/// Lion: `x₊ = x − α (sign(β₁ m + (1 − β₁) g) + λ x)`; the formula is at [`LionSign`]. Every coordinate moves by α
/// each step, so that it comes to rest only with a step size that falls.
///
/// Chen et al., *Symbolic discovery of optimization algorithms*, 2023, algorithm 2, with its defaults β₁ = 0.9,
/// β₂ = 0.99; λ = 0. The authors advise a step size three to ten times smaller than Adam's.
#[derive(Clone, Debug, PartialEq)]
pub struct Lion {
    common: Common,
    beta1: f64,
    beta2: f64,
    stopping: Stopping,
}

impl Lion {
    /// Lion with the step size α, a number or a [`Schedule`]; 0.0001, say.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        Lion { common, beta1: 0.9, beta2: 0.99, stopping }
    }

    /// The weight of the mean in the direction, 0 ≤ β₁ < 1. Default 0.9.
    #[must_use]
    pub fn beta1(self, beta1: f64) -> Self {
        Lion { beta1, ..self }
    }

    /// The decay of the mean, 0 ≤ β₂ < 1. Default 0.99.
    #[must_use]
    pub fn beta2(self, beta2: f64) -> Self {
        Lion { beta2, ..self }
    }

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        fraction("beta1", self.beta1)?;
        fraction("beta2", self.beta2)?;
        self.common.decoupled(LionSign::new(self.beta1, self.beta2))
    }
}

first_order!(Lion, decoupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walks_are_optaxs() {
        // optax.lion(0.1, b1=0.5, b2=0.7, weight_decay=0.0)
        let walk = [
            [0.9, -0.4, 0.15],
            [0.8, -0.30000000000000004, 0.04999999999999999],
            [0.7000000000000001, -0.20000000000000004, -0.05000000000000002],
            [0.6000000000000001, -0.10000000000000003, -0.15000000000000002],
            [0.5000000000000001, -2.7755575615628914e-17, -0.25],
            [0.40000000000000013, 0.09999999999999998, -0.35],
            [0.30000000000000016, -2.7755575615628914e-17, -0.44999999999999996],
            [0.20000000000000015, 0.09999999999999998, -0.5499999999999999],
        ];
        assert_walk(Lion::new(0.1).beta1(0.5).beta2(0.7).rule().unwrap(), &walk);
        // optax.lion(0.1, b1=0.5, b2=0.7, weight_decay=0.1)
        let walk = [
            [0.89, -0.395, 0.14750000000000002],
            [0.7811, -0.29105000000000003, 0.04602500000000001],
            [0.673289, -0.18813950000000002, -0.054435250000000004],
            [0.5665561100000001, -0.08625810500000002, -0.1538908975],
            [0.46089054890000003, 0.014604476049999995, -0.252351988525],
            [0.35628164341100005, 0.1144584312895, -0.34982846863975003],
            [0.25271882697689, 0.01331384697660501, -0.44633018395335256],
            [0.1501916387071211, 0.11318070850683896, -0.5418668821138191],
        ];
        assert_walk(Lion::new(0.1).beta1(0.5).beta2(0.7).weight_decay(0.1).rule().unwrap(), &walk);
    }
}
