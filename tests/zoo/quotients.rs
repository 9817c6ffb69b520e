//! Divisions by one value, more than once: cotangents are multiplied by its reciprocal. And arrays that are written out.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn directions(v: &[f64], w: &[f64]) -> f64 {
    let mut squares = 0.1;
    for x in v {
        squares += x * x;
    }
    let norm = squares.sqrt();
    let mut sum = norm.ln();
    for i in 0..v.len() {
        let u = v[i] / norm;
        sum += (u - w[i]) * (u - w[i]);
    }
    sum
}

#[test]
fn vectors_that_are_made_unit_vectors_in_loops() {
    check!(directions(&[0.4, -0.3, 0.8], &[0.1, 0.7, -0.2]));
    check!(directions(&[], &[]));
}

#[grad(second)]
fn in_arms(x: f64, y: f64, z: f64, which: usize) -> f64 {
    let mut by = y;
    let mut sum = z / by;
    for k in 0..which {
        // Another divisor of the same name.
        by = by * by + 0.5;
        sum += if k % 2 == 0 { x / by } else { sum / (x * by) - x / by };
        if sum > 40.0 {
            continue;
        }
        sum += y / by;
    }
    sum / y + x / y
}

#[test]
fn divisors_in_arms_and_loops_that_change_them() {
    check!(in_arms(0.7, 1.3, -0.4, =0));
    check!(in_arms(0.7, 1.3, -0.4, =1));
    check!(in_arms(0.7, 1.3, -0.4, =4));
}

#[grad(second)]
fn nothing_flows(x: f64, y: f64) -> f64 {
    let q = if x > 0.0 { x / y + 1.0 / y } else { 2.0 * x };
    q + x
}

#[test]
fn a_divisor_that_is_zero_in_an_arm_that_is_not_taken() {
    check!(nothing_flows(-1.0, 0.0) => [3.0, 0.0]);
    check!(nothing_flows(1.0, 2.0));
}

#[grad(second)]
fn in_other_precision(x: f32, y: f32) -> f32 {
    let r = x * y;
    let s = r / y;
    s / y + (r.sqrt() + x) / y
}

#[test]
fn reciprocals_of_either_float() {
    check!(in_other_precision(0.7, 1.5));
}

#[grad(second)]
fn written_out(x: f64, y: f64) -> f64 {
    let mut a = [x, y, x * y];
    let first = a[0] * a[2];
    a[2] += a[0];
    a[0] = a[1];
    let mut sum = first + a[0] * a[2] + a[1];
    for i in 0..3 {
        let b = [sum, a[i], 2.0];
        sum += b[0] * b[1] + b[2] * a[i];
        a[1] = b[0];
    }
    let c = a;
    a[0] = 1.0;
    sum * c[0] + a[0] * a[1]
}

#[test]
fn elements_of_arrays_that_are_overwritten_between() {
    check!(written_out(0.6, -0.9));
}
