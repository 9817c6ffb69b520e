//! The loop of the methods with a trust region: no step is longer than the model can be trusted.

use super::active::Active;
use super::damping::Damping;
use super::dogleg::DoglegPath;
use super::pivoted_qr::PivotedQr;
use super::{LeastSquares, Loss, NEGLIGIBLE};
use crate::descent::vector::norm;
use crate::descent::{DescentError, Evaluator, Method, Point, Termination};
use crate::{Residuals, Scalar};

/// How much of f, in units of the machine's epsilon, may be rounding.
const ROUNDING: f64 = 2.0;

/// How the step gets shorter than Gauss and Newton's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Path {
    /// By damping: Levenberg and Marquardt's.
    #[default]
    Damped,
    /// Along Powell's dogleg.
    Dogleg,
}

/// [`LevenbergMarquardt`](super::LevenbergMarquardt) or [`Dogleg`](super::Dogleg) under way.
#[derive(Clone, Debug, Default)]
pub struct TrustRegionState {
    path: Path,
    first_radius: f64,
    qr: PivotedQr,
    damping: Damping,
    dogleg: DoglegPath,
    /// With bounds.
    active: Active,
    /// The diagonal of D.
    scale: Vec<f64>,
    /// −p
    step: Vec<f64>,
    radius: f64,
    lambda: f64,
    first: bool,
    /// ‖r‖ at the start.
    start_size: f64,
}

/// A step, not tried yet. What falls is relative to f.
struct Trial {
    /// Gauss and Newton's: no radius limits it.
    whole: bool,
    /// ‖D·p‖
    length: f64,
    /// By how much the model falls, and how much it would fall if it were as steep as at the start.
    predicted: f64,
    slope: f64,
}

impl<R: Residuals> Method<LeastSquares<R>> for TrustRegionState {
    fn start(
        &mut self,
        evaluator: &mut Evaluator<LeastSquares<R>>,
        start: &mut [R::Scalar],
    ) -> Result<(), DescentError> {
        let dim = start.len();
        let problem = evaluator.objective();
        if let Some(bounds) = &problem.bounds {
            bounds.start(start)?;
        }
        let count = problem.count_at(start);
        self.active.start(problem.bounds.as_ref(), count, dim);
        self.qr.start(count, dim);
        self.damping.start(dim);
        self.dogleg.start(dim);
        self.scale = vec![0.0; dim];
        self.step = vec![0.0; dim];
        (self.radius, self.lambda, self.first) = (0.0, 0.0, true);
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<LeastSquares<R>>,
        current: &Point<R::Scalar>,
        next: &mut Point<R::Scalar>,
    ) -> Result<f64, Termination> {
        let problem = evaluator.objective();
        // √(2·f), which is ‖r‖ but for a loss, and more exact than from f.
        let size = match problem.loss {
            Loss::Square => norm(&problem.residuals),
            Loss::Huber(_) | Loss::SoftL1(_) | Loss::Cauchy(_) | Loss::Tukey(_) => {
                (2.0 * current.value.to_f64()).sqrt()
            }
        };
        if self.first {
            self.start_size = size;
        }
        if size <= NEGLIGIBLE * self.start_size {
            return Err(Termination::SmallResiduals);
        }
        self.qr.factor(&problem.jacobian, &problem.residuals);
        self.update_scale();
        self.active.keep(&current.x, &problem.residuals, &problem.jacobian);
        let x_norm = self.scaled_norm(&current.x);
        if self.first {
            self.radius = self.first_radius * if x_norm > 0.0 { x_norm } else { 1.0 };
        }
        let mut tried = None;
        loop {
            let Trial { whole, length, predicted, slope } = self.trial(size);
            if self.first {
                (self.radius, self.first) = (self.radius.min(length), false);
            }
            let (mut moved, mut elsewhere) = (false, false);
            for (j, (next, &x)) in next.x.iter_mut().zip(&current.x).enumerate() {
                let there = if self.active.is_on() {
                    R::Scalar::from_f64(self.active.to[j])
                } else {
                    x - R::Scalar::from_f64(self.step[j])
                };
                let last = std::mem::replace(next, there);
                moved |= *next != x;
                elsewhere |= *next != last;
            }
            if !moved {
                return Err(Termination::NoProgress);
            }

            // A shorter step may round to the point that was just refused.
            let trial_size = match tried {
                Some(size) if !elsewhere => size,
                _ if evaluator.evaluate_value(next)? => evaluator.objective().size(),
                _ => f64::INFINITY,
            };
            tried = Some(trial_size);
            // Reductions of f and of its model, relative to f.
            let tenfold = 0.1 * trial_size >= size;
            let actual = if tenfold { -1.0 } else { 1.0 - (trial_size / size).powi(2) };
            let ratio = if predicted > 0.0 { actual / predicted } else { 0.0 };

            let radius = self.radius;
            if ratio > 0.25 {
                if whole || ratio >= 0.75 {
                    self.radius = 2.0 * length;
                    self.lambda *= 0.5;
                }
            } else {
                self.shrink(actual, slope, tenfold, length);
            }
            if ratio >= 1e-4 && actual > 0.0 {
                if evaluator.evaluate_gradient(next) {
                    return Ok(radius);
                }
                // No derivative there: closer.
                self.shrink(-1.0, slope, true, length);
            }
            let rounding = ROUNDING * R::Scalar::EPSILON;
            let negligible = actual.abs() <= rounding && predicted <= rounding;
            let nowhere = self.radius <= R::Scalar::EPSILON * x_norm;
            if negligible || (nowhere && predicted <= 1000.0 * rounding) {
                return Err(Termination::Rounding);
            }
            if nowhere {
                return Err(Termination::NoProgress);
            }
        }
    }

    fn measures_without_scale(&self) -> bool {
        true
    }

    /// The cosine.
    fn gradient_norm(&self, problem: &LeastSquares<R>, point: &Point<R::Scalar>) -> f64 {
        problem.measure(point)
    }

    fn evaluates_anywhere(&self) -> bool {
        !self.active.is_on()
    }
}

impl TrustRegionState {
    pub(super) fn new(path: Path, first_radius: f64) -> Self {
        TrustRegionState { path, first_radius, ..TrustRegionState::default() }
    }

    /// The step within the radius.
    fn trial(&mut self, size: f64) -> Trial {
        let TrustRegionState { path, qr, damping, dogleg, active, scale, step, radius, lambda, .. } = self;
        if active.is_on() {
            let (whole, length, predicted, slope) = active.solve(scale, |qr, step| match path {
                Path::Damped => {
                    let (found, length) = damping.solve(qr, scale, *radius, *lambda, step);
                    *lambda = found;
                    (found == 0.0, length)
                }
                Path::Dogleg => dogleg.solve(qr, scale, *radius, step),
            });
            return Trial { whole, length, predicted: predicted / size / size, slope: slope / size / size };
        }
        match path {
            Path::Damped => {
                let (found, length) = damping.solve(qr, scale, *radius, *lambda, step);
                *lambda = found;
                let linear = (qr.norm_of_product(step) / size).powi(2);
                let damped = found * (length / size).powi(2);
                let (predicted, slope) = (linear + 2.0 * damped, linear + damped);
                Trial { whole: found == 0.0, length, predicted, slope }
            }
            Path::Dogleg => {
                let (whole, length) = dogleg.solve(qr, scale, *radius, step);
                let linear = (qr.norm_of_product(step) / size).powi(2);
                // Of Gauss and Newton's step, both are the same, and rounding would make them differ.
                let slope = if whole { linear } else { dogleg.slope(step) / size / size };
                Trial { whole, length, predicted: 2.0 * slope - linear, slope }
            }
        }
    }

    /// D grows with the columns of J and never shrinks; a column of zeros counts as 1 until it is not.
    fn update_scale(&mut self) {
        for (scale, &norm) in self.scale.iter_mut().zip(&self.qr.column_norms) {
            *scale = if self.first && norm == 0.0 { 1.0 } else { scale.max(norm) };
        }
    }

    fn scaled_norm<S: Scalar>(&mut self, x: &[S]) -> f64 {
        for ((scaled, &x), d) in self.step.iter_mut().zip(x).zip(&self.scale) {
            *scaled = d * x.to_f64();
        }
        norm(&self.step)
    }

    /// By between a tenth and a half: to the minimum of the parabola through f at both ends and its slope here.
    fn shrink(&mut self, actual: f64, slope: f64, at_least: bool, length: f64) {
        let mut factor = if actual >= 0.0 { 0.5 } else { 0.5 * slope / (slope - 0.5 * actual) };
        if at_least || factor < 0.1 || factor.is_nan() {
            factor = 0.1;
        }
        self.radius = factor * self.radius.min(10.0 * length);
        self.lambda /= factor;
    }
}
