//! What came out of a descent?

use std::fmt;
use std::time::Duration;

use super::Termination;
use crate::{Failure, Scalar};

/// The outcome of a descent: the best point found, and how the walk went. Its `Display` says it in two lines.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Report<S, X = Vec<S>> {
    /// The best point, in the form of the start: the last one if the gradient is small there, the one of the best value
    /// otherwise.
    pub x: X,
    /// f(x).
    pub value: S,
    /// The measure of the first-order test: ‖∇f(x)‖∞, or that of the projected gradient.
    pub gradient_norm: f64,
    /// Steps taken.
    pub iterations: usize,
    /// Points at which the value was computed, including the start.
    pub evaluations: usize,
    /// Points at which the gradient was computed too (or the Jacobian of residuals), including the start.
    pub gradient_evaluations: usize,
    /// Products of the Hessian and a vector.
    pub hessian_products: usize,
    /// Points at which the objective failed, see [`Objective::failure`](crate::Objective::failure).
    pub failures: usize,
    /// The last failure.
    pub failure: Option<Failure>,
    /// How long it took.
    pub time: Duration,
    /// Why it stopped.
    pub termination: Termination,
    /// What makes it doubtful.
    pub warning: Option<Warning>,
}

/// What makes a convergence doubtful; its `Display` is a sentence.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// The gradient of the start was close to the tolerance, or below it, already: within a factor of 1000. If the start is
    /// not close to a minimum, the values or the variables are of another scale than the tolerance is meant for.
    SmallAtStart {
        /// The measure of the first-order test at the start.
        gradient_norm: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::SmallAtStart { gradient_norm } => write!(
                f,
                "warning: the gradient was small at the start already ({gradient_norm:.3e}); if that was no minimum, set `gradient_tolerance(0.0)` and a `relative_gradient_tolerance`, or scale the objective and its variables to about 1"
            ),
        }
    }
}

impl<S, X> Report<S, X> {
    /// The same with the point in another form.
    pub(crate) fn map<Y>(self, form: impl FnOnce(X) -> Y) -> Report<S, Y> {
        Report {
            x: form(self.x),
            value: self.value,
            gradient_norm: self.gradient_norm,
            iterations: self.iterations,
            evaluations: self.evaluations,
            gradient_evaluations: self.gradient_evaluations,
            hessian_products: self.hessian_products,
            failures: self.failures,
            failure: self.failure,
            time: self.time,
            termination: self.termination,
            warning: self.warning,
        }
    }
}

impl<S: Scalar, X> fmt::Display for Report<S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.termination)?;
        write!(
            f,
            "value {}, gradient norm {:.3e}, {}, {}, ",
            Short(self.value.to_f64()),
            self.gradient_norm,
            Count(self.iterations, "iteration"),
            Count(self.evaluations, "evaluation"),
        )?;
        if self.gradient_evaluations != self.evaluations {
            write!(f, "{} of them with derivatives, ", self.gradient_evaluations)?;
        }
        if self.hessian_products > 0 {
            write!(f, "{}, ", Count(self.hessian_products, "Hessian product"))?;
        }
        write!(f, "{:.3?}", self.time)?;
        if let Some(warning) = &self.warning {
            write!(f, "\n{warning}")?;
        }
        if let Some(failure) = &self.failure {
            write!(f, "\n{} failed, the last: {failure}", Count(self.failures, "evaluation"))?;
        }
        Ok(())
    }
}

/// The outcome of a training. Its `Display` says it in two or three lines.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrainingReport<S> {
    /// The last point at which everything was finite; with early stopping, the point of the best evaluation.
    pub x: Vec<S>,
    /// f(x) over all samples.
    pub value: S,
    /// ‖∇f(x)‖∞ over all samples.
    pub gradient_norm: f64,
    /// With early stopping: the epoch after which the point was evaluated.
    pub best_epoch: Option<usize>,
    /// With early stopping: the evaluation of the point, see [`AfterEpoch`](super::AfterEpoch).
    pub best_evaluation: Option<f64>,
    /// Complete epochs.
    pub epochs: usize,
    /// Steps taken, one per batch.
    pub iterations: usize,
    /// Samples trained on, counted as often as they were used.
    pub samples: usize,
    /// Batches left out, see [`Training::skip_failures`](super::Training::skip_failures).
    pub skipped: usize,
    /// How often the objective failed, see [`BatchObjective::failure`](super::BatchObjective::failure); of a training that goes
    /// on from a checkpoint, since then.
    pub failures: usize,
    /// The last failure.
    pub failure: Option<Failure>,
    /// How long the steps took, without the caller's evaluation between epochs.
    pub time: Duration,
    /// Why it stopped.
    pub termination: Termination,
    /// With [`Termination::NotSaved`]: why.
    #[cfg(feature = "serde")]
    pub not_saved: Option<super::CheckpointError>,
}

impl<S> TrainingReport<S> {
    /// Samples trained on per second.
    pub fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.time.as_secs_f64().max(f64::MIN_POSITIVE)
    }
}

impl<S: Scalar> fmt::Display for TrainingReport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.termination)?;
        #[cfg(feature = "serde")]
        if let Some(error) = &self.not_saved {
            writeln!(f, "{error}")?;
        }
        write!(
            f,
            "value {}, gradient norm {:.3e}, {}, {}, {:.3?}, {:.0} samples per second",
            Short(self.value.to_f64()),
            self.gradient_norm,
            Count(self.epochs, "epoch"),
            Count(self.iterations, "step"),
            self.time,
            self.samples_per_second()
        )?;
        if let (Some(epoch), Some(evaluation)) = (self.best_epoch, self.best_evaluation) {
            write!(f, "\nthe point is that of epoch {epoch}, with the evaluation {}", Short(evaluation))?;
        }
        if self.skipped > 0 {
            let were = if self.skipped == 1 { "batch was" } else { "batches were" };
            write!(f, "\n{} {were} left out", self.skipped)?;
        }
        if let Some(failure) = &self.failure {
            write!(f, "\n{} failed, the last: {failure}", Count(self.failures, "evaluation"))?;
        }
        Ok(())
    }
}

/// Seven digits, in the notation that is shorter to read.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-3..1e7).contains(&size) {
            write!(f, "{:.6}", self.0)
        } else {
            write!(f, "{:.6e}", self.0)
        }
    }
}

struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}
