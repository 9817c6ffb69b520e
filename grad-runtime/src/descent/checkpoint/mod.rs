//! Saving a training or a descent, and going on with it.

mod error;
mod file;
mod state;

use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use error::CheckpointError;

use super::training_walk::TrainingWalk;
use super::{BatchObjective, DescentError, RuleState, Training, UpdateRule};
use crate::Scalar;
use state::{RANDOM, Restore, Save};

/// A training, or a descent, as it stands after some step: the point, the memory of the method, the place in the schedule and
/// in the epoch, the random numbers, the best point so far. What goes on from it is, bit for bit, what was not interrupted.
///
/// [`Training::checkpoint`] writes one after each epoch and takes it up again; this type is for those who own the
/// loop: of a training with [`TrainingWalk::checkpoint`] and [`Training::resume`], of a descent with
/// [`Walk::checkpoint`](super::Walk::checkpoint) and [`Walk::resume`](super::Walk::resume). The objective with its
/// data is not part of it, nor is the number of epochs or [`Stopping`](super::Stopping); all other settings are
/// compared, and a difference is an error.
///
/// ```
/// use grad_runtime::descent::{Adam, Checkpoint, Training, batches};
///
/// let mut noise = batches(10, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     gradient[0] = w[0] - batch[0] as f64;
///     0.5 * gradient[0] * gradient[0]
/// });
/// let (training, adam) = (Training::new(3, 4), Adam::new(0.1));
/// let mut walk = training.begin(&mut noise, adam.rule()?, vec![0.0])?;
/// for _ in 0..5 {
///     let _ = walk.step();
/// }
/// let bytes = walk.checkpoint()?.to_bytes()?;
/// while walk.step().is_continue() {}
/// let uninterrupted = walk.report();
///
/// let mut walk = training.resume(&mut noise, adam.rule()?, &Checkpoint::from_bytes(&bytes)?)?;
/// while walk.step().is_continue() {}
/// assert_eq!(walk.report().x, uninterrupted.x);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Bytes of a coordinate.
    scalar: u8,
    settings: Vec<(String, f64)>,
    counts: Vec<(String, u64)>,
    numbers: Vec<(String, f64)>,
    vectors: Vec<(String, Vec<f64>)>,
}

/// The name of the setting that is 1 in an ascent.
pub(super) const MAXIMIZE: &str = "maximize";

impl Checkpoint {
    /// Reads a file. It is checked to its last bit: what is not a whole checkpoint is an error, and none is too long
    /// or too odd for that.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        Checkpoint::from_bytes(&file::read(path.as_ref())?)
    }

    /// Writes a file: beside its place first, then renamed, so that there is always a whole one.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        file::write(path.as_ref(), &self.to_bytes()?)
    }

    /// The content of a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CheckpointError> {
        let payload = postcard::to_stdvec(self).map_err(|_| CheckpointError::Damaged)?;
        Ok(file::pack(&payload))
    }

    /// From the content of a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CheckpointError> {
        match postcard::take_from_bytes(file::unpack(bytes)?) {
            Ok((checkpoint, [])) => Ok(checkpoint),
            _ => Err(CheckpointError::Damaged),
        }
    }

    /// What `state` shows.
    pub(super) fn save<S: Scalar>(
        state: impl FnOnce(&mut dyn RuleState<S>),
    ) -> Result<Self, CheckpointError> {
        let mut save = Save::new(if size_of::<S>() == 4 { 4 } else { 8 });
        state(&mut save);
        save.finish()
    }

    /// Puts all of it back, in the order in which `state` shows it.
    pub(super) fn restore<S: Scalar>(
        &self,
        state: impl FnOnce(&mut dyn RuleState<S>),
    ) -> Result<(), CheckpointError> {
        if usize::from(self.scalar) != size_of::<S>() {
            return Err(CheckpointError::OtherScalar);
        }
        let mut restore = Restore::new(self);
        state(&mut restore);
        restore.finish()
    }

    /// The length of the point, which is the first vector.
    pub(super) fn dim(&self) -> usize {
        self.vectors.first().map_or(0, |(_, x)| x.len())
    }

    /// Whether an ascent was saved.
    pub(super) fn is_ascent(&self) -> bool {
        self.settings.iter().any(|(name, value)| name == MAXIMIZE && *value == 1.0)
    }
}

impl Training {
    /// Goes on from a checkpoint; the objective and the rule have to be those of the training that was saved, in
    /// their first state.
    pub fn resume<B: BatchObjective, R: UpdateRule<B::Scalar>>(
        &self,
        objective: B,
        rule: R,
        checkpoint: &Checkpoint,
    ) -> Result<TrainingWalk<B, R>, DescentError> {
        let start = vec![B::Scalar::default(); checkpoint.dim()];
        let mut walk = TrainingWalk::unevaluated(self.clone(), objective, rule, start)?;
        checkpoint.restore(|state| walk.state(state))?;
        walk.check_restored()?;
        Ok(walk)
    }
}

impl<B: BatchObjective, R: UpdateRule<B::Scalar>> TrainingWalk<B, R> {
    /// The training as it stands. An error if the rule cannot be saved.
    pub fn checkpoint(&mut self) -> Result<Checkpoint, CheckpointError> {
        Checkpoint::save(|state| self.state(state))
    }

    /// Writes [`checkpoint`](Self::checkpoint) to a file, see [`Checkpoint::write`].
    pub fn save(&mut self, path: impl AsRef<Path>) -> Result<(), CheckpointError> {
        self.checkpoint()?.write(path)
    }

    /// All that the next step depends on, in a fixed order, for saving and for restoring.
    fn state(&mut self, state: &mut dyn RuleState<B::Scalar>) {
        // First, because `dim` looks there.
        state.vector("x", &mut self.trainee.x);
        let samples = self.samples();
        let training = self.training();
        let (patience, improvement) =
            training.early_stopping.map_or((0, 0.0), |early| (early.patience, early.improvement));
        // As two halves, which are exact as `f64`.
        let seed = training.seed;
        for (name, value) in [
            ("samples", samples as f64),
            ("batch_size", training.batch_size as f64),
            ("drop_last", f64::from(u8::from(training.drop_last))),
            (MAXIMIZE, f64::from(u8::from(training.ascent))),
            ("seed (upper half)", (seed >> 32) as f64),
            ("seed (lower half)", (seed & 0xffff_ffff) as f64),
            ("early_stopping.patience", patience as f64),
            ("early_stopping.improvement", improvement),
            ("skip_failures", training.skip_failures as f64),
        ] {
            state.setting(name, value);
        }
        self.rule().state(state);

        let progress = &mut self.progress;
        for (name, count) in [
            ("epochs", &mut progress.epochs),
            ("batches", &mut progress.batches),
            ("samples of the epoch", &mut progress.epoch_samples),
            ("iterations", &mut progress.iterations),
            ("samples trained on", &mut progress.samples),
            ("batches left out", &mut progress.skipped),
            ("batches left out in a row", &mut progress.skipped_in_a_row),
            ("best epoch", &mut self.best.epoch),
            ("evaluations since", &mut self.best.stale),
        ] {
            index(state, name, count);
        }
        for word in progress.random.words() {
            state.count(RANDOM, word);
        }
        state.number("sum of the epoch", &mut progress.sum);
        state.number("best evaluation", &mut self.best.evaluation);
        state.number("evaluation to improve on", &mut self.best.mark);
        let mut value = self.trainee.start_value.to_f64();
        state.number("value at the start", &mut value);
        self.trainee.start_value = B::Scalar::from_f64(value);

        let mut seconds = self.time.as_secs_f64();
        state.number("seconds", &mut seconds);
        self.time = Duration::try_from_secs_f64(seconds).unwrap_or_default();

        let trainee = &mut self.trainee;
        for (name, vector) in
            [("proven x", &mut trainee.proven), ("start", &mut trainee.start), ("best x", &mut self.best.x)]
        {
            state.vector(name, vector);
        }
    }

    /// What was read fits together.
    fn check_restored(&mut self) -> Result<(), CheckpointError> {
        let batches = self.training().batches(self.samples());
        let progress = &mut self.progress;
        let random = progress.random.words().iter().any(|word| **word != 0);
        let sound = random
            && progress.batches < batches
            && (progress.epoch_samples == 0 || progress.batches > 0)
            && progress.skipped_in_a_row <= progress.skipped
            && self.best.epoch <= progress.epochs
            && self.best.epoch <= if self.best.x.is_empty() { 0 } else { usize::MAX };
        let finite = [&self.trainee.x, &self.trainee.proven, &self.trainee.start, &self.best.x];
        let finite = finite.into_iter().all(|x| crate::norms::all_finite(x));
        self.forget_order();
        if sound && finite { Ok(()) } else { Err(CheckpointError::Damaged) }
    }
}

/// A `usize`; one that is too large for this machine becomes one that no check lets pass.
pub(super) fn index<S>(state: &mut dyn RuleState<S>, name: &'static str, value: &mut usize) {
    let mut count = *value as u64;
    state.count(name, &mut count);
    *value = usize::try_from(count).unwrap_or(usize::MAX);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::{Adam, batches};

    #[test]
    fn counts_that_would_overflow_are_damage() {
        let slope = || {
            batches(2, |x: &[f64], _: &[usize], gradient: &mut [f64]| {
                gradient[0] = 1.0;
                x[0]
            })
        };
        let (training, adam) = (Training::new(3, 1), Adam::new(0.1));
        let mut walk = training.begin(slope(), adam.rule().unwrap(), vec![0.0]).unwrap();
        let checkpoint = walk.checkpoint().unwrap();
        assert!(training.resume(slope(), adam.rule().unwrap(), &checkpoint).is_ok());
        for k in 0..checkpoint.counts.len() {
            let mut damaged = checkpoint.clone();
            if damaged.counts[k].0 != RANDOM {
                damaged.counts[k].1 = u64::MAX;
                let resumed = training.resume(slope(), adam.rule().unwrap(), &damaged).map(|_| ());
                assert_eq!(resumed, Err(CheckpointError::Damaged.into()), "{}", checkpoint.counts[k].0);
            }
        }
    }
}
