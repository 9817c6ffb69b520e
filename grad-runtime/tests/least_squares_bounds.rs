//! Dogleg, and both methods with a trust region within bounds.

use grad_runtime::descent::{
    DescentError, Dogleg, LbfgsB, LeastSquares, LevenbergMarquardt, Loss, Report, Termination,
};
use grad_runtime::{Residuals, from_residuals};

const FREE: f64 = f64::INFINITY;

/// Residuals with a Jacobian by central differences, extrapolated: exact to some 10⁻¹¹.
fn problem(m: usize, r: fn(&[f64], &mut [f64])) -> impl Residuals<Scalar = f64> {
    from_residuals(m, r, move |x: &[f64], jacobian: &mut [f64]| {
        let n = x.len();
        let at = |j: usize, h: f64| {
            let (mut x, mut out) = (x.to_vec(), vec![0.0; m]);
            x[j] += h;
            r(&x, &mut out);
            out
        };
        for j in 0..n {
            let h = 1e-3 * x[j].abs().max(0.1);
            let slope = |a: Vec<f64>, b: Vec<f64>, h: f64| -> Vec<f64> {
                a.iter().zip(&b).map(|(a, b)| (a - b) / (2.0 * h)).collect()
            };
            let far = slope(at(j, 2.0 * h), at(j, -2.0 * h), 2.0 * h);
            let near = slope(at(j, h), at(j, -h), h);
            let nearer = slope(at(j, h / 2.0), at(j, -h / 2.0), h / 2.0);
            for i in 0..m {
                let (a, b) = ((4.0 * near[i] - far[i]) / 3.0, (4.0 * nearer[i] - near[i]) / 3.0);
                jacobian[i * n + j] = (16.0 * b - a) / 15.0;
            }
        }
    })
}

/// Name, residuals and how many, start, bounds; the least ½‖r‖² within them, and how many evaluations `scipy` 1.17.1 needs:
/// `least_squares(f, x0, jac='3-point', bounds=…, method=…, xtol=1e-15, ftol=1e-15, gtol=1e-13)` by `trf` and by `dogbox`.
struct Case {
    name: &'static str,
    m: usize,
    r: fn(&[f64], &mut [f64]),
    start: &'static [f64],
    lower: &'static [f64],
    upper: &'static [f64],
    value: f64,
    scipy: [usize; 2],
}

fn rosenbrock(x: &[f64], r: &mut [f64]) {
    r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]);
}

fn freudenstein_roth(x: &[f64], r: &mut [f64]) {
    r[0] = -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1];
    r[1] = -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1];
}

fn beale(x: &[f64], r: &mut [f64]) {
    for ((r, y), power) in r.iter_mut().zip([1.5, 2.25, 2.625]).zip(1..) {
        *r = y - x[0] * (1.0 - x[1].powi(power));
    }
}

fn bard(x: &[f64], r: &mut [f64]) {
    const Y: [f64; 15] =
        [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];
    for (i, y) in Y.into_iter().enumerate() {
        let (u, v) = (i as f64 + 1.0, 15.0 - i as f64);
        r[i] = y - (x[0] + u / (v * x[1] + u.min(v) * x[2]));
    }
}

fn kowalik_osborne(x: &[f64], r: &mut [f64]) {
    const Y: [f64; 11] =
        [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
    const U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
    for i in 0..11 {
        r[i] = Y[i] - x[0] * (U[i] * U[i] + U[i] * x[1]) / (U[i] * U[i] + U[i] * x[2] + x[3]);
    }
}

fn powell(x: &[f64], r: &mut [f64]) {
    r[0] = x[0] + 10.0 * x[1];
    r[1] = 5.0_f64.sqrt() * (x[2] - x[3]);
    r[2] = (x[1] - 2.0 * x[2]).powi(2);
    r[3] = 10.0_f64.sqrt() * (x[0] - x[3]).powi(2);
}

fn wood(x: &[f64], r: &mut [f64]) {
    r[0] = 10.0 * (x[1] - x[0] * x[0]);
    r[1] = 1.0 - x[0];
    r[2] = 90.0_f64.sqrt() * (x[3] - x[2] * x[2]);
    r[3] = 1.0 - x[2];
    r[4] = 10.0_f64.sqrt() * (x[1] + x[3] - 2.0);
    r[5] = (x[1] - x[3]) / 10.0_f64.sqrt();
}

fn decay(x: &[f64], r: &mut [f64]) {
    const Y: [f64; 12] = [2.01, 1.22, 0.73, 0.46, 0.26, 0.17, 1.9, 0.06, 0.04, 0.01, -1.5, 0.02];
    for (t, y) in Y.into_iter().enumerate() {
        r[t] = x[0] * (-x[1] * t as f64).exp() - y;
    }
}

fn trigonometric(x: &[f64], r: &mut [f64]) {
    let sum: f64 = x.iter().map(|x| x.cos()).sum();
    for (i, x) in x.iter().enumerate() {
        r[i] = 5.0 - sum + (i + 1) as f64 * (1.0 - x.cos()) - x.sin();
    }
}

fn variably_dimensioned(x: &[f64], r: &mut [f64]) {
    let sum: f64 = x.iter().enumerate().map(|(i, x)| (i + 1) as f64 * (x - 1.0)).sum();
    for (r, x) in r.iter_mut().zip(x) {
        *r = x - 1.0;
    }
    (r[6], r[7]) = (sum, sum * sum);
}

/// Fewer residuals than variables.
fn wide(x: &[f64], r: &mut [f64]) {
    r.copy_from_slice(&[x[0] + 2.0 * x[1] + 3.0 * x[2] - 10.0, x[0] * x[1] - 1.0]);
}

#[rustfmt::skip]
const CASES: [Case; 12] = [
    Case { name: "Rosenbrock, x", m: 2, r: rosenbrock, start: &[-1.2, 1.0], lower: &[-2.0, -2.0], upper: &[0.5, 2.0], value: 0.125, scipy: [19, 12] },
    Case { name: "Rosenbrock, y", m: 2, r: rosenbrock, start: &[-1.2, 0.3], lower: &[-50.0, -FREE], upper: &[50.0, 0.3], value: 0.101_437_819_067_643_3, scipy: [33, 14] },
    Case { name: "Freudenstein-Roth", m: 2, r: freudenstein_roth, start: &[0.5, -2.0], lower: &[0.0, -30.0], upper: &[20.0, -0.9], value: 24.492_601, scipy: [11, 7] },
    Case { name: "Beale", m: 3, r: beale, start: &[1.0, 1.0], lower: &[0.6, 0.5], upper: &[10.0, 100.0], value: 0.0, scipy: [28, 5] },
    Case { name: "Bard", m: 15, r: bard, start: &[1.0, 1.0, 0.9], lower: &[0.1, 0.0, 0.0], upper: &[50.0, 1.0, 0.9], value: 9.098_397_471_937_165, scipy: [7, 2] },
    Case { name: "Kowalik-Osborne", m: 11, r: kowalik_osborne, start: &[0.25, 0.39, 0.1, 0.39], lower: &[-FREE, -FREE, -FREE, 0.15], upper: &[FREE, FREE, 0.1, FREE], value: 0.000_157_717_545_961_987_43, scipy: [12, 4] },
    Case { name: "Powell", m: 4, r: powell, start: &[3.0, -1.0, 0.0, 1.0], lower: &[0.1, -20.0, -1.0, -1.0], upper: &[100.0, 20.0, 1.0, 50.0], value: 9.390_981_502_915_171e-5, scipy: [22, 32] },
    Case { name: "Wood", m: 6, r: wood, start: &[-3.0, -1.0, -3.0, -1.0], lower: &[-100.0; 4], upper: &[0.0, 10.0, 100.0, 100.0], value: 0.778_350_400_219_282_5, scipy: [29, 73] },
    Case { name: "decay", m: 12, r: decay, start: &[1.0, 1.0], lower: &[0.0, 0.45], upper: &[1.8, FREE], value: 2.763_695_629_061_845_5, scipy: [9, 3] },
    Case { name: "trigonometric", m: 5, r: trigonometric, start: &[0.2, 0.2, 0.2, 0.2, 0.06], lower: &[0.05; 5], upper: &[1.0, 1.0, 1.0, 1.0, 0.06], value: 0.000_491_199_977_673_043, scipy: [28, 24] },
    Case { name: "variably dimensioned", m: 8, r: variably_dimensioned, start: &[5.0 / 6.0, 4.0 / 6.0, 3.0 / 6.0, 2.0 / 6.0, 1.0 / 6.0, 0.0], lower: &[0.0; 6], upper: &[0.9; 6], value: 11.959_05, scipy: [12, 7] },
    Case { name: "more variables than residuals", m: 2, r: wide, start: &[0.0; 3], lower: &[-1.0; 3], upper: &[2.0, 0.5, 2.0], value: 0.5, scipy: [21, 5] },
];

impl Case {
    fn residuals(&self) -> impl Residuals<Scalar = f64> {
        problem(self.m, self.r)
    }

    fn bounds(&self) -> (Vec<f64>, Vec<f64>) {
        (self.lower.to_vec(), self.upper.to_vec())
    }

    fn run(&self, dogleg: bool) -> Report<f64> {
        let (lower, upper) = self.bounds();
        let (start, mut residuals) = (self.start.to_vec(), self.residuals());
        if dogleg {
            Dogleg::default().bounds(lower, upper).minimize(&mut residuals, start).unwrap()
        } else {
            LevenbergMarquardt::default().bounds(lower, upper).minimize(&mut residuals, start).unwrap()
        }
    }
}

#[test]
fn both_methods_find_what_scipy_finds_within_bounds() {
    let (mut ours, mut scipys) = ([0; 2], [0; 2]);
    for case in &CASES {
        for (dogleg, method) in [(false, 0), (true, 1)] {
            let report = case.run(dogleg);
            let name = case.name;
            assert!(report.termination.converged(), "{name}: {report}");
            assert!((report.value - case.value).abs() <= 1e-13 * case.value.max(1.0), "{name}: {report}");
            for ((x, l), u) in report.x.iter().zip(case.lower).zip(case.upper) {
                assert!((l..=u).contains(&x), "{name}: {:?}", report.x);
            }
            ours[method] += report.evaluations;
            scipys[method] += case.scipy[method];
        }
    }
    // The better of both.
    assert!(ours.into_iter().all(|ours| ours <= scipys[0].min(scipys[1])), "{ours:?} {scipys:?}");
}

#[test]
fn no_point_out_of_bounds_is_evaluated_and_a_start_there_is_projected() {
    for case in &CASES {
        let (lower, upper) = case.bounds();
        let within = |x: &[f64]| {
            x.iter().zip(case.lower).zip(case.upper).for_each(|((x, l), u)| assert!((l..=u).contains(&x)));
        };
        let (mut source, mut jacobians) = (case.residuals(), case.residuals());
        let mut watched = from_residuals(
            case.m,
            |x: &[f64], r: &mut [f64]| {
                within(x);
                source.residuals_into(x, r);
            },
            |x: &[f64], j: &mut [f64]| {
                within(x);
                jacobians.jacobian_into(x, j);
            },
        );
        let far: Vec<f64> = case.start.iter().enumerate().map(|(k, x)| x + [7.0, -9.0][k % 2]).collect();
        let method = Dogleg::default().bounds(lower.clone(), upper.clone()).max_iterations(100);
        let report = method.minimize(&mut watched, far.clone()).unwrap();
        assert!(report.value.is_finite(), "{}: {report}", case.name);
        let method = LevenbergMarquardt::default().bounds(lower, upper).max_iterations(100);
        assert!(method.minimize(&mut watched, far).unwrap().value.is_finite());
    }
}

#[test]
fn a_loss_within_bounds_has_the_minimum_that_lbfgsb_finds() {
    for loss in [Loss::Huber(0.2), Loss::SoftL1(0.1), Loss::Cauchy(0.3)] {
        for (lower, upper) in
            [([0.0, 0.0], [1.9, FREE]), ([0.0, 0.6], [FREE, FREE]), ([0.0, 0.1], [1.5, 0.4])]
        {
            let (lower, upper) = (lower.to_vec(), upper.to_vec());
            let mut objective = LeastSquares::new(problem(12, decay)).loss(loss);
            let known = LbfgsB::new(lower.clone(), upper.clone())
                .gradient_tolerance(1e-9)
                .minimize(&mut objective, vec![1.0, 0.4])
                .unwrap();
            let method = LevenbergMarquardt::default().loss(loss).bounds(lower.clone(), upper.clone());
            let report = method.minimize(&mut problem(12, decay), vec![1.0, 0.4]).unwrap();
            let dogleg = Dogleg::default().loss(loss).bounds(lower, upper);
            let other = dogleg.minimize(&mut problem(12, decay), vec![1.0, 0.4]).unwrap();
            for report in [report, other] {
                assert!(report.termination.converged(), "{loss:?}: {report}");
                assert!((report.value / known.value - 1.0).abs() < 1e-10, "{loss:?}: {report}\n{known}");
            }
        }
    }
}

#[test]
fn variables_that_cannot_move_and_single_precision() {
    // Nothing can move: at once, it is at the minimum.
    let fixed = LevenbergMarquardt::default().bounds(vec![0.5, 0.25], vec![0.5, 0.25]);
    let report = fixed.minimize(&mut problem(2, rosenbrock), vec![3.0, 3.0]).unwrap();
    assert_eq!(
        (report.termination, &report.x[..], report.evaluations),
        (Termination::SmallGradient, &[0.5, 0.25][..], 1)
    );
    // One can.
    let one = Dogleg::default().bounds(vec![0.5, -FREE], vec![0.5, FREE]);
    let report = one.minimize(&mut problem(2, rosenbrock), vec![0.0, 3.0]).unwrap();
    assert!(report.termination.converged() && report.x[0] == 0.5 && (report.x[1] - 0.25).abs() < 1e-9);
    // 0.1 is no `f32`: the bound is the nearest one.
    let mut single = from_residuals(
        2,
        |x: &[f32], r: &mut [f32]| r.copy_from_slice(&[x[0] - 1.0, x[0] + x[1] * x[1] - 2.0]),
        |x: &[f32], j: &mut [f32]| j.copy_from_slice(&[1.0, 0.0, 1.0, 2.0 * x[1]]),
    );
    for report in [
        LevenbergMarquardt::default().gradient_tolerance(1e-4).bounds(vec![-1.0, 0.3], vec![0.1, 5.0]),
        LevenbergMarquardt::default().gradient_tolerance(1e-4).bounds(vec![0.05, 0.0], vec![0.1, FREE]),
    ]
    .map(|method| method.minimize(&mut single, vec![0.0, 1.0]).unwrap())
    {
        assert!(report.termination.converged() && report.x[0] == 0.1_f32, "{report} {:?}", report.x);
    }
}

#[test]
fn bounds_that_make_no_sense_are_errors() {
    let start = |lower: Vec<f64>, upper: Vec<f64>| {
        let method = Dogleg::default().bounds(lower, upper);
        method.minimize(&mut problem(2, rosenbrock), vec![0.0; 2]).unwrap_err()
    };
    assert_eq!(
        start(vec![0.0], vec![1.0; 2]),
        DescentError::WrongBounds { name: "lower", expected: 2, found: 1 }
    );
    assert_eq!(
        start(vec![0.0; 2], vec![1.0; 3]),
        DescentError::WrongBounds { name: "upper", expected: 2, found: 3 }
    );
    for lower in [2.0, f64::NAN, FREE] {
        assert!(matches!(
            start(vec![0.0, lower], vec![1.0; 2]),
            DescentError::InvalidSetting { name: "lower", .. }
        ));
    }
    let error = Dogleg::default().first_radius(0.0).minimize(&mut problem(2, rosenbrock), vec![0.0; 2]);
    assert!(matches!(error, Err(DescentError::InvalidSetting { name: "first_radius", .. })));
}
