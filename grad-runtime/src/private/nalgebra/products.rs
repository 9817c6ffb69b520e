//! Sums and products of the numbers of matrices, column by column, that add to what is there.

use super::Float;
use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

/// `to += by · from`
#[inline]
#[track_caller]
pub(super) fn add_scaled<T: Float>(to: &mut [T], by: T, from: &[T]) {
    check_lengths(to.len(), from.len());
    for (to, from) in to.iter_mut().zip(from) {
        *to += by * *from;
    }
}

/// ⟨a, b⟩, in as many sums side by side as the widest vectors of a processor take twice: nalgebra's has fewer.
#[inline]
#[track_caller]
pub(super) fn inner<T: Float>(a: &[T], b: &[T]) -> T {
    const WIDTH: usize = 16;
    check_lengths(a.len(), b.len());
    let (a, a_rest) = a.as_chunks::<WIDTH>();
    let (b, b_rest) = b.as_chunks::<WIDTH>();
    let mut sums = [T::zero(); WIDTH];
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += *a * *b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| *a * *b);
    sums.into_iter().chain(rest).fold(T::zero(), |sum, term| sum + term)
}

#[inline]
#[track_caller]
fn check_lengths(to: usize, from: usize) {
    assert!(to == from, "a cotangent of {from} numbers does not fit its buffer of {to}");
}

/// From how many on, in each dimension, a product is nalgebra's own, which works in blocks.
const BLOCKS: usize = 8;

/// `to += y bᵀ`, of m × n: `y` is m × k, `b` n × k.
#[inline]
#[track_caller]
pub(super) fn add_left_factor<T: Float>(to: &mut [T], y: &[T], b: &[T], (m, n, k): (usize, usize, usize)) {
    check_lengths(to.len(), m * n);
    check_lengths(y.len(), m * k);
    check_lengths(b.len(), n * k);
    if m.min(n).min(k) >= BLOCKS {
        let b = DMatrixView::from_slice_with_strides_generic(b, Dyn(k), Dyn(n), Dyn(n), Dyn(1));
        let y = DMatrixView::from_slice(y, m, k);
        DMatrixViewMut::from_slice(to, m, n).gemm(T::one(), &y, &b, T::one());
        return;
    }
    for j in 0..n {
        let to = &mut to[j * m..(j + 1) * m];
        for l in 0..k {
            let by = b[l * n + j];
            for (to, y) in to.iter_mut().zip(&y[l * m..(l + 1) * m]) {
                *to += *y * by;
            }
        }
    }
}

/// `to += aᵀ y`, of n × k: `a` is m × n, `y` m × k.
#[inline]
#[track_caller]
pub(super) fn add_right_factor<T: Float>(to: &mut [T], a: &[T], y: &[T], (m, n, k): (usize, usize, usize)) {
    check_lengths(to.len(), n * k);
    check_lengths(a.len(), m * n);
    check_lengths(y.len(), m * k);
    if m.min(n).min(k) >= BLOCKS {
        let a = DMatrixView::from_slice_with_strides_generic(a, Dyn(n), Dyn(m), Dyn(m), Dyn(1));
        let y = DMatrixView::from_slice(y, m, k);
        DMatrixViewMut::from_slice(to, n, k).gemm(T::one(), &a, &y, T::one());
        return;
    }
    for l in 0..k {
        let y = &y[l * m..(l + 1) * m];
        for j in 0..n {
            to[l * n + j] += inner(&a[j * m..(j + 1) * m], y);
        }
    }
}

/// `to += a y`, of m × n: `a` is m × k, `y` k × n.
#[inline]
#[track_caller]
pub(super) fn add_product<T: Float>(to: &mut [T], a: &[T], y: &[T], (m, n, k): (usize, usize, usize)) {
    check_lengths(to.len(), m * n);
    check_lengths(a.len(), m * k);
    check_lengths(y.len(), k * n);
    let (a, y) = (DMatrixView::from_slice(a, m, k), DMatrixView::from_slice(y, k, n));
    DMatrixViewMut::from_slice(to, m, n).gemm(T::one(), &a, &y, T::one());
}
