//! Robust losses and statistics of fits, against `scipy` and formulas.

use grad_runtime::descent::{DescentError, Fit, Lbfgs, LeastSquares, LevenbergMarquardt, Loss};
use grad_runtime::{Residuals, check_gradient, from_residuals};

/// A decay a·exp(−b·t), with two outliers.
fn decay() -> impl Residuals<Scalar = f64> {
    let y = [2.01, 1.22, 0.73, 0.46, 0.26, 0.17, 1.9, 0.06, 0.04, 0.01, -1.5, 0.02];
    from_residuals(
        12,
        move |x: &[f64], r: &mut [f64]| {
            r.iter_mut().enumerate().for_each(|(t, r)| *r = x[0] * (-x[1] * t as f64).exp() - y[t]);
        },
        |x: &[f64], j: &mut [f64]| {
            for (t, row) in j.chunks_mut(2).enumerate() {
                let e = (-x[1] * t as f64).exp();
                row.copy_from_slice(&[e, -(t as f64) * x[0] * e]);
            }
        },
    )
}

fn fit(loss: Loss) -> Fit<f64> {
    LevenbergMarquardt::default().loss(loss).fit(&mut decay(), vec![1.0, 1.0]).unwrap()
}

#[test]
fn robust_fits_are_scipys() {
    // scipy 1.17.1, least_squares(f, [1, 1], jac, loss=…, f_scale=0.1, xtol=1e-15, ftol=1e-15, gtol=1e-15): x and cost.
    for (loss, a, b, cost) in [
        (Loss::Square, 1.892_145_411_657_905, 0.370_943_734_954_950_4, 2.700_432_684_807_629_4),
        (Loss::Huber(0.1), 2.004_083_208_572_761, 0.493_426_844_687_958, 0.321_571_412_909_029_8),
        (Loss::SoftL1(0.1), 2.004_048_859_236_897_7, 0.493_333_065_023_394, 0.312_176_232_430_908_3),
        (Loss::Cauchy(0.1), 2.009_742_317_122_806_4, 0.500_551_369_882_231_9, 0.056_453_974_608_167_86),
    ] {
        let fit = fit(loss);
        let report = &fit.report;
        assert!(report.termination.converged(), "{loss:?}: {report}");
        assert!((report.x[0] - a).abs() < 1e-7 && (report.x[1] - b).abs() < 1e-7, "{loss:?}: {report}");

        assert!((report.value / cost - 1.0).abs() < 1e-11, "{loss:?}: {}", report.value);
        assert!(report.evaluations < 60, "{loss:?}: {report}");
    }
}

#[test]
fn a_loss_is_minimised_by_other_methods_at_the_same_point() {
    for loss in [Loss::Huber(0.2), Loss::SoftL1(0.05), Loss::Cauchy(0.3), Loss::Tukey(0.5)] {
        let fit = fit(loss);
        let mut objective = LeastSquares::new(decay()).loss(loss);
        let near = vec![fit.report.x[0] + 0.01, fit.report.x[1] - 0.01];
        assert!(check_gradient(&mut objective, &near, 1e-6).agrees(), "{loss:?}");
        let other = Lbfgs::default().gradient_tolerance(1e-9).minimize(&mut objective, near).unwrap();
        for (x, other) in fit.report.x.iter().zip(&other.x) {
            assert!((x - other).abs() < 1e-6, "{loss:?}: {} {other}", fit.report);
        }
        // The outliers are as large as they were.
        assert!(fit.largest_residual > 1.4 && fit.residuals.len() == 12);
    }
}

#[test]
fn scales_that_make_no_sense_are_errors() {
    for loss in [Loss::Huber(0.0), Loss::SoftL1(-1.0), Loss::Cauchy(f64::NAN), Loss::Tukey(f64::INFINITY)] {
        let error =
            LevenbergMarquardt::default().loss(loss).minimize(&mut decay(), vec![1.0; 2]).unwrap_err();
        assert!(matches!(error, DescentError::InvalidSetting { name: "loss", .. }), "{error}");
    }
}

#[test]
fn what_the_residuals_do_not_determine_has_no_error() {
    // x₀ + x₁ alone is determined.
    let mut sum = from_residuals(
        4,
        |x: &[f64], r: &mut [f64]| (0..4).for_each(|i| r[i] = x[0] + x[1] - i as f64),
        |_: &[f64], j: &mut [f64]| j.fill(1.0),
    );
    let fit = LevenbergMarquardt::default().fit(&mut sum, vec![0.1, 0.2]).unwrap();
    assert_eq!(
        (fit.covariance.as_ref(), fit.standard_errors.as_ref(), fit.degrees_of_freedom),
        (None, None, 2)
    );
    assert!(fit.to_string().contains("do not determine all"));
    assert!(
        (fit.sum_of_squares - 5.0).abs() < 1e-12 && (fit.standard_deviation - 2.5_f64.sqrt()).abs() < 1e-12
    );
    // As many residuals as variables leave nothing to estimate the errors from.
    let mut exact = from_residuals(
        1,
        |x: &[f64], r: &mut [f64]| r[0] = x[0] - 2.0,
        |_: &[f64], j: &mut [f64]| j[0] = 1.0,
    );
    let fit = LevenbergMarquardt::default().fit(&mut exact, vec![1.0]).unwrap();
    assert!(fit.covariance.is_none() && fit.standard_deviation.is_nan());
}

#[test]
fn the_covariance_of_a_line_is_that_of_the_textbook() {
    let y = [1.1, 2.9, 5.2, 6.8, 9.1];
    let mut line = from_residuals(
        5,
        |x: &[f64], r: &mut [f64]| (0..5).for_each(|i| r[i] = x[0] + x[1] * i as f64 - y[i]),
        |_: &[f64], j: &mut [f64]| (0..5).for_each(|i| j[2 * i..2 * i + 2].copy_from_slice(&[1.0, i as f64])),
    );
    let fit = LevenbergMarquardt::default().fit(&mut line, vec![0.0, 0.0]).unwrap();
    // Σ(t − t̄)² = 10, t̄ = 2, Σt² = 30.
    let variance = fit.standard_deviation.powi(2);
    let expected = [variance * 30.0 / 50.0, -variance * 2.0 / 10.0, -variance * 2.0 / 10.0, variance / 10.0];
    for (found, expected) in fit.covariance.unwrap().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-14, "{found} {expected}");
    }
}
