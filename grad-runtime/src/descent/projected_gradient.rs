//! Gradient descent within bounds.

use super::settings::descent_settings;
use super::steepest_descent::two_point_step;
use super::vector::norm;
use super::{DescentError, Evaluator, Method, Point, Stopping, Termination};
use crate::{Objective, Scalar};

/// Projected gradient descent, for bounds l ≤ x ≤ u on the variables.
///
/// ```text
/// x₊ = P(x − α·∇f(x))        P(x) = max(l, min(x, u)), coordinate by coordinate
/// ```
///
/// α is the first of the trials with f(x₊) ≤ f(x) − (c₁/α)·‖x₊ − x‖², c₁ = 10⁻⁴; the first trial is 1/‖∇f(x)‖₂ at the
/// start and sᵀs / sᵀy afterwards (see [`SteepestDescent`](super::SteepestDescent)), and each next one is a quarter of the
/// last. It has converged where ‖P(x − ∇f(x)) − x‖∞ is small, which is the gradient norm of its report. A start out of
/// bounds is projected first; no point out of bounds is evaluated.
///
/// Bertsekas, *On the Goldstein–Levitin–Polyak gradient projection method*, IEEE Trans. Automat. Control 21, 1976; the
/// first trial is that of Birgin, Martínez and Raydan, *Nonmonotone spectral projected gradient methods on convex sets*,
/// SIAM J. Optim. 10, 2000.
///
/// ```
/// use grad_runtime::descent::ProjectedGradient;
/// use grad_runtime::from_fn;
///
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0] + x[1] * x[1], [2.0 * x[0], 2.0 * x[1]]));
/// let within = ProjectedGradient::new(vec![1.0, f64::NEG_INFINITY], vec![2.0, f64::INFINITY]);
/// let report = within.minimize(&mut bowl, vec![2.0, 5.0])?;
/// assert!(report.termination.converged());
/// assert_eq!(report.x[0], 1.0);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectedGradient {
    lower: Vec<f64>,
    upper: Vec<f64>,
    stopping: Stopping,
}

/// c₁
const SUFFICIENT_DECREASE: f64 = 1e-4;

impl ProjectedGradient {
    /// One lower and one upper bound for each coordinate; infinite where there is none.
    pub fn new(lower: Vec<f64>, upper: Vec<f64>) -> Self {
        ProjectedGradient { lower, upper, stopping: Stopping::default() }
    }

    fn method<S: Scalar>(&self) -> Result<ProjectedGradientState<S>, DescentError> {
        for (&lower, &upper) in self.lower.iter().zip(&self.upper) {
            // Also false for NaN, and for a bound that leaves no number.
            if !(lower <= upper && lower < f64::INFINITY && upper > f64::NEG_INFINITY) {
                let expected = "at most the upper bound";
                return Err(DescentError::InvalidSetting { name: "lower", value: lower, expected });
            }
        }
        Ok(ProjectedGradientState {
            lower: self.lower.iter().map(|&x| S::from_f64(x)).collect(),
            upper: self.upper.iter().map(|&x| S::from_f64(x)).collect(),
            first: None,
        })
    }
}

descent_settings!(ProjectedGradient, ProjectedGradientState<O::Scalar>, Objective);

/// [`ProjectedGradient`] under way.
#[derive(Clone, Debug)]
pub struct ProjectedGradientState<S> {
    lower: Vec<S>,
    upper: Vec<S>,
    /// The next first trial.
    first: Option<f64>,
}

impl<O: Objective> Method<O> for ProjectedGradientState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        for (name, bounds) in [("lower", &self.lower), ("upper", &self.upper)] {
            if bounds.len() != start.len() {
                let (expected, found) = (start.len(), bounds.len());
                return Err(DescentError::WrongBounds { name, expected, found });
            }
        }
        self.first = None;
        for (i, x) in start.iter_mut().enumerate() {
            *x = self.clamp(i, *x);
        }
        Ok(())
    }

    fn advance(
        &mut self,
        evaluator: &mut Evaluator<O>,
        current: &Point<O::Scalar>,
        next: &mut Point<O::Scalar>,
    ) -> Result<f64, Termination> {
        let mut alpha = self.first.unwrap_or_else(|| 1.0 / norm(&current.gradient));
        loop {
            let mut square = 0.0;
            for (i, next) in next.x.iter_mut().enumerate() {
                let x = current.x[i];
                *next = self.clamp(i, x - O::Scalar::from_f64(alpha) * current.gradient[i]);
                square += (*next - x).to_f64().powi(2);
            }
            // Underflow of the square is no step either.
            if square == 0.0 {
                return Err(Termination::NoProgress);
            }
            let enough = current.value.to_f64() - SUFFICIENT_DECREASE / alpha * square;
            if evaluator.evaluate(next)? && next.value.to_f64() <= enough {
                self.first = Some(two_point_step(current, next).unwrap_or(2.0 * alpha));
                return Ok(alpha);
            }
            alpha *= 0.25;
        }
    }

    fn evaluates_anywhere(&self) -> bool {
        false
    }

    /// ‖P(x − ∇f(x)) − x‖∞
    fn gradient_norm(&self, _: &O, point: &Point<O::Scalar>) -> f64 {
        let mut norm: f64 = 0.0;
        for (i, (&x, &g)) in point.x.iter().zip(&point.gradient).enumerate() {
            // By hand where no bound is near: (x − g) − x rounds.
            let step = if x - g < self.lower[i] {
                self.lower[i] - x
            } else if x - g > self.upper[i] {
                self.upper[i] - x
            } else {
                g
            };
            norm = norm.max(step.to_f64().abs());
        }
        norm
    }
}

impl<S: Scalar> ProjectedGradientState<S> {
    fn clamp(&self, i: usize, x: S) -> S {
        if x < self.lower[i] {
            self.lower[i]
        } else if x > self.upper[i] {
            self.upper[i]
        } else {
            x
        }
    }
}
