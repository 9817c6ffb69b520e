//! The deterministic methods, each against something known from elsewhere.

use std::ops::ControlFlow;

use grad_runtime::descent::{
    Backtracking, Bfgs, ConjugateGradient, DescentError, GaussNewton, HagerZhang, Iteration, Lbfgs, LbfgsB,
    LevenbergMarquardt, LineSearch, NewtonCg, Preconditioner, ProjectedGradient, Report, SteepestDescent,
    Stopping, StrongWolfe, Termination,
};
use grad_runtime::{HessianProduct, Objective, Residuals, from_fn, from_residuals, with_hessian_product};

/// ½·(x − x*)ᵀ·A·(x − x*) with A = D + u·uᵀ: positive definite, condition some 50, minimum known by construction.
fn bowl(dim: usize) -> (impl HessianProduct<Scalar = f64>, Vec<f64>) {
    let minimum: Vec<f64> = (0..dim).map(|i| 1.0 + (i as f64).sin()).collect();
    let at = minimum.clone();
    let product = |v: &[f64]| -> Vec<f64> {
        let u = |i: usize| (i as f64 * 0.7).cos();
        let uv: f64 = v.iter().enumerate().map(|(i, v)| u(i) * v).sum();
        v.iter().enumerate().map(|(i, v)| (1.0 + 2.0 * i as f64) * v + u(i) * uv).collect()
    };
    let objective = from_fn(move |x: &[f64]| {
        let d: Vec<f64> = x.iter().zip(&at).map(|(x, m)| x - m).collect();
        let gradient = product(&d);
        (0.5 * d.iter().zip(&gradient).map(|(d, g)| d * g).sum::<f64>(), gradient)
    });
    (
        with_hessian_product(objective, move |_: &[f64], v: &[f64], out: &mut [f64]| {
            out.copy_from_slice(&product(v))
        }),
        minimum,
    )
}

fn rosenbrock(x: &[f64]) -> (f64, [f64; 2]) {
    let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
    (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x[0] * b, 200.0 * b])
}

fn assert_at(report: &Report<f64>, minimum: &[f64], tolerance: f64) {
    assert!(report.termination.converged(), "{report}");
    for (x, m) in report.x.iter().zip(minimum) {
        assert!((x - m).abs() <= tolerance, "{:?} {minimum:?}", report.x);
    }
}

#[test]
fn all_methods_find_the_minimum_of_a_bowl() {
    let (mut f, minimum) = bowl(20);
    let start = vec![0.0; 20];
    let reports = [
        SteepestDescent::default().minimize(&mut f, start.clone()),
        ConjugateGradient::default().minimize(&mut f, start.clone()),
        Lbfgs::default().minimize(&mut f, start.clone()),
        Bfgs::default().minimize(&mut f, start.clone()),
        NewtonCg::default().minimize(&mut f, start.clone()),
        ProjectedGradient::new(vec![-10.0; 20], vec![10.0; 20]).minimize(&mut f, start.clone()),
        LbfgsB::new(vec![-10.0; 20], vec![10.0; 20]).minimize(&mut f, start.clone()),
        LbfgsB::new(vec![f64::NEG_INFINITY; 20], vec![f64::INFINITY; 20]).minimize(&mut f, start.clone()),
    ];
    for report in reports {
        assert_at(&report.unwrap(), &minimum, 1e-6);
    }
}

#[test]
fn any_line_search_serves_any_method() {
    let line_searches: [LineSearch; 3] =
        [Backtracking::default().into(), StrongWolfe::default().into(), HagerZhang::default().into()];
    for line_search in line_searches {
        let mut valley = from_fn(rosenbrock);
        let start = vec![-1.2, 1.0];
        let reports = [
            Lbfgs::default().line_search(line_search).minimize(&mut valley, start.clone()),
            Bfgs::default().line_search(line_search).minimize(&mut valley, start.clone()),
            ConjugateGradient::default().line_search(line_search).minimize(&mut valley, start.clone()),
            SteepestDescent::default()
                .line_search(line_search)
                .max_iterations(100_000)
                .minimize(&mut valley, start.clone()),
        ];
        for report in reports {
            assert_at(&report.unwrap(), &[1.0, 1.0], 1e-4);
        }
    }
}

#[test]
fn conjugate_gradients_end_a_quadratic_in_as_many_steps_as_it_has_curvatures() {
    // Three different eigenvalues: three steps, with exact line searches.
    let scales = [1.0, 1.0, 5.0, 5.0, 25.0, 25.0];
    let mut f = from_fn(|x: &[f64]| {
        let gradient: Vec<f64> = x.iter().zip(scales).map(|(x, s)| s * x).collect();
        (0.5 * x.iter().zip(&gradient).map(|(x, g)| x * g).sum::<f64>(), gradient)
    });
    let exact = StrongWolfe { sufficient_decrease: 1e-9, curvature: 1e-8, ..StrongWolfe::default() };
    let method = ConjugateGradient::default().line_search(exact);
    let report = method.minimize(&mut f, vec![1.0, -2.0, 0.5, 1.5, 1.0, -0.3]).unwrap();
    assert!(report.termination.converged() && report.iterations == 3, "{report}");
}

#[test]
fn newton_in_a_wide_region_solves_a_quadratic_with_few_products() {
    let (mut f, minimum) = bowl(8);
    let report = NewtonCg::default().first_radius(1e3).minimize(&mut f, vec![0.0; 8]).unwrap();
    assert_at(&report, &minimum, 1e-6);
    // The steps are as exact as the gradient asks for: half of it first, ever more later. Then there are as many
    // products as variables to see that it is no saddle.
    assert!(report.iterations <= 8 && report.hessian_products <= 27 + 8, "{report}");
}

#[test]
fn newton_leaves_a_saddle_along_negative_curvature() {
    // x² − y² + y⁴/4 has minima at y = ±√2 and a saddle at 0.
    let f = from_fn(|x: &[f64]| {
        let (x, y) = (x[0], x[1]);
        (x * x - y * y + 0.25 * y.powi(4), [2.0 * x, -2.0 * y + y.powi(3)])
    });
    let mut f = with_hessian_product(f, |x: &[f64], v: &[f64], out: &mut [f64]| {
        out.copy_from_slice(&[2.0 * v[0], (3.0 * x[1] * x[1] - 2.0) * v[1]]);
    });
    let report = NewtonCg::default().minimize(&mut f, vec![1.0, 1e-4]).unwrap();
    assert_at(&report, &[0.0, 2.0_f64.sqrt()], 1e-6);
    // Uphill the same walk leads to the top of −f.
    let up = from_fn(|x: &[f64]| {
        let (x, y) = (x[0], x[1]);
        (-x * x + y * y - 0.25 * y.powi(4), [-2.0 * x, 2.0 * y - y.powi(3)])
    });
    let mut up = with_hessian_product(up, |x: &[f64], v: &[f64], out: &mut [f64]| {
        out.copy_from_slice(&[-2.0 * v[0], -(3.0 * x[1] * x[1] - 2.0) * v[1]]);
    });
    let up = NewtonCg::default().maximize(&mut up, vec![1.0, 1e-4]).unwrap();
    assert_eq!((&up.x, up.value, up.iterations), (&report.x, -report.value, report.iterations));
}

/// Hock and Schittkowski, *Test examples for nonlinear programming codes*, 1981: the problems with bounds alone.
macro_rules! bounded_problems {
    ($name:ident, $method:ident) => {
        #[test]
        fn $name() {
            let infinity = f64::INFINITY;
            // 1 and 2: Rosenbrock's valley, y ≥ −1.5 and y ≥ 1.5.
            let bounded = |low: f64| $method::new(vec![-infinity, low], vec![infinity; 2]);
            let report = bounded(-1.5).minimize(&mut from_fn(rosenbrock), vec![-2.0, 1.0]).unwrap();
            assert_at(&report, &[1.0, 1.0], 1e-5);
            let report = bounded(1.5).minimize(&mut from_fn(rosenbrock), vec![-2.0, 1.0]).unwrap();
            assert!(report.termination.converged());
            // The other one is a local minimum of the same problem.
            assert!(
                (report.value - 0.050_426_188).abs() < 1e-8 || (report.value - 4.941_229).abs() < 1e-5,
                "{report}"
            );
            assert_eq!(report.x[1], 1.5);
            // 3: y + 10⁻⁵·(y − x)², y ≥ 0.
            let mut three = from_fn(|x: &[f64]| {
                let d = 1e-5 * (x[1] - x[0]);
                (x[1] + d * (x[1] - x[0]), [-2.0 * d, 1.0 + 2.0 * d])
            });
            let report = $method::new(vec![-infinity, 0.0], vec![infinity; 2])
                .gradient_tolerance(1e-10)
                .minimize(&mut three, vec![10.0, 1.0])
                .unwrap();
            assert_at(&report, &[0.0, 0.0], 1e-4);
            // 4: (x + 1)³/3 + y, x ≥ 1, y ≥ 0.
            let mut four =
                from_fn(|x: &[f64]| ((x[0] + 1.0).powi(3) / 3.0 + x[1], [(x[0] + 1.0).powi(2), 1.0]));
            let report = $method::new(vec![1.0, 0.0], vec![infinity; 2])
                .minimize(&mut four, vec![1.125, 0.125])
                .unwrap();
            assert_at(&report, &[1.0, 0.0], 0.0);
            assert_eq!((report.value, report.gradient_norm), (8.0 / 3.0, 0.0));
            // 5: sin(x + y) + (x − y)² − 1.5x + 2.5y + 1.
            let mut five = from_fn(|x: &[f64]| {
                let (s, d) = (x[0] + x[1], x[0] - x[1]);
                let value = s.sin() + d * d - 1.5 * x[0] + 2.5 * x[1] + 1.0;
                (value, [s.cos() + 2.0 * d - 1.5, s.cos() - 2.0 * d + 2.5])
            });
            let report =
                $method::new(vec![-1.5, -3.0], vec![4.0, 3.0]).minimize(&mut five, vec![0.0, 0.0]).unwrap();
            let pi = std::f64::consts::PI;
            assert_at(&report, &[0.5 - pi / 3.0, -0.5 - pi / 3.0], 1e-6);

            // No point out of bounds is evaluated.
            let mut outside = 0;
            let mut root = from_fn(|x: &[f64]| {
                outside += usize::from(!(1.0..=4.0).contains(&x[0]));
                (x[0].sqrt(), [0.5 / x[0].sqrt()])
            });
            let within = $method::new(vec![1.0], vec![4.0]);
            let report = within.minimize(&mut root, vec![9.0]).unwrap();
            assert_at(&report, &[1.0], 0.0);
            let report = within.maximize(&mut root, vec![2.0]).unwrap();
            assert_eq!((report.x[0], report.value), (4.0, 2.0));
            let error = $method::new(vec![2.0], vec![1.0]).minimize(&mut root, vec![1.0]).unwrap_err();
            assert!(matches!(error, DescentError::InvalidSetting { name: "lower", .. }));
            let error = within.minimize(&mut root, vec![1.0, 1.0]).unwrap_err();
            assert_eq!(error, DescentError::WrongBounds { name: "lower", expected: 2, found: 1 });
            let crooked = $method::new(vec![1.0], vec![4.0, 5.0]);
            let error = crooked.minimize(&mut root, vec![2.0]).unwrap_err();
            assert_eq!(error, DescentError::WrongBounds { name: "upper", expected: 1, found: 2 });
            assert_eq!(outside, 0);
        }
    };
}

bounded_problems!(projected_gradients_end_at_the_known_minima, ProjectedGradient);
bounded_problems!(lbfgsb_ends_at_the_known_minima, LbfgsB);

/// Rosenbrock's residuals.
fn valley() -> impl Residuals<Scalar = f64> {
    from_residuals(
        2,
        |x: &[f64], r: &mut [f64]| r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]),
        |x: &[f64], j: &mut [f64]| j.copy_from_slice(&[-20.0 * x[0], 10.0, -1.0, 0.0]),
    )
}

/// The points that MINPACK's `lmder` accepts, with its own first radius (`scipy` 1.17.1, `leastsq` with all tolerances 0).
#[test]
fn levenberg_marquardt_walks_where_minpack_walks() {
    let recorded: [[f64; 2]; 16] = [
        [-1.2, 1.0],
        [-0.897_438_653_696_175_8, 0.716_072_339_281_032_1],
        [-0.776_980_287_281_042_3, 0.591_596_422_865_899],
        [-0.575_188_657_958_259_5, 0.293_010_547_255_113_2],
        [-0.475_550_122_115_256_3, 0.217_896_039_320_797_37],
        [-0.279_966_082_063_596_5, 0.041_866_486_063_635_44],
        [-0.190_191_070_292_988_76, 0.028_417_670_465_439_582],
        [-0.012_000_522_198_219_343, -0.031_035_267_764_953_37],
        [0.075_255_957_422_519_53, -0.002_475_518_050_345_467],
        [0.250_805_557_768_476_7, 0.031_833_291_934_894_05],
        [0.420_335_044_789_055_5, 0.147_295_330_929_853_8],
        [0.582_619_882_871_407_6, 0.312_468_400_227_425_17],
        [0.736_660_827_882_966_8, 0.518_460_021_684_104_3],
        [0.882_242_519_000_521_6, 0.756_922_126_272_868_5],
        [1.0, 0.986_133_175_668_657_4],
        [1.0, 1.0],
    ];
    let mut walk = LevenbergMarquardt::default().first_radius(100.0).walk(valley(), vec![-1.2, 1.0]).unwrap();
    for (k, point) in recorded.iter().enumerate() {
        for (x, expected) in walk.x().iter().zip(point) {
            assert!((x - expected).abs() < 1e-11, "step {k}: {:?} {point:?}", walk.x());
        }
        assert_eq!(walk.step().is_continue(), k + 1 < recorded.len());
    }
    let report = walk.report();
    assert_eq!((report.evaluations, report.gradient_evaluations), (21, 16));

    // The helical valley, whose first step goes where the angle is not defined.
    let recorded: [[f64; 3]; 8] = [
        [-1.0, 0.0, 0.0],
        [-1.0, std::f64::consts::PI, 0.0],
        [0.992_670_355_553_916, 1.957_846_692_133_871_7, 1.912_952_874_271_515_4],
        [1.399_526_537_910_893, 0.420_920_429_352_330_54, 0.978_743_964_244_751],
        [1.080_599_183_153_751_1, -0.120_861_273_447_105_29, 0.0],
        [1.007_265_221_259_893_4, 0.009_207_595_663_655_643, 0.0],
        [1.000_042_387_977_590_4, -6.653_816_384_313_49e-5, 0.0],
        [1.000_000_002_213_663_7, 2.820_347_738_447_144_5e-9, 0.0],
    ];
    let turn = 2.0 * std::f64::consts::PI;
    let helix = from_residuals(
        3,
        move |x: &[f64], r: &mut [f64]| {
            let theta = (x[1] / x[0]).atan() / turn + if x[0] > 0.0 { 0.0 } else { 0.5 };
            r.copy_from_slice(&[10.0 * (x[2] - 10.0 * theta), 10.0 * (x[0].hypot(x[1]) - 1.0), x[2]]);
        },
        move |x: &[f64], j: &mut [f64]| {
            let (square, length) = (x[0] * x[0] + x[1] * x[1], x[0].hypot(x[1]));
            let c = 100.0 / turn / square;
            j[..6].copy_from_slice(&[
                c * x[1],
                -c * x[0],
                10.0,
                10.0 * x[0] / length,
                10.0 * x[1] / length,
                0.0,
            ]);
            j[6..].copy_from_slice(&[0.0, 0.0, 1.0]);
        },
    );
    let method = LevenbergMarquardt::default().first_radius(100.0);
    let mut walk = method.walk(helix, vec![-1.0, 0.0, 0.0]).unwrap();
    for (k, point) in recorded.iter().enumerate() {
        for (x, expected) in walk.x().iter().zip(point) {
            assert!((x - expected).abs() < 1e-9, "{:?} {point:?}", walk.x());
        }
        assert_eq!(walk.step().is_continue(), k + 1 < recorded.len());
    }
    assert_eq!(walk.report().termination, Termination::SmallResiduals);
}

/// A line through points: residuals a + b·t − y.
fn line() -> impl Residuals<Scalar = f64> {
    let y = [1.1, 2.9, 5.2, 6.8, 9.1];
    from_residuals(
        5,
        move |x: &[f64], r: &mut [f64]| (0..5).for_each(|i| r[i] = x[0] + x[1] * i as f64 - y[i]),
        |_: &[f64], j: &mut [f64]| {
            for (i, row) in j.chunks_mut(2).enumerate() {
                row.copy_from_slice(&[1.0, i as f64]);
            }
        },
    )
}

#[test]
fn linear_residuals_take_one_step() {
    // By the normal equations: mean 5.02, slope 19.9/10.
    let expected = [5.02 - 2.0 * 1.99, 1.99];
    for report in [
        LevenbergMarquardt::default().first_radius(100.0).minimize(&mut line(), vec![0.0, 0.0]),
        GaussNewton::default().minimize(&mut line(), vec![0.0, 0.0]),
    ] {
        let report = report.unwrap();
        assert_at(&report, &expected, 1e-12);
        assert_eq!((report.iterations, report.evaluations), (1, 2));
    }
}

#[test]
fn the_test_of_least_squares_has_no_scale() {
    // A line through points, with the residuals and each variable in units of many sizes.
    let found = |size: f64, unit: f64| {
        let y = [1.1, 2.9, 5.2, 6.8, 9.1];
        let mut line = from_residuals(
            5,
            move |x: &[f64], r: &mut [f64]| {
                (0..5).for_each(|i| r[i] = size * (x[0] + unit * x[1] * i as f64 - y[i]));
            },
            move |_: &[f64], j: &mut [f64]| {
                for (i, row) in j.chunks_mut(2).enumerate() {
                    row.copy_from_slice(&[size, size * unit * i as f64]);
                }
            },
        );
        let report = LevenbergMarquardt::default().minimize(&mut line, vec![0.1, 0.1 / unit]).unwrap();
        assert_at(&report, &[5.02 - 2.0 * 1.99, 1.99 / unit], 1e-7 * (1.0 + 1.0 / unit));
        (report.iterations, report.evaluations)
    };
    let counts = found(1.0, 1.0);
    for (size, unit) in [(1e-12, 1.0), (1e12, 1.0), (1.0, 1e-8), (1.0, 1e8), (1e-50, 1e20)] {
        assert_eq!(found(size, unit), counts, "{size} {unit}");
    }
}

#[test]
fn a_plateau_of_residuals_is_not_called_a_minimum() {
    // 1 − exp(−b·t) = y where b is so large that nothing depends on it: the gradient is tiny, and yet it points back.
    let (t, y) = ([1.0, 2.0, 3.0], [0.5, 0.7, 0.9]);
    let mut plateau = from_residuals(
        3,
        move |b: &[f64], r: &mut [f64]| (0..3).for_each(|i| r[i] = 1.0 - (-b[0] * t[i]).exp() - y[i]),
        move |b: &[f64], j: &mut [f64]| (0..3).for_each(|i| j[i] = t[i] * (-b[0] * t[i]).exp()),
    );
    let report = LevenbergMarquardt::default().max_iterations(1).minimize(&mut plateau, vec![30.0]).unwrap();
    assert!(!report.termination.converged() && report.gradient_norm > 0.5, "{report}");
}

#[test]
fn residuals_that_are_not_finite_shorten_the_step() {
    // ln x − 3 from x = 0.1: the Gauss–Newton step leads far beyond, the first radius to below 0.
    let mut logarithm = from_residuals(
        1,
        |x: &[f64], r: &mut [f64]| r[0] = x[0].ln() + 3.0,
        |x: &[f64], j: &mut [f64]| j[0] = 1.0 / x[0],
    );
    for report in [
        LevenbergMarquardt::default().minimize(&mut logarithm, vec![5.0]).unwrap(),
        GaussNewton::default().minimize(&mut logarithm, vec![5.0]).unwrap(),
    ] {
        assert_at(&report, &[(-3.0_f64).exp()], 1e-6);
    }
}

#[test]
fn fewer_residuals_than_variables_are_solved() {
    let mut plane = from_residuals(
        1,
        |x: &[f64], r: &mut [f64]| r[0] = x[0] + 2.0 * x[1] - 3.0 * x[2] - 4.0,
        |_: &[f64], j: &mut [f64]| j.copy_from_slice(&[1.0, 2.0, -3.0]),
    );
    for report in [
        LevenbergMarquardt::default().minimize(&mut plane, vec![0.0; 3]).unwrap(),
        GaussNewton::default().minimize(&mut plane, vec![0.0; 3]).unwrap(),
    ] {
        assert!(report.termination.converged() && report.value < 1e-12);
    }
}

#[test]
fn single_precision_converges_as_far_as_it_can() {
    let single = |x: &[f32]| {
        let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
        (a * a + 10.0 * b * b, [-2.0 * a - 40.0 * x[0] * b, 20.0 * b])
    };
    let mut f = from_fn(single);
    let start = vec![-1.2_f32, 1.0];
    let reports = [
        Lbfgs::default().gradient_tolerance(1e-4).minimize(&mut f, start.clone()),
        Bfgs::default().gradient_tolerance(1e-4).minimize(&mut f, start.clone()),
        ConjugateGradient::default().gradient_tolerance(1e-4).minimize(&mut f, start.clone()),
        SteepestDescent::default().gradient_tolerance(1e-4).minimize(&mut f, start.clone()),
    ];
    for report in reports {
        let report = report.unwrap();
        assert!(report.termination.converged() && (report.x[0] - 1.0).abs() < 1e-2, "{report}");
    }
    let mut residuals = from_residuals(
        2,
        |x: &[f32], r: &mut [f32]| r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]),
        |x: &[f32], j: &mut [f32]| j.copy_from_slice(&[-20.0 * x[0], 10.0, -1.0, 0.0]),
    );
    let method = LevenbergMarquardt::default().gradient_tolerance(1e-4);
    assert!(method.minimize(&mut residuals, start).unwrap().termination.converged());
}

/// Functions that no method can do much with, and what must not happen there.
#[test]
fn hostile_functions_neither_hang_nor_panic_nor_deceive() {
    type Function = fn(&[f64]) -> (f64, Vec<f64>);
    let hostile: [(Function, f64); 9] = [
        // A kink.
        (|x| (x[0].abs(), vec![x[0].signum()]), 1.3),
        // No minimum.
        (|x| (x[0], vec![1.0]), 1.0),
        (|x| (-x[0].powi(3), vec![-3.0 * x[0] * x[0]]), 1.0),
        (|x| (-x[0].exp(), vec![-x[0].exp()]), 1.0),
        // A cliff with nothing behind.
        (|x| ((1.0 - x[0]).sqrt(), vec![-0.5 / (1.0 - x[0]).sqrt()]), 0.0),
        // The gradient is that of −f.
        (|x| (x[0] * x[0], vec![-2.0 * x[0]]), 1.0),
        // The gradient is not finite but at the start.
        (|x| (x[0] * x[0], vec![if x[0] == 1.0 { 2.0 } else { f64::NAN }]), 1.0),
        // Close to where squares overflow.
        (|x| (1e150 * x[0] * x[0], vec![2e150 * x[0]]), 1e3),
        // Steps of rounding.
        (|x| ((x[0] * 10.0).floor() + 1e-3 * x[0] * x[0], vec![2e-3 * x[0]]), 3.3),
    ];
    for (k, (function, start)) in hostile.into_iter().enumerate() {
        let mut f = from_fn(function);
        let start = || vec![start];
        let reports = [
            SteepestDescent::default().max_evaluations(5000).minimize(&mut f, start()),
            ConjugateGradient::default().max_evaluations(5000).minimize(&mut f, start()),
            ConjugateGradient::default()
                .line_search(HagerZhang::default())
                .max_evaluations(5000)
                .minimize(&mut f, start()),
            Lbfgs::default().max_evaluations(5000).minimize(&mut f, start()),
            Bfgs::default().max_evaluations(5000).minimize(&mut f, start()),
            ProjectedGradient::new(vec![-1e300], vec![1e300]).max_evaluations(5000).minimize(&mut f, start()),
        ];
        for report in reports {
            let report = report.unwrap();
            let (value, gradient) = function(&report.x);
            assert_eq!(report.value, value, "{k}: {report}");
            assert!(report.value.is_finite() && report.value <= function(&start()).0, "{k}: {report}");
            assert!(!report.termination.converged() || gradient[0].abs() <= 1e-6, "{k}: {report}");
        }
    }
}

#[test]
fn a_gradient_of_the_wrong_sign_is_named() {
    let mut wrong = from_fn(|x: &[f64]| (x[0] * x[0], [-2.0 * x[0]]));
    let report = Lbfgs::default().minimize(&mut wrong, vec![1.0]).unwrap();
    assert_eq!((report.termination, report.x[0]), (Termination::WrongGradient, 1.0));
    assert!(report.to_string().contains("check_gradient"));
}

#[test]
fn a_value_that_falls_without_end_is_named() {
    type Function = fn(&[f64]) -> (f64, [f64; 1]);
    let functions: [Function; 3] =
        [|x| (x[0], [1.0]), |x| (-x[0].powi(3), [-3.0 * x[0] * x[0]]), |x| (-x[0].exp(), [-x[0].exp()])];
    for function in functions {
        let mut f = from_fn(function);
        for report in [
            Lbfgs::default().minimize(&mut f, vec![1.0]),
            Bfgs::default().minimize(&mut f, vec![1.0]),
            ConjugateGradient::default().minimize(&mut f, vec![1.0]),
            SteepestDescent::default().minimize(&mut f, vec![1.0]),
        ] {
            let report = report.unwrap();
            assert_eq!(report.termination, Termination::Unbounded, "{report}");
            assert!(report.value.is_finite() && report.to_string().contains("without end"));
        }
    }
}

#[test]
fn settings_that_make_no_sense_are_named() {
    let mut f = from_fn(rosenbrock);
    let name = |result: Result<Report<f64>, DescentError>| match result {
        Err(DescentError::InvalidSetting { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    let start = || vec![-1.2, 1.0];
    assert_eq!(name(Lbfgs::default().memory(0).minimize(&mut f, start())), "memory");
    let bad = StrongWolfe { curvature: 2.0, ..StrongWolfe::default() };
    assert_eq!(name(Bfgs::default().line_search(bad).minimize(&mut f, start())), "curvature");
    let result = LevenbergMarquardt::default().first_radius(0.0).minimize(&mut valley(), start());
    assert_eq!(name(result), "first_radius");
    let (mut f, _) = bowl(2);
    assert_eq!(name(NewtonCg::default().first_radius(f64::NAN).minimize(&mut f, start())), "first_radius");
}

#[test]
fn settings_that_ask_for_too_much_are_errors_at_the_start() {
    let mut f = from_fn(rosenbrock);
    let start = || vec![-1.2, 1.0];
    for memory in [usize::MAX, usize::MAX / 2, 1_000_000_000_000_000] {
        let error = Lbfgs::default().memory(memory).minimize(&mut f, start()).unwrap_err();
        assert!(matches!(error, DescentError::OutOfMemory { numbers } if numbers >= 2e15), "{error}");
    }
    // As many as there are iterations, at most.
    assert!(Lbfgs::default().memory(100_000).minimize(&mut f, start()).unwrap().termination.converged());
    let name = |line_search: LineSearch| match Lbfgs::default()
        .line_search(line_search)
        .minimize(&mut from_fn(rosenbrock), start())
    {
        Err(DescentError::InvalidSetting { name, .. }) => name,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(Backtracking { max_trials: 0, ..Backtracking::default() }.into()), "max_trials");
    assert_eq!(name(StrongWolfe { max_trials: 0, ..StrongWolfe::default() }.into()), "max_trials");
    assert_eq!(name(HagerZhang { max_trials: 0, ..HagerZhang::default() }.into()), "max_trials");
    for tolerance in [1.0, 2.0, -0.1, f64::NAN] {
        let method = Bfgs::default().relative_gradient_tolerance(tolerance);
        let error = method.minimize(&mut f, start()).unwrap_err();
        let named = matches!(error, DescentError::InvalidSetting { name: "relative_gradient_tolerance", .. });
        assert!(named, "{error}");
    }
}

#[test]
fn a_gradient_whose_square_overflows_is_an_error_that_says_so() {
    let mut steep = from_fn(|x: &[f64]| (1e200 * x[0], [1e200]));
    for result in [
        Lbfgs::default().minimize(&mut steep, vec![1.0]),
        ConjugateGradient::default().minimize(&mut steep, vec![1.0]),
        SteepestDescent::default().minimize(&mut steep, vec![1.0]),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error, DescentError::GradientTooLarge { norm: 1e200 });
        assert!(error.to_string().contains("divide the objective"));
    }
}

/// The settings' loops and the loop of one's own are the same.
#[test]
fn owning_the_loop_changes_nothing() {
    let mut f = from_fn(rosenbrock);
    let report = Lbfgs::default().minimize(&mut f, vec![-1.2, 1.0]).unwrap();
    let mut walk = Lbfgs::default().walk(&mut f, vec![-1.2, 1.0]).unwrap();
    let mut values = vec![walk.value()];
    while walk.step().is_continue() {
        values.push(walk.value());
    }
    assert!(values.windows(2).all(|pair| pair[1] < pair[0]), "each step is lower");
    let own = walk.report();
    assert_eq!((own.x, own.value, own.evaluations), (report.x, report.value, report.evaluations));
    assert_eq!(f.value(&[1.0, 1.0]), 0.0);
}

/// A preconditioned method takes the steps that it takes in the variables x̂ᵢ = xᵢ / sᵢ in which the preconditioner, sᵢ² on
/// the diagonal, is the identity. With powers of 2 it does so bit for bit.
#[test]
fn a_preconditioner_is_another_scale_of_the_variables() {
    const SCALES: [f64; 4] = [1.0, 0.125, 8.0, 0.5];
    let squares = SCALES.map(|s| s * s);
    /// Two valleys.
    fn value(x: &[f64]) -> (f64, Vec<f64>) {
        let ((a, g), (b, h)) = (rosenbrock(&x[..2]), rosenbrock(&x[2..]));
        (a + 3.0 * b, vec![g[0], g[1], 3.0 * h[0], 3.0 * h[1]])
    }
    fn product(x: &[f64], v: &[f64], out: &mut [f64]) {
        for (k, weight) in [(0, 1.0), (2, 3.0)] {
            let (x, y, v, w) = (x[k], x[k + 1], v[k], v[k + 1]);
            out[k] = weight * ((2.0 - 400.0 * (y - 3.0 * x * x)) * v - 400.0 * x * w);
            out[k + 1] = weight * (-400.0 * x * v + 200.0 * w);
        }
    }
    let plain = || with_hessian_product(from_fn(value), product);
    let scaled = |x: &[f64]| -> Vec<f64> { x.iter().zip(SCALES).map(|(x, s)| x * s).collect() };
    let hatted = || {
        let f = from_fn(move |x: &[f64]| {
            let (f, gradient) = value(&scaled(x));
            (f, scaled(&gradient))
        });
        with_hessian_product(f, move |x: &[f64], v: &[f64], out: &mut [f64]| {
            let mut there = [0.0; 4];
            product(&scaled(x), &scaled(v), &mut there);
            out.copy_from_slice(&scaled(&there));
        })
    };
    let start = [-1.25, 1.0, -1.5, 0.5];
    let start_hat: Vec<f64> = start.iter().zip(SCALES).map(|(x, s)| x / s).collect();
    let dense = || {
        let mut matrix = vec![0.0; 16];
        (0..4).for_each(|k| matrix[5 * k] = squares[k]);
        Preconditioner::matrix(matrix)
    };
    let closure =
        || Preconditioner::function(move |_, v, out| (0..4).for_each(|k| out[k] = squares[k] * v[k]));
    let identity = || Preconditioner::diagonal(vec![1.0; 4]);
    for known in [Preconditioner::diagonal(squares.to_vec()), dense(), closure()] {
        macro_rules! same_steps {
            ($method:expr, $set:ident, $steps:literal) => {
                let mut with = $method.$set(known.clone()).walk(plain(), start.to_vec()).unwrap();
                let mut there = $method.$set(identity()).walk(hatted(), start_hat.clone()).unwrap();
                for k in 0..$steps {
                    assert!(
                        with.step().is_continue() && there.step().is_continue(),
                        "{}",
                        stringify!($method)
                    );
                    assert_eq!(with.x(), scaled(there.x()), "{}, step {k}", stringify!($method));
                }
            };
        }
        same_steps!(Lbfgs::default().memory(3), initial_inverse_hessian, 15);
        same_steps!(Bfgs::default(), initial_inverse_hessian, 15);
        same_steps!(ConjugateGradient::default(), preconditioner, 15);
        same_steps!(ConjugateGradient::default().line_search(HagerZhang::default()), preconditioner, 15);
        // How far its inner loop goes, it tells by ‖g‖₂, which has a scale; far from the minimum, by the region's edge.
        same_steps!(NewtonCg::default().first_radius(0.25), preconditioner, 2);
    }
    // And with all of them it is worth having: the inverse of the Hessian's diagonal, of a bowl of condition 10⁸.
    let steep = || {
        let a = |k: usize| 10.0_f64.powi(i32::try_from(k).unwrap());
        let f = from_fn(move |x: &[f64]| {
            let g: Vec<f64> =
                (0..9).map(|k| a(k) * (x[k] - 1.0) + 0.1 * (x[(k + 1) % 9] + x[(k + 8) % 9])).collect();
            let cross: f64 = (0..9).map(|k| 0.1 * x[k] * x[(k + 1) % 9]).sum();
            ((0..9).map(|k| 0.5 * a(k) * (x[k] - 1.0).powi(2)).sum::<f64>() + cross, g)
        });
        with_hessian_product(f, move |_: &[f64], v: &[f64], out: &mut [f64]| {
            (0..9).for_each(|k| out[k] = a(k) * v[k] + 0.1 * (v[(k + 1) % 9] + v[(k + 8) % 9]));
        })
    };
    let known = || Preconditioner::diagonal((0..9).map(|k| 10.0_f64.powi(-k)).collect());
    let start = || vec![-3.0; 9];
    let method = Stopping { gradient_tolerance: 1e-5, ..Stopping::default() };
    let pairs = [
        (
            Lbfgs::default().stopping(method.clone()).minimize(&mut steep(), start()),
            Lbfgs::default()
                .stopping(method.clone())
                .initial_inverse_hessian(known())
                .minimize(&mut steep(), start()),
        ),
        (
            Bfgs::default().stopping(method.clone()).minimize(&mut steep(), start()),
            Bfgs::default()
                .stopping(method.clone())
                .initial_inverse_hessian(known())
                .minimize(&mut steep(), start()),
        ),
        (
            ConjugateGradient::default().stopping(method.clone()).minimize(&mut steep(), start()),
            ConjugateGradient::default()
                .stopping(method.clone())
                .preconditioner(known())
                .minimize(&mut steep(), start()),
        ),
    ];
    for (without, with) in pairs {
        let (without, with) = (without.unwrap(), with.unwrap());
        assert!(with.termination.converged(), "{with}");
        assert!(2 * with.evaluations <= without.evaluations, "{without}\n{with}");
    }
    let newton = |method: NewtonCg| method.first_radius(1e5).minimize(&mut steep(), start()).unwrap();
    let (without, with) = (newton(NewtonCg::default()), newton(NewtonCg::default().preconditioner(known())));
    assert!(with.termination.converged() && 2 * with.hessian_products <= without.hessian_products);
}

#[test]
fn a_preconditioner_that_misleads_costs_little() {
    // Negative definite, and 0.
    for sign in [-1.0, 0.0] {
        let wrong = || {
            Preconditioner::function(move |_, v, out| out.iter_mut().zip(v).for_each(|(o, v)| *o = sign * v))
        };
        let (mut f, minimum) = bowl(6);
        for report in [
            Lbfgs::default().initial_inverse_hessian(wrong()).minimize(&mut f, vec![0.0; 6]),
            Bfgs::default().initial_inverse_hessian(wrong()).minimize(&mut f, vec![0.0; 6]),
            ConjugateGradient::default().preconditioner(wrong()).minimize(&mut f, vec![0.0; 6]),
            NewtonCg::default().preconditioner(wrong()).minimize(&mut f, vec![0.0; 6]),
        ] {
            let report = report.unwrap();
            // What ends it is true, and the point is no worse than the start.
            assert!(report.value <= f.value(&[0.0; 6]), "{report}");
            if report.termination.converged() {
                assert_at(&report, &minimum, 1e-5);
            }
        }
    }
    let error = Lbfgs::default()
        .initial_inverse_hessian(Preconditioner::diagonal(vec![1.0; 5]))
        .minimize(&mut bowl(6).0, vec![0.0; 6])
        .unwrap_err();
    assert_eq!(error, DescentError::WrongPreconditioner { expected: 6, found: 5 });
}

#[test]
fn an_observer_sees_all_that_is_known() {
    let mut seen = 0;
    let mut last = vec![-1.2, 1.0];
    let report = Lbfgs::default()
        .minimize_with(&mut from_fn(rosenbrock), vec![-1.2, 1.0], |at: &Iteration<'_, f64>| {
            let (value, gradient) = rosenbrock(at.x);
            assert_eq!((at.value, at.gradient), (value, &gradient[..]));
            assert_eq!(at.gradient_norm, gradient[0].abs().max(gradient[1].abs()));
            let moved = at.x.iter().zip(&last).fold(0.0, |norm: f64, (x, last)| norm.max((x - last).abs()));
            assert_eq!((at.number, at.step_norm, at.step_size > 0.0), (seen, moved, seen > 0));
            assert!(at.evaluations.values > seen && at.evaluations.values == at.evaluations.gradients);
            last = at.x.to_vec();
            seen += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(seen, report.iterations + 1);
    // Uphill, f has its own sign, and the gradient is the one that is walked along.
    let mut first = None;
    let watch = |at: &Iteration<'_, f64>| {
        first.get_or_insert((at.value, at.gradient.to_vec()));
        ControlFlow::Continue(())
    };
    let up = from_fn(|x: &[f64]| (-x[0] * x[0], [-2.0 * x[0]]));
    Lbfgs::default().maximize_with(&mut { up }, vec![3.0], watch).unwrap();
    assert_eq!(first, Some((-9.0, vec![6.0])));
}
