//! What an iteration costs beyond the function: the methods here and argmin's on one problem of 1000 variables.
//!
//! `cargo bench -p grad-criterion-benches --bench descent`. All run 40 iterations of the extended Rosenbrock function, whose value and gradient cost
//! next to nothing (`function` is what 50 evaluations cost alone). Compare within one run only.

use std::hint::black_box;

use argmin::core::{Executor, IterState};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use criterion::{Criterion, criterion_group, criterion_main};
use grad::descent::{Bfgs, ConjugateGradient, Lbfgs, NewtonCg, ProjectedGradient, Report, SteepestDescent};
use grad::{HessianProduct, Objective};
use grad_runtime::adapters::ArgminProblem;

const DIM: usize = 1000;
const ITERATIONS: usize = 40;

/// The extended Rosenbrock function.
struct Valleys;

impl Objective for Valleys {
    type Scalar = f64;

    fn dim(&self) -> Option<usize> {
        None
    }

    fn value(&mut self, x: &[f64]) -> f64 {
        let (pairs, _) = x.as_chunks::<2>();
        pairs.iter().map(|[x, y]| (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)).sum()
    }

    fn value_and_grad_into(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let (pairs, _) = x.as_chunks::<2>();
        let (gradients, _) = gradient.as_chunks_mut::<2>();
        let mut sum = 0.0;
        for ([x, y], g) in pairs.iter().zip(gradients) {
            let (a, b) = (1.0 - x, y - x * x);
            sum += a * a + 100.0 * b * b;
            *g = [-2.0 * a - 400.0 * x * b, 200.0 * b];
        }
        sum
    }
}

impl HessianProduct for Valleys {
    fn hessian_product_into(&mut self, x: &[f64], v: &[f64], product: &mut [f64]) {
        for ((x, v), p) in x.chunks_exact(2).zip(v.chunks_exact(2)).zip(product.chunks_exact_mut(2)) {
            let (a, b) = (2.0 - 400.0 * (x[1] - 3.0 * x[0] * x[0]), -400.0 * x[0]);
            p.copy_from_slice(&[a * v[0] + b * v[1], b * v[0] + 200.0 * v[1]]);
        }
    }
}

/// Every valley starts elsewhere, so that no method is through in a few steps.
fn start(dim: usize) -> Vec<f64> {
    (0..dim).map(|k| if k % 2 == 0 { -1.2 + 1e-3 * k as f64 } else { 1.0 }).collect()
}

fn iterations(report: Report<f64>) -> usize {
    assert_eq!(report.iterations, ITERATIONS, "{report}");
    report.evaluations
}

fn argmin_lbfgs(dim: usize) -> usize {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10)
        .with_tolerance_grad(0.0)
        .and_then(|solver| solver.with_tolerance_cost(0.0))
        .expect("the tolerances are in order");
    let result = Executor::new(ArgminProblem::new(Valleys), solver)
        .configure(|state: IterState<Vec<f64>, Vec<f64>, (), (), (), f64>| {
            state.param(start(dim)).max_iters(ITERATIONS as u64)
        })
        .timer(false)
        .run()
        .expect("the line search succeeds");
    result.problem.problem.expect("the problem is given back").evaluations()
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("descent of 1000 variables");
    group.sample_size(20);
    group.bench_function("function", |b| {
        let (x, mut gradient) = (start(DIM), vec![0.0; DIM]);
        b.iter(|| {
            for _ in 0..50 {
                black_box(Valleys.value_and_grad_into(black_box(&x), &mut gradient));
            }
        });
    });
    macro_rules! methods {
        ($($name:literal: $method:expr),* $(,)?) => {$(
            let method = $method.max_iterations(ITERATIONS).gradient_tolerance(0.0);
            let run = || iterations(method.minimize(&mut Valleys, start(DIM)).expect("the start is finite"));
            println!("{}: {} evaluations", $name, run());
            group.bench_function($name, |b| b.iter(run));
        )*};
    }
    methods! {
        "L-BFGS": Lbfgs::default(),
        "conjugate gradient": ConjugateGradient::default(),
        "steepest descent": SteepestDescent::default(),
        "projected gradient": ProjectedGradient::new(vec![-2.0; DIM], vec![2.0; DIM]),
        "Newton-CG": NewtonCg::default(),
    }
    println!("argmin L-BFGS: {} evaluations", argmin_lbfgs(DIM));
    group.bench_function("argmin L-BFGS", |b| b.iter(|| argmin_lbfgs(DIM)));
    group.finish();

    // The dense matrix dominates: fewer variables.
    let mut group = criterion.benchmark_group("descent of 100 variables");
    group.sample_size(20);
    let method = Bfgs::default().max_iterations(ITERATIONS).gradient_tolerance(0.0);
    group.bench_function("BFGS", |b| {
        b.iter(|| iterations(method.minimize(&mut Valleys, start(100)).expect("the start is finite")));
    });
    group.finish();
}

criterion_group!(descent, benches);
criterion_main!(descent);
