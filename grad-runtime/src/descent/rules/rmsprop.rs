//! `RMSProp`.

use crate::descent::checks::{fraction, not_negative};
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, UpdateRule};
use crate::{Objective, Scalar};

use super::{Chain, Momentum, Schedule};

/// Divides each coordinate by the root of the moving mean of its squares:
///
/// ```text
/// v₊ = ρ v + (1 − ρ) g²       v = 0 at the start, all by coordinate
/// d  = g / (√v₊ + ε)
/// ```
///
/// Centred (Graves, *Generating sequences with recurrent neural networks*, 2013, eq. 38–40), the variance takes the
/// place of the square:
///
/// ```text
/// m₊ = ρ m + (1 − ρ) g
/// d  = g / (√(v₊ − m₊²) + ε)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RmsPropScaling<S> {
    rho: f64,
    epsilon: f64,
    centred: bool,
    square: Vec<S>,
    mean: Vec<S>,
}

impl<S: Scalar> RmsPropScaling<S> {
    /// The rule for ρ and ε.
    pub fn new(rho: f64, epsilon: f64) -> Self {
        RmsPropScaling { rho, epsilon, centred: false, square: Vec::new(), mean: Vec::new() }
    }

    /// The centred form.
    #[must_use]
    pub fn centred(self) -> Self {
        RmsPropScaling { centred: true, ..self }
    }
}

impl<S: Scalar> UpdateRule<S> for RmsPropScaling<S> {
    fn start(&mut self, dim: usize) {
        self.square.clear();
        self.square.resize(dim, S::default());
        self.mean.clear();
        self.mean.resize(if self.centred { dim } else { 0 }, S::default());
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        let (rho, rest, epsilon) =
            (S::from_f64(self.rho), S::from_f64(1.0 - self.rho), S::from_f64(self.epsilon));
        for ((step, square), &g) in step.iter_mut().zip(&mut self.square).zip(gradient) {
            *square = rho * *square + rest * g * g;
            *step = *square;
        }
        if self.centred {
            for ((step, mean), &g) in step.iter_mut().zip(&mut self.mean).zip(gradient) {
                *mean = rho * *mean + rest * g;
                // Not negative but for rounding.
                let variance = *step - *mean * *mean;
                *step = if variance > S::default() { variance } else { S::default() };
            }
        }
        for (step, &g) in step.iter_mut().zip(gradient) {
            *step = g / (step.sqrt() + epsilon);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("rho", self.rho);
        state.setting("rmsprop_epsilon", self.epsilon);
        state.vector("mean of squares", &mut self.square);
        state.vector("mean", &mut self.mean);
    }
}

/// `RMSProp`: the formula is at [`RmsPropScaling`]; with momentum, [`Momentum`] follows.
///
/// Tieleman and Hinton, *Lecture 6.5*, Coursera, 2012, in the form and with the defaults of `PyTorch`:
/// ρ = 0.99, ε = 10⁻⁸ outside of the root, no momentum, not centred.
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp {
    common: Common,
    rho: f64,
    epsilon: f64,
    centred: bool,
    momentum: f64,
    stopping: crate::descent::Stopping,
}

impl RmsProp {
    /// `RMSProp` with the step size α; `PyTorch`'s default is 0.01.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let common = Common::new(step_size);
        let stopping = crate::descent::Stopping::default();
        RmsProp { common, rho: 0.99, epsilon: 1e-8, centred: false, momentum: 0.0, stopping }
    }

    /// The decay of the mean of squares, 0 ≤ ρ < 1. Default 0.99.
    #[must_use]
    pub fn rho(self, rho: f64) -> Self {
        RmsProp { rho, ..self }
    }

    /// ε ≥ 0, which keeps the divisor from 0. Default 10⁻⁸.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        RmsProp { epsilon, ..self }
    }

    /// Divides by the standard deviation in place of the root of the mean square.
    #[must_use]
    pub fn centred(self) -> Self {
        RmsProp { centred: true, ..self }
    }

    /// The momentum μ, 0 ≤ μ < 1, of the scaled gradient. Default 0.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        RmsProp { momentum, ..self }
    }

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        fraction("rho", self.rho)?;
        not_negative("epsilon", self.epsilon)?;
        fraction("momentum", self.momentum)?;
        let scaling = RmsPropScaling::new(self.rho, self.epsilon);
        let scaling = if self.centred { scaling.centred() } else { scaling };
        let momentum = (self.momentum > 0.0).then(|| Momentum::new(self.momentum));
        self.common.coupled(Chain::new().then(scaling).then_if(momentum))
    }
}

first_order!(RmsProp, coupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walks_are_pytorchs() {
        // torch.optim.RMSprop([x], lr=0.01)
        let walk = [
            [0.9000000066666662, -0.4000000011111111, 0.15000001032084923],
            [0.8315851208527053, -0.33787208925702933, 0.07840014226135368],
            [0.7770328929172351, -0.29165662518154245, 0.0196746139597119],
            [0.7307404514332163, -0.2548135332927369, -0.031262637625605987],
            [0.6901061076360125, -0.22436078762819092, -0.07682147973613915],
        ];
        assert_walk(RmsProp::new(0.01).rule().unwrap(), &walk);
        // torch.optim.RMSprop([x], lr=0.01, alpha=0.9, eps=1e-6, momentum=0.5, centered=True)
        let walk = [
            [0.9666667407405761, -0.4666666790123411, 0.21666678134238593],
            [0.9247829761217494, -0.42541195545521393, 0.174414205220988],
            [0.8819160762345658, -0.3842156456967198, 0.13061799012012296],
            [0.8402904624882508, -0.3455061838134612, 0.08745379897457695],
            [0.8002826069584188, -0.3097645103787041, 0.04530789701726084],
        ];
        let all = RmsProp::new(0.01).rho(0.9).epsilon(1e-6).momentum(0.5).centred();
        assert_walk(all.rule().unwrap(), &walk);
    }
}
