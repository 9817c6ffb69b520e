//! What `f::objective(constants…)` and `f::residuals(constants…)` return.
//!
//! Each constructor takes one closure, which gets the point and what is asked for, an [`Ask`] or a [`Wanted`]: it returns the
//! value, and writes (not adds) a gradient, a product of the Hessian, residuals or their Jacobian into a buffer if it is asked
//! for. Where the function returns a `Result`, so does the closure.
//!
//! * One parameter, `&[f64]`, `&Vec<f64>`, `Vec<f64>` (or of `f32`): [`objective`], [`residuals`], without copies.
//! * Anything else: [`objective_of`], [`residuals_of`], over the owned form of the parameter, or of several as a tuple.

use super::jacobian::Entries;
use crate::objective::{Flat, Shaped, number_or};
use crate::residuals::{FlatResiduals, ShapedResiduals};
use crate::{Differentiable, Failure, Fallible, Scalar};
use alloc::vec::Vec;

pub use crate::objective::{Ask, KeptShape};
pub use crate::residuals::{KeptResiduals, KeptShapedResiduals, Wanted};

/// Of functions without second derivatives: no objective is asked for what it has not.
pub type NoProducts = core::convert::Infallible;

/// An objective over a slice of floats.
///
/// ```text
/// objective(move |w: &[f64], ask: Ask<'_, [f64], NoProducts>| match ask {
///     Ask::Value => loss(w, xs, ys),
///     Ask::Gradient(w_bar) => loss::grad_into(w, xs, ys, w_bar),
/// })
/// ```
///
/// With second derivatives:
///
/// ```text
/// objective(move |w: &[f64], ask: Ask<'_, [f64], ()>| match ask {
///     Ask::Value => …, Ask::Gradient(w_bar) => …,
///     Ask::Product(w_dot, w_bar_dot, ()) => { w_bar_dot.copy_from_slice(&loss::hvp(w, xs, ys, w_dot).1); 0.0 }
/// })
/// ```
#[inline]
pub fn objective<S, K, R, F>(function: F) -> Flat<S, F, K>
where
    S: Scalar,
    R: Fallible<S>,
    F: FnMut(&[S], Ask<'_, [S], K>) -> R,
{
    Flat::new(function)
}

/// An objective over parameters of another shape, given in their owned form `P` (`f64`, `[f64; 3]`,
/// `Vec<[f64; 3]>`, `(f64, Vec<f64>)`, a struct); `point` gives the shape as far as the type tells: zeros.
///
/// ```text
/// objective_of(Some(0.0), move |x: &f64, ask: Ask<'_, f64, NoProducts>| match ask {
///     Ask::Value => f(*x, a),
///     Ask::Gradient(x_bar) => { let (value, grad) = f::value_and_grad(*x, a); *x_bar = grad; value }
/// })
/// ```
#[inline]
pub fn objective_of<S, P, K, R, F>(point: Option<P>, function: F) -> Shaped<S, P, F, K>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, K>) -> R,
{
    Shaped::new(point, function)
}

/// What an objective over a slice keeps, that is made of a closure in place: why the last evaluation failed.
#[derive(Clone, Debug, Default)]
pub struct KeptFailure(Option<Failure>);

impl KeptFailure {
    /// The number, or NaN with the failure kept.
    pub fn value<S: Scalar>(&mut self, result: impl Fallible<S>) -> S {
        number_or(&mut self.0, result.into_result())
    }

    /// Why the last evaluation failed.
    pub fn failure(&mut self) -> Option<Failure> {
        self.0.take()
    }
}

/// Residuals that are functions of a slice of floats.
#[inline]
pub fn residuals<S, R, F>(function: F) -> FlatResiduals<S, F>
where
    S: Scalar,
    R: Fallible<()>,
    F: FnMut(&[S], Wanted<'_, S>) -> R,
{
    FlatResiduals::new(function)
}

/// Residuals that are functions of parameters of another shape, see [`objective_of`].
#[inline]
pub fn residuals_of<S, P, R, F>(point: Option<P>, function: F) -> ShapedResiduals<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<()>,
    F: FnMut(&P, Wanted<'_, S>) -> R,
{
    ShapedResiduals::new(point, function)
}

/// Writes the floats of what a function returned.
#[inline]
pub fn write_residuals<S: Scalar>(returned: &impl Differentiable, into: &mut Vec<S>) {
    into.clear();
    into.resize(returned.dim(), S::default());
    returned.flatten_into(into);
}

/// Writes a block of a Jacobian, one row for every float of a result of the form `R`, to the columns from `column` on of a
/// matrix that has `width` of them; returns the column behind.
///
/// # Panics
/// If the matrix has another number of rows.
#[inline]
pub fn write_rows<R: Entries, G: Differentiable, S: Scalar>(
    mut rows: R::Rows<G>,
    into: &mut [S],
    width: usize,
    column: usize,
) -> usize {
    let count = R::count_rows(&rows);
    assert!(into.len() == count * width, "a Jacobian of {count} rows, with room for {} numbers", into.len());
    let mut behind = column;
    for (at, row) in into.chunks_exact_mut(width.max(1)).enumerate() {
        behind = column + R::row(&mut rows, at).flatten_into(&mut row[column..]);
    }
    behind
}
