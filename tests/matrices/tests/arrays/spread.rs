//! How far numbers are apart, and what is made of each row or column.

use super::matrix;
use super::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};
use ndarray::{Array2, Axis};

#[grad(second)]
fn spreads(x: &Array2<f64>) -> f64 {
    let k = x[[0, 0]] * 0.1;
    let (v, s) = (x.var(k), x.std(k * 2.0));
    let a = x.var_axis(Axis(0), 1.0);
    let b = x.std_axis(Axis(1), 0.0);
    let z = (x - &x.mean_axis(Axis(0)).unwrap()) / &x.std_axis(Axis(0), 0.0);
    v * v + s * s * s + a.dot(&a) + b.dot(&b) * 0.7 + z.mapv(|z| z.sin()).sum() + x.row(1).std(1.0)
}

#[grad(second)]
fn softmax(x: &Array2<f64>) -> f64 {
    let max = x.map_axis(Axis(1), |row| row.fold(f64::NEG_INFINITY, |a, &b| a.max(b)));
    let least = x.fold_axis(Axis(1), f64::INFINITY, |&a, &b| a.min(b));
    let e = (x - &max.insert_axis(Axis(1))).mapv(f64::exp);
    let p = &e / &e.sum_axis(Axis(1)).insert_axis(Axis(1));
    let squares = x.map_axis(Axis(0), |c| c.dot(&c));
    let k = squares[0];
    let totals = x.fold_axis(Axis(0), k, |a, b| a * 0.5 + b * b * k);
    p.mapv(|p| -p * p.ln()).sum() + least.sum() * squares[1] + totals.dot(&totals)
}

#[test]
fn of_all_and_of_each() {
    for x in [matrix(4, 3, 0.4), matrix(2, 3, 0.9), matrix(3, 3, 2.0).reversed_axes()] {
        check!(spreads, ref x.clone());
        check!(softmax, ref x);
    }
}
