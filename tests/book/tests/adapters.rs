//! Objectives as problems of argmin and basin.

use basin::{CostFunction as _, Executor, FirstOrderState, Gradient as _, HessianProduct as _, Lbfgsb};
use grad::adapters::{ArgminProblem, BasinBounded, BasinProblem};
use grad::descent::ProjectedGradient;
use grad::{grad, with_hessian_product};

/// Hock and Schittkowski's fifth problem; its minimum between −1.5 ≤ x ≤ 4 and −3 ≤ y ≤ 3 is −√3/2 − π/3.
#[grad]
fn waves(p: &[f64]) -> f64 {
    let (x, y) = (p[0], p[1]);
    (x + y).sin() + (x - y).powi(2) - 1.5 * x + 2.5 * y + 1.0
}

#[test]
fn value_and_gradient_at_one_point_cost_one_evaluation() {
    let argmin = ArgminProblem::new(waves::objective());
    let basin = BasinProblem::new(waves::objective());
    let (x, y) = (vec![0.5, -1.0], vec![0.5, -1.5]);
    for (point, evaluations) in [(&x, 1), (&x, 1), (&y, 2), (&x, 3)] {
        let (value, gradient) = waves::value_and_grad(point);
        assert_eq!(argmin::core::CostFunction::cost(&argmin, point).unwrap(), value);
        assert_eq!(argmin::core::Gradient::gradient(&argmin, point).unwrap(), gradient);
        assert_eq!(basin.gradient(point), Ok(gradient.clone()));
        assert_eq!(basin.cost(point), Ok(value));
        assert_eq!(basin.cost_and_gradient(point), Ok((value, gradient)));
        assert_eq!((argmin.evaluations(), basin.evaluations()), (evaluations, evaluations));
    }
    // Zero has two signs, and a function may know.
    let inverse = ArgminProblem::new(grad::from_fn(|x: &[f64]| (1.0 / x[0], [0.0])));
    let cost = |x: f64| argmin::core::CostFunction::cost(&inverse, &vec![x]).unwrap();
    assert_eq!((cost(0.0), cost(-0.0)), (f64::INFINITY, f64::NEG_INFINITY));
}

#[test]
fn lbfgsb_finds_what_projected_gradients_find() {
    let (lower, upper) = (vec![-1.5, -3.0], vec![4.0, 3.0]);
    let minimum = -3.0_f64.sqrt() / 2.0 - std::f64::consts::PI / 3.0;
    // Both bounds of the second box are active.
    for (lower, upper, expected) in [(lower, upper, minimum), (vec![0.0, -0.5], vec![4.0, 3.0], f64::NAN)] {
        let within = ProjectedGradient::new(lower.clone(), upper.clone());
        let ours = within.minimize(&mut waves::objective(), vec![0.0, 0.0]).unwrap();
        let problem = BasinBounded::new(waves::objective(), lower, upper);
        let start = FirstOrderState::new(vec![0.0, 0.0]);
        let theirs = Executor::new(problem, Lbfgsb::new(), start).max_iter(100).run().unwrap();
        assert!(ours.termination.converged());
        assert!((ours.value - theirs.cost()).abs() < 1e-9, "{} {}", ours.value, theirs.cost());
        assert!(expected.is_nan() || (ours.value - expected).abs() < 1e-9);
    }
}

#[test]
fn hessian_products_are_passed_on() {
    let square = with_hessian_product(
        grad::from_fn(|x: &[f64]| (x[0].powi(4), [4.0 * x[0].powi(3)])),
        |x: &[f64], v: &[f64], product: &mut [f64]| product[0] = 12.0 * x[0] * x[0] * v[0],
    );
    let problem = BasinProblem::new(square);
    assert_eq!(problem.hessian_product(&vec![2.0], &vec![0.5]), Ok(vec![24.0]));
    let mut back = problem.into_objective();
    assert_eq!(grad::Objective::value(&mut back, &[2.0]), 16.0);
}
