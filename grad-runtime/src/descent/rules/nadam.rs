//! `NAdam`.

use crate::descent::checks::{fraction, not_negative};
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, Stopping, UpdateRule};
use crate::{Objective, Scalar};

use super::adam::settings_of_adam;
use super::schedule::power;
use super::{Chain, Schedule};

/// Adam's scaling with Nesterov's momentum, whose strength rises with time:
///
/// ```text
/// μₜ = β₁·(1 − ½·0.96^(t·ψ))       m = v = 0 at the start, t = 1 at the first step, all by coordinate
/// m₊ = β₁ m + (1 − β₁) g
/// v₊ = β₂ v + (1 − β₂) g²
/// d  = (μₜ₊₁·m₊/(1 − μ₁⋯μₜ₊₁) + (1 − μₜ)·g/(1 − μ₁⋯μₜ)) / (√(v₊/(1 − β₂ᵗ)) + ε)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NAdamScaling<S> {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    decay: f64,
    steps: u64,
    /// μ₁⋯μₜ
    product: f64,
    mean: Vec<S>,
    square: Vec<S>,
}

impl<S: Scalar> NAdamScaling<S> {
    /// The rule for β₁, β₂, ε and ψ.
    pub fn new(beta1: f64, beta2: f64, epsilon: f64, decay: f64) -> Self {
        let (mean, square) = (Vec::new(), Vec::new());
        NAdamScaling { beta1, beta2, epsilon, decay, steps: 0, product: 1.0, mean, square }
    }

    fn mu(&self, t: u64) -> f64 {
        self.beta1 * (1.0 - 0.5 * 0.96_f64.powf(t as f64 * self.decay))
    }
}

impl<S: Scalar> UpdateRule<S> for NAdamScaling<S> {
    fn start(&mut self, dim: usize) {
        (self.steps, self.product) = (0, 1.0);
        for memory in [&mut self.mean, &mut self.square] {
            memory.clear();
            memory.resize(dim, S::default());
        }
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        self.steps += 1;
        let (mu, ahead) = (self.mu(self.steps), self.mu(self.steps + 1));
        self.product *= mu;
        let of_mean = S::from_f64(ahead / (1.0 - self.product * ahead));
        let of_gradient = S::from_f64((1.0 - mu) / (1.0 - self.product));
        let (beta1, rest1) = (S::from_f64(self.beta1), S::from_f64(1.0 - self.beta1));
        let (beta2, rest2) = (S::from_f64(self.beta2), S::from_f64(1.0 - self.beta2));
        let root_of_bias2 = S::from_f64((1.0 - power(self.beta2, self.steps)).sqrt());
        let epsilon = S::from_f64(self.epsilon);
        let memories = self.mean.iter_mut().zip(&mut self.square);
        for ((step, (mean, square)), &g) in step.iter_mut().zip(memories).zip(gradient) {
            *mean = beta1 * *mean + rest1 * g;
            *square = beta2 * *square + rest2 * g * g;
            *step = (of_mean * *mean + of_gradient * g) / (square.sqrt() / root_of_bias2 + epsilon);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("nadam_beta1", self.beta1);
        state.setting("nadam_beta2", self.beta2);
        state.setting("nadam_epsilon", self.epsilon);
        state.setting("nadam_momentum_decay", self.decay);
        state.count("steps of nadam", &mut self.steps);
        state.number("product of momenta", &mut self.product);
        state.vector("mean", &mut self.mean);
        state.vector("mean of squares", &mut self.square);
    }
}

/// `NAdam`: Adam with Nesterov's momentum; the formula is at [`NAdamScaling`].
///
/// Dozat, *Incorporating Nesterov momentum into Adam*, 2016, in the form and with the defaults of `PyTorch`: β₁ = 0.9,
/// β₂ = 0.999, ε = 10⁻⁸, ψ = 0.004.
#[derive(Clone, Debug, PartialEq)]
pub struct NAdam {
    common: Common,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    decay: f64,
    stopping: Stopping,
}

impl NAdam {
    /// `NAdam` with the step size α, a number or a [`Schedule`]; `PyTorch`'s default is 0.002.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        NAdam { common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.004, stopping }
    }

    settings_of_adam!(NAdam);

    /// ψ ≥ 0, how fast the momentum rises. Default 0.004.
    #[must_use]
    pub fn momentum_decay(self, decay: f64) -> Self {
        NAdam { decay, ..self }
    }

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.check()?;
        not_negative("momentum_decay", self.decay)?;
        self.common.coupled(NAdamScaling::new(self.beta1, self.beta2, self.epsilon, self.decay))
    }
}

first_order!(NAdam, coupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walks_are_pytorchs() {
        // torch.optim.NAdam([x], lr=0.1)
        let walk = [
            [0.8943548228687623, -0.39435482228184476, 0.1443548232548092],
            [0.8185704648387444, -0.32524116982797285, 0.0652576510741417],
            [0.7494008001862671, -0.26614894413439044, -0.008732563419578468],
            [0.6819608391200069, -0.21252662913401302, -0.08248228310273706],
            [0.6149711960030928, -0.16367497697627353, -0.1574410722467874],
        ];
        assert_walk(NAdam::new(0.1).rule().unwrap(), &walk);
        // torch.optim.NAdam([x], lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, momentum_decay=0.1)
        let walk = [
            [0.8904447892924505, -0.3903884290615527, 0.14048650153948972],
            [0.8065269037880157, -0.31353189783259117, 0.053405455068725544],
            [0.7272358154392942, -0.24588518458809874, -0.03078456801886717],
            [0.6488817385295551, -0.18458870092031393, -0.11583952281476186],
            [0.5710745976371061, -0.13024908049008163, -0.20238177988835804],
        ];
        let all = NAdam::new(0.1).beta1(0.8).beta2(0.95).epsilon(1e-3).momentum_decay(0.1).weight_decay(0.1);
        assert_walk(all.rule().unwrap(), &walk);
    }

    #[test]
    fn a_decay_that_makes_no_sense_is_an_error() {
        let error = NAdam::new(0.1).momentum_decay(-1.0).rule::<f64>().unwrap_err();
        assert!(matches!(error, DescentError::InvalidSetting { name: "momentum_decay", .. }));
    }
}
