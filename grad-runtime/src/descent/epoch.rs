//! What is known after an epoch, and what is done about it?

use std::ops::ControlFlow;
use std::time::Duration;

/// What is known after an epoch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Epoch<'a, S> {
    /// Counted from 1.
    pub number: usize,
    /// The current point.
    pub x: &'a [S],
    /// The mean of the samples' values, each at the point at which its batch was used.
    pub mean_value: f64,
    /// Samples trained on in this epoch.
    pub samples: usize,
    /// The step size α of the last step.
    pub step_size: f64,
    /// Steps taken since the start of the training.
    pub iterations: usize,
    /// Batches left out since the start, see [`Training::skip_failures`](super::Training::skip_failures).
    pub skipped: usize,
    /// How long the epoch took.
    pub time: Duration,
}

/// What a callback after each epoch returns:
///
/// | it returns | and the training |
/// | --- | --- |
/// | `()` | goes on |
/// | [`ControlFlow<()>`] | goes on, or ends with [`Termination::Stopped`](super::Termination::Stopped) |
/// | `f64` | goes on; the number is the evaluation of the point: the loss on samples that are not trained on, say |
/// | `Option<f64>` | the same, with `None` where no evaluation was made |
/// | `(f64, ControlFlow<()>)` | both |
///
/// The evaluation decides which point is the best one, and when to stop early; without one, the mean value of the
/// epoch does. Lower is better, in an ascent higher.
pub trait AfterEpoch {
    /// The evaluation, and how to go on.
    fn outcome(self) -> (Evaluation, ControlFlow<()>);
}

/// How good a point of a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evaluation {
    /// As good as the mean value of the epoch.
    MeanValue,
    /// Nobody looked.
    None,
    /// As good as this; NaN is worse than any number.
    Is(f64),
}

impl AfterEpoch for () {
    fn outcome(self) -> (Evaluation, ControlFlow<()>) {
        (Evaluation::MeanValue, ControlFlow::Continue(()))
    }
}

impl AfterEpoch for ControlFlow<()> {
    fn outcome(self) -> (Evaluation, ControlFlow<()>) {
        (Evaluation::MeanValue, self)
    }
}

impl AfterEpoch for f64 {
    fn outcome(self) -> (Evaluation, ControlFlow<()>) {
        (Evaluation::Is(self), ControlFlow::Continue(()))
    }
}

impl AfterEpoch for Option<f64> {
    fn outcome(self) -> (Evaluation, ControlFlow<()>) {
        (self.map_or(Evaluation::None, Evaluation::Is), ControlFlow::Continue(()))
    }
}

impl AfterEpoch for (f64, ControlFlow<()>) {
    fn outcome(self) -> (Evaluation, ControlFlow<()>) {
        (Evaluation::Is(self.0), self.1)
    }
}
