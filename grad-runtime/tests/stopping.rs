//! Every way to stop, and what those who watch see.

use std::ops::ControlFlow;

use grad_runtime::descent::{DescentError, GradientDescent, Iteration, Stopping, Termination};
use grad_runtime::{Objective, from_fn};

/// f(x) = x², down to 0; the value and the gradient fall by a fixed factor at each step.
fn parabola() -> impl Objective<Scalar = f64> {
    from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]))
}

fn slow() -> GradientDescent {
    GradientDescent::new(0.25).gradient_tolerance(0.0)
}

#[test]
fn a_relative_gradient_is_measured_against_the_start() {
    let report = slow().relative_gradient_tolerance(1e-2).minimize(&mut parabola(), vec![1000.0]).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::SmallGradient, 7));
    assert!(report.gradient_norm <= 20.0);
}

#[test]
fn small_changes_of_value_and_point_are_not_called_convergence() {
    let report = slow().value_tolerance(1e-3).minimize(&mut parabola(), vec![1.0]).unwrap();
    assert_eq!(report.termination, Termination::SmallValueChange);
    let report = slow().step_tolerance(1e-3).minimize(&mut parabola(), vec![1.0]).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::SmallStep, 10));
    for termination in [Termination::SmallValueChange, Termination::SmallStep] {
        assert!(!termination.converged() && termination.to_string().contains("not converged"));
    }
}

#[test]
fn a_target_is_below_in_a_descent_and_above_in_an_ascent() {
    let report = slow().target(0.1).minimize(&mut parabola(), vec![1.0]).unwrap();
    assert_eq!((report.termination, report.value), (Termination::TargetReached, 0.0625));
    let mut hill = from_fn(|x: &[f64]| (-x[0] * x[0], [-2.0 * x[0]]));
    let report = slow().target(-0.1).maximize(&mut hill, vec![1.0]).unwrap();
    assert_eq!((report.termination, report.value), (Termination::TargetReached, -0.0625));
}

#[test]
fn a_plateau_is_the_best_value_standing_still() {
    // Oscillates between 1 and −1 for ever.
    let descent = GradientDescent::new(1.0).plateau(7, 0.0);
    let report = descent.minimize(&mut parabola(), vec![1.0]).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::Plateau, 7));
    // Each step improves, but by less than is asked for.
    let report = slow().plateau(3, 1.0).minimize(&mut parabola(), vec![1.0]).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::Plateau, 3));
}

#[test]
fn evaluations_never_exceed_their_limit() {
    let mut calls = 0;
    let mut counted = from_fn(|x: &[f64]| {
        calls += 1;
        (x[0] * x[0], [2.0 * x[0]])
    });
    let report = slow().max_evaluations(5).minimize(&mut counted, vec![1.0]).unwrap();
    assert_eq!((report.termination, report.evaluations, calls), (Termination::MaxEvaluations, 5, 5));
    assert_eq!(report.gradient_evaluations, 5);
}

#[test]
fn observers_see_the_start_and_every_iteration_and_may_stop() {
    let mut seen = Vec::new();
    let watch = |iteration: &Iteration<'_, f64>| {
        seen.push((iteration.number, iteration.x[0], iteration.value, iteration.step_norm));
        assert_eq!(iteration.evaluations.values, iteration.number + 1);
        assert_eq!(iteration.gradient_norm, 2.0 * iteration.x[0].abs());
        ControlFlow::Continue(())
    };
    let stop = |iteration: &Iteration<'_, f64>| {
        if iteration.number == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let report = slow().minimize_with(&mut parabola(), vec![8.0], (watch, stop)).unwrap();
    assert_eq!((report.termination, report.iterations), (Termination::Stopped, 2));
    assert_eq!(seen, [(0, 8.0, 64.0, 0.0), (1, 4.0, 16.0, 4.0), (2, 2.0, 4.0, 2.0)]);
}

#[test]
fn an_ascent_shows_the_values_of_the_function_itself() {
    let mut hill = from_fn(|x: &[f64]| (-x[0] * x[0], [-2.0 * x[0]]));
    let mut values = Vec::new();
    let watch = |iteration: &Iteration<'_, f64>| {
        values.push(iteration.value);
        ControlFlow::Continue(())
    };
    let report = slow().max_iterations(2).maximize_with(&mut hill, vec![4.0], watch).unwrap();
    assert_eq!((report.value, values), (-1.0, vec![-16.0, -4.0, -1.0]));
    let mut pole = from_fn(|x: &[f64]| (x[0].ln(), [1.0 / x[0]]));
    let error = slow().maximize(&mut pole, vec![0.0]).unwrap_err();
    assert_eq!(error, DescentError::ValueNotFinite { value: f64::NEG_INFINITY });
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let invalid = |stopping: Stopping| match GradientDescent::new(0.1)
        .stopping(stopping)
        .minimize(&mut parabola(), vec![1.0])
    {
        Err(DescentError::InvalidSetting { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let default = Stopping::default;
    assert_eq!(invalid(Stopping { value_tolerance: Some(-1.0), ..default() }), "value_tolerance");
    assert_eq!(invalid(Stopping { step_tolerance: Some(f64::NAN), ..default() }), "step_tolerance");
    assert_eq!(invalid(Stopping { target: Some(f64::NAN), ..default() }), "target");
    assert_eq!(
        invalid(Stopping { relative_gradient_tolerance: f64::INFINITY, ..default() }),
        "relative_gradient_tolerance"
    );
    let descent = GradientDescent::new(0.1);
    for (descent, expected) in [
        (descent.clone().plateau(0, 0.0), "plateau.iterations"),
        (descent.plateau(1, -1.0), "plateau.improvement"),
    ] {
        match descent.minimize(&mut parabola(), vec![1.0]) {
            Err(DescentError::InvalidSetting { name, .. }) => assert_eq!(name, expected),
            other => panic!("{other:?}"),
        }
    }
}
