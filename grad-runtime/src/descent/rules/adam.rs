//! Adam, and `AdamW`.

use crate::descent::checks::{fraction, not_negative};
use crate::descent::first_order::{Common, first_order};
use crate::descent::{DescentError, RuleState, Stopping, UpdateRule};
use crate::{Objective, Scalar};

use super::schedule::power;
use super::{Chain, Schedule};

/// Divides the moving mean of the gradient by the root of that of its squares, both free of the bias towards their
/// start at 0:
///
/// ```text
/// m₊ = β₁ m + (1 − β₁) g          m = v = 0 at the start, t = 1 at the first step, all by coordinate
/// v₊ = β₂ v + (1 − β₂) g²
/// d  = m₊/(1 − β₁ᵗ) / (√(v₊/(1 − β₂ᵗ)) + ε)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdamScaling<S> {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    steps: u64,
    mean: Vec<S>,
    square: Vec<S>,
}

impl<S: Scalar> AdamScaling<S> {
    /// The rule for β₁, β₂ and ε.
    pub fn new(beta1: f64, beta2: f64, epsilon: f64) -> Self {
        AdamScaling { beta1, beta2, epsilon, steps: 0, mean: Vec::new(), square: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for AdamScaling<S> {
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
        let root_of_bias2 = S::from_f64((1.0 - power(self.beta2, self.steps)).sqrt());
        let epsilon = S::from_f64(self.epsilon);
        let memories = self.mean.iter_mut().zip(&mut self.square);
        for ((step, (mean, square)), &g) in step.iter_mut().zip(memories).zip(gradient) {
            *mean = beta1 * *mean + rest1 * g;
            *square = beta2 * *square + rest2 * g * g;
            *step = *mean / bias1 / (square.sqrt() / root_of_bias2 + epsilon);
        }
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("adam_beta1", self.beta1);
        state.setting("adam_beta2", self.beta2);
        state.setting("adam_epsilon", self.epsilon);
        state.count("steps of adam", &mut self.steps);
        state.vector("mean", &mut self.mean);
        state.vector("mean of squares", &mut self.square);
    }
}

macro_rules! settings_of_adam {
    ($adam:ident) => {
        /// The decay of the mean of gradients, 0 ≤ β₁ < 1. Default 0.9.
        #[must_use]
        pub fn beta1(self, beta1: f64) -> Self {
            $adam { beta1, ..self }
        }

        /// The decay of the mean of squares, 0 ≤ β₂ < 1. Default 0.999.
        #[must_use]
        pub fn beta2(self, beta2: f64) -> Self {
            $adam { beta2, ..self }
        }

        /// ε ≥ 0, which keeps the divisor from 0. Default 10⁻⁸.
        #[must_use]
        pub fn epsilon(self, epsilon: f64) -> Self {
            $adam { epsilon, ..self }
        }

        fn check(&self) -> Result<(), DescentError> {
            fraction("beta1", self.beta1)?;
            fraction("beta2", self.beta2)?;
            not_negative("epsilon", self.epsilon)
        }
    };
}

pub(crate) use settings_of_adam;

/// Adam: `x₊ = x − α m̂ / (√v̂ + ε)`; the formula is at [`AdamScaling`].
///
/// Kingma and Ba, *Adam: a method for stochastic optimization*, 2015, algorithm 1, with its defaults β₁ = 0.9,
/// β₂ = 0.999, ε = 10⁻⁸.
///
/// ```
/// use grad_runtime::descent::Adam;
/// use grad_runtime::from_fn;
///
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0] + 50.0 * x[1] * x[1], [2.0 * x[0], 100.0 * x[1]]));
/// let report = Adam::new(0.1).minimize(&mut bowl, vec![3.0, -1.0])?;
/// assert!(report.termination.converged(), "{report}");
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    common: Common,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    stopping: Stopping,
}

impl Adam {
    /// Adam with the step size α, a number or a [`Schedule`]; the paper's is 0.001.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        Adam { common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, stopping }
    }

    settings_of_adam!(Adam);

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.check()?;
        self.common.coupled(AdamScaling::new(self.beta1, self.beta2, self.epsilon))
    }
}

first_order!(Adam, coupled);

/// Adam with decoupled weight decay: `x₊ = x − α (m̂ / (√v̂ + ε) + λ x)`; the formula is at [`AdamScaling`].
///
/// Loshchilov and Hutter, *Decoupled weight decay regularization*, 2019, algorithm 2, with the step size as a factor
/// of the decay, as in `PyTorch` and Optax; β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸, and λ = 0.01 as in `PyTorch`.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamW {
    common: Common,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    stopping: Stopping,
}

impl AdamW {
    /// `AdamW` with the step size α, a number or a [`Schedule`], and λ = 0.01.
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size).decay(0.01), Stopping::default());
        AdamW { common, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, stopping }
    }

    settings_of_adam!(AdamW);

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.check()?;
        self.common.decoupled(AdamScaling::new(self.beta1, self.beta2, self.epsilon))
    }
}

first_order!(AdamW, decoupled);

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;

    #[test]
    fn the_walks_are_pytorchs() {
        // torch.optim.Adam([x], lr=0.1)
        let walk = [
            [0.9000000006666666, -0.40000000011111114, 0.15000000103208502],
            [0.8002390629666767, -0.30130024733542027, 0.049952267792357646],
            [0.7009075477907991, -0.20537229730461953, -0.05014432616632526],
            [0.6022292871456014, -0.11433884101825899, -0.1502647763032885],
            [0.5044762323751407, -0.03103590300928022, -0.25035514803344827],
        ];
        assert_walk(Adam::new(0.1).rule().unwrap(), &walk);
        // torch.optim.Adam([x], lr=0.1, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)
        let walk = [
            [0.9000624609618988, -0.40001104850292785, 0.15010051135940994],
            [0.8004941592898682, -0.30171970830829026, 0.05015961706150514],
            [0.7015839949294755, -0.20698333887005999, -0.04979266938854489],
            [0.6036682324009158, -0.11843015814604242, -0.14967912766449554],
            [0.5071528008410251, -0.03951198647085978, -0.249371692840907],
        ];
        let all = Adam::new(0.1).beta1(0.8).beta2(0.95).epsilon(1e-3).weight_decay(0.1);
        assert_walk(all.rule().unwrap(), &walk);
    }

    #[test]
    fn decoupled_decay_is_pytorchs() {
        // torch.optim.AdamW([x], lr=0.1, weight_decay=0.1)
        let walk = [
            [0.8900000006666666, -0.39500000011111114, 0.14750000103208502],
            [0.7813869980683759, -0.29245681710167526, 0.045976483236088314],
            [0.6743759859211915, -0.19394003324973247, -0.05458036598980653],
            [0.5692199077154723, -0.10169657955083891, -0.15415374874468182],
            [0.4662263738576984, -0.018672139991994352, -0.2526986597671261],
        ];
        assert_walk(AdamW::new(0.1).weight_decay(0.1).rule().unwrap(), &walk);
    }

    #[test]
    fn a_chain_with_clipping_and_a_schedule_is_optaxs() {
        // optax.chain(optax.clip_by_global_norm(2.0), optax.scale_by_adam(), optax.add_decayed_weights(0.1),
        //             optax.scale_by_learning_rate(optax.cosine_decay_schedule(0.1, 10)))
        let walk = [
            [0.8900000030584816, -0.39500000050974693, 0.14750000473491948],
            [0.7836707014703141, -0.2936186261355306, 0.04866568070899585],
            [0.686034272794285, -0.20060959940309117, -0.04159052503888168],
            [0.6014507787520845, -0.11992556727341697, -0.11905428679020826],
            [0.5332050370666437, -0.05464062933832617, -0.18080771746745522],
        ];
        let all = AdamW::new(Schedule::cosine(0.1, 10)).weight_decay(0.1).clip_norm(2.0);
        assert_walk(all.rule().unwrap(), &walk);
    }
}
