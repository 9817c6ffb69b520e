//! How good is a fit?

use std::fmt;

use super::pivoted_qr::PivotedQr;
use crate::Differentiable;
use crate::Scalar;
use crate::descent::Report;
use crate::descent::vector::norm;
use crate::norms::max_norm;

/// A solution in the sense of least squares, with what can be said about the residuals and, if the model is right and the
/// errors of the observations are independent of each other and of one size, about the errors of the variables.
///
/// The covariance is s²·(`JᵀJ`)⁻¹ with s² = ‖r‖²/(m − n), by the QR factors of J at the solution. With a
/// [`Loss`](super::Loss), J and r are the corrected ones.
///
/// Bates and Watts, *Nonlinear Regression Analysis and Its Applications*, 1988, section 2.2.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fit<S, X = Vec<S>> {
    /// The descent, with the solution in the form of the start.
    pub report: Report<S, X>,
    /// The residuals at the solution, without correction.
    pub residuals: Vec<S>,
    /// ‖r‖²
    pub sum_of_squares: f64,
    /// ‖r‖∞
    pub largest_residual: f64,
    /// m − n, or 0 if there are fewer residuals than variables.
    pub degrees_of_freedom: usize,
    /// s = √(‖r‖²/(m − n)): the standard deviation of the residuals; NaN if m ≤ n.
    pub standard_deviation: f64,
    /// The covariance of the variables, n·n numbers; none if m ≤ n, or the columns of J depend on each other to rounding.
    pub covariance: Option<Vec<f64>>,
    /// The square roots of its diagonal.
    pub standard_errors: Option<Vec<f64>>,
}

impl<S: Scalar> Fit<S> {
    /// From what is known at the solution: residuals, and the same and the Jacobian corrected.
    pub(super) fn new(report: Report<S>, residuals: Vec<S>, corrected: &[S], jacobian: &[S]) -> Self {
        let (m, n) = (residuals.len(), report.x.len());
        let degrees_of_freedom = m.saturating_sub(n);
        let variance = norm(corrected).powi(2) / degrees_of_freedom as f64;
        let mut qr = PivotedQr::default();
        qr.start(m, n);
        if n > 0 {
            qr.factor(jacobian, corrected);
        }
        let covariance = (degrees_of_freedom > 0)
            .then(|| qr.inverse_of_square())
            .flatten()
            .map(|inverse| inverse.into_iter().map(|c| variance * c).collect::<Vec<_>>());
        let standard_errors =
            covariance.as_ref().map(|c| c.iter().step_by(n + 1).map(|variance| variance.sqrt()).collect());
        Fit {
            sum_of_squares: norm(&residuals).powi(2),
            largest_residual: max_norm(&residuals),
            degrees_of_freedom,
            standard_deviation: if degrees_of_freedom > 0 { variance.sqrt() } else { f64::NAN },
            covariance,
            standard_errors,
            residuals,
            report,
        }
    }
}

impl<S, X> Fit<S, X> {
    /// The same with the solution in another form.
    pub(crate) fn map<Y>(self, form: impl FnOnce(X) -> Y) -> Fit<S, Y> {
        Fit {
            report: self.report.map(form),
            residuals: self.residuals,
            sum_of_squares: self.sum_of_squares,
            largest_residual: self.largest_residual,
            degrees_of_freedom: self.degrees_of_freedom,
            standard_deviation: self.standard_deviation,
            covariance: self.covariance,
            standard_errors: self.standard_errors,
        }
    }
}

impl<S: Scalar, X: Differentiable> fmt::Display for Fit<S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.report)?;
        write!(
            f,
            "{} residuals, sum of squares {:.6e}, largest {:.3e}, standard deviation {:.3e} with {} degrees of freedom",
            self.residuals.len(),
            self.sum_of_squares,
            self.largest_residual,
            self.standard_deviation,
            self.degrees_of_freedom
        )?;
        match &self.standard_errors {
            Some(errors) => self
                .report
                .x
                .flatten::<S>()
                .iter()
                .zip(errors)
                .enumerate()
                .try_for_each(|(i, (x, error))| write!(f, "\nx[{i}] = {:.6e} ± {error:.1e}", x.to_f64())),
            None => write!(f, "\nno covariance: the residuals do not determine all variables"),
        }
    }
}
