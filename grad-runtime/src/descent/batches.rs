//! Objectives that are means over samples.

use std::marker::PhantomData;

use crate::objective::number_or;
use crate::{Failure, Fallible, Objective, Scalar};

/// A mean over samples, to be minimised on a few of them at a time.
pub trait BatchObjective {
    /// `f32` or `f64`.
    type Scalar: Scalar;

    /// The number of coordinates, or `None` if points of any length will do.
    fn dim(&self) -> Option<usize>;

    /// How many samples there are.
    fn samples(&self) -> usize;

    /// The mean over the batch of the samples' values at `x`, with its gradient written (not added) to
    /// `gradient`. The batch names samples by number, each below [`samples`](Self::samples), and is not empty.
    fn value_and_grad_batch_into(
        &mut self,
        x: &[Self::Scalar],
        batch: &[usize],
        gradient: &mut [Self::Scalar],
    ) -> Self::Scalar;

    /// Why the last evaluation failed, if it did, see [`Objective::failure`]. A training treats a batch that fails like
    /// one that is not finite.
    fn failure(&mut self) -> Option<Failure> {
        None
    }
}

impl<B: BatchObjective + ?Sized> BatchObjective for &mut B {
    type Scalar = B::Scalar;

    fn dim(&self) -> Option<usize> {
        (**self).dim()
    }

    fn samples(&self) -> usize {
        (**self).samples()
    }

    fn value_and_grad_batch_into(
        &mut self,
        x: &[B::Scalar],
        batch: &[usize],
        gradient: &mut [B::Scalar],
    ) -> B::Scalar {
        (**self).value_and_grad_batch_into(x, batch, gradient)
    }

    fn failure(&mut self) -> Option<Failure> {
        (**self).failure()
    }
}

/// A [`BatchObjective`] made of a closure: point, batch and gradient's buffer to value, or to a `Result` of it.
///
/// With an annotated `loss(w, data, batch)` that is
/// `batches(n, |w, batch, w_bar| loss::grad_into(w, &data, batch, w_bar))`.
pub fn batches<S, R, F>(samples: usize, value_and_grad_batch_into: F) -> BatchFn<S, F>
where
    S: Scalar,
    R: Fallible<S>,
    F: FnMut(&[S], &[usize], &mut [S]) -> R,
{
    BatchFn { samples, value_and_grad_batch_into, failure: None, scalar: PhantomData }
}

/// See [`batches`].
#[derive(Clone, Debug)]
pub struct BatchFn<S, F> {
    samples: usize,
    value_and_grad_batch_into: F,
    failure: Option<Failure>,
    scalar: PhantomData<fn() -> S>,
}

impl<S, R, F> BatchObjective for BatchFn<S, F>
where
    S: Scalar,
    R: Fallible<S>,
    F: FnMut(&[S], &[usize], &mut [S]) -> R,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn samples(&self) -> usize {
        self.samples
    }

    fn value_and_grad_batch_into(&mut self, x: &[S], batch: &[usize], gradient: &mut [S]) -> S {
        let result = (self.value_and_grad_batch_into)(x, batch, gradient).into_result();
        number_or(&mut self.failure, result)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

/// The mean over all samples, as an objective for the methods that need the whole: line searches, L-BFGS.
///
/// ```
/// use grad_runtime::descent::{GradientDescent, batches, full_batch};
///
/// let samples = [1.0, 2.0, 6.0];
/// let fit = batches(3, |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     gradient[0] = batch.iter().map(|&k| w[0] - samples[k]).sum::<f64>() / batch.len() as f64;
///     batch.iter().map(|&k| 0.5 * (w[0] - samples[k]).powi(2)).sum::<f64>() / batch.len() as f64
/// });
/// let report = GradientDescent::new(0.5).minimize(&mut full_batch(fit), vec![0.0])?;
/// assert!((report.x[0] - 3.0).abs() < 1e-5);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
///
/// # Panics
/// If there are no samples.
pub fn full_batch<B: BatchObjective>(objective: B) -> FullBatch<B> {
    let samples = objective.samples();
    assert!(samples > 0, "there are no samples to take the mean over");
    FullBatch { objective, all: (0..samples).collect(), unused: Vec::new() }
}

/// See [`full_batch`].
#[derive(Clone, Debug)]
pub struct FullBatch<B: BatchObjective> {
    objective: B,
    all: Vec<usize>,
    /// The gradient, where nobody asks for it.
    unused: Vec<B::Scalar>,
}

impl<B: BatchObjective> Objective for FullBatch<B> {
    type Scalar = B::Scalar;

    fn dim(&self) -> Option<usize> {
        self.objective.dim()
    }

    fn value(&mut self, x: &[B::Scalar]) -> B::Scalar {
        self.unused.resize(x.len(), B::Scalar::default());
        self.objective.value_and_grad_batch_into(x, &self.all, &mut self.unused)
    }

    fn value_and_grad_into(&mut self, x: &[B::Scalar], gradient: &mut [B::Scalar]) -> B::Scalar {
        self.objective.value_and_grad_batch_into(x, &self.all, gradient)
    }

    fn failure(&mut self) -> Option<Failure> {
        self.objective.failure()
    }
}
