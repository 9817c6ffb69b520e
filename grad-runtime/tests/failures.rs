//! Objectives that can fail: what a descent does then.

use grad_runtime::descent::{
    BatchObjective, Bfgs, ConjugateGradient, DescentError, GaussNewton, GradientDescent, Lbfgs,
    LevenbergMarquardt, NewtonCg, ProjectedGradient, Report, SteepestDescent, Termination, Training, batches,
    full_batch,
};
use grad_runtime::{HessianProduct, Objective, from_fn, from_residuals, with_hessian_product};

/// What the objective says.
#[derive(Debug, PartialEq)]
struct Outside(f64);

impl std::fmt::Display for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} is outside", self.0)
    }
}

impl std::error::Error for Outside {}

/// (x − 3)⁴/100 + (x − 3)² + 10·(y − 1)², which fails for x > 4.
fn partial() -> impl HessianProduct<Scalar = f64> {
    let objective = from_fn(|x: &[f64]| {
        if x[0] > 4.0 {
            return Err(Outside(x[0]));
        }
        let (a, b) = (x[0] - 3.0, x[1] - 1.0);
        let value = 0.01 * a.powi(4) + a * a + 10.0 * b * b;
        Ok((value, [0.04 * a.powi(3) + 2.0 * a, 20.0 * b]))
    });
    with_hessian_product(objective, |x: &[f64], v: &[f64], out: &mut [f64]| {
        out.copy_from_slice(&[(0.12 * (x[0] - 3.0).powi(2) + 2.0) * v[0], 20.0 * v[1]]);
    })
}

#[test]
fn a_failing_trial_shortens_the_step_and_is_counted() {
    let start = || vec![-20.0, 3.0];
    let mut f = partial();
    let reports: [(&str, Report<f64>); 6] = [
        ("L-BFGS", Lbfgs::default().minimize(&mut f, start()).unwrap()),
        ("BFGS", Bfgs::default().minimize(&mut f, start()).unwrap()),
        ("CG", ConjugateGradient::default().minimize(&mut f, start()).unwrap()),
        ("steepest", SteepestDescent::default().minimize(&mut f, start()).unwrap()),
        ("Newton", NewtonCg::default().first_radius(100.0).minimize(&mut f, start()).unwrap()),
        (
            "projected",
            ProjectedGradient::new(vec![-30.0; 2], vec![30.0; 2]).minimize(&mut f, start()).unwrap(),
        ),
    ];
    let mut failures = 0;
    for (name, report) in reports {
        assert!(report.termination.converged(), "{name}: {report}");
        assert!((report.x[0] - 3.0).abs() + (report.x[1] - 1.0).abs() < 1e-5, "{name}: {report}");
        assert!(report.failures < report.evaluations);
        assert_eq!(report.failures > 0, report.failure.is_some());
        if let Some(failure) = &report.failure {
            assert!(failure.downcast_ref::<Outside>().unwrap().0 > 4.0);
            assert!(report.to_string().contains("failed, the last: "), "{report}");
        }
        failures += report.failures;
    }
    assert!(failures > 0, "none of the walks came to the edge");
}

#[test]
fn a_failing_start_is_handed_back() {
    for result in [
        Lbfgs::default().minimize(&mut partial(), vec![5.0, 0.0]),
        NewtonCg::default().minimize(&mut partial(), vec![5.0, 0.0]),
        GradientDescent::new(0.1).minimize(&mut partial(), vec![5.0, 0.0]),
        Lbfgs::default().maximize(&mut partial(), vec![5.0, 0.0]),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.to_string(), "the objective failed at the start: 5 is outside");
        match error {
            DescentError::Objective(failure) => assert_eq!(failure.downcast_ref(), Some(&Outside(5.0))),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn steps_of_fixed_length_end_where_the_objective_fails() {
    let report = GradientDescent::new(0.06).minimize(&mut partial(), vec![-20.0, 3.0]).unwrap();
    assert_eq!((report.termination, report.failures), (Termination::NotFinite, 1));
    assert!(report.x[0] <= 4.0 && report.value.is_finite());
}

#[test]
fn residuals_and_their_jacobian_may_fail_too() {
    // ln x + 3 with no logarithm of what is not positive.
    let logarithm = || {
        from_residuals(
            1,
            |x: &[f64], r: &mut [f64]| {
                if x[0] <= 0.0 {
                    return Err(Outside(x[0]));
                }
                r[0] = x[0].ln() + 3.0;
                Ok(())
            },
            |x: &[f64], j: &mut [f64]| j[0] = 1.0 / x[0],
        )
    };
    for report in [
        LevenbergMarquardt::default().first_radius(100.0).minimize(&mut logarithm(), vec![5.0]).unwrap(),
        GaussNewton::default().minimize(&mut logarithm(), vec![5.0]).unwrap(),
    ] {
        assert!(report.termination.converged() && report.failures > 0, "{report}");
        assert!((report.x[0] - (-3.0_f64).exp()).abs() < 1e-6);
    }
    let error = LevenbergMarquardt::default().minimize(&mut logarithm(), vec![-5.0]).unwrap_err();
    assert_eq!(error.to_string(), "the objective failed at the start: -5 is outside");
    let mut no_jacobian = from_residuals(
        1,
        |x: &[f64], r: &mut [f64]| r[0] = x[0],
        |_: &[f64], _: &mut [f64]| Err::<(), _>("no derivative"),
    );
    let error = LevenbergMarquardt::default().minimize(&mut no_jacobian, vec![1.0]).unwrap_err();
    assert!(error.to_string().ends_with("no derivative"));
}

#[test]
fn a_failure_is_told_once() {
    let mut f = from_fn(|x: &[f64]| if x[0] > 0.0 { Ok((x[0], [1.0])) } else { Err("not positive") });
    assert!(f.value(&[-1.0]).is_nan());
    assert_eq!(f.failure().unwrap().to_string(), "not positive");
    assert!(f.failure().is_none());
    assert!(f.value_and_grad_into(&[1.0], &mut [0.0]) == 1.0 && f.failure().is_none());
}

/// Fits for which some samples fail, and some are not finite; the mean of the others is 3.
fn faulty() -> impl BatchObjective<Scalar = f64> {
    batches(8, |x: &[f64], batch: &[usize], gradient: &mut [f64]| {
        let (mut value, mut n) = (0.0, 0.0);
        gradient[0] = 0.0;
        for &k in batch {
            match k {
                // All at once they are left out: the start and the end are fine.
                3 | 5 if batch.len() == 8 => continue,
                3 => return Err(Outside(3.0)),
                5 => value = f64::NAN,
                _ => {}
            }
            let sample = [1.0, 2.0, 3.0, 0.0, 3.0, 0.0, 4.0, 5.0][k];
            gradient[0] += x[0] - sample;
            value += 0.5 * (x[0] - sample).powi(2);
            n += 1.0;
        }
        gradient[0] /= n;
        Ok(value / n)
    })
}

#[test]
fn a_failing_batch_ends_a_training_or_is_left_out() {
    let descent = GradientDescent::new(0.1);
    for maximize in [false, true] {
        let training = Training::new(30, 1).seed(2);
        let training = if maximize { training.maximize() } else { training };
        let report = descent.train(&mut faulty(), vec![0.0], &training, |_| ()).unwrap();
        assert_eq!(report.termination, Termination::NotFinite, "{report}");
        assert!(report.value.is_finite() && report.epochs == 0);
        assert_eq!(
            (report.failures, report.failure.is_some()),
            (report.failures.min(1), report.failures == 1)
        );
    }
    // One at a time, with and without another one behind it.
    let training = Training::new(200, 1).seed(2).skip_failures(4);
    let mut epochs = 0;
    let report = descent
        .train(&mut faulty(), vec![0.0], &training, |epoch| {
            epochs += 1;
            assert_eq!((epoch.samples, epoch.skipped), (6, 2 * epochs));
            assert!(epoch.mean_value.is_finite());
        })
        .unwrap();
    assert_eq!((report.termination, report.epochs, report.iterations), (Termination::EpochsDone, 200, 1200));
    assert_eq!((report.skipped, report.failures), (400, 200));
    assert!((report.x[0] - 3.0).abs() < 0.5, "{report}");
    assert!(report.failure.as_ref().unwrap().downcast_ref::<Outside>().is_some());
    let text = report.to_string();
    assert!(
        text.contains("400 batches were left out")
            && text.contains("200 evaluations failed, the last: 3 is outside")
    );

    // More in a row than are allowed; at the start.
    let fails_from = |call: usize| {
        let mut calls = 0;
        batches(4, move |_: &[f64], _: &[usize], gradient: &mut [f64]| {
            calls += 1;
            gradient[0] = 1.0;
            if calls > call { Err(Outside(calls as f64)) } else { Ok(0.0) }
        })
    };
    let report =
        descent.train(&mut fails_from(4), vec![0.0], &Training::new(9, 1).skip_failures(5), |_| ()).unwrap();
    assert_eq!(
        (report.termination, report.iterations, report.skipped),
        (Termination::NotFinite, 3, 5),
        "{report}"
    );
    let error = descent.train(&mut fails_from(0), vec![0.0], &Training::new(9, 1), |_| ()).unwrap_err();
    assert!(
        matches!(&error, DescentError::Objective(failure) if failure.to_string() == "1 is outside"),
        "{error}"
    );
    // As a whole, for the methods that need it.
    let error = Lbfgs::default().minimize(&mut full_batch(fails_from(0)), vec![0.0]).unwrap_err();
    assert!(matches!(error, DescentError::Objective(_)));
}
