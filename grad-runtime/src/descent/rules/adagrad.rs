//! `AdaGrad`.

use crate::descent::checks::not_negative;
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, UpdateRule};
use crate::{Objective, Scalar};

use super::{Chain, Schedule};

/// Divides each coordinate by the root of the sum of its squares so far:
///
/// ```text
/// s₊ = s + g²         s = 0 at the start, all by coordinate
/// d  = g / (√s₊ + ε)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdaGradScaling<S> {
    epsilon: f64,
    sum: Vec<S>,
}

impl<S: Scalar> AdaGradScaling<S> {
    /// The rule for ε.
    pub fn new(epsilon: f64) -> Self {
        AdaGradScaling { epsilon, sum: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for AdaGradScaling<S> {
    fn start(&mut self, dim: usize) {
        self.sum.clear();
        self.sum.resize(dim, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let epsilon = S::from_f64(self.epsilon);
        for ((step, sum), &g) in step.iter_mut().zip(&mut self.sum).zip(gradient) {
            *sum += g * g;
            *step = g / (sum.sqrt() + epsilon);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("adagrad_epsilon", self.epsilon);
        state.vector("sum of squares", &mut self.sum);
    }
}

/// `AdaGrad`: step sizes by coordinate that only shrink, `x₊ = x − α g / (√(Σ g²) + ε)`; the formula is at
/// [`AdaGradScaling`].
///
/// Duchi, Hazan and Singer, *Adaptive subgradient methods for online learning and stochastic optimization*, JMLR 12,
/// 2011, with `PyTorch`'s default of ε = 10⁻¹⁰.
#[derive(Clone, Debug, PartialEq)]
pub struct AdaGrad {
    common: Common,
    epsilon: f64,
    stopping: crate::descent::Stopping,
}

impl AdaGrad {
    /// `AdaGrad` with the step size α; `PyTorch`'s default is 0.01.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        AdaGrad {
            common: Common::new(step_size),
            epsilon: 1e-10,
            stopping: crate::descent::Stopping::default(),
        }
    }

    /// ε ≥ 0, which keeps the divisor from 0. Default 10⁻¹⁰.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        AdaGrad { epsilon, ..self }
    }

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        not_negative("epsilon", self.epsilon)?;
        self.common.coupled(AdaGradScaling::new(self.epsilon))
    }
}

first_order!(AdaGrad, coupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walk_is_pytorchs() {
        // torch.optim.Adagrad([x], lr=0.1)
        let walk = [
            [0.9000000000066667, -0.40000000000111113, 0.15000000001032082],
            [0.8317681749736726, -0.3380638592287893, 0.07857571053517064],
            [0.7775060041636018, -0.29212062722786686, 0.020138539452017407],
            [0.7315804705557055, -0.25558896035243867, -0.030424074193403414],
            [0.6913727262583046, -0.22546357597132838, -0.07553730241193617],
        ];
        assert_walk(AdaGrad::new(0.1).rule().unwrap(), &walk);
    }
}
