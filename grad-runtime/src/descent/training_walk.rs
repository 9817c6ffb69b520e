//! A training under way.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::walk::{check_finite, check_start};
use super::{
    BatchObjective, DescentError, Epoch, Evaluation, Random, Termination, Training, TrainingReport,
    UpdateRule,
};
use crate::Failure;
use crate::Scalar;
use crate::norms::{all_finite, max_norm};

/// A training under way, a batch at a time.
///
/// ```
/// use grad_runtime::descent::{Adam, Training, batches};
///
/// let mut noise = batches(10, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     gradient[0] = w[0] - batch[0] as f64;
///     0.5 * gradient[0] * gradient[0]
/// });
/// let training = Training::new(3, 4);
/// let mut walk = training.begin(&mut noise, Adam::new(0.1).rule()?, vec![0.0])?;
/// let mut steps = 0;
/// while walk.step().is_continue() {
///     steps += 1;
/// }
/// assert_eq!(steps, 9);
/// assert_eq!(walk.report().epochs, 3);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Debug)]
pub struct TrainingWalk<B: BatchObjective, R> {
    training: Training,
    objective: B,
    rule: R,
    pub(super) trainee: Trainee<B::Scalar>,
    /// The samples in the order of the epoch under way, if there is one.
    order: Vec<usize>,
    pub(super) progress: Progress,
    pub(super) best: Best<B::Scalar>,
    /// The generator behind the order of the epoch under way.
    after_shuffle: Random,
    shuffled: bool,
    last_epoch: LastEpoch,
    pub(super) time: Duration,
    ended: Option<Termination>,
    #[cfg(feature = "serde")]
    not_saved: Option<super::CheckpointError>,
}

/// Where in the training we are.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// Complete epochs.
    pub(super) epochs: usize,
    /// Batches done of the epoch under way.
    pub(super) batches: usize,
    /// The generator before the order of that epoch is drawn.
    pub(super) random: Random,
    /// Of the samples of that epoch.
    pub(super) sum: f64,
    pub(super) epoch_samples: usize,
    pub(super) iterations: usize,
    pub(super) samples: usize,
    /// Batches that failed or were not finite, and were left out; and how many of them came last.
    pub(super) skipped: usize,
    pub(super) skipped_in_a_row: usize,
}

/// The point of the best evaluation.
#[derive(Clone, Debug)]
pub(super) struct Best<S> {
    pub(super) x: Vec<S>,
    /// Its epoch; 0 if there is no evaluation yet.
    pub(super) epoch: usize,
    /// As in a descent: lower is better.
    pub(super) evaluation: f64,
    /// The evaluation that has to be improved on by enough, and how many have not done so.
    pub(super) mark: f64,
    pub(super) stale: usize,
}

#[derive(Debug, Default)]
struct LastEpoch {
    mean_value: f64,
    samples: usize,
    time: Duration,
}

impl<B: BatchObjective, R: UpdateRule<B::Scalar>> TrainingWalk<B, R> {
    /// Evaluates all samples at the start: a training that starts where something is not finite is a mistake.
    pub(super) fn new(
        training: Training,
        objective: B,
        rule: R,
        start: Vec<B::Scalar>,
    ) -> Result<Self, DescentError> {
        let mut walk = TrainingWalk::unevaluated(training, objective, rule, start)?;
        let trainee = &mut walk.trainee;
        trainee.evaluate(&mut walk.objective, &walk.order);
        if let Some(failure) = trainee.failure.take() {
            return Err(DescentError::Objective(failure));
        }
        trainee.start_value = trainee.value;
        let sign = B::Scalar::from_f64(if trainee.ascent { -1.0 } else { 1.0 });
        check_finite(sign * trainee.value, &trainee.gradient)?;
        Ok(walk)
    }

    /// A training whose start is taken on trust.
    pub(super) fn unevaluated(
        training: Training,
        objective: B,
        mut rule: R,
        start: Vec<B::Scalar>,
    ) -> Result<Self, DescentError> {
        training.check()?;
        check_start(objective.dim(), &start)?;
        let order: Vec<usize> = (0..objective.samples()).collect();
        if training.batches(order.len()) == 0 {
            return Err(DescentError::NoSamples);
        }
        let dim = start.len();
        let trainee = Trainee::at(start, training.ascent);
        rule.check(dim)?;
        rule.start(dim);
        let random = Random::new(training.seed);
        let kept = if training.early_stopping.is_some() { dim } else { 0 };
        Ok(TrainingWalk {
            objective,
            rule,
            order,
            progress: Progress {
                epochs: 0,
                batches: 0,
                random: random.clone(),
                sum: 0.0,
                epoch_samples: 0,
                iterations: 0,
                samples: 0,
                skipped: 0,
                skipped_in_a_row: 0,
            },
            best: Best {
                x: vec![B::Scalar::default(); kept],
                epoch: 0,
                evaluation: f64::INFINITY,
                mark: f64::INFINITY,
                stale: 0,
            },
            after_shuffle: random,
            shuffled: false,
            last_epoch: LastEpoch::default(),
            time: Duration::ZERO,
            ended: None,
            trainee,
            training,
            #[cfg(feature = "serde")]
            not_saved: None,
        })
    }

    /// Takes one step on the next batch, or says why there is none to take. After the end nothing moves any more.
    pub fn step(&mut self) -> ControlFlow<Termination> {
        if self.ended.is_none() {
            self.ended = self.reason_to_stop();
        }
        if let Some(reason) = self.ended {
            return ControlFlow::Break(reason);
        }
        let started = Instant::now();
        let all = self.order.len();
        if !self.shuffled {
            self.order.iter_mut().enumerate().for_each(|(k, sample)| *sample = k);
            self.after_shuffle = self.progress.random.clone();
            self.after_shuffle.shuffle(&mut self.order);
            self.shuffled = true;
        }
        let (size, progress) = (self.training.batch_size, &mut self.progress);
        let first = progress.batches * size;
        let batch = &self.order[first..all.min(first + size)];
        match self.trainee.step(&mut self.objective, &mut self.rule, batch) {
            Some(value) => {
                progress.sum += value.to_f64() * batch.len() as f64;
                progress.epoch_samples += batch.len();
                progress.samples += batch.len();
                progress.iterations += 1;
                progress.skipped_in_a_row = 0;
            }
            None if progress.skipped_in_a_row < self.training.skip_failures => {
                progress.skipped += 1;
                progress.skipped_in_a_row += 1;
            }
            None => {
                self.time += started.elapsed();
                self.ended = Some(Termination::NotFinite);
                return ControlFlow::Break(Termination::NotFinite);
            }
        }
        progress.batches += 1;
        if progress.batches == 1 {
            self.last_epoch.time = Duration::ZERO;
        }
        let time = started.elapsed();
        self.time += time;
        self.last_epoch.time += time;
        if progress.batches == self.training.batches(all) {
            self.last_epoch.mean_value = progress.sum / progress.epoch_samples as f64;
            self.last_epoch.samples = progress.epoch_samples;
            (progress.sum, progress.epoch_samples, progress.batches) = (0.0, 0, 0);
            progress.epochs += 1;
            progress.random = self.after_shuffle.clone();
            self.shuffled = false;
        }
        ControlFlow::Continue(())
    }

    /// Steps to the end of the epoch.
    pub fn epoch(&mut self) -> ControlFlow<Termination> {
        loop {
            self.step()?;
            if self.progress.batches == 0 {
                return ControlFlow::Continue(());
            }
        }
    }

    /// The last complete epoch, with the point as it is now.
    pub fn last_epoch(&self) -> Epoch<'_, B::Scalar> {
        let sign = if self.training.ascent { -1.0 } else { 1.0 };
        Epoch {
            number: self.progress.epochs,
            x: &self.trainee.x,
            mean_value: sign * self.last_epoch.mean_value,
            samples: self.last_epoch.samples,
            step_size: self.rule.step_size(),
            iterations: self.progress.iterations,
            skipped: self.progress.skipped,
            time: self.last_epoch.time,
        }
    }

    /// Says how good the point is, after an epoch: for [`Training::early_stopping`], and for rules that want to know, see
    /// [`UpdateRule::observe`].
    pub fn evaluate(&mut self, evaluation: Evaluation) {
        let evaluation = match evaluation {
            Evaluation::None => return,
            Evaluation::MeanValue => self.last_epoch.mean_value,
            Evaluation::Is(value) if self.training.ascent => -value,
            Evaluation::Is(value) => value,
        };
        self.rule.observe(evaluation);
        let Some(early) = self.training.early_stopping else { return };
        let best = &mut self.best;
        if evaluation < best.evaluation {
            best.x.copy_from_slice(&self.trainee.x);
            best.epoch = self.progress.epochs;
            best.evaluation = evaluation;
        }
        // Infinite before the first evaluation.
        let enough = if best.mark.is_finite() { early.improvement * best.mark.abs().max(1.0) } else { 0.0 };
        if evaluation < best.mark - enough {
            (best.mark, best.stale) = (evaluation, 0);
        } else {
            best.stale += 1;
        }
    }

    /// Ends the training here.
    pub fn stop(&mut self) {
        self.ended.get_or_insert(Termination::Stopped);
    }

    /// The current point.
    pub fn x(&self) -> &[B::Scalar] {
        &self.trainee.x
    }

    /// Complete epochs.
    pub fn epochs(&self) -> usize {
        self.progress.epochs
    }

    /// Steps taken, one per batch.
    pub fn iterations(&self) -> usize {
        self.progress.iterations
    }

    /// The point, evaluated over all samples, and why the training ended ([`Termination::Stopped`] if it has not).
    pub fn report(mut self) -> TrainingReport<B::Scalar> {
        let mut termination = self.ended.unwrap_or(Termination::Stopped);
        let best = self.best.epoch > 0;
        if best {
            self.trainee.x.copy_from_slice(&self.best.x);
        }
        self.order.sort_unstable();
        if !self.trainee.settle(&mut self.objective, &self.order) {
            termination = Termination::NotFinite;
        } else if termination == Termination::EpochsDone && self.trainee.value > self.trainee.start_value {
            termination = Termination::Diverged;
        }
        let ascent = self.training.ascent;
        let evaluation = if ascent { -self.best.evaluation } else { self.best.evaluation };
        TrainingReport {
            value: if ascent { -self.trainee.value } else { self.trainee.value },
            gradient_norm: max_norm(&self.trainee.gradient),
            x: self.trainee.x,
            best_epoch: best.then_some(self.best.epoch),
            best_evaluation: best.then_some(evaluation),
            epochs: self.progress.epochs,
            iterations: self.progress.iterations,
            samples: self.progress.samples,
            skipped: self.progress.skipped,
            failures: self.trainee.failures,
            failure: self.trainee.failure,
            time: self.time,
            termination,
            #[cfg(feature = "serde")]
            not_saved: self.not_saved,
        }
    }

    fn reason_to_stop(&self) -> Option<Termination> {
        let patience = self.training.early_stopping.map_or(usize::MAX, |early| early.patience);
        if self.progress.epochs >= self.training.epochs {
            Some(Termination::EpochsDone)
        } else if self.progress.batches == 0 && self.best.stale >= patience {
            Some(Termination::EarlyStopped)
        } else {
            None
        }
    }
}

#[cfg(feature = "serde")]
impl<B: BatchObjective, R: UpdateRule<B::Scalar>> TrainingWalk<B, R> {
    pub(super) fn training(&self) -> &Training {
        &self.training
    }

    pub(super) fn rule(&mut self) -> &mut R {
        &mut self.rule
    }

    pub(super) fn samples(&self) -> usize {
        self.order.len()
    }

    /// To go on from other progress: the order of the epoch has to be drawn again.
    pub(super) fn forget_order(&mut self) {
        self.shuffled = false;
    }

    pub(super) fn not_saved(&mut self, error: super::CheckpointError) {
        self.not_saved = Some(error);
        self.ended.get_or_insert(Termination::NotSaved);
    }
}

/// The point under training. A step is taken before the value behind it is known (the next batch will tell), so
/// the point before it is kept until then.
#[derive(Debug)]
pub(super) struct Trainee<S> {
    ascent: bool,
    pub(super) x: Vec<S>,
    value: S,
    gradient: Vec<S>,
    step: Vec<S>,
    /// The last point at which a batch was finite.
    pub(super) proven: Vec<S>,
    /// Finite over all samples.
    pub(super) start: Vec<S>,
    pub(super) start_value: S,
    /// Of batches, or of all samples.
    pub(super) failures: usize,
    /// The last one.
    failure: Option<Failure>,
}

impl<S: Scalar> Trainee<S> {
    fn at(start: Vec<S>, ascent: bool) -> Self {
        let dim = start.len();
        Trainee {
            ascent,
            x: start.clone(),
            value: S::default(),
            gradient: vec![S::default(); dim],
            step: vec![S::default(); dim],
            proven: start.clone(),
            start,
            start_value: S::default(),
            failures: 0,
            failure: None,
        }
    }

    /// Whether value and gradient at `x` are finite.
    fn evaluate<B: BatchObjective<Scalar = S>>(&mut self, objective: &mut B, batch: &[usize]) -> bool {
        self.value = objective.value_and_grad_batch_into(&self.x, batch, &mut self.gradient);
        if let Some(failure) = objective.failure() {
            self.failures += 1;
            self.failure = Some(failure);
            self.value = S::from_f64(f64::NAN);
        }
        if self.ascent {
            self.value = -self.value;
            self.gradient.iter_mut().for_each(|g| *g = -*g);
        }
        self.value.is_finite() && all_finite(&self.gradient)
    }

    /// One step on one batch, and the batch's value before it; `None` if something is not finite, and then the
    /// point is the last proven one.
    fn step<B, R>(&mut self, objective: &mut B, rule: &mut R, batch: &[usize]) -> Option<S>
    where
        B: BatchObjective<Scalar = S>,
        R: UpdateRule<S>,
    {
        if !self.evaluate(objective, batch) {
            self.x.copy_from_slice(&self.proven);
            return None;
        }
        self.proven.copy_from_slice(&self.x);
        rule.step_into(&self.x, &self.gradient, &mut self.step);
        for (x, &step) in self.x.iter_mut().zip(&self.step) {
            *x += step;
        }
        if !all_finite(&self.x) {
            self.x.copy_from_slice(&self.proven);
            return None;
        }
        Some(self.value)
    }

    /// Value and gradient over all samples; false if they are not finite at the last point, and then the point
    /// is an earlier one where they are.
    fn settle<B: BatchObjective<Scalar = S>>(&mut self, objective: &mut B, all: &[usize]) -> bool {
        if self.evaluate(objective, all) {
            return true;
        }
        self.x.copy_from_slice(&self.proven);
        if !self.evaluate(objective, all) {
            self.x.copy_from_slice(&self.start);
            self.evaluate(objective, all);
        }
        false
    }
}
