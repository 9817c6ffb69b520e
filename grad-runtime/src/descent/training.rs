//! Training: epochs of shuffled mini-batches.

use super::checks::{at_least_one, not_negative};
use super::{AfterEpoch, BatchObjective, DescentError, Epoch, TrainingReport, TrainingWalk, UpdateRule};

/// How samples are presented: each epoch goes through all of them once, in a new random order, a batch at a time.
///
/// ```
/// use grad_runtime::descent::{Adam, Termination, Training, batches};
///
/// // The mean of the samples, as the minimum of the mean of (w − s)²/2.
/// let fit = |samples: [f64; 4]| {
///     batches(4, move |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///         let n = batch.len() as f64;
///         gradient[0] = batch.iter().map(|&k| w[0] - samples[k]).sum::<f64>() / n;
///         batch.iter().map(|&k| 0.5 * (w[0] - samples[k]).powi(2)).sum::<f64>() / n
///     })
/// };
/// // Ends when w has been no better for unseen samples, whose mean is 2.5, for 5 epochs; w is then the best one.
/// let training = Training::new(1000, 2).seed(1).early_stopping(5, 0.0);
/// let report = Adam::new(0.05).train(&mut fit([1.0, 2.0, 3.0, 6.0]), vec![0.0], &training, |epoch| {
///     (epoch.x[0] - 2.5).powi(2)
/// })?;
/// assert_eq!(report.termination, Termination::EarlyStopped);
/// assert!((report.x[0] - 2.5).abs() < 0.1);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    pub(super) epochs: usize,
    pub(super) batch_size: usize,
    pub(super) seed: u64,
    pub(super) drop_last: bool,
    pub(super) ascent: bool,
    pub(super) early_stopping: Option<EarlyStopping>,
    pub(super) skip_failures: usize,
    #[cfg(feature = "serde")]
    pub(super) checkpoint: Option<std::path::PathBuf>,
}

/// When is more training of no use?
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EarlyStopping {
    pub(super) patience: usize,
    pub(super) improvement: f64,
}

impl Training {
    /// So many epochs over batches of so many samples; the last batch of an epoch may be smaller. Seed 0.
    pub fn new(epochs: usize, batch_size: usize) -> Self {
        Training {
            epochs,
            batch_size,
            seed: 0,
            drop_last: false,
            ascent: false,
            early_stopping: None,
            skip_failures: 0,
            #[cfg(feature = "serde")]
            checkpoint: None,
        }
    }

    /// The seed of the order of the samples.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Training { seed, ..self }
    }

    /// Leaves a last batch that is smaller than the others out of the epoch. The default is to keep it.
    #[must_use]
    pub fn drop_last(self, drop_last: bool) -> Self {
        Training { drop_last, ..self }
    }

    /// Trains uphill: the iterates are, bit for bit, those of the training on −f.
    #[must_use]
    pub fn maximize(self) -> Self {
        Training { ascent: true, ..self }
    }

    /// Ends the training when the best evaluation (see [`AfterEpoch`]) has not been improved on by more than
    /// `improvement` · max(|evaluation|, 1) for `patience` epochs with an evaluation. However the training ends then,
    /// the report has the point of the best evaluation. Default: all epochs, and the last point.
    #[must_use]
    pub fn early_stopping(self, patience: usize, improvement: f64) -> Self {
        Training { early_stopping: Some(EarlyStopping { patience, improvement }), ..self }
    }

    /// Leaves out a batch for which the objective fails, or whose value or gradient is not finite, or whose step leads to a
    /// point that is not: the point goes back to the last one at which a batch was in order. After more than `in_a_row` such
    /// batches, one after the other, the training ends with [`Termination::NotFinite`](super::Termination::NotFinite). Default
    /// 0: at the first one. As Optax's `apply_if_finite`, but for what happens in the end.
    ///
    /// ```
    /// use grad_runtime::descent::{GradientDescent, Training, batches};
    ///
    /// let samples = ["1", "2", "many", "3"];
    /// let mut fit = batches(4, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
    ///     let mut value = 0.0;
    ///     gradient[0] = 0.0;
    ///     for &k in batch {
    ///         // All at once, as at the start and at the end, it does without.
    ///         let Ok(sample) = samples[k].parse::<f64>() else {
    ///             if batch.len() == 1 { return Err(format!("sample {k} is no number")) } else { continue }
    ///         };
    ///         gradient[0] += (w[0] - sample) / batch.len() as f64;
    ///         value += 0.5 * (w[0] - sample).powi(2) / batch.len() as f64;
    ///     }
    ///     Ok(value)
    /// });
    /// let training = Training::new(20, 1).skip_failures(3);
    /// let report = GradientDescent::new(0.1).train(&mut fit, vec![0.0], &training, |_| ())?;
    /// assert_eq!((report.skipped, report.failures), (20, 20));
    /// assert!((report.x[0] - 2.0).abs() < 0.2);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    #[must_use]
    pub fn skip_failures(self, in_a_row: usize) -> Self {
        Training { skip_failures: in_a_row, ..self }
    }

    /// Saves the training to this file after each epoch; if the file is there already, goes on from what it says,
    /// and the result is the same, bit for bit, as without the interruption. See
    /// [`Checkpoint`](super::Checkpoint).
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn checkpoint(self, path: impl Into<std::path::PathBuf>) -> Self {
        Training { checkpoint: Some(path.into()), ..self }
    }

    /// Trains with any update rule; `after_epoch` is called after each epoch, and what it returns decides how to go
    /// on. Never panics, unless the objective or the callback does. An objective that fails over all samples at the start is
    /// an error; a batch that fails later ends the training, or is left out: [`skip_failures`](Self::skip_failures).
    pub fn run<B, R, A>(
        &self,
        objective: &mut B,
        rule: &mut R,
        start: Vec<B::Scalar>,
        mut after_epoch: impl FnMut(&Epoch<'_, B::Scalar>) -> A,
    ) -> Result<TrainingReport<B::Scalar>, DescentError>
    where
        B: BatchObjective,
        R: UpdateRule<B::Scalar> + ?Sized,
        A: AfterEpoch,
    {
        let mut walk = self.begin_or_resume(objective, rule, start)?;
        while walk.epoch().is_continue() {
            let (evaluation, go_on) = after_epoch(&walk.last_epoch()).outcome();
            walk.evaluate(evaluation);
            if go_on.is_break() {
                walk.stop();
            }
            #[cfg(feature = "serde")]
            if let Some(path) = &self.checkpoint
                && let Err(error) = walk.save(path)
            {
                walk.not_saved(error);
            }
        }
        Ok(walk.report())
    }

    #[cfg(feature = "serde")]
    fn begin_or_resume<B: BatchObjective, R: UpdateRule<B::Scalar>>(
        &self,
        objective: B,
        rule: R,
        start: Vec<B::Scalar>,
    ) -> Result<TrainingWalk<B, R>, DescentError> {
        let Some(path) = &self.checkpoint else { return self.begin(objective, rule, start) };
        match super::Checkpoint::read(path) {
            Ok(checkpoint) => {
                let walk = self.resume(objective, rule, &checkpoint)?;
                if walk.trainee.start == start {
                    Ok(walk)
                } else {
                    Err(super::CheckpointError::OtherStart.into())
                }
            }
            Err(error) if error.is_not_found() => {
                let mut walk = self.begin(objective, rule, start)?;
                // A place that cannot be written to is better known now than after an epoch.
                walk.save(path)?;
                Ok(walk)
            }
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(feature = "serde"))]
    fn begin_or_resume<B: BatchObjective, R: UpdateRule<B::Scalar>>(
        &self,
        objective: B,
        rule: R,
        start: Vec<B::Scalar>,
    ) -> Result<TrainingWalk<B, R>, DescentError> {
        self.begin(objective, rule, start)
    }

    /// The training, for those who want to own the loop.
    pub fn begin<B: BatchObjective, R: UpdateRule<B::Scalar>>(
        &self,
        objective: B,
        rule: R,
        start: Vec<B::Scalar>,
    ) -> Result<TrainingWalk<B, R>, DescentError> {
        TrainingWalk::new(self.clone(), objective, rule, start)
    }

    pub(super) fn check(&self) -> Result<(), DescentError> {
        at_least_one("batch_size", self.batch_size as u64)?;
        if let Some(early) = self.early_stopping {
            at_least_one("patience", early.patience as u64)?;
            not_negative("improvement", early.improvement)?;
        }
        Ok(())
    }

    /// Batches in an epoch over so many samples.
    pub(super) fn batches(&self, samples: usize) -> usize {
        if self.drop_last { samples / self.batch_size } else { samples.div_ceil(self.batch_size) }
    }
}
