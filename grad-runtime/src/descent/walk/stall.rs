//! Why is there no progress?

use crate::Scalar;
#[cfg(feature = "serde")]
use crate::descent::RuleState;
#[cfg(feature = "serde")]
use crate::descent::checkpoint::index;
use crate::descent::vector::{dot, norm};
use crate::descent::{Evaluator, Point, Termination};
use crate::norms::max_norm;
use crate::objective::Objective;

/// How many evaluations and iterations may pass without progress. (Back at a point that is still known, an iteration needs
/// no evaluation.)
const PATIENCE: usize = 250;

/// By how much a value must fall in that time, relative to its size and in units of the machine's epsilon: a step of one
/// unit each, there and back across a kink, is none.
const FALL: f64 = 1000.0;

/// By how much two values may differ through rounding alone, in the same units: as a line search takes it.
const ROUNDING: f64 = 10.0;

/// What the last progress was: a lower value, or a gradient that is smaller than all before by a tenth.
#[derive(Debug)]
pub(super) struct Progress {
    value: f64,
    gradient_norm: f64,
    effort: usize,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { value: f64::INFINITY, gradient_norm: f64::INFINITY, effort: 0 }
    }
}

impl Progress {
    /// For a checkpoint.
    #[cfg(feature = "serde")]
    pub(super) fn state<S>(&mut self, state: &mut dyn RuleState<S>) {
        state.number("value of the last progress", &mut self.value);
        state.number("gradient norm of the last progress", &mut self.gradient_norm);
        index(state, "effort at the last progress", &mut self.effort);
    }

    /// An error if there has been none for too long. `effort` is the sum of evaluations and iterations so far.
    pub(super) fn check<S: Scalar>(&mut self, current: &Point<S>, effort: usize) -> Result<(), Termination> {
        let value = current.value.to_f64();
        let lower = value < self.value - FALL * S::EPSILON * value.abs();
        let flatter = current.gradient_norm < 0.9 * self.gradient_norm;
        if lower {
            self.value = value;
        }
        if flatter {
            self.gradient_norm = current.gradient_norm;
        }
        if lower || flatter {
            self.effort = effort;
        }
        if effort.saturating_sub(self.effort) > PATIENCE { Err(Termination::NoProgress) } else { Ok(()) }
    }
}

/// The function on both sides of the point, along d = −g/‖g‖: f(x ± h·d) − f(x), and the slopes there.
struct Sides {
    h: f64,
    values: [f64; 2],
    slopes: [f64; 2],
}

/// Looks at the function ahead and behind, near and nearer. Where value and slopes do not fit together, the gradient is not
/// that of the value; where the slopes on both sides jump, there is a kink; where what is
/// to be gained is less than what is rounded, it is rounding. If it is none of these, or there is no budget to find out:
/// no progress. Costs four evaluations.
pub(super) fn reason<O: Objective>(
    evaluator: &mut Evaluator<O>,
    at: &Point<O::Scalar>,
    work: &mut Point<O::Scalar>,
) -> Termination {
    let size = norm(&at.gradient);
    let far = O::Scalar::EPSILON.cbrt() * max_norm(&at.x).max(1.0);
    let mut look = |h: f64| sides(evaluator, at, work, size, h);
    let (Some(far), Some(near)) = (look(far), look(far / 1000.0)) else {
        return Termination::NoProgress;
    };
    let rounding = ROUNDING * O::Scalar::EPSILON * at.value.to_f64().abs();
    // The gradient norm of a step of least squares is none of the gradient: the slope is.
    let slope = -size;
    if [&near, &far].into_iter().any(|sides| sides.disagree(slope, rounding)) {
        return Termination::WrongGradient;
    }
    let jump = |sides: &Sides| (sides.slopes[1] - sides.slopes[0]).abs();
    // Nearer by a factor of 1000, the slopes of a smooth function differ by as much less; across a kink by more
    // than that; if the kink is between, hardly.
    let (jump_near, jump_far) = (jump(&near), jump(&far));
    if jump_far >= 0.1 * size && (jump_near >= 0.01 * jump_far || jump_near <= 1e-4 * jump_far) {
        return Termination::Kink;
    }
    // Along a parabola with these slopes.
    let curvature = jump_near / (2.0 * near.h);
    let gain = 0.5 * size * size / curvature;
    if gain <= 100.0 * rounding { Termination::Rounding } else { Termination::NoProgress }
}

fn sides<O: Objective>(
    evaluator: &mut Evaluator<O>,
    at: &Point<O::Scalar>,
    work: &mut Point<O::Scalar>,
    size: f64,
    h: f64,
) -> Option<Sides> {
    let mut sides = Sides { h, values: [0.0; 2], slopes: [0.0; 2] };
    for (k, h) in [-h, h].into_iter().enumerate() {
        let alpha = O::Scalar::from_f64(-h / size);
        for ((to, &x), &g) in work.x.iter_mut().zip(&at.x).zip(&at.gradient) {
            *to = x + alpha * g;
        }
        if !matches!(evaluator.evaluate(work), Ok(true)) {
            return None;
        }
        sides.values[k] = work.value.to_f64() - at.value.to_f64();
        sides.slopes[k] = -dot(&at.gradient, &work.gradient) / size;
    }
    Some(sides)
}

impl Sides {
    /// Between two points, a function rises by a slope between those at its ends, unless it bends to and fro between
    /// them.
    fn disagree(&self, slope: f64, rounding: f64) -> bool {
        self.values.into_iter().zip(self.slopes).zip([-self.h, self.h]).any(|((value, other), h)| {
            let (low, high) = (slope.min(other), slope.max(other));
            let slack = 0.5 * (high - low) + 1e-6 * high.abs().max(low.abs()) + 2.0 * rounding / h.abs();
            let mean = value / h;
            mean < low - slack || mean > high + slack
        })
    }
}
