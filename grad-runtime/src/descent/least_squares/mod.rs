//! Half the sum of the squares of residuals, and the methods that know its structure.
//!
//! f(x) = ½·‖r(x)‖² with ∇f = Jᵀr; where the residuals are small or nearly linear, `JᵀJ` is nearly the Hessian, and the
//! methods here converge nearly as fast as Newton's, from first derivatives alone.

mod active;
mod cosine;
mod damping;
mod dogleg;
mod fit;
mod gauss_newton;
mod levenberg_marquardt;
mod loss;
mod pivoted_qr;
mod settings;
mod trust_region;

use super::bounds::Bounds;
use super::vector::{dot, norm};
use super::{Evaluator, Point, Report, Stopping, Termination};
use crate::Scalar;
use crate::norms::all_finite;
use crate::{Failure, Objective, Residuals};

use cosine::Cosine;

pub use dogleg::Dogleg;
pub use fit::Fit;
pub use gauss_newton::{GaussNewton, GaussNewtonState};
pub use levenberg_marquardt::LevenbergMarquardt;
pub use loss::Loss;
pub use trust_region::TrustRegionState;

/// ‖r‖ relative to its size at the start, at which nothing is left of the residuals: ½·‖r‖² is then less than the machine's
/// epsilon of what it was.
const NEGLIGIBLE: f64 = 1.5e-8;

/// The default of the methods here, whose gradient tolerance is one of the cosine.
fn stopping() -> Stopping {
    Stopping { gradient_tolerance: 1e-8, ..Stopping::default() }
}

/// Residuals as an [`Objective`]: f(x) = ½·‖r(x)‖², ∇f = Jᵀr.
#[derive(Clone, Debug)]
pub struct LeastSquares<R: Residuals> {
    source: R,
    loss: Loss,
    /// Of the cosine; who evaluates keeps them.
    bounds: Option<Bounds<R::Scalar>>,
    /// The point where the residuals were computed last.
    at: Vec<R::Scalar>,
    /// There; corrected for the loss once the Jacobian is computed, too.
    residuals: Vec<R::Scalar>,
    /// Row by row, at the point where it was computed last; corrected for the loss.
    jacobian: Vec<R::Scalar>,
    /// Of the angle between the residuals and the Jacobian, there.
    cosine: Cosine,
    /// Of the last evaluation.
    failure: Option<Failure>,
}

impl<R: Residuals> LeastSquares<R> {
    /// The objective of the residuals.
    pub fn new(source: R) -> Self {
        let residuals = vec![R::Scalar::default(); source.count()];
        LeastSquares {
            source,
            loss: Loss::Square,
            bounds: None,
            at: Vec::new(),
            residuals,
            jacobian: Vec::new(),
            cosine: Cosine::default(),
            failure: None,
        }
    }

    /// The number of residuals, at the start.
    fn count_at(&mut self, start: &[R::Scalar]) -> usize {
        if self.residuals.is_empty() {
            self.source.start(start);
            self.residuals.resize(self.source.count(), R::Scalar::default());
        }
        self.residuals.len()
    }

    /// With a loss, which makes f(x) = ½·Σ δ²·ρ(rᵢ²/δ²).
    #[must_use]
    pub fn loss(self, loss: Loss) -> Self {
        LeastSquares { loss, ..self }
    }

    /// With bounds, which the measure of the first-order test knows.
    fn within(self, bounds: Option<Bounds<R::Scalar>>) -> Self {
        LeastSquares { bounds, ..self }
    }

    /// The cosine, where residuals and Jacobian were computed last.
    fn measure_cosine(&mut self) {
        let LeastSquares { at, residuals, jacobian, cosine, bounds, .. } = self;
        cosine.measure(jacobian, residuals, at.len(), |j, up| match &*bounds {
            None => f64::INFINITY,
            Some(bounds) if up => bounds.upper[j].to_f64() - at[j].to_f64(),
            Some(bounds) => at[j].to_f64() - bounds.lower[j].to_f64(),
        });
    }

    /// √(2·f(x)) where the residuals were computed last and not yet corrected: ‖r‖ for squares.
    fn size(&self) -> f64 {
        if self.loss == Loss::Square { norm(&self.residuals) } else { (2.0 * self.half_sum()).sqrt() }
    }

    fn half_sum(&self) -> f64 {
        0.5 * self.residuals.iter().map(|r| self.loss.of(r.to_f64())).sum::<f64>()
    }

    /// Corrects residuals and Jacobian for the loss.
    fn correct(&mut self, columns: usize) {
        if self.loss == Loss::Square {
            return;
        }
        for (r, row) in self.residuals.iter_mut().zip(self.jacobian.chunks_exact_mut(columns.max(1))) {
            let (of_r, of_j) = self.loss.correction(r.to_f64());
            *r = R::Scalar::from_f64(of_r) * *r;
            row.iter_mut().for_each(|j| *j = R::Scalar::from_f64(of_j) * *j);
        }
    }

    /// What can be said about the solution.
    fn fit(&mut self, report: Report<R::Scalar>) -> Fit<R::Scalar> {
        let n = report.x.len();
        self.value(&report.x);
        let residuals = self.residuals.clone();
        self.jacobian.resize(residuals.len() * n, R::Scalar::default());
        self.source.jacobian_into(&report.x, &mut self.jacobian);
        self.correct(n);
        Fit::new(report, residuals, &self.residuals, &self.jacobian)
    }

    /// The measure of the first-order test where everything was computed last: the cosine, or what is not finite in the
    /// gradient.
    fn measure(&self, point: &Point<R::Scalar>) -> f64 {
        if point.gradient_norm.is_finite() { self.cosine.value() } else { point.gradient_norm }
    }

    fn half_square(&self) -> R::Scalar {
        R::Scalar::from_f64(match self.loss {
            Loss::Square => 0.5 * dot(&self.residuals, &self.residuals),
            Loss::Huber(_) | Loss::SoftL1(_) | Loss::Cauchy(_) | Loss::Tukey(_) => self.half_sum(),
        })
    }

    /// The Jacobian at x, and from it and the residuals the gradient.
    fn gradient_into(&mut self, x: &[R::Scalar], gradient: &mut [R::Scalar]) {
        self.jacobian.resize(self.residuals.len() * x.len(), R::Scalar::default());
        self.source.jacobian_into(x, &mut self.jacobian);
        self.failure = self.failure.take().or(self.source.failure());
        self.correct(x.len());
        gradient.fill(R::Scalar::default());
        for (row, &r) in self.jacobian.chunks_exact(x.len().max(1)).zip(&self.residuals) {
            for (g, &j) in gradient.iter_mut().zip(row) {
                *g += r * j;
            }
        }
        self.measure_cosine();
    }
}

impl<R: Residuals> Objective for LeastSquares<R> {
    type Scalar = R::Scalar;

    fn dim(&self) -> Option<usize> {
        self.source.dim()
    }

    fn value(&mut self, x: &[R::Scalar]) -> R::Scalar {
        self.count_at(x);
        self.at.clear();
        self.at.extend_from_slice(x);
        self.source.residuals_into(x, &mut self.residuals);
        self.failure = self.source.failure();
        self.half_square()
    }

    fn value_and_grad_into(&mut self, x: &[R::Scalar], gradient: &mut [R::Scalar]) -> R::Scalar {
        let value = self.value(x);
        self.gradient_into(x, gradient);
        value
    }

    fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }
}

/// In two steps, because the Jacobian is wanted only where the value is good enough.
impl<R: Residuals> Evaluator<LeastSquares<R>> {
    /// The value alone at `point.x`, and whether it is finite.
    fn evaluate_value(&mut self, point: &mut Point<R::Scalar>) -> Result<bool, Termination> {
        self.check_budget()?;
        if !all_finite(&point.x) {
            return Ok(false);
        }
        point.value = self.objective().value(&point.x);
        self.count().values += 1;
        Ok(!self.has_failed() && point.value.is_finite())
    }

    /// Residuals and Jacobian at a point that was evaluated before the last.
    fn evaluate_again(&mut self, point: &Point<R::Scalar>) {
        let problem = self.objective();
        problem.value(&point.x);
        problem.source.jacobian_into(&point.x, &mut problem.jacobian);
        problem.correct(point.x.len());
        problem.measure_cosine();
        self.count().values += 1;
        self.count().gradients += 1;
    }

    /// The gradient where the value was evaluated last, and whether it is finite.
    fn evaluate_gradient(&mut self, point: &mut Point<R::Scalar>) -> bool {
        self.objective().gradient_into(&point.x, &mut point.gradient);
        self.count().gradients += 1;
        point.measure();
        !self.has_failed() && point.is_finite()
    }
}
