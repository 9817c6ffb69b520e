//! Levenberg–Marquardt: Gauss and Newton's step, no longer than it can be trusted.

use super::damping::Damping;
use super::pivoted_qr::PivotedQr;
use super::{Fit, LeastSquares, Loss, NEGLIGIBLE, stopping};
use crate::descent::settings::descent_settings;
use crate::descent::vector::norm;
use crate::descent::{DescentError, Evaluator, Method, Observer, Point, Report, Stopping, Termination, Walk};
use crate::{Residuals, Scalar};

/// Levenberg–Marquardt, for sums of squares: minimises f(x) = ½·‖r(x)‖².
///
/// ```text
/// x₊ = x + p        p minimises ‖J·p + r‖² over ‖D·p‖ ≤ Δ, that is (JᵀJ + λ·D²)·p = −Jᵀr for a λ ≥ 0
/// ```
///
/// D has the largest norms so far of the columns of J, so that the scale of the variables does not matter. The step is
/// taken if f falls by at least 10⁻⁴ of what the linear model promises. The radius Δ is 0.1·‖D·x‖ at the start (0.1 if
/// that is 0); it shrinks where less than a quarter of the promise is kept, and becomes 2·‖D·p‖ where three quarters
/// are, or λ = 0. The equations are solved by QR with column pivoting, never by forming `JᵀJ`; the Jacobian is computed
/// at accepted points only.
///
/// Converged where r is orthogonal to the columns of J, maxⱼ |Jⱼᵀ·r| / (‖Jⱼ‖·‖r‖) ≤ `gradient_tolerance`, 10⁻⁸ by
/// default: this cosine is the gradient norm of its report, and knows no scale of the residuals or the variables. Also
/// where the residuals are as good as zero, [`Termination::SmallResiduals`].
///
/// Moré, *The Levenberg–Marquardt algorithm: implementation and theory*, in *Numerical Analysis*, 1978, with the
/// constants of MINPACK's `lmder` (Moré, Garbow and Hillstrom, *User guide for MINPACK-1*, 1980) but for the first radius,
/// which is 100 there; of the range that the guide recommends, the lower end is the one that solves all of NIST's problems.
///
/// ```
/// use grad_runtime::descent::LevenbergMarquardt;
/// use grad_runtime::from_residuals;
///
/// let mut rosenbrock = from_residuals(
///     2,
///     |x: &[f64], r: &mut [f64]| r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]),
///     |x: &[f64], jacobian: &mut [f64]| jacobian.copy_from_slice(&[-20.0 * x[0], 10.0, -1.0, 0.0]),
/// );
/// let report = LevenbergMarquardt::default().minimize(&mut rosenbrock, vec![-1.2, 1.0])?;
/// assert!(report.termination.converged());
/// assert!((report.x[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LevenbergMarquardt {
    first_radius: f64,
    loss: Loss,
    stopping: Stopping,
}

/// How much of f, in units of the machine's epsilon, may be rounding.
const ROUNDING: f64 = 2.0;

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        LevenbergMarquardt { first_radius: 0.1, loss: Loss::Square, stopping: stopping() }
    }
}

impl LevenbergMarquardt {
    descent_settings!(@stopping);

    /// The radius at the start, in units of ‖D·x‖; above 0. Default 0.1.
    #[must_use]
    pub fn first_radius(self, first_radius: f64) -> Self {
        LevenbergMarquardt { first_radius, ..self }
    }

    /// The loss, where there are outliers. Default: every residual counts as its square.
    #[must_use]
    pub fn loss(self, loss: Loss) -> Self {
        LevenbergMarquardt { loss, ..self }
    }

    /// The same as [`minimize`](Self::minimize), with statistics of the residuals and the standard errors of the variables.
    ///
    /// ```
    /// use grad_runtime::descent::LevenbergMarquardt;
    /// use grad_runtime::from_residuals;
    ///
    /// let y = [1.1, 2.9, 5.2, 6.8, 9.1];
    /// let mut line = from_residuals(
    ///     5,
    ///     |x: &[f64], r: &mut [f64]| (0..5).for_each(|i| r[i] = x[0] + x[1] * i as f64 - y[i]),
    ///     |_: &[f64], j: &mut [f64]| (0..5).for_each(|i| j[2 * i..2 * i + 2].copy_from_slice(&[1.0, i as f64])),
    /// );
    /// let fit = LevenbergMarquardt::default().fit(&mut line, vec![0.0, 0.0])?;
    /// println!("{fit}");
    /// // s/√Σ(t − t̄)²
    /// let slope_error = fit.standard_deviation / 10.0_f64.sqrt();
    /// assert!((fit.standard_errors.unwrap()[1] - slope_error).abs() < 1e-12);
    /// # Ok::<(), grad_runtime::descent::DescentError>(())
    /// ```
    pub fn fit<R: Residuals>(
        &self,
        residuals: &mut R,
        start: Vec<R::Scalar>,
    ) -> Result<Fit<R::Scalar>, DescentError> {
        let report = self.minimize(residuals, start)?;
        Ok(LeastSquares::new(residuals).loss(self.loss).fit(report))
    }

    /// Minimises ½·‖r(x)‖². Never panics, unless the residuals do.
    pub fn minimize<R: Residuals>(
        &self,
        residuals: &mut R,
        start: Vec<R::Scalar>,
    ) -> Result<Report<R::Scalar>, DescentError> {
        Ok(self.walk(residuals, start)?.run())
    }

    /// The same, watched by an [`Observer`], which may be a closure and may end it.
    pub fn minimize_with<R: Residuals>(
        &self,
        residuals: &mut R,
        start: Vec<R::Scalar>,
        mut observer: impl Observer<R::Scalar>,
    ) -> Result<Report<R::Scalar>, DescentError> {
        Ok(self.walk(residuals, start)?.run_with(&mut observer))
    }

    /// The descent, for those who want to own the loop.
    pub fn walk<R: Residuals>(
        &self,
        residuals: R,
        start: Vec<R::Scalar>,
    ) -> Result<Walk<LeastSquares<R>, LevenbergMarquardtState>, DescentError> {
        let value = self.first_radius;
        if !(value > 0.0 && value.is_finite()) {
            let expected = "finite and above 0";
            return Err(DescentError::InvalidSetting { name: "first_radius", value, expected });
        }
        self.loss.check()?;
        let state = LevenbergMarquardtState { first_radius: value, ..LevenbergMarquardtState::default() };
        Walk::down(LeastSquares::new(residuals).loss(self.loss), state, self.stopping.clone(), start)
    }
}

/// [`LevenbergMarquardt`] under way.
#[derive(Clone, Debug, Default)]
pub struct LevenbergMarquardtState {
    first_radius: f64,
    qr: PivotedQr,
    damping: Damping,
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

impl<R: Residuals> Method<LeastSquares<R>> for LevenbergMarquardtState {
    fn start(
        &mut self,
        evaluator: &mut Evaluator<LeastSquares<R>>,
        start: &mut [R::Scalar],
    ) -> Result<(), DescentError> {
        let dim = start.len();
        self.qr.start(evaluator.objective().residuals.len(), dim);
        self.damping.start(dim);
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
        let x_norm = self.scaled_norm(&current.x);
        if self.first {
            self.radius = self.first_radius * if x_norm > 0.0 { x_norm } else { 1.0 };
        }
        let mut tried = None;
        loop {
            let LevenbergMarquardtState { qr, damping, scale, step, .. } = self;
            let (lambda, length) = damping.solve(qr, scale, self.radius, self.lambda, step);
            self.lambda = lambda;
            if self.first {
                (self.radius, self.first) = (self.radius.min(length), false);
            }
            let (mut moved, mut elsewhere) = (false, false);
            for ((next, &x), &p) in next.x.iter_mut().zip(&current.x).zip(&*step) {
                let last = std::mem::replace(next, x - R::Scalar::from_f64(p));
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
            let linear = (qr.norm_of_product(step) / size).powi(2);
            let damped = lambda * (length / size).powi(2);
            let predicted = linear + 2.0 * damped;
            let ratio = if predicted == 0.0 { 0.0 } else { actual / predicted };

            let radius = self.radius;
            if ratio > 0.25 {
                if lambda == 0.0 || ratio >= 0.75 {
                    self.radius = 2.0 * length;
                    self.lambda = 0.5 * lambda;
                }
            } else {
                self.shrink(actual, linear + damped, tenfold, length);
            }
            if ratio >= 1e-4 && actual > 0.0 {
                if evaluator.evaluate_gradient(next) {
                    return Ok(radius);
                }
                // No derivative there: closer.
                self.shrink(-1.0, linear + damped, true, length);
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
}

impl LevenbergMarquardtState {
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
