//! `RAdam`.

use crate::descent::checks::{fraction, not_negative};
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, Stopping, UpdateRule};
use crate::{Objective, Scalar};

use super::adam::settings_of_adam;
use super::schedule::power;
use super::{Chain, Schedule};

/// Adam's scaling, rectified: as long as the mean of squares is made of too few steps to be trusted, nothing is divided by
/// it.
///
/// ```text
/// m₊ = β₁ m + (1 − β₁) g          m = v = 0 at the start, t = 1 at the first step, all by coordinate
/// v₊ = β₂ v + (1 − β₂) g²
/// ρ∞ = 2/(1 − β₂) − 1,  ρₜ = ρ∞ − 2·t·β₂ᵗ/(1 − β₂ᵗ)
/// d  = m₊/(1 − β₁ᵗ) · √((ρₜ − 4)(ρₜ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρₜ)) · √(1 − β₂ᵗ) / (√v₊ + ε)      if ρₜ > 5
/// d  = m₊/(1 − β₁ᵗ)                                                                              else
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RAdamScaling<S> {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    steps: u64,
    mean: Vec<S>,
    square: Vec<S>,
}

impl<S: Scalar> RAdamScaling<S> {
    /// The rule for β₁, β₂ and ε.
    pub fn new(beta1: f64, beta2: f64, epsilon: f64) -> Self {
        RAdamScaling { beta1, beta2, epsilon, steps: 0, mean: Vec::new(), square: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for RAdamScaling<S> {
    fn start(&mut self, dim: usize) {
        self.steps = 0;
        for memory in [&mut self.mean, &mut self.square] {
            memory.clear();
            memory.resize(dim, S::default());
        }
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        self.steps += 1;
        let (beta1, rest1) = (S::from_f64(self.beta1), S::from_f64(1.0 - self.beta1));
        let (beta2, rest2) = (S::from_f64(self.beta2), S::from_f64(1.0 - self.beta2));
        let bias1 = S::from_f64(1.0 - power(self.beta1, self.steps));
        let decayed = power(self.beta2, self.steps);
        let longest = 2.0 / (1.0 - self.beta2) - 1.0;
        let length = longest - 2.0 * self.steps as f64 * decayed / (1.0 - decayed);
        let rectified = (length > 5.0).then(|| {
            let variances = (length - 4.0) * (length - 2.0) * longest;
            let ratio = variances / ((longest - 4.0) * (longest - 2.0) * length);
            S::from_f64((ratio * (1.0 - decayed)).sqrt())
        });
        let epsilon = S::from_f64(self.epsilon);
        let memories = self.mean.iter_mut().zip(&mut self.square);
        for ((step, (mean, square)), &g) in step.iter_mut().zip(memories).zip(gradient) {
            *mean = beta1 * *mean + rest1 * g;
            *square = beta2 * *square + rest2 * g * g;
            let unbiased = *mean / bias1;
            *step = match rectified {
                Some(factor) => unbiased * factor / (square.sqrt() + epsilon),
                None => unbiased,
            };
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("radam_beta1", self.beta1);
        state.setting("radam_beta2", self.beta2);
        state.setting("radam_epsilon", self.epsilon);
        state.count("steps of radam", &mut self.steps);
        state.vector("mean", &mut self.mean);
        state.vector("mean of squares", &mut self.square);
    }
}

/// `RAdam`: Adam that warms up by itself; the formula is at [`RAdamScaling`].
///
/// Liu et al., *On the variance of the adaptive learning rate and beyond*, 2020, algorithm 2, in the form and with the
/// defaults of `PyTorch`: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
#[derive(Clone, Debug, PartialEq)]
pub struct RAdam {
    common: Common,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    stopping: Stopping,
}

impl RAdam {
    /// `RAdam` with the step size α, a number or a [`Schedule`]; 0.001 as for Adam.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        RAdam { common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, stopping }
    }

    settings_of_adam!(RAdam);

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.check()?;
        self.common.coupled(RAdamScaling::new(self.beta1, self.beta2, self.epsilon))
    }
}

first_order!(RAdam, coupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::{assert_walk, assert_walk_within};
    use super::*;

    #[test]
    fn the_walks_are_pytorchs() {
        // torch.optim.RAdam([x], lr=0.1)
        let walk = [
            [0.85, 0.4, 0.15310875782893552],
            [0.6684210526315789, 0.3605263157894737, 0.055197025548086476],
            [0.4912118858030685, 0.04488250145659345, -0.043429087105691655],
            [0.3356597528571511, -0.21936334171042848, -0.1424272840534827],
            [0.20705605011941666, -0.3201439334056515, -0.24142285345274295],
            [0.20507028691819756, -0.3199430023213904, -0.24400469920211376],
            [0.2028267714674888, -0.3191562159502557, -0.24727573948170137],
            [0.20043672382048994, -0.31774959357139043, -0.25114393655818695],
        ];
        // ρₜ is a small difference of numbers of about 2000.
        assert_walk_within(1e-12, RAdam::new(0.1).rule().unwrap(), &walk);
        // torch.optim.RAdam([x], lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
        let walk = [
            [0.9199999999999999, -0.04749999999999993, 0.20030437891446776],
            [0.8320972222222222, 0.154576388888889, 0.1504386445548285],
            [0.741245161657559, 0.19311567907559204, 0.10044105343589621],
            [0.6515331873519881, 0.14029900525804342, 0.0503578877980815],
            [0.5660709867763998, 0.05155881709185593, 0.00024341585490297163],
            [0.5573416436161056, 0.048101643162313676, -0.008861613820744813],
            [0.5464123065553437, 0.04345948147739559, -0.020497421772991048],
            [0.533662072714661, 0.03777214951273253, -0.03428581614725988],
        ];
        let all = RAdam::new(0.05).beta1(0.8).beta2(0.95).epsilon(1e-3).weight_decay(0.1);
        assert_walk(all.rule().unwrap(), &walk);
    }
}
