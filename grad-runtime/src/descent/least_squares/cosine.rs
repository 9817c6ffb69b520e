//! How far from orthogonal are the residuals to the Jacobian?

use crate::Scalar;
use crate::norms::max_norm;

/// The largest |cos| of the angle between r and a column of J,
///
/// ```text
/// maxⱼ |Jⱼᵀ·r| / (‖Jⱼ‖·‖r‖)
/// ```
///
/// which is 0 where ½·‖r‖² is stationary and, unlike the gradient, does not depend on the scale of the residuals or the
/// variables. Columns of zeros count as orthogonal, and so does everything where r = 0. Moré, Garbow and Hillstrom, *User
/// guide for MINPACK-1*, 1980, the test `gtol` of `lmder`.
#[derive(Clone, Debug, Default)]
pub(super) struct Cosine {
    value: f64,
    /// Of each column: the largest element, the sum of squares, the product with r; relative to the largest.
    largest: Vec<f64>,
    squares: Vec<f64>,
    products: Vec<f64>,
}

impl Cosine {
    /// The last one measured.
    pub(super) fn value(&self) -> f64 {
        self.value
    }

    /// Measures J (row by row) against r. In units of the largest elements, so that no square overflows or vanishes.
    ///
    /// With bounds, `room` is how far variable j can go: up, or down. Alone, it would go by |Jⱼᵀ·r|/‖Jⱼ‖² against the sign of
    /// Jⱼᵀ·r; if there is less room, the cosine is as much less.
    pub(super) fn measure<S: Scalar>(
        &mut self,
        jacobian: &[S],
        residuals: &[S],
        columns: usize,
        room: impl Fn(usize, bool) -> f64,
    ) {
        let Cosine { value, largest, squares, products } = self;
        for sums in [&mut *largest, &mut *squares, &mut *products] {
            sums.clear();
            sums.resize(columns, 0.0);
        }
        let size = max_norm(residuals);
        *value = 0.0;
        if size == 0.0 || columns == 0 {
            return;
        }
        for row in jacobian.chunks_exact(columns) {
            for (largest, j) in largest.iter_mut().zip(row) {
                *largest = largest.max(j.to_f64().abs());
            }
        }
        let mut square = 0.0;
        for (row, r) in jacobian.chunks_exact(columns).zip(residuals) {
            let r = r.to_f64() / size;
            square += r * r;
            for (k, j) in row.iter().enumerate() {
                if largest[k] > 0.0 {
                    let j = j.to_f64() / largest[k];
                    squares[k] += j * j;
                    products[k] += j * r;
                }
            }
        }
        for (j, (product, column)) in products.iter().zip(&*squares).enumerate() {
            if *column > 0.0 {
                let cosine = product.abs() / column.sqrt() / square.sqrt();
                let room = room(j, *product < 0.0);
                // Of numbers that may be 0 and infinite.
                let limited =
                    if room > 0.0 { room * (largest[j] / size) * column.sqrt() / square.sqrt() } else { 0.0 };
                *value = value.max(if limited < cosine { limited } else { cosine });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cosine_is_that_of_the_worst_column_at_any_scale() {
        let mut cosine = Cosine::default();
        for (row_scale, scale) in [(1.0, 1.0), (1e-200, 1e180), (1e200, 1e-250)] {
            // Columns (3, 4) and (1, −1)·10⁻³⁰, and one of zeros, against (1, 1).
            let jacobian: Vec<f64> =
                [3.0, 1e-30, 0.0, 4.0, -1e-30, 0.0].into_iter().map(|j| j * scale).collect();
            cosine.measure(&jacobian, &[row_scale; 2], 3, |_, _| f64::INFINITY);
            assert!((cosine.value() - 7.0 / 5.0 / 2.0_f64.sqrt()).abs() < 1e-15);
        }
        cosine.measure(&[1.0, 2.0], &[0.0, 0.0], 1, |_, _| f64::INFINITY);
        assert_eq!(cosine.value(), 0.0);
    }

    #[test]
    fn a_bound_limits_the_cosine() {
        let mut cosine = Cosine::default();
        // r = (3, 4), J = (2, 0): Jᵀr = 6, and alone the variable would go down by 1.5.
        let mut measure = |down: f64, up: f64| {
            cosine.measure(&[2.0, 0.0], &[3.0, 4.0], 1, |_, is_up| if is_up { up } else { down });
            cosine.value()
        };
        assert_eq!(measure(f64::INFINITY, 0.0), 0.6);
        assert_eq!(measure(2.0, 0.0), 0.6);
        assert!((measure(0.5, 0.0) - 0.2).abs() < 1e-15);
        assert_eq!(measure(0.0, f64::INFINITY), 0.0);
    }
}
