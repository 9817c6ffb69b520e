//! Training: epochs of shuffled mini-batches.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use super::walk::{check_finite, check_start};
use super::{BatchObjective, DescentError, Random, Termination, TrainingReport, UpdateRule};
use crate::scalar::{Scalar, all_finite, max_norm};

/// How samples are presented: each epoch goes through all of them once, in a new random order, a batch at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    epochs: usize,
    batch_size: usize,
    seed: u64,
    drop_last: bool,
}

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
    /// How long the epoch took.
    pub time: Duration,
}

impl Training {
    /// So many epochs over batches of so many samples; the last batch of an epoch may be smaller. Seed 0.
    pub fn new(epochs: usize, batch_size: usize) -> Self {
        Training { epochs, batch_size, seed: 0, drop_last: false }
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

    /// Trains with any update rule. Never panics, unless the objective or the callback does.
    pub fn run<B, R>(
        &self,
        objective: &mut B,
        rule: &mut R,
        start: Vec<B::Scalar>,
        mut after_epoch: impl FnMut(&Epoch<'_, B::Scalar>) -> ControlFlow<()>,
    ) -> Result<TrainingReport<B::Scalar>, DescentError>
    where
        B: BatchObjective,
        R: UpdateRule<B::Scalar> + ?Sized,
    {
        if self.batch_size == 0 {
            return Err(DescentError::InvalidSetting {
                name: "batch_size",
                value: 0.0,
                expected: "at least 1",
            });
        }
        check_start(objective.dim(), &start)?;
        let mut order: Vec<usize> = (0..objective.samples()).collect();
        if order.is_empty() || (self.drop_last && order.len() < self.batch_size) {
            return Err(DescentError::NoSamples);
        }

        let mut random = Random::new(self.seed);
        let mut trainee = Trainee::new(objective, start, &order)?;
        let start_value = trainee.value;
        rule.start(trainee.x.len());
        let mut termination = Termination::EpochsDone;
        let mut report = TrainingReport {
            x: Vec::new(),
            value: B::Scalar::default(),
            gradient_norm: 0.0,
            epochs: 0,
            iterations: 0,
            samples: 0,
            time: Duration::ZERO,
            termination,
        };
        for number in 1..=self.epochs {
            let started = Instant::now();
            let (mut sum, mut samples) = (0.0, 0);
            random.shuffle(&mut order);
            for batch in order.chunks(self.batch_size) {
                if self.drop_last && batch.len() < self.batch_size {
                    break;
                }
                let Some(value) = trainee.step(objective, rule, batch) else {
                    termination = Termination::NotFinite;
                    break;
                };
                sum += value.to_f64() * batch.len() as f64;
                samples += batch.len();
                report.iterations += 1;
            }
            let time = started.elapsed();
            report.time += time;
            report.samples += samples;
            if termination == Termination::NotFinite {
                break;
            }
            report.epochs = number;
            let mean_value = sum / samples as f64;
            if after_epoch(&Epoch { number, x: &trainee.x, mean_value, samples, time }).is_break() {
                termination = Termination::Stopped;
                break;
            }
        }

        order.sort_unstable();
        if !trainee.settle(objective, &order) {
            termination = Termination::NotFinite;
        } else if termination == Termination::EpochsDone && trainee.value > start_value {
            termination = Termination::Diverged;
        }
        report.value = trainee.value;
        report.gradient_norm = max_norm(&trainee.gradient);
        report.x = trainee.x;
        report.termination = termination;
        Ok(report)
    }
}

/// The point under training. A step is taken before the value behind it is known (the next batch will tell), so
/// the point before it is kept until then.
struct Trainee<S> {
    x: Vec<S>,
    value: S,
    gradient: Vec<S>,
    step: Vec<S>,
    /// The last point at which a batch was finite.
    proven: Vec<S>,
    /// Finite over all samples.
    start: Vec<S>,
}

impl<S: Scalar> Trainee<S> {
    /// Evaluates all samples at the start: a training that starts where something is not finite is a mistake.
    fn new<B: BatchObjective<Scalar = S>>(
        objective: &mut B,
        start: Vec<S>,
        all: &[usize],
    ) -> Result<Self, DescentError> {
        let dim = start.len();
        let mut trainee = Trainee {
            x: start.clone(),
            value: S::default(),
            gradient: vec![S::default(); dim],
            step: vec![S::default(); dim],
            proven: start.clone(),
            start,
        };
        trainee.evaluate(objective, all);
        check_finite(trainee.value, &trainee.gradient)?;
        Ok(trainee)
    }

    /// Whether value and gradient at `x` are finite.
    fn evaluate<B: BatchObjective<Scalar = S>>(&mut self, objective: &mut B, batch: &[usize]) -> bool {
        self.value = objective.value_and_grad_batch_into(&self.x, batch, &mut self.gradient);
        self.value.is_finite() && all_finite(&self.gradient)
    }

    /// One step on one batch, and the batch's value before it; `None` if something is not finite, and then the
    /// point is the last proven one.
    fn step<B, R>(&mut self, objective: &mut B, rule: &mut R, batch: &[usize]) -> Option<S>
    where
        B: BatchObjective<Scalar = S>,
        R: UpdateRule<S> + ?Sized,
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
