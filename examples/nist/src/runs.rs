//! One method on one set, and what is true of it.

use grad::Residuals;
use grad::descent::{DescentError, Dogleg, LevenbergMarquardt, Report};

use crate::data::Set;
use crate::models::Fit;

/// What came out, judged from outside.
pub struct Run {
    /// Of the worst parameter.
    pub digits: f64,
    /// Whether the method says that it has converged.
    pub claims: bool,
    /// The largest |cos| of the angle between the residuals and a column of the Jacobian, computed again.
    pub cosine: f64,
    /// Of the residuals.
    pub evaluations: usize,
    pub jacobians: usize,
    /// Why it ended, in the method's words.
    pub ended: String,
    pub report: Option<Report<f64>>,
}

/// Levenberg–Marquardt with its defaults.
pub fn levenberg_marquardt(set: &Set, start: &[f64]) -> Run {
    run(set, start, |fit, start| LevenbergMarquardt::default().minimize(fit, start))
}

/// The dogleg with its defaults.
pub fn dogleg(set: &Set, start: &[f64]) -> Run {
    run(set, start, |fit, start| Dogleg::default().minimize(fit, start))
}

/// Runs a method on a set.
pub fn run(
    set: &Set,
    start: &[f64],
    minimize: impl FnOnce(&mut Fit<'_>, Vec<f64>) -> Result<Report<f64>, DescentError>,
) -> Run {
    let mut fit = fit(set);
    let result = minimize(&mut fit, start.to_vec());
    let Fit { evaluations, jacobians, .. } = fit;
    let run = |b: &[f64], claims, ended, report| {
        let (digits, cosine) = (set.digits(b), cosine(set, b));
        Run { digits, claims, cosine, evaluations, jacobians, ended, report }
    };
    match result {
        Ok(report) => {
            let (x, claims) = (report.x.clone(), report.termination.converged());
            run(&x, claims, format!("{:?}", report.termination), Some(report))
        }
        Err(error) => run(start, false, error.to_string(), None),
    }
}

/// The residuals of a set.
pub fn fit(set: &Set) -> Fit<'_> {
    let Set { model, x, y, certified, .. } = set;
    Fit { model, parameters: certified.len(), x, y, evaluations: 0, jacobians: 0 }
}

/// MINPACK's measure: max over the columns of |Jⱼᵀr| / (‖Jⱼ‖·‖r‖).
fn cosine(set: &Set, b: &[f64]) -> f64 {
    let mut fit = fit(set);
    let (m, n) = (set.y.len(), b.len());
    let (mut r, mut jacobian) = (vec![0.0; m], vec![0.0; m * n]);
    fit.residuals_into(b, &mut r);
    fit.jacobian_into(b, &mut jacobian);
    let norm = |v: &mut dyn Iterator<Item = f64>| v.map(|v| v * v).sum::<f64>().sqrt();
    let size = norm(&mut r.iter().copied());
    (0..n)
        .map(|j| {
            let product: f64 = r.iter().zip(jacobian.chunks_exact(n)).map(|(r, row)| r * row[j]).sum();
            let column = norm(&mut jacobian.chunks_exact(n).map(|row| row[j]));
            if product == 0.0 { 0.0 } else { product.abs() / column / size }
        })
        .fold(0.0, f64::max)
}
