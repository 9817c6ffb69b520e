//! The factorisation of Cholesky backwards: from the cotangent of the factor to that of the half of the matrix that is read.
//!
//! Of small matrices column by column, of large ones in blocks of columns, of which most of the work is products of matrices
//! (I. Murray, Differentiation of the Cholesky decomposition, 2016).

use super::Float;
use super::products::{add_scaled, inner};
use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

/// How many columns are in a block.
const BLOCK: usize = 32;

/// `bar`, of which the lower half is the cotangent of the n × n factor `l`, becomes that of the matrix.
pub(super) fn backwards<T: Float>(l: &[T], bar: &mut [T], n: usize) {
    if n < 2 * BLOCK {
        by_columns(l, bar, n);
        return;
    }
    let mut end = n;
    while end > 0 {
        let start = end.saturating_sub(BLOCK);
        let (before, columns) = bar.split_at_mut(start * n);
        block(l, before, &mut columns[..(end - start) * n], n, start, end);
        end = start;
    }
}

fn by_columns<T: Float>(l: &[T], bar: &mut [T], n: usize) {
    for j in (0..n).rev() {
        let below = j * n + j + 1..(j + 1) * n;
        let diagonal = l[j * n + j];
        let (before, from_j) = bar.split_at_mut(j * n);
        let (of_diagonal, of_column) = from_j[j..n].split_first_mut().expect("a column has a diagonal");
        *of_diagonal -= inner(&l[below], of_column) / diagonal;
        *of_diagonal /= diagonal;
        of_column.iter_mut().for_each(|bar| *bar /= diagonal);
        for k in 0..j {
            let (row, column) = (l[k * n + j], &l[k * n + j + 1..(k + 1) * n]);
            let (of_row, of_before) =
                before[k * n + j..(k + 1) * n].split_first_mut().expect("it goes to the last row");
            *of_row -= *of_diagonal * row + inner(column, of_column);
            add_scaled(of_before, -row, of_column);
        }
        *of_diagonal /= T::one() + T::one();
    }
}

/// The columns from `start` to `end`, which are `columns`, and what they add to those before. In these columns, `d` is the block
/// on the diagonal and `c` what is below it; before them, `r` is beside `d`, and `b` beside `c`:
///
/// `c̄ ← c̄ d⁻¹, b̄ −= c̄ r, d̄ −= c̄ᵀ c`, then `d̄` backwards, and `r̄ −= c̄ᵀ b + (d̄ + d̄ᵀ) r`.
fn block<T: Float>(l: &[T], before: &mut [T], columns: &mut [T], n: usize, start: usize, end: usize) {
    let (width, below) = (end - start, n - end);
    let at = |i: usize, j: usize| l[(start + j) * n + start + i];
    for j in (0..width).rev() {
        for k in j + 1..width {
            let (to, from) = columns.split_at_mut(k * n);
            add_scaled(&mut to[j * n + end..(j + 1) * n], -at(k, j), &from[end..n]);
        }
        columns[j * n + end..(j + 1) * n].iter_mut().for_each(|bar| *bar /= at(j, j));
    }
    let c_bar: Vec<T> = columns.chunks(n).flat_map(|column| &column[end..]).copied().collect();
    let c_bar = DMatrixView::from_slice(&c_bar, below, width);
    let mut d_bar: Vec<T> = columns.chunks(n).flat_map(|column| &column[start..end]).copied().collect();
    if below > 0 {
        let c = part(&l[start * n + end..], below, width, n);
        DMatrixViewMut::from_slice(&mut d_bar, width, width).gemm_tr(-T::one(), &c_bar, &c, T::one());
    }
    let d: Vec<T> = (0..width * width).map(|k| at(k % width, k / width)).collect();
    by_columns(&d, &mut d_bar, width);
    for (j, (column, d_bar)) in columns.chunks_mut(n).zip(d_bar.chunks(width)).enumerate() {
        column[start + j..end].copy_from_slice(&d_bar[j..]);
    }
    if start == 0 {
        return;
    }
    let r = part(&l[start..], width, start, n);
    if below > 0 {
        let mut b_bar = part_mut(&mut before[end..], below, start, n);
        b_bar.gemm(-T::one(), &c_bar, &r, T::one());
    }
    let both: Vec<T> = (0..width * width)
        .map(|k| {
            let (i, j) = (k % width, k / width);
            let one = d_bar[j.min(i) * width + j.max(i)];
            if i == j { one + one } else { one }
        })
        .collect();
    let mut r_bar = part_mut(&mut before[start..], width, start, n);
    r_bar.gemm(-T::one(), &DMatrixView::from_slice(&both, width, width), &r, T::one());
    if below > 0 {
        r_bar.gemm_tr(-T::one(), &c_bar, &part(&l[end..], below, start, n), T::one());
    }
}

/// A part of a matrix whose columns are `n` long, from its first number.
fn part<T: Float>(of: &[T], rows: usize, columns: usize, n: usize) -> DMatrixView<'_, T, Dyn, Dyn> {
    DMatrixView::from_slice_with_strides_generic(of, Dyn(rows), Dyn(columns), Dyn(1), Dyn(n))
}

fn part_mut<T: Float>(
    of: &mut [T],
    rows: usize,
    columns: usize,
    n: usize,
) -> DMatrixViewMut<'_, T, Dyn, Dyn> {
    DMatrixViewMut::from_slice_with_strides_generic(of, Dyn(rows), Dyn(columns), Dyn(1), Dyn(n))
}
