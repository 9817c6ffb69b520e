//! The loop: one step after the other, until a reason to stop.

#[cfg(feature = "serde")]
mod saved;
mod stall;

use std::mem;
use std::ops::ControlFlow;

use stall::Progress;

use super::stopping::{LastStep, Situation};
use super::vector::{dot, norm};
use super::{
    DescentError, Evaluator, FirstOrder, Iteration, Method, Observer, Point, Report, Stopping, Termination,
    UpdateRule, Warning,
};
use crate::Scalar;
use crate::norms::{max_difference, max_norm};
use crate::objective::Objective;

/// How far a value must have fallen, in units of its size at the start, for [`Termination::Unbounded`].
const UNBOUNDED: f64 = 1e15;

/// How close to the tolerance the gradient of the start must be, as a factor, for [`Warning::SmallAtStart`].
const NEAR: f64 = 1e3;

/// A descent under way: the one loop of all methods.
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
pub struct Walk<O: Objective, M> {
    evaluator: Evaluator<O>,
    method: M,
    stopping: Stopping,

    /// The last accepted point: everything about it is finite.
    current: Point<O::Scalar>,
    next: Point<O::Scalar>,
    step_size: f64,
    last: Option<LastStep>,

    start_value: f64,
    start_gradient_norm: f64,

    /// The point of the lowest value, if that is not `current`.
    best: Option<(O::Scalar, f64)>,
    best_x: Vec<O::Scalar>,
    /// For the plateau: the value that has to be improved on, and how long nothing has.
    mark: f64,
    stale: usize,

    progress: Progress,
    iterations: usize,
    ended: Option<Termination>,
}

impl<O: Objective, R: UpdateRule<O::Scalar>> Walk<O, FirstOrder<R>> {
    /// The descent of a first-order rule. Evaluates the objective at the start.
    pub fn new(
        objective: O,
        rule: R,
        stopping: Stopping,
        start: Vec<O::Scalar>,
    ) -> Result<Self, DescentError> {
        Walk::down(objective, FirstOrder::new(rule), stopping, start)
    }
}

impl<O: Objective, M: Method<O>> Walk<O, M> {
    /// The descent of any method. Evaluates the objective at the start.
    pub fn down(
        objective: O,
        method: M,
        stopping: Stopping,
        start: Vec<O::Scalar>,
    ) -> Result<Self, DescentError> {
        Walk::begin(Evaluator::new(objective, false), method, stopping, start)
    }

    /// The ascent: the iterates are, bit for bit, those of the descent of −f.
    pub fn up(
        objective: O,
        method: M,
        stopping: Stopping,
        start: Vec<O::Scalar>,
    ) -> Result<Self, DescentError> {
        Walk::begin(Evaluator::new(objective, true), method, stopping, start)
    }

    fn begin(
        mut evaluator: Evaluator<O>,
        mut method: M,
        stopping: Stopping,
        mut start: Vec<O::Scalar>,
    ) -> Result<Self, DescentError> {
        stopping.check()?;
        check_start(evaluator.objective().dim(), &start)?;
        let dim = start.len();
        method.start(&mut evaluator, &mut start)?;
        let mut current = Point::new(start);
        // No budget is set yet: a descent has at least its start.
        let _ = evaluator.evaluate(&mut current);
        if let Some(failure) = evaluator.failure() {
            return Err(DescentError::Objective(failure.clone()));
        }
        let sign = if evaluator.is_ascent() { -1.0 } else { 1.0 };
        check_finite(O::Scalar::from_f64(sign) * current.value, &current.gradient)?;
        if method.descends() && !dot(&current.gradient, &current.gradient).is_finite() {
            return Err(DescentError::GradientTooLarge { norm: norm(&current.gradient) });
        }
        current.gradient_norm = method.gradient_norm(evaluator.problem(), &current);
        evaluator.limit(stopping.max_evaluations, stopping.max_time);
        Ok(Walk {
            evaluator,
            method,
            stopping,
            next: Point::new(vec![O::Scalar::default(); dim]),
            step_size: 0.0,
            last: None,
            start_value: current.value.to_f64(),
            start_gradient_norm: current.gradient_norm,
            best: None,
            best_x: vec![O::Scalar::default(); dim],
            mark: current.value.to_f64(),
            stale: 0,
            progress: Progress::default(),
            current,
            iterations: 0,
            ended: None,
        })
    }

    /// Takes one step, or says why there is none to take. After the end nothing moves any more.
    pub fn step(&mut self) -> ControlFlow<Termination> {
        let reason = self
            .ended
            .or_else(|| self.reason_to_stop().map(|reason| self.look_closer(reason)))
            .or_else(|| self.advance().err().map(|reason| self.name(reason)));
        self.ended = reason;
        reason.map_or(ControlFlow::Continue(()), ControlFlow::Break)
    }

    /// Steps to the end.
    pub fn run(mut self) -> Report<O::Scalar> {
        while self.step().is_continue() {}
        self.report()
    }

    /// Steps to the end, watched: the observer may end it.
    pub fn run_with(mut self, observer: &mut (impl Observer<O::Scalar> + ?Sized)) -> Report<O::Scalar> {
        loop {
            if observer.observe(&self.iteration()).is_break() {
                self.stop();
            }
            if self.step().is_break() {
                return self.report();
            }
        }
    }

    /// Ends the walk here.
    pub fn stop(&mut self) {
        self.ended.get_or_insert(Termination::Stopped);
    }

    /// The current point.
    pub fn x(&self) -> &[O::Scalar] {
        &self.current.x
    }

    /// f(x).
    pub fn value(&self) -> O::Scalar {
        self.signed(self.current.value)
    }

    /// ∇f(x); in an ascent, of −f.
    pub fn gradient(&self) -> &[O::Scalar] {
        &self.current.gradient
    }

    /// The measure of the first-order test, ‖∇f(x)‖∞ usually.
    pub fn gradient_norm(&self) -> f64 {
        self.current.gradient_norm
    }

    /// Steps taken.
    pub fn iterations(&self) -> usize {
        self.iterations
    }

    /// The method, with what it has learnt.
    pub fn method(&self) -> &M {
        &self.method
    }

    /// What an [`Observer`] sees.
    pub fn iteration(&self) -> Iteration<'_, O::Scalar> {
        Iteration {
            number: self.iterations,
            x: &self.current.x,
            value: self.value(),
            gradient: &self.current.gradient,
            gradient_norm: self.current.gradient_norm,
            step_size: self.step_size,
            step_norm: self.last.map_or(0.0, |last| last.step_norm),
            evaluations: self.evaluator.evaluations(),
            time: self.evaluator.elapsed(),
        }
    }

    /// The best point so far, and why the walk ended ([`Termination::Stopped`] if it has not).
    pub fn report(self) -> Report<O::Scalar> {
        let termination = self.ended.unwrap_or(Termination::Stopped);
        let (value, gradient_norm, x) = match self.best {
            Some((value, norm)) if !termination.converged() => (self.signed(value), norm, self.best_x),
            _ => (self.signed(self.current.value), self.current.gradient_norm, self.current.x),
        };
        let evaluations = self.evaluator.evaluations();
        let near = NEAR * self.stopping.gradient_tolerance;
        let warning = (termination == Termination::SmallGradient
            && self.start_gradient_norm > 0.0
            && self.start_gradient_norm <= near
            && !self.method.measures_without_scale())
        .then_some(Warning::SmallAtStart { gradient_norm: self.start_gradient_norm });
        Report {
            x,
            value,
            gradient_norm,
            iterations: self.iterations,
            evaluations: evaluations.values,
            gradient_evaluations: evaluations.gradients,
            hessian_products: evaluations.hessian_products,
            failures: evaluations.failures,
            failure: self.evaluator.failure().cloned(),
            warning,
            time: self.evaluator.elapsed(),
            termination,
        }
    }

    fn signed(&self, value: O::Scalar) -> O::Scalar {
        if self.evaluator.is_ascent() { -value } else { value }
    }

    fn reason_to_stop(&self) -> Option<Termination> {
        let at = Situation {
            gradient_norm: self.current.gradient_norm,
            start_gradient_norm: self.start_gradient_norm,
            value: self.current.value.to_f64(),
            start_value: self.start_value,
            last: self.last,
            iterations: self.iterations,
            ascent: self.evaluator.is_ascent(),
        };
        self.stopping.reason(&at).or_else(|| self.evaluator.check_budget().err())
    }

    /// The gradient is small at a saddle, too.
    fn look_closer(&mut self, reason: Termination) -> Termination {
        match reason {
            Termination::SmallGradient if self.method.is_saddle(&mut self.evaluator, &self.current) => {
                Termination::Saddle
            }
            reason => reason,
        }
    }

    /// A method that finds no next point knows neither how far the value has fallen, nor why there is none.
    fn name(&mut self, reason: Termination) -> Termination {
        let fall = self.start_value - self.current.value.to_f64();
        match reason {
            Termination::NoProgress | Termination::NotFinite | Termination::StepUnderflow
                if fall > UNBOUNDED * self.start_value.abs().max(1.0) =>
            {
                Termination::Unbounded
            }
            Termination::NoProgress if self.method.evaluates_anywhere() => {
                stall::reason(&mut self.evaluator, &self.current, &mut self.next)
            }
            reason => reason,
        }
    }

    /// x ← the method's next point, if everything is finite there.
    fn advance(&mut self) -> Result<(), Termination> {
        let Walk { evaluator, method, current, next, progress, iterations, .. } = self;
        if method.descends() {
            progress.check(current, evaluator.evaluations().values + *iterations)?;
        }
        self.step_size = method.advance(evaluator, current, next)?;
        if !next.is_finite() {
            return Err(Termination::NotFinite);
        }
        next.gradient_norm = method.gradient_norm(evaluator.problem(), next);
        let (value, gradient_norm) = (current.value, current.gradient_norm);
        let step_norm = max_difference(&current.x, &next.x);
        mem::swap(current, next);
        match self.best {
            // The point just left is the best one.
            None if current.value > value => {
                self.best = Some((value, gradient_norm));
                self.best_x.clone_from(&next.x);
            }
            Some((best, _)) if current.value <= best => self.best = None,
            _ => {}
        }
        self.iterations += 1;
        let improvement = self.stopping.plateau.map_or(0.0, |p| p.improvement) * self.mark.abs().max(1.0);
        if current.value.to_f64() < self.mark - improvement {
            (self.mark, self.stale) = (current.value.to_f64(), 0);
        } else {
            self.stale += 1;
        }
        self.last = Some(LastStep {
            value_before: value.to_f64(),
            step_norm,
            x_norm: if self.stopping.step_tolerance.is_some() { max_norm(&current.x) } else { 0.0 },
            iterations_without_improvement: self.stale,
        });
        Ok(())
    }
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
