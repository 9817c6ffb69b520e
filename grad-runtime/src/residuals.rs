//! Residuals, whose squares are to be summed and minimised.

use std::marker::PhantomData;

use crate::{Failure, Fallible, Scalar};

/// Residuals r: ℝⁿ → ℝᵐ with their Jacobian, for least squares.
///
/// [`from_residuals`] makes them of two closures; a type of your own can implement it.
pub trait Residuals {
    /// `f32` or `f64`.
    type Scalar: Scalar;

    /// The number n of coordinates, or `None` if points of any length will do.
    fn dim(&self) -> Option<usize>;

    /// The number m of residuals.
    fn count(&self) -> usize;

    /// Writes r(x), m numbers.
    fn residuals_into(&mut self, x: &[Self::Scalar], residuals: &mut [Self::Scalar]);

    /// Writes (not adds) the Jacobian, m·n numbers, row by row: row i is ∇rᵢ(x).
    fn jacobian_into(&mut self, x: &[Self::Scalar], jacobian: &mut [Self::Scalar]);

    /// Why the last evaluation failed, if it did, see [`Objective::failure`](crate::Objective::failure).
    fn failure(&mut self) -> Option<Failure> {
        None
    }
}

impl<R: Residuals + ?Sized> Residuals for &mut R {
    type Scalar = R::Scalar;

    fn dim(&self) -> Option<usize> {
        (**self).dim()
    }

    fn count(&self) -> usize {
        (**self).count()
    }

    fn residuals_into(&mut self, x: &[R::Scalar], residuals: &mut [R::Scalar]) {
        (**self).residuals_into(x, residuals);
    }

    fn jacobian_into(&mut self, x: &[R::Scalar], jacobian: &mut [R::Scalar]) {
        (**self).jacobian_into(x, jacobian);
    }

    fn failure(&mut self) -> Option<Failure> {
        (**self).failure()
    }
}

/// Residuals made of two closures: the first writes the `count` residuals at a point, the second their Jacobian, row
/// by row. Each may return a `Result<(), _>` instead of nothing: a point where it is an error is not accepted.
///
/// ```
/// use grad_runtime::{Residuals, from_residuals};
///
/// // A line through three points.
/// let mut line = from_residuals(
///     3,
///     |x: &[f64], r: &mut [f64]| (0..3).for_each(|i| r[i] = x[0] + x[1] * i as f64 - [1.0, 3.0, 4.0][i]),
///     |_: &[f64], jacobian: &mut [f64]| jacobian.copy_from_slice(&[1.0, 0.0, 1.0, 1.0, 1.0, 2.0]),
/// );
/// let mut r = [0.0; 3];
/// line.residuals_into(&[1.0, 2.0], &mut r);
/// assert_eq!(r, [0.0, 0.0, 1.0]);
/// ```
pub fn from_residuals<S, A, F, B, J>(
    count: usize,
    residuals_into: F,
    jacobian_into: J,
) -> FromResiduals<S, F, J>
where
    S: Scalar,
    A: Fallible<()>,
    F: FnMut(&[S], &mut [S]) -> A,
    B: Fallible<()>,
    J: FnMut(&[S], &mut [S]) -> B,
{
    FromResiduals { count, residuals_into, jacobian_into, failure: None, scalar: PhantomData }
}

/// See [`from_residuals`].
#[derive(Clone, Debug)]
pub struct FromResiduals<S, F, J> {
    count: usize,
    residuals_into: F,
    jacobian_into: J,
    failure: Option<Failure>,
    scalar: PhantomData<fn() -> S>,
}

impl<S, A, F, B, J> Residuals for FromResiduals<S, F, J>
where
    S: Scalar,
    A: Fallible<()>,
    F: FnMut(&[S], &mut [S]) -> A,
    B: Fallible<()>,
    J: FnMut(&[S], &mut [S]) -> B,
{
    type Scalar = S;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn count(&self) -> usize {
        self.count
    }

    fn residuals_into(&mut self, x: &[S], residuals: &mut [S]) {
        self.failure = (self.residuals_into)(x, residuals).into_result().err();
    }

    fn jacobian_into(&mut self, x: &[S], jacobian: &mut [S]) {
        self.failure = (self.jacobian_into)(x, jacobian).into_result().err();
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}
