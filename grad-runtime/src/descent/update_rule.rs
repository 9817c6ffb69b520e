//! What is a first-order method?

use super::{DescentError, Evaluator, Method, Point, RuleState, Termination};
use crate::Objective;
use crate::Scalar;
use crate::norms::all_finite;

/// A first-order method: turns the gradient at a point into a step. All else is the loop's.
pub trait UpdateRule<S: Scalar> {
    /// Forgets everything and makes room for `dim` coordinates: called once before the first step.
    fn start(&mut self, dim: usize);

    /// Whether the rule fits a point of `dim` coordinates: asked once, before `start`. Default: it does.
    fn check(&self, dim: usize) -> Result<(), DescentError> {
        let _ = dim;
        Ok(())
    }

    /// Writes the step x₊ − x; within a [`Chain`](super::rules::Chain), what the next rule takes for the gradient. Must
    /// not allocate.
    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]);

    /// The step size α of the last step, for those who watch. Default 1.
    fn step_size(&self) -> f64 {
        1.0
    }

    /// Told how good the point is, lower is better: in a descent the value after each step, in a training the evaluation
    /// after each epoch (see [`AfterEpoch`](super::AfterEpoch)). Default: nobody listens.
    fn observe(&mut self, value: f64) {
        let _ = value;
    }

    /// Shows the settings and all that the next step depends on, in a fixed order: what a checkpoint saves and puts
    /// back. Default: the rule cannot be saved.
    fn state(&mut self, state: &mut dyn RuleState<S>) {
        state.unknown();
    }
}

impl<S: Scalar, R: UpdateRule<S> + ?Sized> UpdateRule<S> for &mut R {
    fn start(&mut self, dim: usize) {
        (**self).start(dim);
    }

    fn check(&self, dim: usize) -> Result<(), DescentError> {
        (**self).check(dim)
    }

    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]) {
        (**self).step_into(x, gradient, step);
    }

    fn observe(&mut self, value: f64) {
        (**self).observe(value);
    }

    fn step_size(&self) -> f64 {
        (**self).step_size()
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        (**self).state(state);
    }
}

/// An [`UpdateRule`] as a [`Method`]: one evaluation a step, at x + step.
#[derive(Clone, Debug, PartialEq)]
pub struct FirstOrder<R> {
    rule: R,
}

impl<R> FirstOrder<R> {
    /// The method of a rule.
    pub fn new(rule: R) -> Self {
        FirstOrder { rule }
    }

    /// The rule.
    pub fn rule(&self) -> &R {
        &self.rule
    }
}

impl<O: Objective, R: UpdateRule<O::Scalar>> Method<O> for FirstOrder<R> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        self.rule.check(start.len())?;
        self.rule.start(start.len());
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        self.rule.step_into(&current.x, &current.gradient, &mut next.x);
        let mut moved = false;
        for (next, &x) in next.x.iter_mut().zip(&current.x) {
            *next = x + *next;
            moved |= *next != x;
        }
        if !all_finite(&next.x) {
            return Err(Termination::NotFinite);
        }
        if !moved {
            return Err(Termination::StepUnderflow);
        }
        if !evaluator.evaluate(next)? {
            return Err(Termination::NotFinite);
        }
        let step_size = self.rule.step_size();
        self.rule.observe(next.value.to_f64());
        Ok(step_size)
    }

    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        self.rule.state(state);
    }

    fn descends(&self) -> bool {
        false
    }
}
