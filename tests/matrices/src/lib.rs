//! Functions of matrices: the tests are in `tests/`, and here what they share, and the page of the book.

#![cfg(feature = "nalgebra")]

use grad::grad;
use nalgebra::DMatrix;

/// All elements, each by a weight of its own, and squared: a product of the Hessian sees every second derivative.
#[grad(second)]
pub fn weighed(m: &DMatrix<f64>) -> f64 {
    let mut sum = 0.0;
    for k in 0..m.len() {
        sum += m[k] * (1.0 + 0.3 * k as f64) + m[k] * m[k];
    }
    sum
}

#[cfg(all(doctest, feature = "glam", feature = "ndarray"))]
#[doc = include_str!("../../../docs/matrices.md")]
struct Matrices;
