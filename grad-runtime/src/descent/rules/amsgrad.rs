//! `AMSGrad`.

use crate::descent::checks::{fraction, not_negative};
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, Stopping, UpdateRule};
use crate::{Objective, Scalar};

use super::adam::settings_of_adam;
use super::schedule::power;
use super::{Chain, Schedule};

/// Adam's scaling with a divisor that never shrinks:
///
/// ```text
/// m₊ = β₁ m + (1 − β₁) g          m = v = u = 0 at the start, t = 1 at the first step, all by coordinate
/// v₊ = β₂ v + (1 − β₂) g²
/// u₊ = max(u, v₊)
/// d  = m₊/(1 − β₁ᵗ) / (√(u₊/(1 − β₂ᵗ)) + ε)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AmsGradScaling<S> {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    steps: u64,
    mean: Vec<S>,
    square: Vec<S>,
    largest: Vec<S>,
}

impl<S: Scalar> AmsGradScaling<S> {
    /// The rule for β₁, β₂ and ε.
    pub fn new(beta1: f64, beta2: f64, epsilon: f64) -> Self {
        let (mean, square, largest) = (Vec::new(), Vec::new(), Vec::new());
        AmsGradScaling { beta1, beta2, epsilon, steps: 0, mean, square, largest }
    }
}

impl<S: Scalar> UpdateRule<S> for AmsGradScaling<S> {
    fn start(&mut self, dim: usize) {
        self.steps = 0;
        for memory in [&mut self.mean, &mut self.square, &mut self.largest] {
            memory.clear();
            memory.resize(dim, S::default());
        }
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        self.steps += 1;
        let (beta1, rest1) = (S::from_f64(self.beta1), S::from_f64(1.0 - self.beta1));
        let (beta2, rest2) = (S::from_f64(self.beta2), S::from_f64(1.0 - self.beta2));
        let bias1 = S::from_f64(1.0 - power(self.beta1, self.steps));
        let root_of_bias2 = S::from_f64((1.0 - power(self.beta2, self.steps)).sqrt());
        let epsilon = S::from_f64(self.epsilon);
        let memories = self.mean.iter_mut().zip(&mut self.square).zip(&mut self.largest);
        for ((step, ((mean, square), largest)), &g) in step.iter_mut().zip(memories).zip(gradient) {
            *mean = beta1 * *mean + rest1 * g;
            *square = beta2 * *square + rest2 * g * g;
            if *square > *largest {
                *largest = *square;
            }
            *step = *mean / bias1 / (largest.sqrt() / root_of_bias2 + epsilon);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("amsgrad_beta1", self.beta1);
        state.setting("amsgrad_beta2", self.beta2);
        state.setting("amsgrad_epsilon", self.epsilon);
        state.count("steps of amsgrad", &mut self.steps);
        state.vector("mean", &mut self.mean);
        state.vector("mean of squares", &mut self.square);
        state.vector("largest mean of squares", &mut self.largest);
    }
}

/// `AMSGrad`: Adam with step sizes that do not grow again; the formula is at [`AmsGradScaling`].
///
/// Reddi, Kale and Kumar, *On the convergence of Adam and beyond*, 2018, algorithm 2, with Adam's correction of the
/// bias, in the form and with the defaults of `PyTorch`'s `Adam(amsgrad=True)`: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
#[derive(Clone, Debug, PartialEq)]
pub struct AmsGrad {
    common: Common,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    stopping: Stopping,
}

impl AmsGrad {
    /// `AMSGrad` with the step size α, a number or a [`Schedule`]; 0.001 as for Adam.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        AmsGrad { common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, stopping }
    }

    settings_of_adam!(AmsGrad);

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.check()?;
        self.common.coupled(AmsGradScaling::new(self.beta1, self.beta2, self.epsilon))
    }
}

first_order!(AmsGrad, coupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walk_is_pytorchs() {
        // torch.optim.Adam([x], lr=0.1, betas=(0.9, 0.5), amsgrad=True)
        let walk = [
            [0.9000000006666666, -0.40000000011111114, 0.150000001032085],
            [0.7990753778179037, -0.29723865342120614, 0.05028831447764458],
            [0.6965944530174236, -0.20085686418047347, -0.04919048163986678],
            [0.5949662265678899, -0.11623535801215965, -0.14864839147360726],
            [0.496594054381277, -0.04505432230539674, -0.2484151044012791],
        ];
        assert_walk(AmsGrad::new(0.1).beta2(0.5).rule().unwrap(), &walk);
    }
}
