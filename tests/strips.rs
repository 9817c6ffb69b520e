//! Loops over sums that run in strips: for every number of passes around the ends of a strip, the value is the function's bit
//! for bit, and the gradient agrees with forward mode, which has no strips.

#![deny(warnings)]
#![allow(
    clippy::needless_range_loop,
    clippy::ptr_arg,
    clippy::cast_possible_truncation,
    reason = "loops by index over memory of every kind are what is tested"
)]

use grad::grad;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Neighbours, by way of windows.
#[grad]
fn chain(x: &[f64]) -> f64 {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
}

/// Pairs: an element that is the same in all passes, next to those of the passes, by coordinates.
#[grad]
fn pairs(positions: &[[f64; 3]]) -> f64 {
    let mut energy = 0.0;
    for i in 0..positions.len() {
        for j in 0..i {
            let mut r2 = 0.5;
            for k in 0..3 {
                let d = positions[i][k] - positions[j][k];
                r2 += d * d;
            }
            let inverse = 1.0 / r2;
            let sixth = inverse * inverse * inverse;
            energy += 4.0 * (sixth * sixth - sixth);
        }
    }
    energy
}

/// Two sums, one of which goes down, over memory of several lengths and of one element for all passes.
#[grad]
fn mixed(x: &Vec<f64>, y: &[f64], weights: &[f64; 2], scale: f64) -> f64 {
    let mut up = 0.0;
    let mut down = 1.0;
    for i in 0..y.len() {
        let a = x[i] * weights[0] + x[i + 1] * weights[1] - y[i];
        let b = (x[i + 2] - x[0]) / (2.0 + a * a);
        up += scale * a * a + y[i] * b;
        down -= (b * b + 1.0).sqrt() * x[i + 1];
    }
    up * 0.5 + down
}

/// Reads one element more than there are, at the end.
#[grad]
fn beyond(x: &[f64], n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        let d = x[i + 1] - x[i] * x[i];
        let e = 1.0 - x[i];
        sum += 3.0 * d * d + e * e * d + d * x[i + 1];
    }
    sum
}

#[grad]
fn single(x: &[f32]) -> f32 {
    let mut sum = 0.0;
    for i in 0..x.len().saturating_sub(1) {
        let d = x[i + 1] - x[i] * x[i];
        let e = 1.0 - x[i];
        sum += 3.0 * d * d + e * e * d + d * x[i + 1];
    }
    sum
}

/// Rows of a Jacobian, one of which has nothing from the loop, and second derivatives.
#[grad(second)]
fn rows(x: &[f64], y: &[f64], w: f64) -> [f64; 2] {
    let mut total = 0.0;
    let mut other = 1.0;
    for j in 0..y.len() {
        let mut a = y[j];
        for i in 0..x.len() {
            let d = x[i] * w + 0.5 * y[j];
            let t = d * d * 0.5 + x[i] * x[i];
            a += t * t * (1.0 + x[i]) * d * 0.125;
        }
        total = total * 0.5 + a.sin();
        other *= y[j] + 2.0;
    }
    [total, other]
}

#[grad(second)]
fn curved(x: &[f64]) -> f64 {
    x.windows(2).map(|w| 100.0 * (w[1] - w[0] * w[0]).powi(2) + (1.0 - w[0]).powi(2)).sum()
}

fn numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 * 2.0 - 1.0
    };
    (0..n).map(|_| next()).collect()
}

const COUNTS: [usize; 16] = [0, 1, 2, 3, 7, 11, 12, 13, 14, 31, 32, 33, 34, 64, 65, 100];

fn assert_near(found: f64, expected: f64, of: &str) {
    assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{of}: {found} is not {expected}");
}

#[test]
fn neighbours_have_the_gradient_of_forward_mode() {
    for n in COUNTS {
        let x = numbers(n, 1);
        let mut bars = vec![f64::NAN; n];
        let value = chain::grad_into(&x, &mut bars);
        assert_eq!(value.to_bits(), chain(&x).to_bits(), "{n}");
        for k in 0..n {
            let mut direction = vec![0.0; n];
            direction[k] = 1.0;
            assert_near(bars[k], chain::jvp(&x, &direction).1, &format!("element {k} of {n}"));
        }
        // What is in the buffers stays in them.
        let before = numbers(n, 2);
        let mut added = before.clone();
        chain::vjp_add(&x, 0.5, &mut added);
        for k in 0..n {
            assert_near(added[k], before[k] + 0.5 * bars[k], &format!("sum {k} of {n}"));
        }
    }
}

#[test]
fn pairs_have_the_gradient_of_forward_mode() {
    for n in [0, 1, 5, 14, 34, 70] {
        let flat = numbers(3 * n, 3);
        let positions: Vec<[f64; 3]> = flat.as_chunks::<3>().0.to_vec();
        let (value, bars) = pairs::value_and_grad(&positions);
        assert_eq!(value.to_bits(), pairs(&positions).to_bits(), "{n}");
        for k in 0..n {
            for axis in 0..3 {
                let mut direction = vec![[0.0; 3]; n];
                direction[k][axis] = 1.0;
                assert_near(
                    bars[k][axis],
                    pairs::jvp(&positions, &direction).1,
                    &format!("{k}, {axis} of {n}"),
                );
            }
        }
    }
}

#[test]
fn several_sums_have_the_gradient_of_forward_mode() {
    for n in COUNTS {
        let (x, y, weights, scale) = (numbers(n + 2, 4), numbers(n, 5), [0.75, -1.25], 0.625);
        let (value, (x_bar, y_bar, weights_bar, scale_bar)) = mixed::value_and_grad(&x, &y, &weights, scale);
        assert_eq!(value.to_bits(), mixed(&x, &y, &weights, scale).to_bits(), "{n}");
        let along = |x_dot: &Vec<f64>, y_dot: &[f64], weights_dot: &[f64; 2], scale_dot: f64| {
            mixed::jvp(&x, &y, &weights, scale, x_dot, y_dot, weights_dot, scale_dot).1
        };
        let none = (vec![0.0; n + 2], vec![0.0; n]);
        for k in 0..n + 2 {
            let mut direction = none.0.clone();
            direction[k] = 1.0;
            assert_near(x_bar[k], along(&direction, &none.1, &[0.0; 2], 0.0), &format!("x[{k}] of {n}"));
        }
        for k in 0..n {
            let mut direction = none.1.clone();
            direction[k] = 1.0;
            assert_near(y_bar[k], along(&none.0, &direction, &[0.0; 2], 0.0), &format!("y[{k}] of {n}"));
        }
        assert_near(weights_bar[0], along(&none.0, &none.1, &[1.0, 0.0], 0.0), &format!("weights[0] of {n}"));
        assert_near(weights_bar[1], along(&none.0, &none.1, &[0.0, 1.0], 0.0), &format!("weights[1] of {n}"));
        assert_near(scale_bar, along(&none.0, &none.1, &[0.0; 2], 1.0), &format!("the scale of {n}"));
    }
}

#[test]
fn a_pass_that_panics_does_so_as_in_the_function() {
    let message = |run: &dyn Fn() -> f64| {
        let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("there is no such element");
        panic.downcast_ref::<String>().cloned().expect("the message of a bounds check")
    };
    for n in [1, 12, 32, 50] {
        let x = numbers(n, 6);
        let expected = message(&|| beyond(&x, n));
        assert_eq!(message(&|| beyond::value_and_grad(&x, n).0), expected);
        let (value, bars) = beyond::value_and_grad(&x, n - 1);
        assert_eq!(value.to_bits(), beyond(&x, n - 1).to_bits());
        let ones = vec![1.0; n];
        assert_near(bars.iter().sum(), beyond::jvp(&x, n - 1, &ones).1, "the sum of all");
    }
}

#[test]
fn numbers_of_single_precision_too() {
    let x: Vec<f32> = numbers(50, 7).into_iter().map(|x| x as f32).collect();
    let (value, bars) = single::value_and_grad(&x);
    assert_eq!(value.to_bits(), single(&x).to_bits());
    for k in 0..x.len() {
        let mut direction = vec![0.0; x.len()];
        direction[k] = 1.0;
        let expected = single::jvp(&x, &direction).1;
        assert!(
            (bars[k] - expected).abs() <= 1e-4 * (1.0 + expected.abs()),
            "{k}: {} is not {expected}",
            bars[k]
        );
    }
}

#[test]
fn rows_of_jacobians_have_the_columns_of_forward_mode() {
    for n in [3, 12, 33, 70] {
        let (x, y, w) = (numbers(n, 8), numbers(3, 9), 0.75);
        let (x_bars, y_bars, w_bars) = rows::jacobian(&x, &y, w);
        let none = (vec![0.0; n], vec![0.0; 3]);
        for k in 0..n {
            let mut direction = none.0.clone();
            direction[k] = 1.0;
            let column = rows::jvp(&x, &y, w, &direction, &none.1, 0.0).1;
            (0..2).for_each(|row| assert_near(x_bars[row][k], column[row], &format!("x[{k}] of {n}, {row}")));
        }
        for k in 0..3 {
            let mut direction = none.1.clone();
            direction[k] = 1.0;
            let column = rows::jvp(&x, &y, w, &none.0, &direction, 0.0).1;
            (0..2).for_each(|row| assert_near(y_bars[row][k], column[row], &format!("y[{k}] of {n}, {row}")));
        }
        let column = rows::jvp(&x, &y, w, &none.0, &none.1, 1.0).1;
        (0..2).for_each(|row| assert_near(w_bars[row], column[row], &format!("w of {n}, {row}")));
    }
}

#[test]
fn second_derivatives_of_strips_are_those_by_hand() {
    for n in [5, 12, 34, 70] {
        let (x, v) = (numbers(n, 10), numbers(n, 11));
        let (gradient, along) = curved::hvp(&x, &v);
        let expected = chain::grad(&x);
        let mut product = vec![0.0; n];
        for i in 0..n - 1 {
            let b = x[i + 1] - x[i] * x[i];
            product[i] += (800.0 * x[i] * x[i] - 400.0 * b + 2.0) * v[i] - 400.0 * x[i] * v[i + 1];
            product[i + 1] += 200.0 * v[i + 1] - 400.0 * x[i] * v[i];
        }
        for k in 0..n {
            assert_near(gradient[k], expected[k], &format!("gradient[{k}] of {n}"));
            assert_near(along[k], product[k], &format!("product[{k}] of {n}"));
        }
    }
}
