//! Rules one after the other.

use std::fmt;

use crate::Scalar;
use crate::descent::{DescentError, RuleState, UpdateRule};

/// A rule made of rules: what one writes is the gradient of the next, what the last one writes is the step.
///
/// All rules but [`StepSize`](super::StepSize) keep the direction uphill; a chain ends with that one, which turns
/// it round. The order matters: [`ClipNorm`](super::ClipNorm) before [`AdamScaling`](super::AdamScaling) clips
/// the gradient, behind it the direction. A chain without rules writes the gradient.
///
/// ```
/// use grad_runtime::descent::{Stopping, Walk, rules::{AdamScaling, Chain, ClipNorm, StepSize, WeightDecay}};
/// use grad_runtime::from_fn;
///
/// let rule = Chain::new()
///     .then(ClipNorm::new(1.0))
///     .then(AdamScaling::new(0.9, 0.999, 1e-8))
///     .then(WeightDecay::new(0.01))
///     .then(StepSize::new(0.1));
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let mut walk = Walk::new(&mut bowl, rule, Stopping::default(), vec![2.0])?;
/// assert!(walk.step().is_continue() && walk.value() < 4.0);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
pub struct Chain<S> {
    rules: Vec<Box<dyn UpdateRule<S> + Send>>,
    /// What the rules write that is not for `step`: they take turns.
    between: Vec<S>,
}

impl<S: Scalar> Chain<S> {
    /// No rules yet.
    pub fn new() -> Self {
        Chain { rules: Vec::new(), between: Vec::new() }
    }

    /// With one more rule, behind the others.
    #[must_use]
    pub fn then(mut self, rule: impl UpdateRule<S> + Send + 'static) -> Self {
        self.rules.push(Box::new(rule));
        self
    }

    /// With one more rule, if there is one.
    pub(crate) fn then_if(self, rule: Option<impl UpdateRule<S> + Send + 'static>) -> Self {
        match rule {
            Some(rule) => self.then(rule),
            None => self,
        }
    }
}

impl<S: Scalar> Default for Chain<S> {
    fn default() -> Self {
        Chain::new()
    }
}

impl<S> fmt::Debug for Chain<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl<S: Scalar> UpdateRule<S> for Chain<S> {
    fn start(&mut self, dim: usize) {
        self.rules.iter_mut().for_each(|rule| rule.start(dim));
        self.between.clear();
        self.between.resize(dim, S::default());
    }

    fn check(&self, dim: usize) -> Result<(), DescentError> {
        self.rules.iter().try_for_each(|rule| rule.check(dim))
    }

    fn observe(&mut self, value: f64) {
        self.rules.iter_mut().for_each(|rule| rule.observe(value));
    }

    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]) {
        let Chain { rules, between } = self;
        let Some((first, others)) = rules.split_first_mut() else {
            step.copy_from_slice(gradient);
            return;
        };
        // The last rule writes to `step`, the one before it to `between`, and so on.
        let mut in_step = others.len() % 2 == 0;
        first.step_into(x, gradient, if in_step { &mut *step } else { between });
        for rule in others {
            if in_step {
                rule.step_into(x, step, between);
            } else {
                rule.step_into(x, between, step);
            }
            in_step = !in_step;
        }
    }

    fn step_size(&self) -> f64 {
        self.rules.last().map_or(1.0, |rule| rule.step_size())
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        self.rules.iter_mut().for_each(|rule| rule.state(state));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ClipValue, StepSize, WeightDecay};
    use super::*;

    #[test]
    fn each_rule_gets_what_the_one_before_it_wrote() {
        let clip = || ClipValue::new(1.0);
        let decay = || WeightDecay::new(0.5);
        let step_of = |mut chain: Chain<f64>| {
            let mut step = [0.0];
            chain.start(1);
            chain.step_into(&[4.0], &[3.0], &mut step);
            step[0]
        };
        assert_eq!(step_of(Chain::new()), 3.0);
        assert_eq!(step_of(Chain::new().then(clip())), 1.0);
        assert_eq!(step_of(Chain::new().then(clip()).then(decay())), 3.0);
        assert_eq!(step_of(Chain::new().then(decay()).then(clip())), 1.0);
        assert_eq!(step_of(Chain::new().then(clip()).then(decay()).then(StepSize::new(0.5))), -1.5);
        let nested = Chain::new().then(Chain::new().then(clip()).then(decay()).then(decay()));
        assert_eq!(step_of(nested.then(StepSize::new(0.5))), -2.5);
    }
}
