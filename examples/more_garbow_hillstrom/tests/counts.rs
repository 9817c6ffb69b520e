//! The descent methods on the 35 problems of Moré, Garbow and Hillstrom: the same runs as the program's.

use grad::descent::{Bfgs, ConjugateGradient, GradientDescent, Lbfgs, Report, SteepestDescent};
use grad::{check_gradient, from_fn};

use more_garbow_hillstrom::bounded;
use more_garbow_hillstrom::problems::{self, Problem};
use more_garbow_hillstrom::runs::{self, Outcome, Run};

fn run_all(run: fn(&Problem, Vec<f64>) -> Run, scale: f64) -> Vec<(Problem, Run)> {
    problems::all()
        .into_iter()
        .map(|problem| {
            let run = run(&problem, problem.scaled_start(scale));
            assert!(!run.lies(), "{}: {} at {}", problem.name, run.ended, run.gradient_norm);
            (problem, run)
        })
        .collect()
}

fn at_minimum(runs: &[(Problem, Run)]) -> usize {
    runs.iter().filter(|(_, run)| matches!(run.outcome, Outcome::Global | Outcome::Local)).count()
}

fn evaluations(runs: &[(Problem, Run)]) -> usize {
    runs.iter().map(|(_, run)| run.evaluations).sum()
}

#[test]
fn all_problems_are_there_and_start_where_the_paper_says() {
    let problems = problems::all();
    assert!(problems.iter().map(|p| p.number).eq(1..=35));
    let value = |number: usize| problems[number - 1].value(&problems[number - 1].start);
    // Known values at the start, from other collections of the problems.
    for (number, expected) in [(1, 24.2), (7, 2500.0), (14, 19192.0), (16, 7_926_693.336_997_432)] {
        assert!((value(number) / expected - 1.0).abs() < 1e-12, "{number}: {}", value(number));
    }
    assert!((value(13) - 215.0).abs() < 1e-12 && (value(22) - 645.0).abs() < 1e-11);
}

#[test]
fn generated_gradients_agree_with_differences() {
    for problem in problems::all() {
        // Away from the start, where some problems are symmetric.
        let x: Vec<f64> =
            problem.start.iter().enumerate().map(|(i, x)| x * 1.01 + 0.003 * (i + 1) as f64).collect();
        let mut objective = from_fn(|x: &[f64]| {
            let mut gradient = vec![0.0; x.len()];
            (problem.value_and_grad_into(x, &mut gradient), gradient)
        });
        let check = check_gradient(&mut objective, &x, 1e-5);
        assert!(check.agrees(), "{}: {check}", problem.name);
    }
}

#[test]
fn jacobians_and_gradients_are_derived_in_two_ways_and_agree() {
    for problem in problems::all() {
        let n = problem.start.len();
        let (mut r, mut jacobian) = (vec![0.0; problem.residuals()], vec![0.0; problem.residuals() * n]);
        let mut gradient = vec![0.0; n];
        let value = problem.value_and_grad_into(&problem.start, &mut gradient);
        problem.residuals_into(&problem.start, &mut r);
        problem.jacobian_into(&problem.start, &mut jacobian);
        assert_eq!(value, r.iter().map(|r| r * r).sum::<f64>(), "{}", problem.name);
        for (j, g) in gradient.iter().enumerate() {
            let terms = jacobian.chunks(n).zip(&r).map(|(row, r)| 2.0 * row[j] * r);
            let (sum, size) = terms.fold((0.0, 0.0), |(sum, size): (f64, f64), t| (sum + t, size + t.abs()));
            assert!((sum - g).abs() <= 1e-13 * size, "{} {j}: {sum} {g}", problem.name);
        }
    }
}

#[test]
fn lbfgs_reaches_every_minimum_with_fewer_evaluations_than_liblbfgs() {
    let runs = run_all(runs::lbfgs, 1.0);
    assert_eq!(at_minimum(&runs), 35);
    assert!(evaluations(&runs) <= 2349, "{}", evaluations(&runs));
    for (problem, run) in &runs {
        assert_eq!((run.evaluations, run.gradients), (run.distinct, run.distinct), "{}", problem.name);
    }
}

#[test]
fn bfgs_reaches_every_minimum_with_fewer_evaluations_than_scipy() {
    let runs = run_all(runs::bfgs, 1.0);
    assert_eq!(at_minimum(&runs), 35);
    assert!(evaluations(&runs) <= 2689, "{}", evaluations(&runs));
    for (problem, run) in &runs {
        assert_eq!((run.evaluations, run.gradients), (run.distinct, run.distinct), "{}", problem.name);
    }
}

#[test]
fn levenberg_marquardt_reaches_every_minimum_with_fewer_evaluations_than_minpack() {
    let runs = run_all(runs::levenberg_marquardt, 1.0);
    assert_eq!(at_minimum(&runs), 35);
    assert!(evaluations(&runs) <= 1250, "{}", evaluations(&runs));
    for (problem, run) in &runs {
        assert_eq!(run.evaluations, run.distinct, "{}", problem.name);
        assert!(run.gradients <= run.evaluations);
    }
}

#[test]
fn the_dogleg_reaches_every_minimum_with_fewer_evaluations_than_minpack() {
    let runs = run_all(runs::dogleg, 1.0);
    assert_eq!(at_minimum(&runs), 35);
    assert!(evaluations(&runs) <= 1539, "{}", evaluations(&runs));
}

#[test]
fn conjugate_gradients_reach_nearly_every_minimum() {
    let runs = run_all(runs::conjugate_gradient, 1.0);
    assert!(at_minimum(&runs) >= 34, "{}", at_minimum(&runs));
}

#[test]
fn problems_of_many_variables_are_solved_with_fewer_evaluations_than_others_need() {
    let problems = problems::large();
    assert!(problems.len() >= 25 && problems.iter().all(|p| (50..=10_000).contains(&p.start.len())));
    // All but those that take thousands of evaluations, where tests are not optimised.
    let long = ["DIXMAANI", "DIXON3DQ", "FLETCHCR", "GENROSE", "POWER 1000"];
    let all = |p: &&Problem| !cfg!(debug_assertions) || !long.iter().any(|name| p.name.starts_with(name));
    for (run, most, most_of_the_short) in [
        (runs::lbfgs as fn(&Problem, Vec<f64>) -> Run, 30_658, 4000),
        (runs::conjugate_gradient, 30_658, 6000),
    ] {
        let runs: Vec<_> = problems.iter().filter(all).map(|p| (p, run(p, p.start.clone()))).collect();
        // Values round: one descent may end at its minimum without a gradient that is small enough to say so.
        let silent: Vec<_> = runs.iter().filter(|(_, run)| !run.claims).collect();
        assert!(silent.len() <= 1 && silent.iter().all(|(_, run)| run.outcome == Outcome::Global));
        for (problem, run) in &runs {
            assert!(!run.lies(), "{}: {}", problem.name, run.ended);
            // Where the Hessian is singular at the minimum, or another minimum is near, a small gradient is all there is.
            let flat = ["POWELLSG", "QUARTC", "TRIGON", "DIXON3DQ", "BRYBND", "POWER"];
            let reached = run.outcome == Outcome::Global;
            assert!(reached || flat.iter().any(|name| problem.name.starts_with(name)), "{}", problem.name);
        }
        let total: usize = runs.iter().map(|(_, run)| run.evaluations).sum();
        assert!(total <= if cfg!(debug_assertions) { most_of_the_short } else { most }, "{total}");
    }
}

#[test]
fn gradients_of_many_variables_agree_with_differences() {
    for problem in problems::large() {
        // Along a direction: the point is too long for coordinates one by one.
        let x: Vec<f64> =
            problem.start.iter().enumerate().map(|(i, x)| x + 0.01 * (i as f64 * 0.7).sin()).collect();
        let d: Vec<f64> = (0..x.len()).map(|i| (i as f64 * 1.3).cos()).collect();
        let mut gradient = vec![0.0; x.len()];
        let value = problem.value_and_grad_into(&x, &mut gradient);
        assert_eq!(value.to_bits(), problem.value(&x).to_bits(), "{}", problem.name);
        let slope: f64 = gradient.iter().zip(&d).map(|(g, d)| g * d).sum();
        let size = gradient.iter().map(|g| g * g).sum::<f64>().sqrt() * (x.len() as f64).sqrt();
        let at = |h: f64| problem.value(&x.iter().zip(&d).map(|(x, d)| x + h * d).collect::<Vec<_>>());
        let difference = |h: f64| (at(h) - at(-h)) / (2.0 * h);
        // Richardson.
        let found = (4.0 * difference(1e-4) - difference(2e-4)) / 3.0;
        let error = (found - slope).abs();
        assert!(error <= 1e-7 * size + 1e-10 * value.abs(), "{}: {slope} {found}", problem.name);
    }
}

#[test]
fn far_starts_neither_panic_nor_deceive() {
    for scale in [10.0, 100.0] {
        for run in
            [runs::lbfgs, runs::bfgs, runs::levenberg_marquardt, runs::dogleg, runs::conjugate_gradient]
        {
            for (problem, run) in run_all(run, scale) {
                // A start where the function itself is not finite is an error that says so.
                let refused = run.ended.contains("at the start");
                assert!(refused || run.value.is_finite(), "{}: {}", problem.name, run.ended);
            }
        }
    }
}

#[test]
fn ascent_retraces_descent_bit_for_bit() {
    type Minimize = fn(&Problem, f64) -> Report<f64>;
    /// f or, with the sign −1, the ascent of −f.
    macro_rules! both {
        ($method:expr) => {
            |problem: &Problem, sign: f64| {
                let mut objective = from_fn(|x: &[f64]| {
                    let mut gradient = vec![0.0; x.len()];
                    let value = problem.value_and_grad_into(x, &mut gradient);
                    (sign * value, gradient.iter().map(|g| sign * g).collect::<Vec<_>>())
                });
                let method = $method.max_iterations(200);
                let start = problem.start.clone();
                if sign > 0.0 {
                    method.minimize(&mut objective, start)
                } else {
                    method.maximize(&mut objective, start)
                }
                .expect("all starts are finite")
            }
        };
    }
    let methods: [Minimize; 5] = [
        both!(Lbfgs::default()),
        both!(Bfgs::default()),
        both!(ConjugateGradient::default()),
        both!(SteepestDescent::default()),
        both!(GradientDescent::new(1e-4).momentum(0.9)),
    ];
    for problem in problems::all() {
        for minimize in methods {
            let (down, up) = (minimize(&problem, 1.0), minimize(&problem, -1.0));
            let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&down.x), bits(&up.x), "{}", problem.name);
            assert_eq!(down.value, -up.value);
            assert_eq!(
                (down.termination, down.iterations, down.evaluations),
                (up.termination, up.iterations, up.evaluations)
            );
        }
    }
}

#[test]
fn bounded_problems_are_solved_with_fewer_evaluations_than_scipy_needs() {
    let all = bounded::all();
    assert!(all.len() >= 10);
    let (mut ours, mut scipys) = (0, 0);
    // Where tests are not optimised, without the two that take thousands of evaluations.
    for bounded in all.iter().filter(|bounded| !cfg!(debug_assertions) || bounded.scipy < 1000) {
        let (name, run) = (bounded.problem.name, bounded.lbfgsb());
        assert!(run.claims && run.gradient_norm <= 1e-6, "{name}: {}", run.gradient_norm);
        assert!((run.value / bounded.value - 1.0).abs() < 1e-9, "{name}: {} {}", run.value, bounded.value);
        assert!(run.evaluations <= bounded.scipy + bounded.scipy / 10, "{name}: {}", run.evaluations);
        ours += run.evaluations;
        scipys += bounded.scipy;
    }
    assert!(ours <= scipys, "{ours} {scipys}");
}

#[test]
fn objectives_built_to_fool_do_not_fool() {
    let fooling = problems::fooling();
    assert!(fooling.len() >= 45);
    for (name, run) in [
        ("L-BFGS", runs::lbfgs as fn(&Problem, Vec<f64>) -> Run),
        ("BFGS", runs::bfgs),
        ("CG", runs::conjugate_gradient),
    ] {
        for problem in &fooling {
            let at = format!("{name}, {}", problem.name);
            let run = run(problem, problem.start.clone());
            assert!(!run.lies(), "{at}: {} at {}", run.ended, run.gradient_norm);
            assert!(run.value.is_finite(), "{at}: {}", run.value);
            assert!(run.value <= problem.value(&problem.start), "{at}: {}", run.value);
            // Down an exponential, or from far away by steps that double, there is progress to the end of the numbers.
            assert!(run.evaluations <= 2500, "{at}: {} evaluations, {}", run.evaluations, run.ended);
            // And it is not the caps that end it.
            assert!(!run.ended.starts_with("Max"), "{at}: {}", run.ended);
        }
    }
}
