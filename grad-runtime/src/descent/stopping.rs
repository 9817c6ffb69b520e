//! When does a descent stop?

use std::time::Duration;

use super::checks::{at_least_one, fraction, not_negative};
use super::{DescentError, Termination};

/// The tests that end a descent, made at every point. The number of iterations is always bounded.
///
/// Only the gradient test is called convergence. The tests of value, step and plateau say that not much happens
/// any more, which is true at a minimum and also on a slope that is too gentle for the method.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopping {
    /// Converged where ‖∇f(x)‖∞ is at most this. Default 10⁻⁶.
    pub gradient_tolerance: f64,
    /// Converged also where ‖∇f(x)‖∞ is at most this times its value at the start. Default 0.
    pub relative_gradient_tolerance: f64,
    /// Stop where |f(x₊) − f(x)| ≤ this · max(|f(x₊)|, |f(x)|, 1). Default: no such test.
    pub value_tolerance: Option<f64>,
    /// Stop where ‖x₊ − x‖∞ ≤ this · max(‖x₊‖∞, 1). Default: no such test.
    pub step_tolerance: Option<f64>,
    /// Stop where the value is this good: f(x) ≤ target, or ≥ in an ascent. Default: no target.
    pub target: Option<f64>,
    /// Stop where the best value has not improved for a while. Default: no such test.
    pub plateau: Option<Plateau>,
    /// Default 10 000.
    pub max_iterations: usize,
    /// Evaluations of the value, with or without gradient; never exceeded. Default: no limit.
    pub max_evaluations: Option<usize>,
    /// Looked at before each evaluation. Default: no limit.
    pub max_time: Option<Duration>,
}

/// No improvement for a number of iterations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    /// How many iterations to wait; at least 1.
    pub iterations: usize,
    /// An improvement is a fall of the best value by more than this · max(|f|, 1).
    pub improvement: f64,
}

impl Default for Stopping {
    fn default() -> Self {
        Stopping {
            gradient_tolerance: 1e-6,
            relative_gradient_tolerance: 0.0,
            value_tolerance: None,
            step_tolerance: None,
            target: None,
            plateau: None,
            max_iterations: 10_000,
            max_evaluations: None,
            max_time: None,
        }
    }
}

/// What the tests look at, all of it as in a minimisation.
pub(crate) struct Situation {
    pub(crate) gradient_norm: f64,
    pub(crate) start_gradient_norm: f64,
    pub(crate) value: f64,
    pub(crate) start_value: f64,
    /// Of the last step, if there was one.
    pub(crate) last: Option<LastStep>,
    pub(crate) iterations: usize,
    pub(crate) ascent: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LastStep {
    pub(crate) value_before: f64,
    pub(crate) step_norm: f64,
    /// ‖x₊‖∞, if there is a test that needs it.
    pub(crate) x_norm: f64,
    pub(crate) iterations_without_improvement: usize,
}

/// How much larger than at the start a gradient must be for [`Termination::Diverged`].
const DIVERGED: f64 = 1e3;

impl Stopping {
    /// The first test that says stop. The budget of evaluations and time is the evaluator's.
    pub(crate) fn reason(&self, at: &Situation) -> Option<Termination> {
        let tolerance =
            self.gradient_tolerance.max(self.relative_gradient_tolerance * at.start_gradient_norm);
        if at.gradient_norm <= tolerance {
            return Some(Termination::SmallGradient);
        }
        if self.target.is_some_and(|target| at.value <= if at.ascent { -target } else { target }) {
            return Some(Termination::TargetReached);
        }
        if at.gradient_norm > DIVERGED * at.start_gradient_norm && at.value > at.start_value {
            return Some(Termination::Diverged);
        }
        if let Some(last) = at.last {
            let change = (at.value - last.value_before).abs();
            let scale = at.value.abs().max(last.value_before.abs()).max(1.0);
            if self.value_tolerance.is_some_and(|tolerance| change <= tolerance * scale) {
                return Some(Termination::SmallValueChange);
            }
            let scale = last.x_norm.max(1.0);
            if self.step_tolerance.is_some_and(|tolerance| last.step_norm <= tolerance * scale) {
                return Some(Termination::SmallStep);
            }
            if self.plateau.is_some_and(|p| last.iterations_without_improvement >= p.iterations) {
                return Some(Termination::Plateau);
            }
        }
        (at.iterations >= self.max_iterations).then_some(Termination::MaxIterations)
    }

    pub(crate) fn check(&self) -> Result<(), DescentError> {
        not_negative("gradient_tolerance", self.gradient_tolerance)?;
        // From 1 on, every start would pass.
        fraction("relative_gradient_tolerance", self.relative_gradient_tolerance)?;
        not_negative("value_tolerance", self.value_tolerance.unwrap_or(0.0))?;
        not_negative("step_tolerance", self.step_tolerance.unwrap_or(0.0))?;
        if let Some(plateau) = self.plateau {
            not_negative("plateau.improvement", plateau.improvement)?;
            at_least_one("plateau.iterations", plateau.iterations as u64)?;
        }
        match self.target {
            Some(value) if value.is_nan() => {
                Err(DescentError::InvalidSetting { name: "target", value, expected: "a number" })
            }
            _ => Ok(()),
        }
    }
}
