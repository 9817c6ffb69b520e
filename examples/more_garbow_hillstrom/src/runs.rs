//! One method on one problem, and what is true of it.

use std::collections::HashSet;

use grad::descent::{
    Bfgs, ConjugateGradient, DescentError, Dogleg, Lbfgs, LevenbergMarquardt, NewtonCg, Report,
    SteepestDescent,
};
use grad::{HessianProduct, Objective, Residuals};

use crate::problems::Problem;

/// The protocol: ‖∇f‖∞ ≤ 10⁻⁶, at most 2000 iterations (first-order methods 20 000) and 20 000 evaluations.
pub const GRADIENT_TOLERANCE: f64 = 1e-6;
pub const MAX_ITERATIONS: usize = 2000;
/// For problems of many variables.
const MORE_ITERATIONS: usize = 20_000;
pub const MAX_EVALUATIONS: usize = 20_000;

/// Of quasi-Newton methods and conjugate gradients of other libraries.
pub fn max_iterations(problem: &Problem) -> usize {
    if problem.squares.is_some() { MAX_ITERATIONS } else { MORE_ITERATIONS }
}

/// What came out, judged from outside: nothing here is what the method says of itself, except what it claims.
pub struct Run {
    pub outcome: Outcome,
    /// Whether the method says that it has converged.
    pub claims: bool,
    /// ‖∇f‖∞ at the returned point, evaluated again.
    pub gradient_norm: f64,
    /// Whether the method's first-order test holds there.
    pub stationary: bool,
    pub value: f64,
    /// Evaluations of the value, or of value and gradient together, or of the residuals.
    pub evaluations: usize,
    /// Evaluations with the gradient, or of the Jacobian.
    pub gradients: usize,
    /// Points at which any of it was evaluated.
    pub distinct: usize,
    /// Why it ended, in the method's words.
    pub ended: String,
}

/// Where a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At the lowest minimum.
    Global,
    /// At another known minimum, or its limit.
    Local,
    /// Where the gradient is small, ‖∇f‖∞ ≤ 10⁻⁶·max(1, |f|), but no minimum is known.
    Stationary,
    /// Elsewhere.
    Failed,
}

impl Run {
    /// Convergence is claimed, but the first-order test does not hold.
    pub fn lies(&self) -> bool {
        self.claims && !self.stationary
    }
}

pub struct Solver {
    pub name: &'static str,
    /// Of n² numbers.
    pub keeps_a_matrix: bool,
    pub run: fn(&Problem, Vec<f64>) -> Run,
}

pub fn solvers() -> Vec<Solver> {
    vec![
        Solver { name: "grad L-BFGS", keeps_a_matrix: false, run: lbfgs },
        Solver { name: "grad BFGS", keeps_a_matrix: true, run: bfgs },
        Solver { name: "grad Levenberg-Marquardt", keeps_a_matrix: false, run: levenberg_marquardt },
        Solver { name: "grad Dogleg", keeps_a_matrix: false, run: dogleg },
        Solver { name: "grad Newton-CG", keeps_a_matrix: false, run: newton_cg },
        Solver { name: "grad conjugate gradient", keeps_a_matrix: false, run: conjugate_gradient },
        Solver { name: "grad steepest descent", keeps_a_matrix: false, run: steepest_descent },
    ]
}

/// Those that need nothing but the gradient, and no matrix.
pub fn solvers_for_many_variables() -> Vec<Solver> {
    vec![
        Solver { name: "grad L-BFGS", keeps_a_matrix: false, run: lbfgs },
        Solver { name: "grad conjugate gradient", keeps_a_matrix: false, run: conjugate_gradient },
    ]
}

pub fn lbfgs(problem: &Problem, start: Vec<f64>) -> Run {
    let method = Lbfgs::default()
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .max_iterations(max_iterations(problem))
        .max_evaluations(MAX_EVALUATIONS);
    run(problem, start, |objective, start| method.minimize(objective, start))
}

pub fn bfgs(problem: &Problem, start: Vec<f64>) -> Run {
    let method = Bfgs::default()
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .max_iterations(MAX_ITERATIONS)
        .max_evaluations(MAX_EVALUATIONS);
    run(problem, start, |objective, start| method.minimize(objective, start))
}

pub fn conjugate_gradient(problem: &Problem, start: Vec<f64>) -> Run {
    let method = ConjugateGradient::default()
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .max_iterations(10 * MAX_ITERATIONS)
        .max_evaluations(MAX_EVALUATIONS);
    run(problem, start, |objective, start| method.minimize(objective, start))
}

pub fn newton_cg(problem: &Problem, start: Vec<f64>) -> Run {
    let method = NewtonCg::default()
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .max_iterations(MAX_ITERATIONS)
        .max_evaluations(MAX_EVALUATIONS);
    run(problem, start, |objective, start| method.minimize(objective, start))
}

pub fn steepest_descent(problem: &Problem, start: Vec<f64>) -> Run {
    let method = SteepestDescent::default()
        .gradient_tolerance(GRADIENT_TOLERANCE)
        .max_iterations(10 * MAX_ITERATIONS)
        .max_evaluations(MAX_EVALUATIONS);
    run(problem, start, |objective, start| method.minimize(objective, start))
}

pub fn levenberg_marquardt(problem: &Problem, start: Vec<f64>) -> Run {
    // Its own test, of the cosine between the residuals and the Jacobian.
    let method =
        LevenbergMarquardt::default().max_iterations(MAX_ITERATIONS).max_evaluations(MAX_EVALUATIONS);
    least_squares(problem, start, |counted, start| method.minimize(counted, start))
}

pub fn dogleg(problem: &Problem, start: Vec<f64>) -> Run {
    let method = Dogleg::default().max_iterations(MAX_ITERATIONS).max_evaluations(MAX_EVALUATIONS);
    least_squares(problem, start, |counted, start| method.minimize(counted, start))
}

/// Judged by the test of these methods.
fn least_squares(
    problem: &Problem,
    start: Vec<f64>,
    minimize: impl FnOnce(&mut Counted<'_>, Vec<f64>) -> Result<Report<f64>, DescentError>,
) -> Run {
    let value_at_start = problem.value(&start);
    let mut returned = start.clone();
    let mut run = run(problem, start, |counted, start| {
        let report = minimize(counted, start)?;
        returned.clone_from(&report.x);
        Ok(report)
    });
    let (value, m, n) = (problem.value(&returned), problem.residuals(), returned.len());
    let (mut r, mut jacobian) = (vec![0.0; m], vec![0.0; m * n]);
    problem.residuals_into(&returned, &mut r);
    problem.jacobian_into(&returned, &mut jacobian);
    let orthogonal = (0..n).all(|j| {
        let column: Vec<f64> = jacobian.chunks(n).map(|row| row[j]).collect();
        let product: f64 = column.iter().zip(&r).map(|(j, r)| j * r).sum();
        let square: f64 = column.iter().map(|j| j * j).sum();
        // The second sums round otherwise than the first.
        product.abs() <= 1.000_001e-8 * (square * value).sqrt()
    });
    run.stationary = orthogonal || value <= 2.3e-16 * value_at_start;
    run
}

fn run(
    problem: &Problem,
    start: Vec<f64>,
    minimize: impl FnOnce(&mut Counted<'_>, Vec<f64>) -> Result<Report<f64>, DescentError>,
) -> Run {
    let mut counted = Counted::new(problem);
    match minimize(&mut counted, start.clone()) {
        Ok(report) => {
            let claims = report.termination.converged();
            counted.judge(&report.x, claims, format!("{:?}", report.termination))
        }
        Err(error) => counted.judge(&start, false, error.to_string()),
    }
}

/// A problem that counts what it is asked.
pub struct Counted<'p> {
    problem: &'p Problem,
    evaluations: usize,
    gradients: usize,
    points: HashSet<Vec<u64>>,
}

impl<'p> Counted<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Counted { problem, evaluations: 0, gradients: 0, points: HashSet::new() }
    }

    pub fn evaluations(&self) -> usize {
        self.evaluations
    }

    pub fn judge(&self, x: &[f64], claims: bool, ended: String) -> Run {
        let mut gradient = vec![0.0; x.len()];
        let value = self.problem.value_and_grad_into(x, &mut gradient);
        let gradient_norm = gradient
            .iter()
            .fold(0.0, |norm: f64, g| if norm.is_nan() { norm } else { norm.max(g.abs()) + 0.0 * g });
        let outcome = if self.problem.is_global(value) {
            Outcome::Global
        } else if self.problem.is_minimum(value) {
            Outcome::Local
        } else if gradient_norm <= GRADIENT_TOLERANCE * value.abs().max(1.0) {
            Outcome::Stationary
        } else {
            Outcome::Failed
        };
        Run {
            outcome,
            claims,
            gradient_norm,
            // The second evaluation rounds like the first: the same function at the same point.
            stationary: gradient_norm <= GRADIENT_TOLERANCE,
            value,
            evaluations: self.evaluations,
            gradients: self.gradients,
            distinct: self.points.len(),
            ended,
        }
    }

    fn see(&mut self, x: &[f64]) {
        self.points.insert(x.iter().map(|x| x.to_bits()).collect());
    }
}

impl Objective for Counted<'_> {
    type Scalar = f64;

    fn dim(&self) -> Option<usize> {
        Some(self.problem.start.len())
    }

    fn value(&mut self, x: &[f64]) -> f64 {
        self.see(x);
        self.evaluations += 1;
        self.problem.value(x)
    }

    fn value_and_grad_into(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.see(x);
        self.evaluations += 1;
        self.gradients += 1;
        self.problem.value_and_grad_into(x, gradient)
    }
}

impl HessianProduct for Counted<'_> {
    fn hessian_product_into(&mut self, x: &[f64], v: &[f64], product: &mut [f64]) {
        self.problem.hessian_product_into(x, v, product);
    }
}

impl Residuals for Counted<'_> {
    type Scalar = f64;

    fn dim(&self) -> Option<usize> {
        Some(self.problem.start.len())
    }

    fn count(&self) -> usize {
        self.problem.residuals()
    }

    fn residuals_into(&mut self, x: &[f64], residuals: &mut [f64]) {
        self.see(x);
        self.evaluations += 1;
        self.problem.residuals_into(x, residuals);
    }

    fn jacobian_into(&mut self, x: &[f64], jacobian: &mut [f64]) {
        self.see(x);
        self.gradients += 1;
        self.problem.jacobian_into(x, jacobian);
    }
}
