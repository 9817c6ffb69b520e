//! What `f::objective(constants…)` returns.
//!
//! Each constructor takes one closure: with `None` it returns the value, with a buffer it writes (not adds) the
//! gradient there as well. Where the function returns a `Result`, so does the closure.
//!
//! * The parameter is `&[f64]`, `&Vec<f64>`, `Vec<f64>` (or of `f32`): [`objective`], without copies.
//! * Anything else: [`objective_of`], over the owned form of the parameter.

use crate::objective::{Flat, Shaped};
use crate::{Differentiable, Fallible, Scalar};

/// An objective over a slice of floats.
///
/// ```text
/// objective(move |w: &[f64], w_bar: Option<&mut [f64]>| match w_bar {
///     None => loss(w, xs, ys),
///     Some(w_bar) => loss::grad_into(w, xs, ys, w_bar),
/// })
/// ```
#[inline]
pub fn objective<S, R, F>(function: F) -> Flat<S, F>
where
    S: Scalar,
    R: Fallible<S>,
    F: FnMut(&[S], Option<&mut [S]>) -> R,
{
    Flat::new(function)
}

/// An objective over parameters of another shape, given in their owned form `P` (`f64`, `[f64; 3]`,
/// `Vec<[f64; 3]>`, `(f64, Vec<f64>)`); `point` gives the shape: `Default::default()`, or zeros.
///
/// ```text
/// objective_of(0.0, move |x: &f64, x_bar: Option<&mut f64>| match x_bar {
///     None => f(*x, a),
///     Some(x_bar) => { let (value, grad) = f::value_and_grad(*x, a); *x_bar = grad; value }
/// })
/// ```
#[inline]
pub fn objective_of<S, P, R, F>(point: P, function: F) -> Shaped<S, P, F>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Option<&mut P::Tangent>) -> R,
{
    Shaped::new(point, function)
}
