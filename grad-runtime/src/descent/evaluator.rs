//! What may a method ask of the objective?

use std::time::{Duration, Instant};

use super::{Point, Termination};
use crate::Scalar;
use crate::norms::all_finite;
use crate::{Failure, HessianProduct, Objective};

/// How often an objective was asked, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evaluations {
    /// Points at which the value was computed.
    pub values: usize,
    /// Points at which the gradient was computed (together with the value), or the Jacobian of residuals.
    pub gradients: usize,
    /// Products of the Hessian and a vector.
    pub hessian_products: usize,
    /// Points at which the objective failed, see [`Objective::failure`]; counted above as well.
    pub failures: usize,
}

/// The objective as a method sees it: to be minimised (an ascent is the descent of −f; negation is exact, so the
/// iterates are the same bit for bit), counted, and silent once the budget is used up.
#[derive(Debug)]
pub struct Evaluator<O> {
    objective: O,
    ascent: bool,
    evaluations: Evaluations,
    /// The last one.
    failure: Option<Failure>,
    started: Instant,
    max_evaluations: Option<usize>,
    max_time: Option<Duration>,
}

impl<O> Evaluator<O> {
    pub(crate) fn new(objective: O, ascent: bool) -> Self {
        Evaluator {
            objective,
            ascent,
            evaluations: Evaluations::default(),
            failure: None,
            started: Instant::now(),
            max_evaluations: None,
            max_time: None,
        }
    }

    pub(crate) fn limit(&mut self, max_evaluations: Option<usize>, max_time: Option<Duration>) {
        (self.max_evaluations, self.max_time) = (max_evaluations, max_time);
    }

    /// The objective itself, past the sign and the counts.
    pub fn objective(&mut self) -> &mut O {
        &mut self.objective
    }

    /// The same, to look at.
    pub(crate) fn problem(&self) -> &O {
        &self.objective
    }

    /// The last failure of the objective.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }

    /// The counts so far.
    pub fn evaluations(&self) -> Evaluations {
        self.evaluations
    }

    /// For methods that ask the [`objective`](Self::objective) in ways of their own: add to the counts.
    pub fn count(&mut self) -> &mut Evaluations {
        &mut self.evaluations
    }

    /// Whether this is an ascent: the sign is turned.
    pub fn is_ascent(&self) -> bool {
        self.ascent
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The limit that is reached, as an error.
    pub fn check_budget(&self) -> Result<(), Termination> {
        if self.max_evaluations.is_some_and(|limit| self.evaluations.values >= limit) {
            return Err(Termination::MaxEvaluations);
        }
        if self.max_time.is_some_and(|limit| self.started.elapsed() >= limit) {
            return Err(Termination::MaxTime);
        }
        Ok(())
    }
}

impl<O: Objective> Evaluator<O> {
    /// Value and gradient at `point.x`; whether all is finite, the coordinates included. Where they are not, the
    /// objective is not asked. An error if there is no budget left: the method passes it on with `?`.
    pub fn evaluate(&mut self, point: &mut Point<O::Scalar>) -> Result<bool, Termination> {
        self.check_budget()?;
        if !all_finite(&point.x) {
            point.value = O::Scalar::from_f64(f64::NAN);
            point.gradient_norm = f64::NAN;
            return Ok(false);
        }
        point.value = self.objective.value_and_grad_into(&point.x, &mut point.gradient);
        self.evaluations.values += 1;
        self.evaluations.gradients += 1;
        if self.has_failed() {
            point.value = O::Scalar::from_f64(f64::NAN);
            point.gradient_norm = f64::NAN;
            return Ok(false);
        }
        if self.ascent {
            point.value = -point.value;
            point.gradient.iter_mut().for_each(|g| *g = -*g);
        }
        point.measure();
        Ok(point.is_finite())
    }

    /// Whether the last evaluation failed; counts it.
    pub(crate) fn has_failed(&mut self) -> bool {
        let Some(failure) = self.objective.failure() else {
            return false;
        };
        self.failure = Some(failure);
        self.evaluations.failures += 1;
        true
    }
}

impl<O: HessianProduct> Evaluator<O> {
    /// Writes ∇²f(x)·v to `product`.
    pub fn hessian_product(&mut self, x: &[O::Scalar], v: &[O::Scalar], product: &mut [O::Scalar]) {
        self.objective.hessian_product_into(x, v, product);
        self.evaluations.hessian_products += 1;
        if self.ascent {
            product.iter_mut().for_each(|p| *p = -*p);
        }
    }
}
