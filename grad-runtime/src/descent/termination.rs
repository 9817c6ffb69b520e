//! How did a descent end?

use std::fmt;

/// Why a descent stopped; its `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Termination {
    /// The gradient is small at the returned point: ‖∇f(x)‖∞, or the measure that the method has in its place, is ≤
    /// `gradient_tolerance`, or ≤ `relative_gradient_tolerance` times its value at the start. The only convergence, but
    /// for that of sums of squares.
    SmallGradient,
    /// The residuals are as good as zero: ‖r(x)‖₂ has fallen to 1.5·10⁻⁸ of its size at the start, and ½·‖r(x)‖² to
    /// 2·10⁻¹⁶ of its value there. Of the methods for least squares; convergence too.
    SmallResiduals,
    /// The gradient is small, but the curvature is negative along some direction: a saddle, or a maximum. Said by the
    /// methods that know second derivatives; not convergence.
    Saddle,
    /// The value is as good as `target`.
    TargetReached,
    /// The last step changed the value by no more than `value_tolerance`.
    SmallValueChange,
    /// The last step was no longer than `step_tolerance`.
    SmallStep,
    /// The best value has not improved for `plateau.iterations` iterations.
    Plateau,
    /// `max_iterations` steps were taken.
    MaxIterations,
    /// `max_evaluations` were made.
    MaxEvaluations,
    /// `max_time` has passed.
    MaxTime,
    /// All epochs of a training are done.
    EpochsDone,
    /// The evaluation has not improved for `patience` epochs; the returned point is the best one.
    EarlyStopped,
    /// The checkpoint of a training could not be written; the report says why.
    NotSaved,
    /// The caller stopped it.
    Stopped,
    /// The step, the value or the gradient became NaN or infinite, or the objective failed; the returned point is the best
    /// finite one.
    NotFinite,
    /// The iterates run away: the value has become worse than that of the start, and the gradient has grown to a
    /// thousand times its norm there or, in a training, all epochs are done.
    Diverged,
    /// The value improves without end: it is better than that of the start by more than 10¹⁵ times its size (or 10¹⁵),
    /// and there is no next point, because numbers end or rounding hides what is gained.
    Unbounded,
    /// The step is too small to change any coordinate.
    StepUnderflow,
    /// No point along the direction, or in the trust region, is better, not even along −∇f, or nothing has improved for
    /// 250 evaluations; and it is none of the next three, or there was no budget to find out, or there are bounds.
    NoProgress,
    /// The same, because rounding hides what is left: the value that a smaller gradient would gain is below its last
    /// digits.
    Rounding,
    /// The same, because the function has a kink: the gradient jumps, however near one looks.
    Kink,
    /// The same, because the gradient is not that of the value: the value changes by what no slope on the way says.
    WrongGradient,
}

impl Termination {
    /// Whether the first-order test holds at the returned point, or a sum of squares is as good as zero there.
    pub fn converged(self) -> bool {
        matches!(self, Termination::SmallGradient | Termination::SmallResiduals)
    }
}

impl fmt::Display for Termination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Termination::SmallGradient => "converged: the gradient is small",
            Termination::SmallResiduals => "converged: the residuals are as good as zero",
            Termination::Saddle => {
                "not converged: the gradient is small at a saddle, from which the value falls along a direction of negative curvature; start a little beside it"
            }
            Termination::TargetReached => "the target value is reached",
            Termination::SmallValueChange => {
                "not converged: the value hardly changes any more, though the gradient is not small"
            }
            Termination::SmallStep => {
                "not converged: the steps have become small, though the gradient is not small"
            }
            Termination::Plateau => {
                "not converged: the value has stopped improving; try a smaller step size, or another method"
            }
            Termination::MaxIterations => {
                "not converged: all iterations are used up; allow more, or take a larger step size"
            }
            Termination::MaxEvaluations => "not converged: all evaluations are used up",
            Termination::MaxTime => "not converged: the time is used up",
            Termination::EpochsDone => "all epochs are done",
            Termination::EarlyStopped => {
                "stopped early: the evaluation has stopped improving; the point is the best one"
            }
            Termination::NotSaved => "stopped: the checkpoint could not be written",
            Termination::Stopped => "stopped by the caller",
            Termination::NotFinite => {
                "not converged: the next point is not finite, or the objective fails there or is not finite, or its gradient is not; try a smaller step size"
            }
            Termination::Diverged => {
                "diverged: the value has become worse than that of the start; try a smaller step size"
            }
            Termination::Unbounded => {
                "diverged: the value improves without end; give the variables bounds, or the objective a term that keeps them small"
            }
            Termination::StepUnderflow => {
                "not converged: the step is too small to change the point; try a larger step size, or another scale of the variables"
            }
            Termination::NoProgress => {
                "not converged: no step improves the value any more; if the gradient is not small for a value of this size, compare it with differences (`check_gradient`), or try another scale of the variables"
            }
            Termination::Rounding => {
                "not converged, but as close as the digits of the value allow: rounding hides what is left; if that is too little, subtract from the objective what is constant in it, or allow a larger gradient tolerance"
            }
            Termination::Kink => {
                "not converged: the function has a kink here, where its gradient jumps and no step improves the value; make it smooth, or take a method for functions with kinks"
            }
            Termination::WrongGradient => {
                "not converged: no step improves the value, because the gradient is not that of the value here; compare it with differences (`check_gradient`)"
            }
        })
    }
}
