//! Objectives of functions, with and without products of their Hessians, in every form of the parameter.

#![expect(clippy::ptr_arg, clippy::trivially_copy_pass_by_ref, reason = "forms that people write")]

use grad::descent::{Lbfgs, NewtonCg, Termination};
use grad::{Differentiable, HessianProduct, Objective, grad};

/// Rosenbrock's function, chained.
#[grad(second)]
fn slice(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 1..x.len() {
        sum += 100.0 * (x[i] - x[i - 1] * x[i - 1]).powi(2) + (1.0 - x[i - 1]).powi(2);
    }
    sum
}

#[grad(second)]
fn vec_ref(x: &Vec<f64>) -> f64 {
    x.iter().map(|x| (x - 1.0).powi(4) + x * x).sum()
}

#[grad(second, wrt(x))]
fn moved(x: Vec<f64>, weights: Vec<f64>) -> f64 {
    let mut sum = 0.0;
    for (x, w) in x.iter().zip(&weights) {
        sum += w * x.exp() - x;
    }
    sum
}

#[grad(second)]
fn array(p: [f64; 2]) -> f64 {
    (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2)
}

#[grad(second, wrt(p))]
fn array_ref(p: &[f64; 3], k: f64, scratch: &mut [f64]) -> f64 {
    scratch[0] = k;
    (p[0] - k).powi(4) + p[0] * p[1] + p[1] * p[1] + (p[2] * p[1]).cosh()
}

#[grad(second)]
fn number(x: f64) -> f64 {
    x.powi(4) - 3.0 * x * x + x
}

#[grad(second)]
fn number_ref(x: &f64) -> f64 {
    (x - 2.0).cosh()
}

#[grad(second)]
fn pair(p: (f64, [f64; 2])) -> f64 {
    (p.0 - 1.0).powi(2) * (1.0 + p.1[0] * p.1[0]) + (p.1[0] + p.1[1]).powi(2) + p.1[1].powi(4)
}

#[grad(second)]
fn rows(p: &[[f64; 2]]) -> f64 {
    p.iter().map(|row| (row[0] * row[1] - 1.0).powi(2) + row[0] * row[0]).sum()
}

#[grad(second)]
fn single(x: &[f32]) -> f32 {
    x.iter().map(|x| (x - 3.0) * (x - 3.0) * (1.0 + x * x)).sum()
}

/// Its own rule for second derivatives.
#[grad(vjp = bowl_vjp, jvp = bowl_jvp, hvp = bowl_hvp)]
fn bowl(x: &[f64]) -> f64 {
    x.iter().map(|x| x.powi(4)).sum()
}

fn bowl_vjp(x: &[f64]) -> (f64, impl FnOnce(f64) -> Vec<f64> + use<>) {
    let x = x.to_vec();
    (bowl(&x), move |bar| x.iter().map(|x| 4.0 * bar * x.powi(3)).collect())
}

fn bowl_jvp(x: &[f64], v: &[f64]) -> (f64, f64) {
    (bowl(x), x.iter().zip(v).map(|(x, v)| 4.0 * x.powi(3) * v).sum())
}

fn bowl_hvp(x: &[f64], v: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let gradient = x.iter().map(|x| 4.0 * x.powi(3)).collect();
    (gradient, x.iter().zip(v).map(|(x, v)| 12.0 * x * x * v).collect())
}

/// Products against differences of gradients, and Newton's method to a gradient of 10⁻⁶ with nothing but the objective.
#[track_caller]
fn check<O: HessianProduct>(mut objective: O, start: &[f64]) {
    let scalar = |x: f64| <O::Scalar as grad::Scalar>::from_f64(x);
    let number = |x: O::Scalar| grad::Scalar::to_f64(x);
    let n = start.len();
    let x: Vec<f64> = start.iter().enumerate().map(|(k, x)| x + 0.05 * (k as f64 + 1.0).sin()).collect();
    let v: Vec<f64> = (0..n).map(|k| (1.3 * k as f64 + 0.4).cos()).collect();
    let at = |x: &[f64]| x.iter().map(|&x| scalar(x)).collect::<Vec<_>>();
    let double = size_of::<O::Scalar>() == 8;
    let h = if double { 1e-5 } else { 1e-2 };
    let mut gradient = |h: f64| {
        let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
        let mut gradient = at(&v);
        let value = objective.value_and_grad_into(&at(&moved), &mut gradient);
        assert_eq!(number(value), number(objective.value(&at(&moved))));
        gradient.into_iter().map(number).collect::<Vec<_>>()
    };
    let (low, high) = (gradient(-h), gradient(h));
    let mut product = at(&x);
    objective.hessian_product_into(&at(&x), &at(&v), &mut product);
    let size = product.iter().fold(1.0, |size: f64, p| size.max(number(*p).abs()));
    for k in 0..n {
        let difference = (high[k] - low[k]) / (2.0 * h);
        let error = (difference - number(product[k])).abs();
        assert!(
            error <= if double { 1e-6 } else { 1e-2 } * size,
            "{k}: {difference}, not {}",
            number(product[k])
        );
    }
    let tolerance = if double { 1e-6 } else { 1e-2 };
    let method = NewtonCg::default().gradient_tolerance(tolerance);
    let report = method.minimize(&mut objective, at(start)).unwrap();
    assert!(report.termination.converged() && report.hessian_products > 0, "{report}");
}

#[test]
fn products_are_joined_to_the_objective_in_every_form_of_the_parameter() {
    check(slice::objective(), &[-1.2, 1.0, 0.5, 2.0, -0.3]);
    check(vec_ref::objective(), &[3.0, -2.0]);
    check(moved::objective(vec![1.0, 0.5, 2.0]), &[0.0, 1.0, 2.0]);
    check(array::objective(), &[-1.2, 1.0]);
    let mut scratch = [0.0];
    check(array_ref::objective(1.5, &mut scratch), &[0.5, 0.3, -0.7]);
    assert_eq!(scratch, [1.5]);
    check(number::objective(), &[2.0]);
    check(number_ref::objective(), &[0.0]);
    check(pair::objective(), &[0.0, 1.0, -2.0]);
    check(rows::objective().shaped_like(&vec![[0.0; 2]; 3]), &[1.0, 2.0, -1.0, -0.5, 2.0, 0.3]);
    check(single::objective(), &[2.0, 4.0]);
    check(bowl::objective(), &[1.0, -0.5]);
}

#[test]
fn a_saddle_of_a_function_is_told_from_its_minimum() {
    // Between the two valleys of (x − 3)²·(1 + x²) is a hill, at 1.
    let report = NewtonCg::default().minimize(&mut single::objective(), vec![1.0, 3.0]).unwrap();
    assert_eq!(report.termination, Termination::Saddle, "{report}");
    let report = NewtonCg::default().maximize(&mut single::objective(), vec![1.0, 1.0]).unwrap();
    assert!(report.termination.converged(), "{report}");
}

/// Fails outside of a disc.
#[grad(second)]
fn within(p: [f64; 2]) -> Result<f64, String> {
    let square = p[0] * p[0] + p[1] * p[1];
    if square >= 4.0 {
        return Err(format!("{square} is outside"));
    }
    Ok((p[0] - 1.0).powi(4) + (p[1] - p[0]).powi(2) - (4.0 - square).ln())
}

/// The same of a slice.
#[grad(second)]
fn positive(x: &[f64]) -> Option<f64> {
    let mut sum = 0.0;
    for x in x {
        if *x <= 0.0 {
            return None;
        }
        sum += x - x.ln();
    }
    Some(sum)
}

#[test]
fn functions_that_can_fail_have_products_too() {
    check(within::objective(), &[-1.0, 0.5]);
    check(positive::objective(), &[0.1, 3.0]);
    let far = NewtonCg::default().first_radius(1e4);
    let report = far.minimize(&mut positive::objective(), vec![0.1, 30.0]).unwrap();
    assert!(report.termination.converged() && report.failures > 0, "{report}");
    let mut product = [0.0; 2];
    within::objective().hessian_product_into(&[3.0, 0.0], &[1.0, 0.0], &mut product);
    assert!(product.iter().all(|p| p.is_nan()));
}

/// Without second derivatives, an objective as before: nothing is copied or counted.
#[grad(wrt(w))]
fn first(w: &[f64], xs: &[f64]) -> f64 {
    w.iter().zip(xs).map(|(w, x)| (w - x).powi(2)).sum()
}

#[test]
fn first_derivatives_alone_are_an_objective() {
    let xs = [1.0, 2.0];
    let report = Lbfgs::default().minimize(&mut first::objective(&xs), vec![0.0; 2]).unwrap();
    assert!(report.termination.converged() && report.hessian_products == 0);
    let shaped = pair::objective();
    assert_eq!(shaped.dim(), Some(3));
    assert_eq!(shaped.unflatten(&[1.0, 2.0, 3.0]), (1.0, [2.0, 3.0]));
    assert_eq!((1.0, [2.0, 3.0]).dim(), 3);
}
