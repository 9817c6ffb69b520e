//! QR with column pivoting: J·P = Q·R.

use crate::Scalar;
use crate::descent::vector::{dot, norm};

/// The factors of an m × n matrix by Householder reflections, the column of the largest remaining norm first: Golub
/// and Van Loan, *Matrix Computations*, 2013, section 5.4.2. All in `f64`, for `f32` too.
#[derive(Clone, Debug, Default)]
pub(super) struct PivotedQr {
    /// Rows; at least n, with rows of zeros where the matrix has fewer.
    rows: usize,
    columns: usize,
    /// Column by column: above the diagonal R, on and below it the reflections' vectors.
    a: Vec<f64>,
    /// The diagonal of R.
    diagonal: Vec<f64>,
    /// Column k of J·P is column `order[k]` of J.
    order: Vec<usize>,
    /// The norms of what remains of the columns.
    remaining: Vec<f64>,
    /// The norms of the columns of J.
    pub(super) column_norms: Vec<f64>,
    /// The first n of Qᵀr.
    pub(super) qt_r: Vec<f64>,
    work: Vec<f64>,
}

impl PivotedQr {
    /// Makes room.
    pub(super) fn start(&mut self, rows: usize, columns: usize) {
        self.rows = rows.max(columns);
        self.columns = columns;
        self.a = vec![0.0; self.rows * columns];
        self.diagonal = vec![0.0; columns];
        self.order = vec![0; columns];
        self.remaining = vec![0.0; columns];
        self.column_norms = vec![0.0; columns];
        self.qt_r = vec![0.0; columns];
        self.work = vec![0.0; self.rows];
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn diagonal(&self) -> &[f64] {
        &self.diagonal
    }

    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The part of column k of R above the diagonal.
    pub(super) fn above_column(&self, k: usize) -> &[f64] {
        &self.a[k * self.rows..k * self.rows + k]
    }

    /// Factors the matrix (row by row), and multiplies r by Qᵀ.
    pub(super) fn factor<S: Scalar>(&mut self, matrix: &[S], r: &[S]) {
        let (m, n) = (self.rows, self.columns);
        // Rows beyond the matrix stay zero, but for what the last factoring left there.
        self.a.fill(0.0);
        for (i, row) in matrix.chunks_exact(n).enumerate() {
            for (j, &element) in row.iter().enumerate() {
                self.a[j * m + i] = element.to_f64();
            }
        }
        self.work.fill(0.0);
        self.work.iter_mut().zip(r).for_each(|(work, &r)| *work = r.to_f64());
        for (j, column) in self.a.chunks_exact(m).enumerate() {
            self.column_norms[j] = norm(column);
            self.order[j] = j;
        }
        self.remaining.copy_from_slice(&self.column_norms);
        for k in 0..n {
            self.bring_largest_to(k);
            self.reflect(k);
            self.qt_r[k] = self.work[k];
        }
    }

    fn bring_largest_to(&mut self, k: usize) {
        let mut largest = k;
        for j in k + 1..self.columns {
            if self.remaining[j] > self.remaining[largest] {
                largest = j;
            }
        }
        if largest != k {
            let m = self.rows;
            let (left, right) = self.a.split_at_mut(largest * m);
            left[k * m..(k + 1) * m].swap_with_slice(&mut right[..m]);
            self.order.swap(k, largest);
            self.remaining.swap(k, largest);
        }
    }

    /// Makes column k zero below the diagonal: v = a/‖a‖ + e, H = I − v·vᵀ/v₁.
    fn reflect(&mut self, k: usize) {
        let m = self.rows;
        let (left, right) = self.a.split_at_mut((k + 1) * m);
        let v = &mut left[k * m + k..];
        let mut size = norm(v);
        if size == 0.0 {
            self.diagonal[k] = 0.0;
            return;
        }
        if v[0] < 0.0 {
            size = -size;
        }
        v.iter_mut().for_each(|v| *v /= size);
        v[0] += 1.0;
        self.diagonal[k] = -size;
        let apply = |target: &mut [f64]| {
            let factor = dot(v, target) / v[0];
            target.iter_mut().zip(&*v).for_each(|(t, v)| *t -= factor * v);
        };
        for (column, remaining) in right.chunks_exact_mut(m).zip(&mut self.remaining[k + 1..]) {
            apply(&mut column[k..]);
            // The norm of the rest, anew: an update by differences of squares loses digits.
            *remaining = norm(&column[k + 1..]);
        }
        apply(&mut self.work[k..]);
    }

    /// Jᵀr = P·Rᵀ·Qᵀr
    pub(super) fn gradient_into(&self, gradient: &mut [f64]) {
        for (k, &j) in self.order.iter().enumerate() {
            let above: f64 = self.above_column(k).iter().zip(&self.qt_r).map(|(a, b)| a * b).sum();
            gradient[j] = above + self.diagonal[k] * self.qt_r[k];
        }
    }

    /// x = the solution of J·x = r in the sense of least squares, with 0 for the variables whose columns depend on those
    /// before them. Returns whether there are none.
    pub(super) fn solve_into(&mut self, x: &mut [f64]) -> bool {
        let n = self.columns;
        let mut regular = true;
        let y = &mut self.work[..n];
        y.copy_from_slice(&self.qt_r);
        for k in (0..n).rev() {
            // Against its own column, so that the scale of the variables does not matter.
            if self.diagonal[k].abs() <= self.column_norms[self.order[k]] * f64::EPSILON * n as f64 {
                y[k] = 0.0;
                regular = false;
                continue;
            }
            y[k] /= self.diagonal[k];
            let factor = y[k];
            let column = &self.a[k * self.rows..k * self.rows + k];
            y[..k].iter_mut().zip(column).for_each(|(y, a)| *y -= factor * a);
        }
        for (&j, y) in self.order.iter().zip(&*y) {
            x[j] = *y;
        }
        regular
    }

    /// (`JᵀJ`)⁻¹ = P·R⁻¹·R⁻ᵀ·Pᵀ, row by row; none if J is singular to rounding.
    pub(super) fn inverse_of_square(&self) -> Option<Vec<f64>> {
        let n = self.columns;
        // R⁻¹, column by column: R·z = eₖ.
        let mut inverse = vec![0.0; n * n];
        for k in 0..n {
            let size = self.column_norms[self.order[k]];
            if self.diagonal[k].abs() <= size * f64::EPSILON * n as f64 {
                return None;
            }
            let z = &mut inverse[k * n..(k + 1) * n];
            z[k] = 1.0;
            for i in (0..=k).rev() {
                z[i] /= self.diagonal[i];
                let factor = z[i];
                z[..i].iter_mut().zip(self.above_column(i)).for_each(|(z, a)| *z -= factor * a);
            }
        }
        let mut square = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                let sum = (i.max(j)..n).map(|k| inverse[k * n + i] * inverse[k * n + j]).sum();
                square[self.order[i] * n + self.order[j]] = sum;
            }
        }
        Some(square)
    }

    /// ‖J·x‖, from R.
    pub(super) fn norm_of_product(&mut self, x: &[f64]) -> f64 {
        let n = self.columns;
        self.work[..n].fill(0.0);
        for k in 0..n {
            let factor = x[self.order[k]];
            let column = &self.a[k * self.rows..k * self.rows + k];
            self.work[..k].iter_mut().zip(column).for_each(|(y, a)| *y += factor * a);
            self.work[k] += factor * self.diagonal[k];
        }
        norm(&self.work[..n])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 4 × 3, of full rank.
    const MATRIX: [f64; 12] = [1.0, 2.0, -1.0, 0.5, -3.0, 2.0, 4.0, 1.0, 1.0, -2.0, 0.0, 3.0];

    fn factored(matrix: &[f64], columns: usize, r: &[f64]) -> PivotedQr {
        let mut qr = PivotedQr::default();
        qr.start(matrix.len() / columns, columns);
        qr.factor(matrix, r);
        qr
    }

    #[test]
    fn the_triangle_has_the_products_of_the_columns() {
        let qr = factored(&MATRIX, 3, &[0.0; 4]);
        let r = |i: usize, k: usize| match i.cmp(&k) {
            std::cmp::Ordering::Less => qr.above_column(k)[i],
            std::cmp::Ordering::Equal => qr.diagonal()[k],
            std::cmp::Ordering::Greater => 0.0,
        };
        for j in 0..3 {
            for k in 0..3 {
                let (p, q) = (qr.order()[j], qr.order()[k]);
                let product: f64 = MATRIX.chunks(3).map(|row| row[p] * row[q]).sum();
                let from_r: f64 = (0..3).map(|i| r(i, j) * r(i, k)).sum();
                assert!((product - from_r).abs() < 1e-13, "{j} {k}: {product} {from_r}");
            }
        }
        assert!(qr.diagonal().windows(2).all(|d| d[0].abs() >= d[1].abs()));
    }

    #[test]
    fn the_gradient_is_the_product_with_the_transpose() {
        let b = [1.0, -2.0, 0.5, 3.0];
        let qr = factored(&MATRIX, 3, &b);
        let mut gradient = [0.0; 3];
        qr.gradient_into(&mut gradient);
        for (j, g) in gradient.iter().enumerate() {
            let expected: f64 = MATRIX.chunks(3).zip(b).map(|(row, b)| row[j] * b).sum();
            assert!((g - expected).abs() < 1e-13, "{g} {expected}");
        }
    }

    #[test]
    fn a_solution_leaves_a_rest_that_is_orthogonal_to_the_columns() {
        let b = [1.0, -2.0, 0.5, 3.0];
        let mut qr = factored(&MATRIX, 3, &b);
        let mut x = [0.0; 3];
        assert!(qr.solve_into(&mut x));
        let rest: Vec<f64> = MATRIX
            .chunks(3)
            .zip(b)
            .map(|(row, b)| row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>() - b)
            .collect();
        for j in 0..3 {
            let product: f64 = MATRIX.chunks(3).zip(&rest).map(|(row, r)| row[j] * r).sum();
            assert!(product.abs() < 1e-13);
        }
        let squares: f64 =
            MATRIX.chunks(3).map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>().powi(2)).sum();
        assert!((qr.norm_of_product(&x) - squares.sqrt()).abs() < 1e-13);
    }

    #[test]
    fn a_singular_matrix_and_one_with_few_rows_are_solved_too() {
        // The second column is twice the first.
        let mut qr = factored(&[1.0, 2.0, 2.0, 4.0, 3.0, 6.0], 2, &[1.0, 2.0, 3.0]);
        let mut x = [0.0; 2];
        assert!(!qr.solve_into(&mut x));
        assert!((x[0] + 2.0 * x[1] - 1.0).abs() < 1e-14);
        let mut wide = factored(&[3.0, 4.0], 2, &[8.0]);
        assert!(!wide.solve_into(&mut x));
        assert!((3.0 * x[0] + 4.0 * x[1] - 8.0).abs() < 1e-14);
    }
}
