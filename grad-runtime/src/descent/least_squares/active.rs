//! Which variables stay at a bound, and what is the step of the others?

use super::pivoted_qr::PivotedQr;
use crate::Scalar;
use crate::descent::bounds::Bounds;
use crate::descent::vector::{dot, norm};

/// The step within bounds, by the model ‖J·p + r‖² at a point. There is none of this where there are no bounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Active {
    /// As the scalars round them.
    lower: Vec<f64>,
    upper: Vec<f64>,
    /// The point, with r, J (row by row) and Jᵀr there.
    x: Vec<f64>,
    residuals: Vec<f64>,
    jacobian: Vec<f64>,
    gradient: Vec<f64>,
    /// J without the columns of variables that stay, and r with what those contribute that go to a bound.
    reduced: Vec<f64>,
    shifted: Vec<f64>,
    fixed: Vec<bool>,
    qr: PivotedQr,
    step: Vec<f64>,
    /// x + p
    pub(super) to: Vec<f64>,
    projected: Vec<f64>,
    product: Vec<f64>,
}

/// What a solver says of the step that it wrote: whether it is Gauss and Newton's, and ‖D·p‖.
type Solved = (bool, f64);

impl Active {
    pub(super) fn is_on(&self) -> bool {
        !self.lower.is_empty()
    }

    /// Makes room, if there are bounds.
    pub(super) fn start<S: Scalar>(&mut self, bounds: Option<&Bounds<S>>, rows: usize, columns: usize) {
        *self = Active::default();
        let Some(bounds) = bounds else { return };
        self.lower = bounds.lower.iter().map(|l| l.to_f64()).collect();
        self.upper = bounds.upper.iter().map(|u| u.to_f64()).collect();
        self.qr.start(rows, columns);
        for work in [&mut self.x, &mut self.gradient, &mut self.step, &mut self.to, &mut self.projected] {
            *work = vec![0.0; columns];
        }
        for work in [&mut self.residuals, &mut self.shifted, &mut self.product] {
            *work = vec![0.0; rows];
        }
        for work in [&mut self.jacobian, &mut self.reduced] {
            *work = vec![0.0; rows * columns];
        }
        self.fixed = vec![false; columns];
    }

    /// Keeps what is known at a point: a trial overwrites it.
    pub(super) fn keep<S: Scalar>(&mut self, x: &[S], residuals: &[S], jacobian: &[S]) {
        if !self.is_on() {
            return;
        }
        for (kept, values) in
            [(&mut self.x, x), (&mut self.residuals, residuals), (&mut self.jacobian, jacobian)]
        {
            kept.iter_mut().zip(values).for_each(|(kept, value)| *kept = value.to_f64());
        }
        self.gradient.fill(0.0);
        for (row, r) in self.jacobian.chunks_exact(x.len().max(1)).zip(&self.residuals) {
            self.gradient.iter_mut().zip(row).for_each(|(g, j)| *g += j * r);
        }
    }

    /// Writes x + p to `to`; returns whether no radius limits p, ‖D·p‖, and by how much the model falls and would fall if it
    /// were as steep as at the start: ‖r‖² − ‖J·p + r‖² and −pᵀJᵀr.
    ///
    /// Variables at a bound to which −Jᵀr pulls them stay. `solve` gives the step −p of the others for a factored J; those that
    /// it leads out of bounds go to theirs, and it is asked again for the rest. If the first step, projected, has the lower
    /// model, it is that one.
    pub(super) fn solve(
        &mut self,
        scale: &[f64],
        mut solve: impl FnMut(&mut PivotedQr, &mut [f64]) -> Solved,
    ) -> (bool, f64, f64, f64) {
        let n = self.x.len();
        for j in 0..n {
            let (x, g) = (self.x[j], self.gradient[j]);
            self.fixed[j] = (x <= self.lower[j] && g > 0.0) || (x >= self.upper[j] && g < 0.0);
        }
        self.to.copy_from_slice(&self.x);
        self.shifted.copy_from_slice(&self.residuals);
        let mut whole = true;
        for round in 0..=n {
            self.reduced.copy_from_slice(&self.jacobian);
            for row in self.reduced.chunks_exact_mut(n.max(1)) {
                row.iter_mut().zip(&self.fixed).filter(|(_, fixed)| **fixed).for_each(|(j, _)| *j = 0.0);
            }
            self.qr.factor(&self.reduced, &self.shifted);
            whole &= solve(&mut self.qr, &mut self.step).0;
            let mut left = false;
            for j in 0..n {
                if round > 0 && self.fixed[j] {
                    continue;
                }
                let there = self.x[j] - if self.fixed[j] { 0.0 } else { self.step[j] };
                let within = there.clamp(self.lower[j], self.upper[j]);
                if round == 0 {
                    self.projected[j] = within;
                }
                self.to[j] = within;
                if within != there {
                    // To its bound, and there it stays.
                    left = true;
                    self.fixed[j] = true;
                    let p = within - self.x[j];
                    for (r, row) in self.shifted.iter_mut().zip(self.jacobian.chunks_exact(n)) {
                        *r += row[j] * p;
                    }
                }
            }
            if !left {
                break;
            }
        }
        let reduced = self.falls(false);
        let projected = self.falls(true);
        let (predicted, slope) = if projected.0 > reduced.0 {
            self.to.copy_from_slice(&self.projected);
            projected
        } else {
            reduced
        };
        for ((step, (to, x)), d) in self.step.iter_mut().zip(self.to.iter().zip(&self.x)).zip(scale) {
            *step = d * (to - x);
        }
        (whole, norm(&self.step), predicted, slope)
    }

    /// Of the projected step, or of the other: ‖r‖² − ‖J·p + r‖² = −2·pᵀJᵀr − ‖J·p‖², and −pᵀJᵀr.
    fn falls(&mut self, projected: bool) -> (f64, f64) {
        let to = if projected { &self.projected } else { &self.to };
        let n = to.len();
        for ((step, to), x) in self.step.iter_mut().zip(to).zip(&self.x) {
            *step = to - x;
        }
        for (product, row) in self.product.iter_mut().zip(self.jacobian.chunks_exact(n.max(1))) {
            *product = dot(row, &self.step);
        }
        let slope = -dot(&self.gradient, &self.step);
        (2.0 * slope - dot(&self.product, &self.product), slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of ‖J·p + r‖² within a box, for J = ((2, 1), (1, 2)), against a grid: the minimum where no more variables go to a bound
    /// than stay there, and else less than the model of the step that is only projected.
    #[test]
    fn the_step_lowers_the_model_within_the_box() {
        let jacobian = [2.0, 1.0, 1.0, 2.0];
        for (r, lower, upper, exact) in [
            ([-1.0, -1.0], [-9.0, -9.0], [9.0, 9.0], true),
            ([-1.0, -1.0], [-9.0, -9.0], [0.1, 9.0], true),
            ([-1.0, -1.0], [-9.0, -9.0], [0.1, 0.2], true),
            ([-1.0, 2.0], [0.0, -1.0], [1.0, 1.0], false),
            ([4.0, -3.0], [-1.0, 0.0], [0.0, 0.5], false),
        ] {
            let mut active = Active::default();
            let bounds = Bounds::<f64>::new(&lower, &upper).unwrap();
            active.start(Some(&bounds), 2, 2);
            active.keep(&[0.0; 2], &r, &jacobian);
            let (whole, length, predicted, slope) = active.solve(&[1.0; 2], |qr, step| {
                qr.solve_into(step);
                (true, 0.0)
            });
            let p = [active.to[0], active.to[1]];
            let model = |p: [f64; 2]| (2.0 * p[0] + p[1] + r[0]).powi(2) + (p[0] + 2.0 * p[1] + r[1]).powi(2);
            assert!(whole && (length - p[0].hypot(p[1])).abs() < 1e-15);
            assert!((model([0.0; 2]) - model(p) - predicted).abs() < 1e-13 && slope >= 0.5 * predicted);
            let mut least = f64::INFINITY;
            for i in 0..=200 {
                for j in 0..=200 {
                    let at = |k: usize, i: i32| {
                        let (l, u) = (lower[k].max(-2.0), upper[k].min(2.0));
                        l + (u - l) * f64::from(i) / 200.0
                    };
                    least = least.min(model([at(0, i), at(1, j)]));
                }
            }
            // (JᵀJ)⁻¹Jᵀ = ((2, −1), (−1, 2)) / 3
            let newton = [-(2.0 * r[0] - r[1]) / 3.0, (r[0] - 2.0 * r[1]) / 3.0];
            let projected = [0, 1].map(|k: usize| newton[k].clamp(lower[k], upper[k]));
            let most = if exact { least } else { model(projected) };
            assert!(model(p) <= most + 1e-12, "{r:?}: {p:?} {} {least}", model(p));
            assert!((0..2).all(|k| (lower[k]..=upper[k]).contains(&p[k])));
        }
    }
}
