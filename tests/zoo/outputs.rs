//! `&mut` parameters: the cotangent of the new content goes in, that of the old content comes out.

use crate::support::{check, check_outputs, check_outputs_and_result};
use grad::grad;

#[grad(second)]
pub(super) fn overwritten(x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] = x[i] * x[0];
    }
}

#[grad(second)]
pub(super) fn added(x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        out[i] += x[i] * x[i];
    }
}

#[grad(second)]
pub(super) fn mixed_up(x: f64, out: &mut [f64], n: usize) {
    out[0] *= x;
    out[1] = out[0] * out[2];
    for i in 0..n {
        out[2] = out[2] * out[0] + x;
        out.swap(0, 2);
        let _ = i;
    }
    if n > 1 {
        out[3] = 4.0;
    }
}

#[test]
fn slices() {
    check_outputs!(overwritten(&[0.5, 1.5], mut [3.0, 4.0]));
    check_outputs!(added(&[0.5, 1.5], mut [3.0, 4.0]));
    check_outputs!(mixed_up(0.7, mut [0.5, 1.5, -0.3, 2.0], =0));
    check_outputs!(mixed_up(0.7, mut [0.5, 1.5, -0.3, 2.0], =3));
}

#[test]
fn the_cotangent_of_overwritten_content_is_exactly_zero() {
    let mut out = [3.0, 4.0, 5.0];
    let mut x_bar = [1.0, 1.0, 1.0];
    let mut out_bar = [f64::INFINITY, f64::NAN, 7.0];
    overwritten::vjp_add(&[0.5, 1.5, 2.0], &mut out, &mut x_bar, &mut out_bar);
    assert_eq!(out, [0.25, 0.75, 1.0]);
    assert_eq!(out_bar, [0.0, 0.0, 0.0]);
}

#[grad(second)]
pub(super) fn scalar_output(x: f64, total: &mut f64, last: &mut f64) {
    *total += x * *last;
    *last = x.sin();
    if *total > 1.0 {
        *total *= *last;
    }
}

#[test]
fn scalars() {
    check_outputs!(scalar_output(0.7, mut 0.2, mut 0.4));
    check_outputs!(scalar_output(0.7, mut 2.2, mut 0.4));
}

#[grad(second)]
pub(super) fn fixed_output(x: [f64; 2], out: &mut [f64; 3], pair: &mut (f64, f64)) {
    *out = [x[0] * pair.0, x[1] * out[0], out[2]];
    *pair = (pair.1, x[0]);
    pair.0 += out[1];
}

#[test]
fn arrays_and_tuples() {
    check_outputs!(fixed_output([0.4, 1.1], mut [0.3, -0.8, 2.0], mut (0.9, 1.7)));
}

#[grad(second)]
pub(super) fn matrix_output(a: &[[f64; 2]; 2], out: &mut [[f64; 2]], rows: &mut [Vec<f64>]) {
    for i in 0..2 {
        for j in 0..2 {
            out[i][j] = a[j][i] * out[i][j];
            rows[i][j] += out[i][j];
        }
        let row = &mut rows[i];
        row[0] *= 2.0;
        out[i].swap(0, 1);
    }
}

#[test]
fn matrices() {
    check_outputs!(matrix_output(
        &[[0.5, 1.5], [-0.3, 2.0]],
        mut [[1.0, 2.0], [3.0, 4.0]],
        mut vec![vec![0.1, 0.2], vec![0.3, 0.4, 0.5]]
    ));
}

#[grad(second)]
pub(super) fn with_result(x: &[f64], scratch: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..x.len() {
        scratch[i] = x[i] * x[i];
        s += scratch[i] * x[0];
    }
    s
}

#[grad(second)]
pub(super) fn tuple_result(x: f64, out: &mut f64) -> (f64, f64) {
    let old = *out;
    *out = old * x;
    (old + x, *out * 2.0)
}

#[test]
fn outputs_beside_a_result() {
    check_outputs_and_result!(with_result(&[0.5, 1.5], mut [7.0, 7.0]));
    check_outputs_and_result!(tuple_result(0.5, mut 0.8));
}

#[grad(second)]
fn integers_are_no_outputs(x: f64, count: &mut usize, flags: &mut [bool]) -> f64 {
    *count += 1;
    flags[0] = x > 0.0;
    if *count > 1 { x * x } else { x }
}

#[test]
fn outputs_without_floats_have_no_cotangent() {
    let (mut count, mut flags) = (0, [false]);
    assert_eq!(integers_are_no_outputs::grad(0.5, &mut count, &mut flags), 1.0);
    assert_eq!((count, flags), (1, [true]));
    assert_eq!(integers_are_no_outputs::grad(0.5, &mut count, &mut flags), 1.0);
    assert_eq!(count, 2);
    let mut x_bar = 10.0;
    assert_eq!(integers_are_no_outputs::vjp_add(0.5, &mut count, &mut flags, 2.0, &mut x_bar), 0.25);
    assert_eq!((count, x_bar), (3, 12.0));
}

#[grad(second)]
pub(super) fn no_result(x: f64, v: &mut [f64]) {
    if x < 0.0 {
        return;
    }
    for e in v.iter_mut() {
        if *e > 5.0 {
            return;
        }
        *e *= x;
    }
    v.fill(x);
}

#[test]
fn early_returns_of_nothing() {
    check_outputs!(no_result(-0.5, mut [1.0, 2.0]));
    check_outputs!(no_result(0.5, mut [1.0, 9.0, 3.0]));
    check_outputs!(no_result(0.5, mut [1.0, 2.0]));
}

#[grad(second)]
pub(super) fn written_elsewhere(x: &[f64], out: &mut [f64]) {
    let n = x.len();
    out[..n].copy_from_slice(x);
    let (head, tail) = out.split_at_mut(n);
    tail.copy_from_slice(head);
    tail[0] *= head[1];
    head[0] = tail[1];
    for (o, e) in head.iter_mut().zip(x) {
        *o += e * e;
    }
}

#[test]
fn views_of_outputs() {
    check_outputs!(written_elsewhere(&[0.5, 1.5], mut [1.0, 2.0, 3.0, 4.0]));
}

#[grad(second)]
pub(super) fn never_written(x: f64, out: &mut [f64]) {
    let _ = (x, out.len());
}

#[test]
fn an_output_nobody_writes_keeps_its_cotangent() {
    check_outputs!(never_written(0.5, mut [1.0, 2.0]));
}

/// The caller of a function with outputs.
#[grad(second)]
fn uses_outputs(x: f64, y: f64) -> f64 {
    let mut total = x;
    let mut last = y;
    scalar_output(x, &mut total, &mut last);
    scalar_output(y, &mut last, &mut total);
    let mut v = [x, y, 1.0, 2.0];
    mixed_up(y, &mut v, 2);
    total * last + v[0] * v[1] + v[2] * v[3]
}

#[test]
fn outputs_of_callees() {
    check!(uses_outputs(0.7, 0.4));
}

#[grad(second)]
pub(super) fn grown(x: f64, out: &mut Vec<f64>) {
    out.push(x * x);
    let n = out.len();
    out[n - 1] *= out[0];
}

#[test]
fn an_output_that_grows() {
    // The cotangent that goes in has the new length, the one that comes out the old one in front.
    let mut out = vec![3.0];
    let (value, x) = ((), 0.5);
    let () = value;
    let mut x_bar = 0.0;
    let mut out_bar = vec![1.0, 2.0];
    grown::vjp_add(x, &mut out, &mut x_bar, &mut out_bar);
    assert_eq!(out, [3.0, 0.75]);
    assert_eq!(x_bar, 2.0 * 3.0 * 2.0 * x);
    assert_eq!(out_bar[0], 1.0 + 2.0 * x * x);
}
