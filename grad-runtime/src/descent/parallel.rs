//! The gradient of a batch, on all cores.

use std::marker::PhantomData;

use rayon::prelude::*;

use super::BatchObjective;
use crate::objective::number_or;
use crate::{Failure, Fallible, Scalar};

/// A [`BatchObjective`] as [`batches`](super::batches) makes it, computed on all threads of the `rayon` pool it is
/// called in. The closure may return a `Result`, as there.
///
/// A batch is cut into parts of consecutive samples, at most 64 of them and none shorter than eight samples
/// ([`shortest_part`](ParallelBatches::shortest_part)); the closure gets one part at a time. The cut depends on the
/// length of the batch alone, and the parts are added up in their order, so that the result is the same, bit for
/// bit, for any number of threads.
///
/// ```
/// use grad_runtime::descent::{Adam, Training, parallel_batches};
///
/// let samples: Vec<f64> = (0..1000).map(|k| f64::from(k % 7)).collect();
/// let mut fit = parallel_batches(samples.len(), |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     let n = batch.len() as f64;
///     gradient[0] = batch.iter().map(|&k| w[0] - samples[k]).sum::<f64>() / n;
///     batch.iter().map(|&k| 0.5 * (w[0] - samples[k]).powi(2)).sum::<f64>() / n
/// });
/// let report = Adam::new(0.1).train(&mut fit, vec![0.0], &Training::new(20, 200), |_| ())?;
/// assert!((report.x[0] - 3.0).abs() < 0.1);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
pub fn parallel_batches<S, R, F>(samples: usize, value_and_grad_batch_into: F) -> ParallelBatches<S, F>
where
    S: Scalar,
    R: Fallible<S>,
    F: Fn(&[S], &[usize], &mut [S]) -> R + Sync,
{
    ParallelBatches {
        samples,
        shortest: 8,
        value_and_grad_batch_into,
        results: Vec::new(),
        gradients: Vec::new(),
        failure: None,
        scalar: PhantomData,
    }
}

/// See [`parallel_batches`].
#[derive(Clone, Debug)]
pub struct ParallelBatches<S, F> {
    samples: usize,
    shortest: usize,
    value_and_grad_batch_into: F,
    /// Of each part, and the gradients one after the other.
    results: Vec<Result<S, Failure>>,
    gradients: Vec<S>,
    failure: Option<Failure>,
    scalar: PhantomData<fn() -> S>,
}

/// More parts keep more cores busy, and cost memory: a gradient each.
const PARTS: usize = 64;
/// Coordinates that are added up in one go.
const BLOCK: usize = 1024;

impl<S, F> ParallelBatches<S, F> {
    /// No part but the last of a batch has fewer samples; at least 1. Where a sample is much work, 1 is right.
    /// Default 8.
    #[must_use]
    pub fn shortest_part(self, samples: usize) -> Self {
        ParallelBatches { shortest: samples.max(1), ..self }
    }
}

impl<S, R, F> BatchObjective for ParallelBatches<S, F>
where
    S: Scalar,
    R: Fallible<S>,
    F: Fn(&[S], &[usize], &mut [S]) -> R + Sync,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn samples(&self) -> usize {
        self.samples
    }

    fn value_and_grad_batch_into(&mut self, x: &[S], batch: &[usize], gradient: &mut [S]) -> S {
        let length = batch.len().div_ceil(PARTS).max(self.shortest);
        let parts = batch.len().div_ceil(length);
        if parts <= 1 {
            let result = (self.value_and_grad_batch_into)(x, batch, gradient).into_result();
            return number_or(&mut self.failure, result);
        }
        let dim = gradient.len();
        // Once, as long as no batch is longer than those before.
        if self.gradients.len() < parts * dim || self.results.len() < parts {
            self.gradients.resize(parts * dim, S::default());
            self.results.resize(parts, Ok(S::default()));
        }
        let (results, gradients) = (&mut self.results[..parts], &mut self.gradients[..parts * dim]);
        let of_part = &self.value_and_grad_batch_into;
        if dim == 0 {
            results
                .par_iter_mut()
                .zip(batch.par_chunks(length))
                .for_each(|(result, part)| *result = of_part(x, part, &mut []).into_result());
        } else {
            results
                .par_iter_mut()
                .zip(gradients.par_chunks_mut(dim))
                .zip(batch.par_chunks(length))
                .for_each(|((result, gradient), part)| *result = of_part(x, part, gradient).into_result());
        }
        // The first in order, so that it is the same for any number of threads.
        if let Some(failure) = results.iter().find_map(|result| result.as_ref().err()) {
            self.failure = Some(failure.clone());
            return S::from_f64(f64::NAN);
        }

        // Means of parts add up to the mean with these weights; all but the last are the same.
        let weight = |part: usize| {
            let samples = length.min(batch.len() - part * length);
            S::from_f64(samples as f64 / batch.len() as f64)
        };
        gradient.par_chunks_mut(BLOCK).enumerate().for_each(|(block, sums)| {
            sums.fill(S::default());
            for part in 0..parts {
                let (weight, first) = (weight(part), part * dim + block * BLOCK);
                for (sum, &g) in sums.iter_mut().zip(&gradients[first..]) {
                    *sum += weight * g;
                }
            }
        });
        let values = results.iter().flatten().enumerate();
        values.fold(S::default(), |sum, (part, &value)| sum + weight(part) * value)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}
