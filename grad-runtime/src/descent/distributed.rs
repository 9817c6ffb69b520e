//! The gradient of a batch, on several machines.

use std::ops::Range;

use mpi::collective::SystemOperation;
use mpi::traits::{Communicator, CommunicatorCollectives};

use super::BatchObjective;
use crate::{Failure, Scalar};

/// The samples of this process: each of the communicator's processes has a range of them, all of about one length.
/// Only these need to be loaded.
pub fn share(communicator: &impl Communicator, samples: usize) -> Range<usize> {
    let number = |n: i32| usize::try_from(n).expect("MPI counts processes from 0");
    range(number(communicator.rank()), number(communicator.size()), samples)
}

/// The first ranges are longer by one where the samples do not divide.
fn range(rank: usize, size: usize, samples: usize) -> Range<usize> {
    let first = |rank: usize| samples / size * rank + (samples % size).min(rank);
    first(rank)..first(rank + 1)
}

/// A [`BatchObjective`] over the samples of all processes of an MPI communicator.
///
/// Every process runs the same training, with the same start and seed, and names the samples of a batch by the same
/// numbers; the objective it gives is asked for those in its [`share`] alone. Values and gradients are added up with
/// one all-reduce a batch, in `f64`, so that all processes take the same steps. The sum differs from that of one
/// process by rounding, and may do so from one number of processes to another.
///
/// Where the objective of one process fails, the value is NaN for all; that process has the [`Failure`].
///
/// The program is started by `mpirun`; see `examples/distributed.rs`. The processes wait for each other at each
/// batch: one that ends early, or never begins, leaves the others waiting.
pub fn distributed<B: BatchObjective, C: CommunicatorCollectives>(
    objective: B,
    communicator: &C,
) -> Distributed<'_, B, C> {
    let share = share(communicator, objective.samples());
    Distributed {
        objective,
        communicator,
        share,
        failure: None,
        mine: Vec::new(),
        sums: Vec::new(),
        all_sums: Vec::new(),
    }
}

/// See [`distributed`].
#[derive(Debug)]
pub struct Distributed<'c, B, C> {
    objective: B,
    communicator: &'c C,
    share: Range<usize>,
    failure: Option<Failure>,
    /// The samples of the batch that are in the share.
    mine: Vec<usize>,
    /// The sums of the gradient's coordinates and of the values over these, and over the whole batch.
    sums: Vec<f64>,
    all_sums: Vec<f64>,
}

impl<B: BatchObjective, C: CommunicatorCollectives> BatchObjective for Distributed<'_, B, C> {
    type Scalar = B::Scalar;

    fn dim(&self) -> Option<usize> {
        self.objective.dim()
    }

    fn samples(&self) -> usize {
        self.objective.samples()
    }

    fn value_and_grad_batch_into(
        &mut self,
        x: &[B::Scalar],
        batch: &[usize],
        gradient: &mut [B::Scalar],
    ) -> B::Scalar {
        self.mine.clear();
        self.mine.reserve(self.share.len());
        self.mine.extend(batch.iter().filter(|sample| self.share.contains(sample)));
        self.sums.clear();
        self.sums.resize(x.len() + 1, 0.0);
        self.all_sums.resize(x.len() + 1, 0.0);
        if !self.mine.is_empty() {
            let value = self.objective.value_and_grad_batch_into(x, &self.mine, gradient);
            let samples = self.mine.len() as f64;
            for (sum, g) in self.sums.iter_mut().zip(&*gradient) {
                *sum = samples * g.to_f64();
            }
            self.sums[x.len()] = samples * value.to_f64();
            self.failure = self.objective.failure();
            if self.failure.is_some() {
                self.sums.fill(f64::NAN);
            }
        }
        self.communicator.all_reduce_into(&self.sums[..], &mut self.all_sums[..], SystemOperation::sum());
        let samples = batch.len() as f64;
        for (g, sum) in gradient.iter_mut().zip(&self.all_sums) {
            *g = B::Scalar::from_f64(sum / samples);
        }
        B::Scalar::from_f64(self.all_sums[x.len()] / samples)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn the_shares_are_all_samples_and_differ_by_one_at_most() {
        for (size, samples) in [(1, 0), (1, 7), (2, 7), (3, 7), (7, 7), (9, 7), (4, 20_000)] {
            let shares: Vec<_> = (0..size).map(|rank| range(rank, size, samples)).collect();
            assert_eq!(
                shares.iter().cloned().flatten().collect::<Vec<_>>(),
                (0..samples).collect::<Vec<_>>()
            );
            let lengths = || shares.iter().map(ExactSizeIterator::len);
            assert!(lengths().max().unwrap() - lengths().min().unwrap() <= 1, "{shares:?}");
        }
    }
}
