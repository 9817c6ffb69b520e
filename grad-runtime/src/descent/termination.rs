//! How did a descent end?

use std::fmt;

/// Why a descent stopped; its `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Termination {
    /// The gradient is small at the returned point: ‖∇f(x)‖∞ ≤ `gradient_tolerance`. The only convergence.
    SmallGradient,
    /// `max_iterations` steps were taken.
    MaxIterations,
    /// `max_time` has passed.
    MaxTime,
    /// All epochs of a training are done.
    EpochsDone,
    /// The caller stopped it.
    Stopped,
    /// The step, the value or the gradient became NaN or infinite; the returned point is the best finite one.
    NotFinite,
    /// The iterates run away: the value has risen above that of the start, and the gradient has grown to a
    /// thousand times its norm there or, in a training, all epochs are done.
    Diverged,
    /// The step is too small to change any coordinate.
    StepUnderflow,
}

impl Termination {
    /// Whether the first-order test holds at the returned point.
    pub fn converged(self) -> bool {
        self == Termination::SmallGradient
    }
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Termination::SmallGradient => "converged: the gradient is small",
            Termination::MaxIterations => {
                "not converged: all iterations are used up; allow more, or take a larger step size"
            }
            Termination::MaxTime => "not converged: the time is used up",
            Termination::EpochsDone => "all epochs are done",
            Termination::Stopped => "stopped by the caller",
            Termination::NotFinite => {
                "not converged: the next point is not finite, or the objective or its gradient is not finite there; try a smaller step size"
            }
            Termination::Diverged => "diverged: the value has risen above that of the start; try a smaller step size",
            Termination::StepUnderflow => {
                "not converged: the step is too small to change the point; try a larger step size, or another scale of the variables"
            }
        })
    }
}
