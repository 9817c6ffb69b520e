//! first
#![deny(warnings)]
#![allow(clippy::pedantic, clippy::op_ref, dead_code)]

use grad::{Differentiable, grad};
use nalgebra::{DMatrix, DVector, Vector3};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

#[grad(second)]
fn quadratic(x: &DVector<f64>) -> f64 {
    let y = x * 2.0;
    y.dot(x) + y.norm()
}

#[grad(second)]
fn elements(v: Vector3<f64>) -> f64 {
    let a = v.x * v[1];
    let w = Vector3::new(a, v.z.sin(), 2.0);
    w.norm_squared() + w.y
}

#[grad(second)]
fn ridge(w: &DMatrix<f64>) -> f64 {
    let mut sum = DMatrix::zeros(w.nrows(), w.nrows());
    for i in 0..3 {
        sum += w * w.transpose() * (i as f64);
        sum[(0, 1)] = sum[(1, 0)] * w[(1, 2)];
    }
    sum.trace() + sum.sum()
}

#[test]
fn first() {
    check!(quadratic, ref DVector::from_vec(vec![1.0, 2.0, -0.5]));
    check!(elements, val Vector3::new(1.0, 2.0, -0.5));
    check!(ridge, ref DMatrix::from_row_slice(2, 3, &[1.0, 2.0, -0.5, 0.3, 0.7, 1.1]));
}
