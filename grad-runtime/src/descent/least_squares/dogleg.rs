//! Powell's dogleg: down the gradient, then over to Gauss and Newton's point.

use super::pivoted_qr::PivotedQr;
use super::settings::{TrustRegion, trust_region_settings};
use super::trust_region::Path;
use crate::descent::vector::{dot, norm};

/// Powell's dogleg, for sums of squares: minimises f(x) = ½·‖r(x)‖².
///
/// ```text
/// x₊ = x + p        p is where the path 0 → c → n meets ‖D·p‖ = Δ, or n if that is inside
/// c = −t·D⁻²Jᵀr with the t that minimises ‖J·c + r‖²        n minimises ‖J·n + r‖²
/// ```
///
/// In place of Levenberg and Marquardt's step, which needs several factorings of a small triangle, a step of the same length
/// that needs none: cheaper where there are many variables, and often as good. All else (D, the radius, bounds, the tests,
/// losses) is that of [`LevenbergMarquardt`](super::LevenbergMarquardt). As Ceres' `TRADITIONAL_DOGLEG`, and `scipy`'s
/// `dogbox` where there are bounds.
///
/// Powell, *A hybrid method for nonlinear equations*, in *Numerical Methods for Nonlinear Algebraic Equations*, 1970; Nocedal
/// and Wright, *Numerical Optimization*, 2006, section 4.1. Where J is singular to rounding, n leaves the variables that its
/// rank does not reach where they are.
///
/// ```
/// use grad_runtime::descent::Dogleg;
/// use grad_runtime::from_residuals;
///
/// let mut rosenbrock = from_residuals(
///     2,
///     |x: &[f64], r: &mut [f64]| r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]),
///     |x: &[f64], jacobian: &mut [f64]| jacobian.copy_from_slice(&[-20.0 * x[0], 10.0, -1.0, 0.0]),
/// );
/// let within = Dogleg::default().bounds(vec![-2.0, f64::NEG_INFINITY], vec![0.5, f64::INFINITY]);
/// let report = within.minimize(&mut rosenbrock, vec![-1.2, 1.0])?;
/// assert!(report.termination.converged());
/// assert_eq!(report.x[0], 0.5);
/// assert!((report.x[1] - 0.25).abs() < 1e-6);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dogleg {
    common: TrustRegion,
}

impl Default for Dogleg {
    fn default() -> Self {
        Dogleg { common: TrustRegion::new(Path::Dogleg) }
    }
}

trust_region_settings!(Dogleg);

/// Room for the path.
#[derive(Clone, Debug, Default)]
pub(super) struct DoglegPath {
    gradient: Vec<f64>,
    cauchy: Vec<f64>,
    scaled: Vec<f64>,
}

impl DoglegPath {
    pub(super) fn start(&mut self, columns: usize) {
        for work in [&mut self.gradient, &mut self.cauchy, &mut self.scaled] {
            *work = vec![0.0; columns];
        }
    }

    /// −pᵀJᵀr for the −p that was found last, if it is no whole step.
    pub(super) fn slope(&self, step: &[f64]) -> f64 {
        dot(&self.gradient, step)
    }

    /// Writes −p to `step`; returns whether it is −n, and ‖D·p‖.
    pub(super) fn solve(
        &mut self,
        qr: &mut PivotedQr,
        scale: &[f64],
        radius: f64,
        step: &mut [f64],
    ) -> (bool, f64) {
        let DoglegPath { gradient, cauchy, scaled } = self;
        let mut length_of = |p: &[f64]| {
            for ((scaled, d), p) in scaled.iter_mut().zip(scale).zip(p) {
                *scaled = d * p;
            }
            norm(scaled)
        };
        qr.solve_into(step);
        let newton = length_of(step);
        if newton <= radius {
            return (true, newton);
        }
        // −c
        qr.gradient_into(gradient);
        for ((c, g), d) in cauchy.iter_mut().zip(&*gradient).zip(scale) {
            *c = g / d / d;
        }
        let bend = qr.norm_of_product(cauchy);
        let t = dot(gradient, cauchy) / bend / bend;
        cauchy.iter_mut().for_each(|c| *c *= t);
        let first = length_of(cauchy);
        // Also where there is no curvature, or nothing to go down.
        if !first.is_finite() || first >= radius {
            let direct = length_of(gradient);
            for ((s, g), d) in step.iter_mut().zip(&*gradient).zip(scale) {
                *s = g / d / d;
            }
            let length = length_of(step);
            if !(length > 0.0 && direct.is_finite()) {
                step.fill(0.0);
                return (false, 0.0);
            }
            step.iter_mut().for_each(|s| *s *= radius / length);
            return (false, radius);
        }
        // c + β·(n − c), of length Δ.
        for (s, c) in step.iter_mut().zip(&*cauchy) {
            *s -= c;
        }
        let (mut cc, mut cw, mut ww) = (0.0, 0.0, 0.0);
        for ((c, w), d) in cauchy.iter().zip(&*step).zip(scale) {
            let (c, w) = (d * c, d * w);
            cc += c * c;
            cw += c * w;
            ww += w * w;
        }
        let room = radius * radius - cc;
        let root = (cw * cw + ww * room).sqrt();
        // The form that does not subtract numbers of one size.
        let beta = if cw > 0.0 { room / (cw + root) } else { (root - cw) / ww };
        for (s, c) in step.iter_mut().zip(&*cauchy) {
            *s = c + beta * *s;
        }
        (false, radius)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MATRIX: [f64; 12] = [1.0, 2.0, -1.0, 0.5, -3.0, 2.0, 4.0, 1.0, 1.0, -2.0, 0.0, 3.0];
    const R: [f64; 4] = [1.0, -2.0, 0.5, 3.0];

    #[test]
    fn the_path_goes_down_the_gradient_and_ends_at_gauss_and_newtons_point() {
        let scale = [1.0, 2.0, 0.5];
        let (mut qr, mut path) = (PivotedQr::default(), DoglegPath::default());
        qr.start(4, 3);
        path.start(3);
        qr.factor(&MATRIX, &R);
        let model = |s: &[f64; 3]| -> f64 {
            MATRIX
                .chunks(3)
                .zip(R)
                .map(|(row, r)| (r - row.iter().zip(s).map(|(a, s)| a * s).sum::<f64>()).powi(2))
                .sum()
        };
        let mut step = [0.0; 3];
        let (whole, full) = path.solve(&mut qr, &scale, 1e9, &mut step);
        assert!(whole);
        let mut last = model(&step);
        for fraction in [0.99, 0.9, 0.7, 0.5, 0.3, 0.1, 1e-3] {
            let radius = fraction * full;
            let (whole, length) = path.solve(&mut qr, &scale, radius, &mut step);
            let found = step.iter().zip(scale).map(|(s, d)| (s * d).powi(2)).sum::<f64>().sqrt();
            assert!(!whole && (length - radius).abs() < 1e-14 && (found / radius - 1.0).abs() < 1e-12);
            // The shorter, the higher the model, but never above that of no step.
            let value = model(&step);
            assert!(value > last && value < model(&[0.0; 3]), "{fraction}");
            last = value;
        }
        // At last it is the direction of steepest descent: −D⁻²Jᵀr.
        let gradient = |j: usize| MATRIX.chunks(3).zip(R).map(|(row, r)| row[j] * r).sum::<f64>();
        let ratio = |j: usize| step[j] * scale[j] * scale[j] / gradient(j);
        assert!((ratio(0) / ratio(1) - 1.0).abs() < 1e-12 && (ratio(0) / ratio(2) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_slope_there_is_no_step() {
        let (mut qr, mut path) = (PivotedQr::default(), DoglegPath::default());
        qr.start(2, 2);
        path.start(2);
        qr.factor(&[1.0, 0.0, 0.0, 0.0], &[0.0, 5.0]);
        let mut step = [1.0; 2];
        assert_eq!(path.solve(&mut qr, &[1.0; 2], 1.0, &mut step), (true, 0.0));
        assert_eq!(step, [0.0; 2]);
    }
}
