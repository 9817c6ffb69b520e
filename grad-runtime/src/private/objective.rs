//! What `f::objective(constants…)` returns.
//!
//! Each constructor takes one closure, which gets the point and an [`Ask`]: it returns the value, and writes (not adds) the
//! gradient or a product of the Hessian into a buffer if it is asked for. Where the function returns a `Result`, so does
//! the closure.
//!
//! * The parameter is `&[f64]`, `&Vec<f64>`, `Vec<f64>` (or of `f32`): [`objective`], without copies.
//! * Anything else: [`objective_of`], over the owned form of the parameter.

use crate::objective::{Flat, Shaped};
use crate::{Differentiable, Fallible, Scalar};

pub use crate::objective::Ask;

/// Of functions without second derivatives: no objective is asked for what it has not.
pub type NoProducts = std::convert::Infallible;

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
/// `Vec<[f64; 3]>`, `(f64, Vec<f64>)`); `point` gives the shape: `Default::default()`, or zeros.
///
/// ```text
/// objective_of(0.0, move |x: &f64, ask: Ask<'_, f64, NoProducts>| match ask {
///     Ask::Value => f(*x, a),
///     Ask::Gradient(x_bar) => { let (value, grad) = f::value_and_grad(*x, a); *x_bar = grad; value }
/// })
/// ```
#[inline]
pub fn objective_of<S, P, K, R, F>(point: P, function: F) -> Shaped<S, P, F, K>
where
    S: Scalar,
    P: Differentiable,
    R: Fallible<S>,
    F: FnMut(&P, Ask<'_, P::Tangent, K>) -> R,
{
    Shaped::new(point, function)
}
