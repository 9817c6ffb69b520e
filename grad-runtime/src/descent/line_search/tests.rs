//! The searches on functions of one variable.

use super::*;
use crate::from_fn;

/// One search along +1 from 0; the step, value and slope found, and how many trials that took.
fn search(
    line_search: impl Into<LineSearch>,
    first: f64,
    phi: impl Fn(f64) -> (f64, f64),
) -> Option<(f64, f64, f64, usize)> {
    let line_search = line_search.into();
    line_search.check().unwrap();
    let mut evaluator = Evaluator::new(
        from_fn(|x: &[f64]| {
            let (value, slope) = phi(x[0]);
            (value, [slope])
        }),
        false,
    );
    let mut current = Point::new(vec![0.0]);
    assert!(evaluator.evaluate(&mut current).unwrap());
    let mut next = Point::new(vec![0.0]);
    let mut searcher = Searcher::new(line_search);
    searcher.start(1);
    let step = searcher.search(&mut evaluator, &current, &[1.0], first, &mut next).unwrap()?;
    // What is handed over is the point of that step.
    assert_eq!((step, phi(step)), (next.x[0], (next.value, next.gradient[0])));
    assert!(next.is_finite());
    Some((step, next.value, next.gradient[0], evaluator.evaluations().values - 1))
}

/// The paper's first function: the minimum at √2.
fn phi_1(a: f64) -> (f64, f64) {
    let d = a * a + 2.0;
    (-a / d, (a * a - 2.0) / (d * d))
}

/// The paper's second: the minimum at 1.596.
fn phi_2(a: f64) -> (f64, f64) {
    let a = a + 0.004;
    (a.powi(5) - 2.0 * a.powi(4), 5.0 * a.powi(4) - 8.0 * a.powi(3))
}

/// The paper's third: waves on a valley with its bottom at 1.
fn phi_3(a: f64) -> (f64, f64) {
    use std::f64::consts::PI;
    let (beta, waves) = (0.01, 39.0);
    let (valley, slope) = if a <= 1.0 - beta {
        (1.0 - a, -1.0)
    } else if a >= 1.0 + beta {
        (a - 1.0, 1.0)
    } else {
        ((a - 1.0).powi(2) / (2.0 * beta) + beta / 2.0, (a - 1.0) / beta)
    };
    let angle = waves * PI / 2.0 * a;
    (valley + 2.0 * (1.0 - beta) / (waves * PI) * angle.sin(), slope + (1.0 - beta) * angle.cos())
}

#[test]
fn strong_wolfe_takes_as_many_trials_as_more_and_thuente_report() {
    // Tables I to III of the paper: trials from first steps of 10⁻³, 10⁻¹, 10, 10³.
    type Phi = fn(f64) -> (f64, f64);
    let tables: [(Phi, f64, f64, [usize; 4]); 3] = [
        (phi_1, 1e-3, 0.1, [6, 3, 1, 4]),
        (phi_2, 0.1, 0.1, [12, 8, 8, 11]),
        (phi_3, 0.1, 0.1, [12, 12, 10, 13]),
    ];
    for (phi, sufficient_decrease, curvature, trials) in tables {
        // The curvature condition of the second and third table equals the first condition's slope.
        let curvature = if curvature > sufficient_decrease { curvature } else { curvature + 1e-12 };
        let settings =
            StrongWolfe { sufficient_decrease, curvature, rounding: 0.0, ..StrongWolfe::default() };
        let found = [1e-3, 1e-1, 1e1, 1e3].map(|first| {
            let (step, value, slope, trials) = search(settings, first, phi).unwrap();
            let (value_0, slope_0) = phi(0.0);
            assert!(value <= value_0 + sufficient_decrease * step * slope_0);
            assert!(slope.abs() <= curvature * slope_0.abs());
            trials
        });
        assert_eq!(found, trials);
    }
}

#[test]
fn hager_and_zhang_meet_their_conditions() {
    let settings = HagerZhang { curvature: 0.2, ..HagerZhang::default() };
    for phi in [phi_1, phi_2, phi_3] {
        for first in [1e-3, 1e-1, 1e1, 1e3] {
            let (step, value, slope, trials) = search(settings, first, phi).unwrap();
            let (value_0, slope_0) = phi(0.0);
            assert!(slope >= 0.2 * slope_0 && trials < 20, "{slope} {trials}");
            let wolfe = value <= value_0 + 0.1 * step * slope_0;
            assert!(wolfe || (slope <= -0.8 * slope_0 && value <= value_0 + 1e-6 * value_0.abs()));
        }
    }
}

#[test]
fn backtracking_takes_the_first_step_if_it_is_low_enough_and_interpolates_if_not() {
    let parabola = |a: f64| ((a - 1.0).powi(2), 2.0 * (a - 1.0));
    assert_eq!(search(Backtracking::default(), 1.5, parabola), Some((1.5, 0.25, 1.0, 1)));
    // From 8 the parabola's minimum at 1 is found at once.
    assert_eq!(search(Backtracking::default(), 8.0, parabola), Some((1.0, 0.0, 0.0, 2)));
    let (step, ..) = search(Backtracking::default(), 100.0, parabola).unwrap();
    assert!(step < 2.0);
}

#[test]
fn trials_that_are_not_finite_shorten_the_step() {
    // Falls until 1, behind which there is nothing; its slope at the edge is −∞.
    let cliff = |a: f64| ((1.0 - a).sqrt(), -0.5 / (1.0 - a).sqrt());
    // Overflows on the right.
    let wall = |a: f64| (((a * a).exp() - 1.5 * a), 2.0 * a * (a * a).exp() - 1.5);
    for first in [1.0, 30.0, 1e200] {
        let searches: [LineSearch; 3] =
            [Backtracking::default().into(), StrongWolfe::default().into(), HagerZhang::default().into()];
        for line_search in searches {
            let (step, value, ..) = search(line_search, first, cliff).unwrap();
            assert!(step < 1.0 && value < 1.0, "{line_search:?} {first}: {step}");
            // From so far away that is a long way back.
            if first < 1e3 {
                let (_, value, ..) = search(line_search, first, wall).unwrap();
                assert!(value < 1.0, "{line_search:?} {first}");
            }
        }
    }
}

#[test]
fn a_direction_that_does_not_descend_finds_nothing() {
    for line_search in [
        LineSearch::from(Backtracking::default()),
        StrongWolfe::default().into(),
        HagerZhang::default().into(),
    ] {
        assert!(search(line_search, 1.0, |a| (a, 1.0)).is_none());
        assert!(search(line_search, 1.0, |_| (0.0, 0.0)).is_none());
        // The slope is a lie: everywhere it is higher.
        assert!(search(line_search, 1.0, |a| (a.abs(), -1.0)).is_none());
    }
}

#[test]
fn where_values_are_blind_slopes_decide() {
    // A parabola whose depth is far below the rounding of 10¹⁰, which makes every other point seem a little higher.
    let deep = |a: f64| (if a == 0.0 { 1e10 } else { 1e10 + 2e-6 }, 2e-8 * (a - 1.0));
    let tight = StrongWolfe { curvature: 1e-3, ..StrongWolfe::default() };
    let (step, ..) = search(tight, 3.0, deep).unwrap();
    assert!((step - 1.0).abs() < 1e-3, "{step}");
    assert!(search(StrongWolfe { rounding: 0.0, ..tight }, 3.0, deep).is_none());
    let tight = HagerZhang { curvature: 1e-3, sufficient_decrease: 1e-4, ..HagerZhang::default() };
    let (step, ..) = search(tight, 3.0, deep).unwrap();
    assert!((step - 1.0).abs() < 1e-3, "{step}");
    assert!(search(HagerZhang { value_error: 0.0, ..tight }, 3.0, deep).is_none());
}

#[test]
fn settings_out_of_order_are_errors() {
    let invalid = |line_search: LineSearch| line_search.check().is_err();
    assert!(invalid(Backtracking { sufficient_decrease: 0.0, ..Backtracking::default() }.into()));
    assert!(invalid(StrongWolfe { sufficient_decrease: 0.95, ..StrongWolfe::default() }.into()));
    assert!(invalid(StrongWolfe { curvature: 1.0, ..StrongWolfe::default() }.into()));
    assert!(invalid(HagerZhang { sufficient_decrease: 0.6, ..HagerZhang::default() }.into()));
    assert!(invalid(HagerZhang { value_error: f64::NAN, ..HagerZhang::default() }.into()));
}
