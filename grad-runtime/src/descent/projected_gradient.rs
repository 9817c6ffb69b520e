//! Gradient descent within bounds.

use super::bounds::Bounds;
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
        Ok(ProjectedGradientState { bounds: Bounds::new(&self.lower, &self.upper)?, first: None })
    }
}

descent_settings!(ProjectedGradient, ProjectedGradientState<O::Scalar>, Objective);

/// [`ProjectedGradient`] under way.
#[derive(Clone, Debug)]
pub struct ProjectedGradientState<S> {
    bounds: Bounds<S>,
    /// The next first trial.
    first: Option<f64>,
}

impl<O: Objective> Method<O> for ProjectedGradientState<O::Scalar> {
    fn start(&mut self, _: &mut Evaluator<O>, start: &mut [O::Scalar]) -> Result<(), DescentError> {
        self.first = None;
        self.bounds.start(start)
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
                *next = self.bounds.clamp(i, x - O::Scalar::from_f64(alpha) * current.gradient[i]);
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
        self.bounds.projected_gradient_norm(point)
    }
}
