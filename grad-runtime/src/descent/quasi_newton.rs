//! What L-BFGS and BFGS have in common: a model of the inverse Hessian, and what to do where it misleads.

use super::line_search::Searcher;
use super::vector::{negate, norm};
use super::{Evaluator, Point, Termination};
use crate::{Objective, Scalar};

/// A positive definite approximation H of the inverse Hessian.
pub(super) trait InverseHessian<S> {
    /// Whether anything has been learnt since the last reset; if not, H is the initial one, or the identity.
    fn is_empty(&self) -> bool;

    /// Forgets what has been learnt.
    fn reset(&mut self);

    /// p ← −H·g
    fn direction_into(&mut self, at: &Point<S>, direction: &mut [S]);

    /// p ← −M·g with the initial H = M; whether there is one.
    fn initial_direction_into(&mut self, at: &Point<S>, direction: &mut [S]) -> bool;

    /// Learns from a step.
    fn update(&mut self, current: &Point<S>, next: &Point<S>);
}

/// One iteration: x₊ = x − α·H·∇f(x).
///
/// The first trial is α = 1; where H = I, whose length means nothing, it is 1/‖∇f(x)‖₂. Where the search finds
/// nothing better along −H·∇f(x), what H has learnt is forgotten; then, if there is an initial H, −M·∇f(x) is searched, and
/// if that is no better, −∇f(x).
pub(super) fn advance<S, O, H>(
    evaluator: &mut Evaluator<O>,
    hessian: &mut H,
    searcher: &mut Searcher<S>,
    direction: &mut [S],
    current: &Point<S>,
    next: &mut Point<S>,
) -> Result<f64, Termination>
where
    S: Scalar,
    O: Objective<Scalar = S>,
    H: InverseHessian<S>,
{
    if !hessian.is_empty() {
        hessian.direction_into(current, direction);
        if let Some(step) = searcher.search(evaluator, current, direction, 1.0, next)? {
            hessian.update(current, next);
            return Ok(step);
        }
        hessian.reset();
    }
    if hessian.initial_direction_into(current, direction)
        && let Some(step) = searcher.search(evaluator, current, direction, 1.0, next)?
    {
        hessian.update(current, next);
        return Ok(step);
    }
    negate(direction, &current.gradient);
    let first = 1.0 / norm(&current.gradient);
    let step = searcher.search(evaluator, current, direction, first, next)?.ok_or(Termination::NoProgress)?;
    hessian.update(current, next);
    Ok(step)
}
