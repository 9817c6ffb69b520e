//! One step for several batches.

use super::Chain;
use crate::Scalar;
use crate::descent::checks::at_least_one;
use crate::descent::{DescentError, RuleState, UpdateRule};

/// Takes a step after every k gradients only, along their mean; in between the point stays: batches k times as large, for
/// the memory of one.
///
/// ```text
/// a₊ = a + (g − a)/j        a = 0, j = 1, …, k; the step is that of the rule for a₊ at j = k, and 0 before
/// ```
///
/// The mean is over batches, each counted alike, also a last one that is smaller. For trainings: a descent, whose gradient
/// would be the same k times, ends at a step of 0. An epoch whose number of batches is no multiple of k leaves its last
/// gradients to the next one.
///
/// As Optax's `MultiSteps` (version 0.2.8, `use_grad_mean`); Goyal et al., *Accurate, large minibatch SGD*, 2017, section 2.1
/// is why that is a larger batch.
///
/// ```
/// use grad_runtime::descent::rules::Accumulate;
/// use grad_runtime::descent::{Adam, Training, batches};
///
/// let mut noise = batches(12, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     gradient[0] = w[0] - batch[0] as f64;
///     0.5 * gradient[0] * gradient[0]
/// });
/// let mut rule = Accumulate::new(4, Adam::new(0.1).rule()?);
/// let report = Training::new(50, 1).run(&mut noise, &mut rule, vec![0.0], |_| ())?;
/// assert!((report.x[0] - 5.5).abs() < 2.0);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Debug)]
pub struct Accumulate<S> {
    every: u64,
    rule: Chain<S>,
    /// j − 1
    gathered: u64,
    mean: Vec<S>,
}

impl<S: Scalar> Accumulate<S> {
    /// Takes a step of the rule every k gradients; k ≥ 1.
    pub fn new(every: u64, rule: Chain<S>) -> Self {
        Accumulate { every, rule, gathered: 0, mean: Vec::new() }
    }
}

impl<S: Scalar> UpdateRule<S> for Accumulate<S> {
    fn start(&mut self, dim: usize) {
        self.rule.start(dim);
        self.gathered = 0;
        self.mean.clear();
        self.mean.resize(dim, S::default());
    }

    fn check(&self, dim: usize) -> Result<(), DescentError> {
        at_least_one("every", self.every)?;
        self.rule.check(dim)
    }

    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]) {
        self.gathered += 1;
        let share = S::from_f64(self.gathered as f64);
        for (mean, &g) in self.mean.iter_mut().zip(gradient) {
            *mean += (g - *mean) / share;
        }
        if self.gathered < self.every {
            step.fill(S::default());
            return;
        }
        self.rule.step_into(x, &self.mean, step);
        self.gathered = 0;
        self.mean.fill(S::default());
    }

    fn step_size(&self) -> f64 {
        self.rule.step_size()
    }

    fn observe(&mut self, value: f64) {
        self.rule.observe(value);
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.setting("accumulate_every", self.every as f64);
        state.count("gradients gathered", &mut self.gathered);
        state.vector("mean of the gathered", &mut self.mean);
        self.rule.state(state);
    }
}

#[cfg(test)]
#[allow(clippy::unreadable_literal, reason = "as recorded")]
mod tests {
    use super::super::recorded::assert_walk;
    use super::*;
    use crate::descent::{Adam, GradientDescent};

    #[test]
    fn the_walk_is_optaxs() {
        // optax.MultiSteps(optax.sgd(0.01, momentum=0.9), every_k_schedule=2, accumulator_dtype=jnp.float64)
        let walk = [
            [1.0, -0.5, 0.25],
            [0.985, -0.41000000000000003, 0.24031087578289356],
            [0.985, -0.41000000000000003, 0.24031087578289356],
            [0.9559, -0.25685, 0.22187802366823514],
            [0.9559, -0.25685, 0.22187802366823514],
            [0.9131604999999999, -0.07720400000000002, 0.19553359788311414],
            [0.9131604999999999, -0.07720400000000002, 0.19553359788311414],
            [0.85720378, 0.090786595, 0.16201417331174145],
        ];
        let heavy = GradientDescent::new(0.01).momentum(0.9);
        assert_walk(Chain::new().then(Accumulate::new(2, heavy.rule().unwrap())), &walk);
    }

    #[test]
    fn the_step_is_that_of_the_mean() {
        let mut rule = Accumulate::new(3, Adam::new(0.1).rule().unwrap());
        let mut plain = Adam::new(0.1).rule().unwrap();
        rule.start(1);
        plain.start(1);
        for gradients in [[1.0, 2.0, 6.0], [-1.0, 0.5, 2.0]] {
            let (mut step, mut expected) = ([0.0], [0.0]);
            for (k, g) in gradients.into_iter().enumerate() {
                rule.step_into(&[0.0], &[g], &mut step);
                assert_eq!(step[0] == 0.0, k < 2);
            }
            plain.step_into(&[0.0], &[gradients.iter().sum::<f64>() / 3.0], &mut expected);
            assert!((step[0] - expected[0]).abs() < 1e-15);
        }
        let none = Accumulate::new(0, Adam::new(0.1).rule::<f64>().unwrap());
        assert!(matches!(none.check(1), Err(DescentError::InvalidSetting { name: "every", .. })));
    }
}
