//! How much damping keeps the step within the trust region?

use crate::descent::vector::norm;

use super::pivoted_qr::PivotedQr;

/// Finds λ ≥ 0 and the step p that minimises ‖J·p + r‖² + λ·‖D·p‖², such that ‖D·p‖ is within a tenth of the radius, or
/// λ = 0 and ‖D·p‖ is at most a tenth above it.
///
/// Moré, *The Levenberg–Marquardt algorithm: implementation and theory*, 1978, algorithm 5.5: Newton's iteration on
/// 1/‖D·p(λ)‖, which is nearly linear in λ, between bounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Damping {
    /// The triangle of (R; √λ·D): its rows' upper part, and its diagonal.
    triangle: Vec<f64>,
    diagonal: Vec<f64>,
    row: Vec<f64>,
    rhs: Vec<f64>,
    /// D·p
    scaled: Vec<f64>,
    work: Vec<f64>,
}

impl Damping {
    /// Makes room.
    pub(super) fn start(&mut self, columns: usize) {
        let zeros = || vec![0.0; columns];
        self.triangle = vec![0.0; columns * columns];
        self.diagonal = zeros();
        self.row = zeros();
        self.rhs = zeros();
        self.scaled = zeros();
        self.work = zeros();
    }

    /// λ, from the last one as a guess, with −p written to `step`, and ‖D·p‖.
    pub(super) fn solve(
        &mut self,
        qr: &mut PivotedQr,
        scale: &[f64],
        radius: f64,
        guess: f64,
        step: &mut [f64],
    ) -> (f64, f64) {
        let regular = qr.solve_into(step);
        let mut length = self.scaled_norm(scale, step);
        let mut excess = length - radius;
        if excess <= 0.1 * radius {
            return (0.0, length);
        }

        // φ(λ) = ‖D·p(λ)‖ − radius is convex and falls: Newton's step from 0 is a lower bound, and so is 0.
        let mut lower = 0.0;
        if regular {
            self.set_work_to_normal(qr, scale, length);
            solve_transposed(|k| qr.above_column(k), qr.diagonal(), &mut self.work);
            let size = norm(&self.work);
            lower = excess / radius / size / size;
        }
        // ‖D⁻¹Jᵀr‖ / radius is an upper bound.
        for k in 0..qr.columns() {
            let above: f64 = qr.above_column(k).iter().zip(&qr.qt_r).map(|(a, b)| a * b).sum();
            self.work[k] = (above + qr.diagonal()[k] * qr.qt_r[k]) / scale[qr.order()[k]];
        }
        let gradient_norm = norm(&self.work);
        let mut upper = gradient_norm / radius;
        if upper == 0.0 {
            upper = f64::MIN_POSITIVE / radius.min(0.1);
        }
        let mut lambda = guess.max(lower).min(upper);
        if lambda == 0.0 {
            lambda = gradient_norm / length;
        }

        for _ in 0..10 {
            if lambda == 0.0 {
                lambda = f64::MIN_POSITIVE.max(1e-3 * upper);
            }
            self.solve_damped(qr, scale, lambda.sqrt(), step);
            length = self.scaled_norm(scale, step);
            let excess_before = excess;
            excess = length - radius;
            let wandering_off = lower == 0.0 && excess <= excess_before && excess_before < 0.0;
            if excess.abs() <= 0.1 * radius || wandering_off {
                break;
            }
            self.set_work_to_normal(qr, scale, length);
            let (triangle, n) = (&self.triangle, qr.columns());
            solve_transposed(|k| &triangle[k * n..k * n + k], &self.diagonal, &mut self.work);
            let size = norm(&self.work);
            let correction = excess / radius / size / size;
            if excess > 0.0 {
                lower = lower.max(lambda);
            } else {
                upper = upper.min(lambda);
            }
            lambda = lower.max(lambda + correction);
        }
        (lambda, length)
    }

    fn scaled_norm(&mut self, scale: &[f64], step: &[f64]) -> f64 {
        for ((scaled, d), p) in self.scaled.iter_mut().zip(scale).zip(step) {
            *scaled = d * p;
        }
        norm(&self.scaled)
    }

    /// work = Pᵀ·D·(D·p / ‖D·p‖)
    fn set_work_to_normal(&mut self, qr: &PivotedQr, scale: &[f64], length: f64) {
        for (work, &j) in self.work.iter_mut().zip(qr.order()) {
            *work = scale[j] * (self.scaled[j] / length);
        }
    }

    /// The solution of (R; √λ·D)·Pᵀp = (Qᵀr; 0) in the sense of least squares: Givens rotations turn each row of
    /// √λ·D into the triangle. Columns of the triangle lie one after the other.
    fn solve_damped(&mut self, qr: &PivotedQr, scale: &[f64], root: f64, step: &mut [f64]) {
        let n = qr.columns();
        for k in 0..n {
            self.triangle[k * n..k * n + k].copy_from_slice(qr.above_column(k));
        }
        self.diagonal.copy_from_slice(qr.diagonal());
        self.rhs.copy_from_slice(&qr.qt_r);
        for (j, &variable) in qr.order().iter().enumerate() {
            self.row[j..].fill(0.0);
            self.row[j] = root * scale[variable];
            let mut row_rhs = 0.0;
            for k in j..n {
                if self.row[k] == 0.0 {
                    continue;
                }
                let length = self.diagonal[k].hypot(self.row[k]);
                let (cos, sin) = (self.diagonal[k] / length, self.row[k] / length);
                self.diagonal[k] = length;
                (self.rhs[k], row_rhs) =
                    (cos * self.rhs[k] + sin * row_rhs, cos * row_rhs - sin * self.rhs[k]);
                for i in k + 1..n {
                    let (above, row) = (self.triangle[i * n + k], self.row[i]);
                    self.triangle[i * n + k] = cos * above + sin * row;
                    self.row[i] = cos * row - sin * above;
                }
            }
        }
        for k in (0..n).rev() {
            // λ and D are positive, but their product may underflow.
            self.rhs[k] = if self.diagonal[k] == 0.0 { 0.0 } else { self.rhs[k] / self.diagonal[k] };
            let factor = self.rhs[k];
            let column = &self.triangle[k * n..k * n + k];
            self.rhs[..k].iter_mut().zip(column).for_each(|(y, a)| *y -= factor * a);
        }
        for (&j, y) in qr.order().iter().zip(&self.rhs) {
            step[j] = *y;
        }
    }
}

/// y ← R⁻ᵀ·y for an upper triangle R, given by its columns above the diagonal.
fn solve_transposed<'a>(above: impl Fn(usize) -> &'a [f64], diagonal: &[f64], y: &mut [f64]) {
    for k in 0..y.len() {
        let sum: f64 = above(k).iter().zip(&*y).map(|(a, y)| a * y).sum();
        y[k] = (y[k] - sum) / diagonal[k];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [f64; 12] = [1.0, 2.0, -1.0, 0.5, -3.0, 2.0, 4.0, 1.0, 1.0, -2.0, 0.0, 3.0];
    const R: [f64; 4] = [1.0, -2.0, 0.5, 3.0];

    #[test]
    fn a_damped_step_solves_the_damped_normal_equations_and_ends_on_the_region() {
        let scale = [1.0, 2.0, 0.5];
        let (mut qr, mut damping) = (PivotedQr::default(), Damping::default());
        qr.start(4, 3);
        damping.start(3);
        qr.factor(&MATRIX, &R);
        let mut step = [0.0; 3];
        let (lambda, full) = damping.solve(&mut qr, &scale, 1e9, 0.0, &mut step);
        assert_eq!(lambda, 0.0);
        for fraction in [0.9, 0.5, 0.01] {
            let radius = fraction * full;
            let (lambda, length) = damping.solve(&mut qr, &scale, radius, 0.0, &mut step);
            assert!(length <= 1.1 * radius && (lambda == 0.0 || length >= 0.9 * radius));
            // (JᵀJ + λD²)·p = Jᵀr
            for j in 0..3 {
                let residual = |row: &[f64]| row.iter().zip(step).map(|(a, p)| a * p).sum::<f64>();
                let left: f64 = MATRIX.chunks(3).map(|row| row[j] * residual(row)).sum::<f64>()
                    + lambda * scale[j] * scale[j] * step[j];
                let right: f64 = MATRIX.chunks(3).zip(R).map(|(row, r)| row[j] * r).sum();
                assert!((left - right).abs() < 1e-12, "{left} {right}");
            }
        }
    }

    #[test]
    fn a_singular_matrix_gets_a_step_on_the_region_too() {
        let (mut qr, mut damping) = (PivotedQr::default(), Damping::default());
        qr.start(2, 2);
        damping.start(2);
        qr.factor(&[1.0, 1.0, 1.0, 1.0], &[5.0, 5.0]);
        let mut step = [0.0; 2];
        let (lambda, length) = damping.solve(&mut qr, &[1.0, 1.0], 1.0, 0.0, &mut step);
        assert!(lambda > 0.0 && (length - 1.0).abs() <= 0.1);
        assert!((step[0] - step[1]).abs() < 1e-12);
    }
}
