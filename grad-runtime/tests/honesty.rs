//! Objectives built to fool: what no method may do there, and what each must say.

use grad_runtime::descent::{
    Bfgs, ConjugateGradient, DescentError, HagerZhang, Lbfgs, NewtonCg, Report, SteepestDescent, Termination,
    Warning,
};
use grad_runtime::{Objective, from_fn, with_hessian_product};

/// Value and gradient.
type Function = fn(&[f64]) -> (f64, Vec<f64>);

type Method = fn(&mut dyn Objective<Scalar = f64>, Vec<f64>) -> Result<Report<f64>, DescentError>;

/// The methods with a line search, with their defaults.
const METHODS: [(&str, Method); 5] = [
    ("L-BFGS", |mut f, start| Lbfgs::default().minimize(&mut f, start)),
    ("BFGS", |mut f, start| Bfgs::default().minimize(&mut f, start)),
    ("CG", |mut f, start| ConjugateGradient::default().minimize(&mut f, start)),
    ("CG, Hager-Zhang", |mut f, start| {
        ConjugateGradient::default().line_search(HagerZhang::default()).minimize(&mut f, start)
    }),
    ("steepest descent", |mut f, start| SteepestDescent::default().minimize(&mut f, start)),
];

/// All methods from a start: none says anything false, none takes more evaluations than `most`.
#[track_caller]
fn ends(function: Function, start: &[f64], most: usize) -> Vec<(&'static str, Report<f64>)> {
    ends_by(&METHODS, function, start, most)
}

#[track_caller]
fn ends_by(
    methods: &[(&'static str, Method)],
    function: Function,
    start: &[f64],
    most: usize,
) -> Vec<(&'static str, Report<f64>)> {
    methods
        .iter()
        .map(|&(name, method)| {
            let report = method(&mut from_fn(function), start.to_vec()).unwrap();
            let (value, gradient) = function(&report.x);
            let norm = gradient.iter().fold(0.0, |norm: f64, g| norm.max(g.abs()));
            assert_eq!((report.value, report.gradient_norm), (value, norm), "{name}: {report}");
            assert!(!report.termination.converged() || norm <= 1e-6, "{name}: {report}");
            assert!(value.is_finite() && value <= function(start).0, "{name}: {report}");
            assert!(report.evaluations <= most, "{name}: {report}");
            (name, report)
        })
        .collect()
}

#[test]
fn a_kink_is_found_soon_and_named() {
    // max(x, y) + (x + y)², whose minimum is on the kink: the gradient is small nowhere.
    let kinked: Function = |x| {
        let s = x[0] + x[1];
        let (a, b) = if x[0] > x[1] { (1.0, 0.0) } else { (0.0, 1.0) };
        (x[0].max(x[1]) + s * s, vec![a + 2.0 * s, b + 2.0 * s])
    };
    for (name, report) in ends(kinked, &[3.0, 1.0], 400) {
        assert_eq!(report.termination, Termination::Kink, "{name}: {report}");
    }
    // The value can fall to the smallest number there is.
    let absolute: Function = |x| (x[0].abs() + 0.1 * x[0] * x[0], vec![x[0].signum() + 0.2 * x[0]]);
    for (name, report) in ends(absolute, &[1.3], 1500) {
        assert_eq!(report.termination, Termination::Kink, "{name}: {report}");
        assert!(report.to_string().contains("kink"));
    }
    // Σ |x − k|, a kink for each variable.
    let sum: Function = |x| {
        let terms = x.iter().enumerate().map(|(k, x)| x - k as f64);
        (terms.clone().map(f64::abs).sum(), terms.map(f64::signum).collect())
    };
    // (Steepest descent makes progress there, as slowly as one would expect.)
    for (name, report) in ends_by(&METHODS[..4], sum, &[3.1, -4.0, 7.3, 0.2], 3000) {
        assert_eq!(report.termination, Termination::Kink, "{name}: {report}");
    }
}

#[test]
fn a_gradient_that_is_a_little_wrong_is_found_soon_and_named() {
    // By 10⁻³, at whose zero the value falls on. Where the line search looks at slopes, that zero is a minimum.
    let wrong: Function = |x| {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        let gradient = vec![-2.0 * a - 400.0 * x[0] * b + 1e-3, 200.0 * b];
        (a * a + 100.0 * b * b, gradient)
    };
    let reports = ends(wrong, &[-1.2, 1.0], 3000);
    assert!(reports.iter().any(|(_, report)| report.termination == Termination::WrongGradient));
    for (name, report) in reports {
        let known = report.termination.converged() || report.termination == Termination::WrongGradient;
        assert!(known, "{name}: {report}");
    }
    // Of another sign, of another size in one coordinate, and a constant that is forgotten.
    let wrong: [Function; 3] = [
        |x| (x[0] * x[0] + x[1] * x[1], vec![-2.0 * x[0], -2.0 * x[1]]),
        |x| (x[0] * x[0] + x[1].powi(4), vec![2.0 * x[0], -0.4 * x[1].powi(3)]),
        |x| (x[0] * x[0] + x[1] * x[1] + x[0], vec![2.0 * x[0] - 1.0, 2.0 * x[1]]),
    ];
    for (k, function) in wrong.into_iter().enumerate() {
        for (name, report) in ends(function, &[0.7, -1.1], 800) {
            let known = report.termination.converged() || report.termination == Termination::WrongGradient;
            assert!(known, "{k}, {name}: {report}");
        }
    }
}

#[test]
fn rounding_is_found_soon_and_named() {
    // Bowls on a hill so high that their depth is below its last digit.
    let high: Function = |x| {
        let value = x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * (x - 0.3).powi(2)).sum::<f64>();
        (1e12 + value, x.iter().enumerate().map(|(i, x)| 2.0 * (i + 1) as f64 * (x - 0.3)).collect())
    };
    let higher: Function = |x| {
        let value = x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * (x - 0.3).powi(4)).sum::<f64>();
        (1e18 + value, x.iter().enumerate().map(|(i, x)| 4.0 * (i + 1) as f64 * (x - 0.3).powi(3)).collect())
    };
    // Cancellation: the value and the gradient have lost all but a few digits.
    let cancelled: Function = |x| {
        let noisy = |t: f64| (t + 1e8) - 1e8;
        let g: Vec<f64> = x.iter().map(|x| noisy(2.0 * x + 0.1)).collect();
        (noisy(x.iter().map(|x| x * x + 0.1 * x).sum()), g)
    };
    for (k, function) in [high, higher, cancelled].into_iter().enumerate() {
        for (name, report) in ends(function, &[1.0, -0.4, 0.9, 0.2, 1.7, -2.0], 600) {
            let known = report.termination.converged() || report.termination == Termination::Rounding;
            assert!(known, "{k}, {name}: {report}");
        }
    }
}

#[test]
fn a_start_that_passes_the_test_already_is_doubtful() {
    // A bowl in units of 10⁻¹⁰, and one over variables of 10⁸: at the start the gradient is small, and yet it is far away.
    let small: Function = |x| (1e-10 * x[0] * x[0], vec![2e-10 * x[0]]);
    let wide: Function = |x| ((x[0] / 1e8 - 1.0).powi(2), vec![2e-8 * (x[0] / 1e8 - 1.0)]);
    // Not below the tolerance, but close.
    let close: Function = |x| (1e-5 * x[0] * x[0], vec![2e-5 * x[0]]);
    for function in [small, wide, close] {
        for (name, report) in ends(function, &[3.0], 100) {
            let Some(Warning::SmallAtStart { gradient_norm }) = report.warning else {
                panic!("{name}: {report}");
            };
            assert!(gradient_norm <= 1e-3 && report.to_string().contains("warning"), "{name}: {report}");
        }
        // What it says helps.
        let method = Lbfgs::default().gradient_tolerance(0.0).relative_gradient_tolerance(1e-8);
        let report = method.minimize(&mut from_fn(function), vec![3.0]).unwrap();
        assert!(report.termination.converged() && report.value < 1e-20, "{report}");
        assert_eq!(report.warning, None);
    }
    // Nothing is doubtful about a start with a large gradient, or at a minimum.
    let bowl: Function = |x| (x[0] * x[0], vec![2.0 * x[0]]);
    for start in [3.0, 0.0] {
        for (name, report) in ends(bowl, &[start], 100) {
            assert!(report.termination.converged() && report.warning.is_none(), "{name}: {report}");
        }
    }
}

#[test]
fn newton_tells_a_saddle_from_a_minimum() {
    // Σ aᵢ·xᵢ²/2 + xᵢ⁴/4 at 0, with some of the aᵢ negative.
    let report = |a: &'static [f64]| {
        let f = from_fn(move |x: &[f64]| {
            let terms = x.iter().zip(a);
            let value = terms.clone().map(|(x, a)| 0.5 * a * x * x + 0.25 * x.powi(4)).sum::<f64>();
            (value, terms.map(|(x, a)| a * x + x.powi(3)).collect::<Vec<_>>())
        });
        let mut f = with_hessian_product(f, move |x: &[f64], v: &[f64], out: &mut [f64]| {
            (0..x.len()).for_each(|i| out[i] = (a[i] + 3.0 * x[i] * x[i]) * v[i]);
        });
        NewtonCg::default().minimize(&mut f, vec![0.0; a.len()]).unwrap()
    };
    for saddle in [&[-1.0][..], &[1.0, -1.0], &[1.0, 2.0, 3.0, -1e-3], &[1e4, -1.0, 1.0, 1e-2], &[-1.0; 5]] {
        let report = report(saddle);
        assert_eq!(report.termination, Termination::Saddle, "{saddle:?}: {report}");
        assert!(!report.termination.converged() && report.hessian_products > 0);
    }
    for minimum in [&[1.0][..], &[1.0, 1e-3, 1e3], &[2.0, 0.0], &[0.0, 0.0]] {
        let report = report(minimum);
        assert!(report.termination.converged(), "{minimum:?}: {report}");
        assert!((1..=3).contains(&report.hessian_products));
    }
}
