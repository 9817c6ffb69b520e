//! The loop: one step after the other, until a reason to stop.

use std::mem;
use std::ops::ControlFlow;
use std::time::Instant;

use super::{DescentError, Report, Stopping, Termination};
use crate::objective::{Negated, Objective};
use crate::scalar::{Scalar, all_finite, max_norm};

/// A first-order method: turns the gradient at a point into a step. All else is the loop's.
pub trait UpdateRule<S: Scalar> {
    /// Forgets everything and makes room for `dim` coordinates: called once before the first step.
    fn start(&mut self, dim: usize);

    /// Writes the step x₊ − x. Must not allocate.
    fn step_into(&mut self, x: &[S], gradient: &[S], step: &mut [S]);
}

/// How much larger than at the start a gradient must be for [`Termination::Diverged`].
const DIVERGED: f64 = 1e3;

/// A descent under way.
///
/// ```
/// use grad_runtime::descent::GradientDescent;
/// use grad_runtime::from_fn;
///
/// let mut parabola = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let mut walk = GradientDescent::new(0.25).walk(&mut parabola, vec![8.0])?;
/// while walk.step().is_continue() {
///     assert!(walk.value() <= 64.0);
/// }
/// assert!(walk.report().termination.converged());
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Debug)]
pub struct Walk<O: Objective, R> {
    objective: O,
    rule: R,
    stopping: Stopping,

    /// The last accepted point: everything about it is finite.
    x: Vec<O::Scalar>,
    value: O::Scalar,
    gradient: Vec<O::Scalar>,
    gradient_norm: f64,

    trial: Vec<O::Scalar>,
    trial_gradient: Vec<O::Scalar>,

    start_value: O::Scalar,
    start_gradient_norm: f64,

    /// The point of the lowest value, if that is not `x`.
    best: Option<(O::Scalar, f64)>,
    best_x: Vec<O::Scalar>,

    iterations: usize,
    evaluations: usize,
    started: Instant,
    ended: Option<Termination>,
}

impl<O: Objective, R: UpdateRule<O::Scalar>> Walk<O, R> {
    /// Evaluates the objective at the start.
    pub fn new(
        mut objective: O,
        mut rule: R,
        stopping: Stopping,
        start: Vec<O::Scalar>,
    ) -> Result<Self, DescentError> {
        let started = Instant::now();
        stopping.check()?;
        check_start(objective.dim(), &start)?;
        let dim = start.len();
        let mut gradient = vec![O::Scalar::default(); dim];
        let value = objective.value_and_grad_into(&start, &mut gradient);
        check_finite(value, &gradient)?;
        rule.start(dim);
        let gradient_norm = max_norm(&gradient);
        Ok(Walk {
            objective,
            rule,
            stopping,
            trial: vec![O::Scalar::default(); dim],
            trial_gradient: vec![O::Scalar::default(); dim],
            best_x: vec![O::Scalar::default(); dim],
            x: start,
            value,
            gradient,
            gradient_norm,
            start_value: value,
            start_gradient_norm: gradient_norm,
            best: None,
            iterations: 0,
            evaluations: 1,
            started,
            ended: None,
        })
    }

    /// Takes one step, or says why there is none to take. After the end nothing moves any more.
    pub fn step(&mut self) -> ControlFlow<Termination> {
        let reason = self.ended.or_else(|| self.reason_to_stop()).or_else(|| self.advance());
        self.ended = reason;
        reason.map_or(ControlFlow::Continue(()), ControlFlow::Break)
    }

    /// Steps to the end.
    pub fn run(mut self) -> Report<O::Scalar> {
        while self.step().is_continue() {}
        self.report()
    }

    /// Ends the walk here.
    pub fn stop(&mut self) {
        self.ended.get_or_insert(Termination::Stopped);
    }

    /// The current point.
    pub fn x(&self) -> &[O::Scalar] {
        &self.x
    }

    /// f(x).
    pub fn value(&self) -> O::Scalar {
        self.value
    }

    /// ∇f(x).
    pub fn gradient(&self) -> &[O::Scalar] {
        &self.gradient
    }

    /// ‖∇f(x)‖∞.
    pub fn gradient_norm(&self) -> f64 {
        self.gradient_norm
    }

    /// Steps taken.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The best point so far, and why the walk ended ([`Termination::Stopped`] if it has not).
    pub fn report(self) -> Report<O::Scalar> {
        let termination = self.ended.unwrap_or(Termination::Stopped);
        let (x, value, gradient_norm) = match self.best {
            Some((value, gradient_norm)) if !termination.converged() => (self.best_x, value, gradient_norm),
            _ => (self.x, self.value, self.gradient_norm),
        };
        Report {
            x,
            value,
            gradient_norm,
            iterations: self.iterations,
            evaluations: self.evaluations,
            time: self.started.elapsed(),
            termination,
        }
    }

    fn reason_to_stop(&self) -> Option<Termination> {
        if self.gradient_norm <= self.stopping.gradient_tolerance {
            Some(Termination::SmallGradient)
        } else if self.gradient_norm > DIVERGED * self.start_gradient_norm && self.value > self.start_value {
            Some(Termination::Diverged)
        } else if self.iterations >= self.stopping.max_iterations {
            Some(Termination::MaxIterations)
        } else if self.stopping.max_time.is_some_and(|limit| self.started.elapsed() >= limit) {
            Some(Termination::MaxTime)
        } else {
            None
        }
    }

    /// x ← x + step, if everything is finite there.
    fn advance(&mut self) -> Option<Termination> {
        self.rule.step_into(&self.x, &self.gradient, &mut self.trial);
        let mut moved = false;
        for (trial, &x) in self.trial.iter_mut().zip(&self.x) {
            *trial = x + *trial;
            moved |= *trial != x;
        }
        if !all_finite(&self.trial) {
            return Some(Termination::NotFinite);
        }
        if !moved {
            return Some(Termination::StepUnderflow);
        }
        let value = self.objective.value_and_grad_into(&self.trial, &mut self.trial_gradient);
        self.evaluations += 1;
        if !value.is_finite() || !all_finite(&self.trial_gradient) {
            return Some(Termination::NotFinite);
        }

        mem::swap(&mut self.x, &mut self.trial);
        mem::swap(&mut self.gradient, &mut self.trial_gradient);
        match self.best {
            // The point just left is the best one.
            None if value > self.value => {
                self.best = Some((self.value, self.gradient_norm));
                mem::swap(&mut self.best_x, &mut self.trial);
            }
            Some((best, _)) if value <= best => self.best = None,
            _ => {}
        }
        self.value = value;
        self.gradient_norm = max_norm(&self.gradient);
        self.iterations += 1;
        None
    }
}

/// Uphill: the descent of −f, with the value of f in the report.
pub(crate) fn ascend<O, R>(
    objective: O,
    rule: R,
    stopping: Stopping,
    start: Vec<O::Scalar>,
) -> Result<Report<O::Scalar>, DescentError>
where
    O: Objective,
    R: UpdateRule<O::Scalar>,
{
    let mut report = Walk::new(Negated(objective), rule, stopping, start)?.run();
    report.value = -report.value;
    Ok(report)
}

pub(crate) fn check_start<S: Scalar>(dim: Option<usize>, start: &[S]) -> Result<(), DescentError> {
    if let Some(expected) = dim
        && expected != start.len()
    {
        return Err(DescentError::WrongDimension { expected, found: start.len() });
    }
    match start.iter().position(|x| !x.is_finite()) {
        Some(coordinate) => Err(DescentError::StartNotFinite { coordinate }),
        None => Ok(()),
    }
}

pub(crate) fn check_finite<S: Scalar>(value: S, gradient: &[S]) -> Result<(), DescentError> {
    if !value.is_finite() {
        return Err(DescentError::ValueNotFinite { value: value.to_f64() });
    }
    match gradient.iter().position(|g| !g.is_finite()) {
        Some(coordinate) => Err(DescentError::GradientNotFinite { coordinate }),
        None => Ok(()),
    }
}
