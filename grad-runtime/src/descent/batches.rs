//! Objectives that are means over samples.

use std::marker::PhantomData;

use crate::Scalar;

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
}

/// A [`BatchObjective`] made of a closure: point, batch and gradient's buffer to value.
///
/// With an annotated `loss(w, data, batch)` that is
/// `batches(n, |w, batch, w_bar| loss::grad_into(w, &data, batch, w_bar))`.
pub fn batches<S, F>(samples: usize, value_and_grad_batch_into: F) -> BatchFn<S, F>
where
    S: Scalar,
    F: FnMut(&[S], &[usize], &mut [S]) -> S,
{
    BatchFn { samples, value_and_grad_batch_into, scalar: PhantomData }
}

/// See [`batches`].
#[derive(Clone, Debug)]
pub struct BatchFn<S, F> {
    samples: usize,
    value_and_grad_batch_into: F,
    scalar: PhantomData<fn() -> S>,
}

impl<S, F> BatchObjective for BatchFn<S, F>
where
    S: Scalar,
    F: FnMut(&[S], &[usize], &mut [S]) -> S,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn samples(&self) -> usize {
        self.samples
    }

    fn value_and_grad_batch_into(&mut self, x: &[S], batch: &[usize], gradient: &mut [S]) -> S {
        (self.value_and_grad_batch_into)(x, batch, gradient)
    }
}
