//! The rows of products.

use super::Float;
use crate::__private::matrix::{Bilinear, LinearIn};
use crate::__private::operators::Dot;
use ndarray::linalg::{general_mat_mul, general_mat_vec_mul};
use ndarray::{Array1, Array2, ArrayRef, Ix1, Ix2};

type One<T> = ArrayRef<T, Ix1>;
type Two<T> = ArrayRef<T, Ix2>;

impl<T: Float, D> LinearIn<ArrayRef<T, D>> for Dot {}

/// `y = ⟨a, b⟩ ⇒ ā += ȳ b, b̄ += ȳ a`
impl<T: Float> Bilinear<One<T>, One<T>> for Dot {
    type Y = T;

    #[inline]
    fn value(a: &One<T>, b: &One<T>) -> T {
        a.dot(b)
    }
    #[inline]
    fn left(b: &One<T>, seed: &T, to: &mut Array1<T>) {
        to.scaled_add(*seed, b);
    }
    #[inline]
    fn right(a: &One<T>, seed: &T, to: &mut Array1<T>) {
        to.scaled_add(*seed, a);
    }
}

/// `to += column · rowᵀ`
#[inline]
fn add_outer<T: Float>(to: &mut Array2<T>, column: &One<T>, row: &One<T>) {
    to.rows_mut().into_iter().zip(column).for_each(|(mut to, by)| to.scaled_add(*by, row));
}

/// `to += aᵀ x`
#[inline]
fn add_transposed<T: Float>(to: &mut Array1<T>, a: &Two<T>, x: &One<T>) {
    if a.is_standard_layout() {
        a.rows().into_iter().zip(x).for_each(|(row, by)| to.scaled_add(*by, &row));
    } else {
        general_mat_vec_mul(T::one(), &a.t(), x, T::one(), to);
    }
}

/// `y = a b ⇒ ā += ȳ bᵀ, b̄ += aᵀ ȳ`
impl<T: Float> Bilinear<Two<T>, One<T>> for Dot {
    type Y = Array1<T>;

    #[inline]
    fn value(a: &Two<T>, b: &One<T>) -> Array1<T> {
        a.dot(b)
    }
    #[inline]
    fn left(b: &One<T>, seed: &Array1<T>, to: &mut Array2<T>) {
        add_outer(to, seed, b);
    }
    #[inline]
    fn right(a: &Two<T>, seed: &Array1<T>, to: &mut Array1<T>) {
        add_transposed(to, a, seed);
    }
}

/// The same, of a row before a matrix.
impl<T: Float> Bilinear<One<T>, Two<T>> for Dot {
    type Y = Array1<T>;

    #[inline]
    fn value(a: &One<T>, b: &Two<T>) -> Array1<T> {
        a.dot(b)
    }
    #[inline]
    fn left(b: &Two<T>, seed: &Array1<T>, to: &mut Array1<T>) {
        general_mat_vec_mul(T::one(), b, seed, T::one(), to);
    }
    #[inline]
    fn right(a: &One<T>, seed: &Array1<T>, to: &mut Array2<T>) {
        add_outer(to, a, seed);
    }
}

impl<T: Float> Bilinear<Two<T>, Two<T>> for Dot {
    type Y = Array2<T>;

    #[inline]
    fn value(a: &Two<T>, b: &Two<T>) -> Array2<T> {
        a.dot(b)
    }
    #[inline]
    fn left(b: &Two<T>, seed: &Array2<T>, to: &mut Array2<T>) {
        general_mat_mul(T::one(), seed, &b.t(), T::one(), to);
    }
    #[inline]
    fn left_of(_: &Two<T>, b: &Two<T>, seed: &Array2<T>) -> Array2<T> {
        seed.dot(&b.t())
    }
    #[inline]
    fn right(a: &Two<T>, seed: &Array2<T>, to: &mut Array2<T>) {
        general_mat_mul(T::one(), &a.t(), seed, T::one(), to);
    }
}
