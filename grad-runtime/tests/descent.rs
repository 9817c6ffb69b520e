//! The descent loops on functions whose walks are known.

use std::ops::ControlFlow;

use grad_runtime::__private::{Ask, NoProducts};
use grad_runtime::descent::{
    BatchObjective, DescentError, GradientDescent, Stopping, Termination, Training, UpdateRule, Walk, batches,
};
use grad_runtime::{Objective, from_fn};

/// f(x) = (L/2)·x²
fn parabola(curvature: f64) -> impl Objective<Scalar = f64> {
    from_fn(move |x: &[f64]| (0.5 * curvature * x[0] * x[0], [curvature * x[0]]))
}

fn rosenbrock(x: &[f64]) -> (f64, [f64; 2]) {
    let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
    (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
}

#[test]
fn each_step_contracts_a_parabola_by_one_minus_step_size_times_curvature() {
    let mut walk = GradientDescent::new(0.3).walk(parabola(2.0), vec![8.0]).unwrap();
    for _ in 0..5 {
        let before = walk.x()[0];
        assert!(walk.step().is_continue());
        assert!((walk.x()[0] - 0.4 * before).abs() < 1e-14);
    }
}

#[test]
fn a_step_size_may_be_too_small_right_or_too_large() {
    let curvature = 4.0;
    let descend = |step_size: f64| {
        let descent = GradientDescent::new(step_size / curvature).max_iterations(1000);
        descent.minimize(&mut parabola(curvature), vec![1.0]).unwrap()
    };

    let right = descend(1.0);
    assert_eq!((right.termination, right.iterations, right.x[0]), (Termination::SmallGradient, 1, 0.0));

    let too_small = descend(1e-3);
    assert_eq!((too_small.termination, too_small.iterations), (Termination::MaxIterations, 1000));
    assert!(too_small.value < 2.0 && too_small.gradient_norm > 1.0);

    let oscillates = descend(2.0);
    assert_eq!((oscillates.termination, oscillates.value), (Termination::MaxIterations, 2.0));

    let too_large = descend(2.1);
    assert_eq!(too_large.termination, Termination::Diverged);
    assert_eq!((too_large.x[0], too_large.value), (1.0, 2.0), "the start was the best point");
    assert!(too_large.to_string().contains("smaller step size"));
}

#[test]
fn ascent_retraces_the_descent_of_the_negated_function_bit_for_bit() {
    let descent = GradientDescent::new(1e-3).momentum(0.9).max_iterations(500);
    let down = descent.minimize(&mut from_fn(rosenbrock), vec![-1.2, 1.0]).unwrap();
    let mut hill = from_fn(|x: &[f64]| {
        let (value, gradient) = rosenbrock(x);
        (-value, gradient.map(|g| -g))
    });
    let up = descent.maximize(&mut hill, vec![-1.2, 1.0]).unwrap();
    assert_eq!(
        up.x.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
        down.x.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    );
    assert_eq!(
        (up.value, up.gradient_norm, up.termination),
        (-down.value, down.gradient_norm, down.termination)
    );
}

#[test]
fn rosenbrock_is_minimised_and_the_report_counts() {
    let mut calls = 0;
    let mut objective = from_fn(|x: &[f64]| {
        calls += 1;
        rosenbrock(x)
    });
    let report = GradientDescent::new(1e-3).momentum(0.9).minimize(&mut objective, vec![-1.2, 1.0]).unwrap();
    assert!(report.termination.converged(), "{report}");
    assert!(report.gradient_norm <= 1e-6 && (report.x[0] - 1.0).abs() < 1e-5);
    assert_eq!(report.evaluations, calls);
    assert_eq!(report.evaluations, report.iterations + 1);
}

#[test]
fn a_point_that_is_not_finite_is_never_accepted() {
    // −√x falls without end towards x = 1, behind which the value is NaN.
    let mut cliff = from_fn(|x: &[f64]| ((1.0 - x[0]).sqrt(), [-0.5 / (1.0 - x[0]).sqrt()]));
    let report = GradientDescent::new(0.3).minimize(&mut cliff, vec![0.0]).unwrap();
    assert_eq!(report.termination, Termination::NotFinite);
    assert!(report.x[0] < 1.0 && report.value.is_finite() && report.gradient_norm.is_finite());

    // The step itself overflows.
    let mut steep = from_fn(|x: &[f64]| (x[0], [1e300]));
    let report = GradientDescent::new(1e10).minimize(&mut steep, vec![0.5]).unwrap();
    assert_eq!((report.termination, report.x[0]), (Termination::NotFinite, 0.5));

    // A gradient that is not finite where the value is.
    let mut spike = from_fn(|x: &[f64]| (x[0], [if x[0] < 0.0 { f64::INFINITY } else { 1.0 }]));
    let report = GradientDescent::new(1.0).minimize(&mut spike, vec![0.5]).unwrap();
    assert_eq!((report.termination, report.x[0]), (Termination::NotFinite, 0.5));
}

#[test]
fn the_best_point_is_returned_where_the_walk_did_not_converge() {
    let descent = GradientDescent::new(0.1).momentum(0.95).gradient_tolerance(0.0);
    let mut objective = parabola(1.0);
    let mut walk = descent.walk(&mut objective, vec![1.0]).unwrap();
    let mut lowest = (walk.value(), walk.x()[0], walk.gradient_norm());
    for _ in 0..37 {
        assert!(walk.step().is_continue());
        if walk.value() <= lowest.0 {
            lowest = (walk.value(), walk.x()[0], walk.gradient_norm());
        }
    }
    walk.stop();
    assert_eq!(walk.step(), ControlFlow::Break(Termination::Stopped));
    assert_ne!(walk.x()[0], lowest.1, "the walk has overshot");
    let report = walk.report();
    assert_eq!((report.value, report.x[0], report.gradient_norm), lowest);
    assert_eq!(report.termination, Termination::Stopped);
}

#[test]
fn a_step_that_changes_nothing_is_not_called_convergence() {
    let mut slope = from_fn(|x: &[f64]| (x[0], [1.0]));
    let report = GradientDescent::new(1e-3).minimize(&mut slope, vec![1e17]).unwrap();
    assert_eq!(report.termination, Termination::StepUnderflow);
    assert!(!report.termination.converged());
}

#[test]
fn a_minimum_at_the_start_takes_no_step() {
    let report = GradientDescent::new(0.1).minimize(&mut parabola(1.0), vec![0.0]).unwrap();
    assert_eq!((report.iterations, report.evaluations), (0, 1));
    assert!(report.termination.converged());
    let nothing = GradientDescent::new(0.1).minimize(&mut from_fn(|_: &[f64]| (1.0, [])), vec![]).unwrap();
    assert!(nothing.termination.converged());
}

#[test]
fn no_time_means_no_step() {
    let descent = GradientDescent::new(0.1).max_time(std::time::Duration::ZERO);
    let report = descent.minimize(&mut parabola(1.0), vec![1.0]).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::MaxTime, 0));
}

#[test]
fn mistakes_at_the_start_are_errors_that_say_what_is_wrong() {
    let minimize = |descent: GradientDescent, start: f64| {
        descent.minimize(&mut from_fn(|x: &[f64]| (x[0].ln(), [1.0 / x[0]])), vec![start]).unwrap_err()
    };
    let descent = GradientDescent::new(0.1);
    assert_eq!(minimize(descent.clone(), f64::NAN), DescentError::StartNotFinite { coordinate: 0 });
    assert_eq!(minimize(descent.clone(), 0.0), DescentError::ValueNotFinite { value: f64::NEG_INFINITY });
    for (name, descent) in [
        ("step_size", GradientDescent::new(0.0)),
        ("step_size", GradientDescent::new(f64::NAN)),
        ("momentum", descent.clone().momentum(1.0)),
        ("gradient_tolerance", descent.clone().gradient_tolerance(-1.0)),
    ] {
        let error = minimize(descent, 1.0);
        assert!(matches!(error, DescentError::InvalidSetting { name: n, .. } if n == name), "{error}");
        assert!(error.to_string().contains(name));
    }
    let mut root = from_fn(|x: &[f64]| (x[0].sqrt(), [0.5 / x[0].sqrt()]));
    let error = descent.minimize(&mut root, vec![0.0]).unwrap_err();
    assert_eq!(error, DescentError::GradientNotFinite { coordinate: 0 });
}

#[test]
fn shaped_objectives_check_the_dimension() {
    let objective = || {
        grad_runtime::__private::objective_of(
            Some([0.0; 2]),
            |x: &[f64; 2], ask: Ask<'_, [f64; 2], NoProducts>| {
                let (value, gradient) = rosenbrock(x);
                if let Ask::Gradient(x_bar) = ask {
                    *x_bar = gradient;
                }
                value
            },
        )
    };
    assert_eq!(objective().value(&[1.0, 1.0]), 0.0);
    let error = GradientDescent::new(1e-3).minimize(&mut objective(), vec![0.0; 3]).unwrap_err();
    assert_eq!(error, DescentError::WrongDimension { expected: 2, found: 3 });
    let report = GradientDescent::new(1e-3).momentum(0.9).minimize(&mut objective(), vec![0.0; 2]).unwrap();
    assert!(report.termination.converged());
}

#[test]
fn an_objective_over_rows_takes_their_lengths_from_an_example() {
    type Rows = Vec<Vec<f64>>;
    let mut objective = grad_runtime::__private::objective_of(
        Some(Rows::new()),
        |rows: &Rows, ask: Ask<'_, Rows, NoProducts>| {
            if let Ask::Gradient(bar) = ask {
                for (bar, row) in bar.iter_mut().zip(rows) {
                    bar.iter_mut().zip(row).for_each(|(bar, x)| *bar = x - 1.0);
                }
            }
            rows.iter().flatten().map(|x| 0.5 * (x - 1.0).powi(2)).sum::<f64>()
        },
    )
    .shaped_like(&vec![vec![0.0; 2], vec![0.0]]);
    let report = GradientDescent::new(0.5).minimize(&mut objective, vec![0.0; 3]).unwrap();
    assert!(report.termination.converged());
    let rows = objective.unflatten(&report.x);
    assert_eq!((rows[0].len(), rows[1].len()), (2, 1));
    assert!((rows[1][0] - 1.0).abs() < 1e-6);
}

#[test]
fn single_precision_stays_single() {
    let mut bowl = from_fn(|x: &[f32]| (x[0] * x[0] + x[1] * x[1], [2.0 * x[0], 2.0 * x[1]]));
    let report = GradientDescent::new(0.25).minimize(&mut bowl, vec![1.0_f32, -2.0]).unwrap();
    assert!(report.termination.converged());
    let _: f32 = report.value;
}

/// The mean of (w − s)²/2 over samples s.
fn mean_of(samples: &[f64]) -> impl BatchObjective<Scalar = f64> + '_ {
    batches(samples.len(), |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
        let n = batch.len() as f64;
        gradient[0] = batch.iter().map(|&k| w[0] - samples[k]).sum::<f64>() / n;
        batch.iter().map(|&k| 0.5 * (w[0] - samples[k]).powi(2)).sum::<f64>() / n
    })
}

#[test]
fn every_sample_is_used_once_in_an_epoch_in_an_order_that_the_seed_decides() {
    let used = |training: Training| {
        let mut used = Vec::new();
        let mut objective = batches(10, |_: &[f64], batch: &[usize], gradient: &mut [f64]| {
            used.push(batch.to_vec());
            gradient[0] = 0.0;
            0.0
        });
        let start = vec![0.0];
        let report =
            GradientDescent::new(0.1).train(&mut objective, start, &training, |_| ControlFlow::Continue(()));
        report.unwrap();
        // The first and the last evaluation are over all samples.
        used[1..used.len() - 1].to_vec()
    };
    let epochs = used(Training::new(2, 4).seed(5));
    assert_eq!(epochs.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2, 4, 4, 2]);
    for epoch in [&epochs[..3], &epochs[3..]] {
        let mut samples = epoch.concat();
        samples.sort_unstable();
        assert_eq!(samples, (0..10).collect::<Vec<_>>());
    }
    assert_ne!(epochs[..3], epochs[3..]);
    assert_eq!(epochs, used(Training::new(2, 4).seed(5)));
    assert_ne!(epochs, used(Training::new(2, 4).seed(6)));
    let dropped = used(Training::new(1, 4).seed(5).drop_last(true));
    assert_eq!(dropped, epochs[..2]);
}

#[test]
fn training_reports_the_value_over_all_samples_at_its_last_point() {
    let samples = [1.0, 2.0, 3.0, 6.0];
    let mut epochs = 0;
    let report = GradientDescent::new(0.05)
        .momentum(0.5)
        .train(&mut mean_of(&samples), vec![0.0], &Training::new(100, 3), |epoch| {
            epochs += 1;
            assert_eq!((epoch.number, epoch.samples, epoch.x.len()), (epochs, 4, 1));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((report.termination, report.epochs, report.iterations), (Termination::EpochsDone, 100, 200));
    assert_eq!(report.samples, 400);
    let value = samples.iter().map(|s| 0.5 * (report.x[0] - s).powi(2)).sum::<f64>() / 4.0;
    assert_eq!(report.value, value);
    assert!((report.gradient_norm - (report.x[0] - 3.0).abs()).abs() < 1e-15);
    assert!(report.to_string().contains("100 epochs"));
}

#[test]
fn the_callback_can_stop_a_training() {
    let training = Training::new(100, 1);
    let report = GradientDescent::new(0.05)
        .train(&mut mean_of(&[1.0, 2.0]), vec![0.0], &training, |epoch| {
            if epoch.number == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((report.termination, report.epochs), (Termination::Stopped, 3));
}

#[test]
fn training_takes_back_a_step_to_where_a_batch_is_not_finite() {
    // Beyond w = 1 the samples have no value.
    let mut cliff = batches(4, |w: &[f64], _: &[usize], gradient: &mut [f64]| {
        gradient[0] = -1.0;
        if w[0] > 1.0 { f64::NAN } else { -w[0] }
    });
    let training = Training::new(10, 2);
    let train = |cliff: &mut _, rate| {
        GradientDescent::new(rate).train(cliff, vec![0.0], &training, |_| ControlFlow::Continue(())).unwrap()
    };
    let report = train(&mut cliff, 0.3);
    assert_eq!(report.termination, Termination::NotFinite);
    assert!((report.x[0] - 0.9).abs() < 1e-12 && (report.value + 0.9).abs() < 1e-12);
    // The step that ends the last epoch is the bad one.
    let report = train(&mut cliff, 0.0501);
    assert_eq!((report.termination, report.epochs), (Termination::NotFinite, 10));
    assert!(report.x[0] <= 1.0 && report.value.is_finite());
}

#[test]
fn a_training_that_ends_above_its_start_has_diverged() {
    let descent = GradientDescent::new(2.5);
    let training = Training::new(10, 2);
    let report =
        descent.train(&mut mean_of(&[1.0, 2.0]), vec![0.0], &training, |_| ControlFlow::Continue(()));
    assert_eq!(report.unwrap().termination, Termination::Diverged);
}

#[test]
fn a_training_without_samples_or_batches_is_an_error() {
    let train = |samples: &[f64], training: Training| {
        let mut objective = mean_of(samples);
        let descent = GradientDescent::new(0.1);
        descent.train(&mut objective, vec![0.0], &training, |_| ControlFlow::Continue(())).unwrap_err()
    };
    assert_eq!(train(&[], Training::new(1, 1)), DescentError::NoSamples);
    assert_eq!(train(&[1.0], Training::new(1, 2).drop_last(true)), DescentError::NoSamples);
    assert!(matches!(
        train(&[1.0], Training::new(1, 0)),
        DescentError::InvalidSetting { name: "batch_size", .. }
    ));
}

#[test]
fn a_method_of_ones_own_is_an_update_rule() {
    /// x₊ = x − α·sign(∇f)
    struct SignDescent(f64);
    impl UpdateRule<f64> for SignDescent {
        fn start(&mut self, _: usize) {}
        fn step_into(&mut self, _: &[f64], gradient: &[f64], step: &mut [f64]) {
            for (step, g) in step.iter_mut().zip(gradient) {
                *step = -self.0 * g.signum();
            }
        }
    }
    let report = Walk::new(parabola(1.0), SignDescent(0.25), Stopping::default(), vec![2.0]).unwrap().run();
    assert_eq!((report.termination, report.iterations), (Termination::SmallGradient, 8));
}
