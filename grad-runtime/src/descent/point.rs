//! A point, with what is known there.

use crate::Scalar;
use crate::norms::max_norm;

/// A point with the value and the gradient there. Methods see a minimisation: in an ascent these are those of −f.
#[derive(Clone, Debug, PartialEq)]
pub struct Point<S> {
    /// The coordinates.
    pub x: Vec<S>,
    /// f(x).
    pub value: S,
    /// ∇f(x).
    pub gradient: Vec<S>,
    /// The measure of the first-order test: ‖∇f(x)‖∞, or what the [`Method`](super::Method) has in its place.
    /// Infinite or NaN if a coordinate of the gradient is.
    pub gradient_norm: f64,
}

impl<S: Scalar> Point<S> {
    /// A point at which nothing is known yet.
    pub fn new(x: Vec<S>) -> Self {
        let gradient = vec![S::default(); x.len()];
        Point { x, value: S::default(), gradient, gradient_norm: f64::NAN }
    }

    /// Whether value and gradient are finite.
    pub fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient_norm.is_finite()
    }

    pub(crate) fn measure(&mut self) {
        self.gradient_norm = max_norm(&self.gradient);
    }
}
