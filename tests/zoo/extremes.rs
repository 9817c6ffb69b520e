//! Running minima and maxima: the pass that decides, and those that share.

use crate::support::*;
use grad::grad;

#[grad(second)]
fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

/// The least of many calls, summed up.
#[grad(second)]
fn nearest(centres: &[f64], points: &[f64], d: usize) -> f64 {
    let mut total = 0.0;
    for i in 0..points.len() / d {
        let p = &points[i * d..(i + 1) * d];
        let mut least = f64::INFINITY;
        for j in 0..centres.len() / d {
            least = least.min(distance(p, &centres[j * d..(j + 1) * d]));
        }
        total += least;
    }
    total
}

/// Nonlinear behind it, with `if`, from the first element on.
#[grad(second)]
fn largest_squared(x: &[f64], w: f64) -> f64 {
    let mut largest = x[0] * w;
    for &v in &x[1..] {
        if v * w > largest {
            largest = v * w;
        }
    }
    largest * largest
}

/// The other way round, over a range that does not begin at 0, of another type.
#[grad(second)]
fn least_of_some(x: &[f64; 5]) -> f64 {
    let mut least = x[0].exp();
    for k in 1_u8..5 {
        let v = x[k as usize].exp();
        least = if v >= least { least } else { v };
    }
    least.sin()
}

#[grad(second)]
fn folded(x: &[f64]) -> f64 {
    let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    largest + x.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
}

#[test]
fn one_pass_decides() {
    check!(nearest(&[0.1, 0.7, -0.4, 1.2, 0.9, -0.3], &[0.55, 0.1, -0.6, 0.7], =2));
    check!(largest_squared(&[0.3, 1.4, -2.0, 1.1], 0.7));
    check!(largest_squared(&[0.3, 1.4, -2.0, 1.1], -0.7));
    check!(largest_squared(&[0.3], 0.7));
    check!(least_of_some(&[0.3, 0.8, -0.2, 0.4, 0.0]));
    check!(least_of_some(&[-0.3, 0.8, -0.2, 0.4, 0.0]));
    check!(folded(&[0.3, 1.4, -2.0, 1.1]));
}

/// What the passes read is overwritten behind them.
#[grad(second)]
fn overwritten_behind(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut largest = f64::NEG_INFINITY;
    for i in 0..v.len() {
        largest = largest.max(v[i] * v[i]);
    }
    for i in 0..v.len() {
        v[i] = largest * x[i];
    }
    v[0] * v[1] + largest
}

/// The passes do more than choose.
#[grad(second)]
fn with_other_uses(x: &[f64]) -> f64 {
    let mut seen = vec![0.0; x.len()];
    let mut largest = -1.0;
    for i in 0..x.len() {
        largest = x[i].max(0.5 * largest * x[i]);
        seen[i] = largest;
    }
    seen[1] * largest + seen[0]
}

#[test]
fn where_more_than_one_pass_counts() {
    check!(overwritten_behind(&[0.3, 1.4, -2.0, 1.1]));
    check!(with_other_uses(&[0.3, 1.4, -2.0, 1.1]));
}

#[grad]
fn maximum(x: &[f64]) -> f64 {
    x.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

#[grad]
fn maximum_from_zero(x: &[f64]) -> f64 {
    let mut largest = 0.0;
    for v in x {
        largest = v.max(largest);
    }
    largest
}

#[grad]
fn minimum_from_nan(x: &[f64]) -> f64 {
    x.iter().map(|v| v * 2.0).fold(f64::NAN, f64::min)
}

/// The one that counts is found behind numbers that are none, too; and where there are no others, that is no 0.
#[test]
fn what_is_not_a_number_loses() {
    let nan = f64::NAN;
    assert_eq!(minimum_from_nan::grad(&[1.0, 3.0]), [2.0, 0.0]);
    assert_eq!(minimum_from_nan::grad(&[nan, 3.0, nan, 5.0]), [0.0, 2.0, 0.0, 0.0]);
    assert_eq!(minimum_from_nan::grad(&[nan, nan, 3.0, 3.0, nan]), [0.0, 0.0, 1.0, 1.0, 0.0]);
    assert!(minimum_from_nan::grad(&[nan, nan]).iter().all(|x| x.is_nan()));
    assert!(maximum::grad(&[nan, 1.0])[1] == 1.0);
}

/// Two equal numbers give a half to each; a third one takes a half of that.
#[test]
fn ties_share() {
    assert_eq!(maximum::grad(&[1.0, 3.0, 2.0, 3.0, 0.5]), [0.0, 0.5, 0.0, 0.5, 0.0]);
    assert_eq!(maximum::grad(&[3.0, 1.0, 3.0, 3.0]), [0.25, 0.0, 0.25, 0.5]);
    assert_eq!(maximum::grad(&[3.0, 3.0, 4.0, 1.0]), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(maximum::grad(&[2.0]), [1.0]);
    assert_eq!(maximum::grad(&[]), []);
    assert_eq!(maximum::grad(&[f64::NAN, 2.0, f64::NAN, 1.0]), [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(maximum::grad(&[f64::NEG_INFINITY; 2]), [0.25, 0.5]);
    assert_eq!(maximum_from_zero::grad(&[-1.0, 0.0, 2.0, -3.0]), [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(maximum_from_zero::grad(&[-1.0, -2.0]), [0.0, 0.0]);
}

/// The best of what can be reached: each call has calls of its own.
#[grad(second)]
fn best_path(cost: &[f64], at: usize, steps: usize) -> f64 {
    if steps == 0 {
        return cost[at] * cost[at];
    }
    let mut best = f64::NEG_INFINITY;
    for next in 0..cost.len() {
        best = best.max(best_path(cost, next, steps - 1) + cost[at] * cost[next]);
    }
    best
}

#[test]
fn a_recursion_over_maxima() {
    check!(best_path(&[0.3, -0.8, 0.5], =1, =2));
}

/// Rows of a Jacobian: each of them runs the passes again.
#[grad(second)]
fn product_and_largest(x: &[f64], w: f64) -> [f64; 2] {
    let mut least = f64::INFINITY;
    let mut largest = 0.0;
    for v in x {
        least = least.min(v.sin() * w);
    }
    for i in 1..x.len() {
        largest = f64::max(largest, distance(&x[..i], &x[1..]) + w);
    }
    [least * largest, largest]
}

#[test]
fn extremes_in_rows() {
    check_vjp!(product_and_largest(&[0.3, 1.4, -0.7, 1.1], 0.6));
}
