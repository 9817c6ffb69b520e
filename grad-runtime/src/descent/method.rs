//! What is a method of descent?

use super::{DescentError, Evaluator, Point, RuleState, Termination};
use crate::Objective;

/// A method: finds the next point. All else (counting, stopping, the best point, the report) is the loop's,
/// [`Walk`](super::Walk).
///
/// First-order methods implement [`UpdateRule`](super::UpdateRule) instead, which
/// [`FirstOrder`](super::FirstOrder) makes a method of.
pub trait Method<O: Objective> {
    /// Forgets everything and makes room: called once, before the start is evaluated. The place to check the settings,
    /// and to move a start that is out of bounds.
    fn start(&mut self, evaluator: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError>;

    /// Writes the next point, with value and gradient, to `next`, and returns the step size α: the factor of the
    /// direction, the radius of a trust region, 1 where the direction is the step. `current` is finite. Must not
    /// allocate. An error ends the descent at `current`; what `next` holds then does not matter.
    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination>;

    /// Shows the settings and all that the next step depends on, in a fixed order: what a checkpoint saves and puts back
    /// after `start`. Default: the method cannot be saved.
    fn state(&mut self, state: &mut dyn RuleState<O::Scalar>) {
        state.unknown();
    }

    /// The measure of the first-order test at a point just found, where it is not ‖∇f(x)‖∞: the projected
    /// gradient's, for one.
    fn gradient_norm(&self, objective: &O, point: &Point<O::Scalar>) -> f64 {
        let _ = objective;
        point.gradient_norm
    }

    /// Whether that measure is a number without a scale, an angle for one, so that one tolerance serves all objectives.
    fn measures_without_scale(&self) -> bool {
        false
    }

    /// Whether the point, at which the gradient is small, is a saddle: asked once, by methods that know second derivatives.
    fn is_saddle(&mut self, evaluator: &mut Evaluator<O>, point: &Point<O::Scalar>) -> bool {
        let _ = (evaluator, point);
        false
    }

    /// Whether every step is meant to improve something, the value or the gradient: a descent that has not for some
    /// hundred evaluations is over. Not so for steps of fixed length, which may go up before they go down.
    fn descends(&self) -> bool {
        true
    }

    /// Whether any point may be evaluated; not where variables have bounds.
    fn evaluates_anywhere(&self) -> bool {
        true
    }
}
