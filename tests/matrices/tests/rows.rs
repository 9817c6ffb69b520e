//! Every row against differences and the other modes, at a tall, a wide and a single-rowed shape.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::{Differentiable, grad};
use grad_matrix_tests::weighed;
use nalgebra::{DMatrix, DVector, Matrix2, Matrix3, Matrix4, RowVector3, Vector3, Vector4};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

#[derive(Clone, Debug, Differentiable)]
pub struct Two {
    a: DMatrix<f64>,
    b: DMatrix<f64>,
    k: f64,
}

/// A matrix with numbers that are not each other's.
fn matrix(rows: usize, columns: usize, seed: f64) -> DMatrix<f64> {
    DMatrix::from_fn(rows, columns, |i, j| (seed + 1.3 * i as f64 + 0.7 * j as f64).sin() + 0.2)
}

/// Pairs of one shape, and pairs that can be multiplied.
fn pairs(is_product: bool) -> Vec<Two> {
    [(3, 1), (4, 2), (1, 3), (2, 5), (1, 1)]
        .into_iter()
        .map(|(m, n)| {
            let b = if is_product { matrix(n, m + 1, 2.0) } else { matrix(m, n, 2.0) };
            Two { a: matrix(m, n, 0.5), b, k: 1.7 }
        })
        .collect()
}

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident($p:ident) $body:block)*) => {$(
        $(#[$doc])*
        #[grad(wrt($p), second)]
        fn $name($p: &Two) -> f64 $body
    )*};
}

rows! {
    add(p) { weighed(&(&p.a + &p.b)) }
    sub(p) { weighed(&(&p.a - &p.b)) }
    mul(p) { weighed(&(&p.a * &p.b)) }
    mul_by_number(p) { weighed(&(&p.a * p.k)) }
    number_by(p) { let a: DMatrix<f64> = p.a.clone(); weighed(&(p.k * a)) }
    div_by_number(p) { weighed(&(&p.a / p.k)) }
    neg(p) { weighed(&-&p.a) }
    add_scalar(p) { weighed(&p.a.add_scalar(p.k)) }
    component_div(p) { weighed(&p.a.component_div(&p.b)) }
    component_mul(p) { weighed(&p.a.component_mul(&p.b)) }
    dot(p) { let d = p.a.dot(&p.b); d * d }
    magnitude(p) { p.a.magnitude() * p.k }
    magnitude_squared(p) { p.a.magnitude_squared() * p.k }
    mean(p) { let m = p.a.mean(); m * m * p.k }
    norm(p) { p.a.norm() * p.k }
    norm_squared(p) { p.a.norm_squared() * p.k }
    normalize(p) { weighed(&p.a.normalize()) }
    scale(p) { weighed(&p.a.scale(p.k)) }
    sum(p) { let s = p.a.sum(); s * s }
    tr_mul(p) { weighed(&p.a.tr_mul(&p.b)) }
    transpose(p) { weighed(&p.a.transpose()) }
    unscale(p) { weighed(&p.a.unscale(p.k)) }
}

macro_rules! check_each {
    ($pair:ident: $($name:ident)*) => {
        $(check!($name, ref $pair.clone());)*
    };
}

/// Parts of short vectors, and the largest and smallest without their signs.
#[grad(second)]
fn of_four(v: Vector4<f64>) -> f64 {
    let a: Vector3<f64> = v.fixed_rows::<3>(1).into();
    let b = v.xyz();
    let k = a.cross_matrix();
    (k * b).norm_squared() + v.xy().dot(&b.xy()) * v.variance() + v.amax() * v.amin() + k.variance()
}

#[test]
fn of_short_vectors() {
    check!(of_four, val Vector4::new(0.3, -0.4, 0.5, -0.7));
}

#[test]
fn of_equal_shapes() {
    for pair in pairs(false) {
        check_each!(pair: add sub mul_by_number number_by div_by_number neg add_scalar component_div component_mul dot);
        check_each!(pair: magnitude magnitude_squared mean norm norm_squared normalize scale sum tr_mul transpose unscale);
    }
}

#[test]
fn of_factors() {
    for pair in pairs(true) {
        check!(mul, ref pair.clone());
    }
}

#[grad(second)]
fn trace(m: &DMatrix<f64>) -> f64 {
    let t = m.trace();
    t * t
}

#[grad(second)]
fn determinant(m: &DMatrix<f64>) -> f64 {
    m.determinant()
}

#[grad(second)]
fn inverse(m: &DMatrix<f64>) -> f64 {
    let y: DMatrix<f64> = m.clone().try_inverse().unwrap();
    weighed(&y)
}

/// What fails, leaves the function.
#[grad]
fn inverse_or_none(m: &Matrix3<f64>, v: Vector3<f64>) -> Option<f64> {
    let x = m.try_inverse()? * v;
    Some(x.norm_squared())
}

#[test]
fn of_singular_matrices_there_is_no_inverse() {
    let v = Vector3::new(1.0, -2.0, 0.5);
    assert!(inverse_or_none::grad(&Matrix3::zeros(), v).is_none());
    let (m_bar, v_bar) = inverse_or_none::grad(&(Matrix3::identity() * 2.0), v).unwrap();
    assert_eq!((m_bar, v_bar), (v * v.transpose() * -0.25, v * 0.5));
}

#[test]
fn of_square_matrices() {
    for n in 1..6 {
        let m = matrix(n, n, 0.3) + DMatrix::identity(n, n);
        check!(trace, ref m.clone());
        check!(determinant, ref m.clone());
        check!(inverse, ref m.clone());
        // Singular: all rows but the last are what they were.
        let mut singular = m;
        singular.row_mut(n - 1).fill(0.0);
        check!(determinant, ref singular);
    }
}

#[grad(second)]
fn cross(v: Vector3<f64>) -> f64 {
    let w = Vector3::new(v.x * v.y, 1.3, v.z);
    let c = v.cross(&w);
    c.norm_squared() + w.cross(&c).x
}

#[grad(second)]
fn cross_of_rows(v: RowVector3<f64>) -> f64 {
    let w = RowVector3::new(v.x * v.y, 1.3, v.z);
    v.cross(&w).norm_squared()
}

#[test]
fn of_three_numbers() {
    check!(cross, val Vector3::new(0.7, -1.3, 0.4));
    check!(cross_of_rows, val RowVector3::new(0.7, -1.3, 0.4));
}

/// Of statically known dimensions: all rows at once.
#[grad(second)]
fn of_known_dimensions(m: &Matrix3<f64>) -> f64 {
    let v = Vector3::new(m.m11, m.m22, m[(0, 2)]);
    let w = m * v * 0.5 + v / m.m33 - 2.0 * v;
    let outer = v * w.transpose();
    let n = m.component_mul(&outer) + m.component_div(&(outer + Matrix3::repeat(9.0)));
    let u = w.normalize() + v.add_scalar(w.norm());
    n.determinant()
        + n.trace()
        + u.dot(&w)
        + u.mean()
        + n.transpose().sum()
        + (-n).norm_squared()
        + u.cross(&w).norm()
}

/// Where one matrix has dimensions that its type tells, and the other has not.
#[grad(second)]
fn of_both_kinds(v: &DVector<f64>) -> f64 {
    let m = Matrix2::new(v[0], v[1], 1.0, v[0] * v[1]);
    let big = Matrix4::from_row_slice(&[
        v[0], 1.0, v[1], 0.0, 2.0, v[1], 0.5, v[0], 1.0, 0.0, 3.0, v[1], v[0], v[1], 1.0, 2.0,
    ]);
    let w = m * v;
    let four = Vector4::from_column_slice(&[w[0], v[0], w[1], 1.0]);
    (w + v).dot(v) + (big * four).norm() + v.component_mul(&w).sum()
}

#[test]
fn of_known_and_unknown_dimensions() {
    check!(of_known_dimensions, ref Matrix3::new(1.2, 0.3, -0.5, 0.1, 0.9, 0.2, -0.4, 0.6, 1.5));
    check!(of_both_kinds, ref DVector::from_vec(vec![0.7, -1.3]));
}

/// Above the size from which products go in blocks.
#[grad(second)]
fn large(m: &DMatrix<f64>) -> f64 {
    let p = m * m.transpose();
    (&p * m).norm() + p.trace()
}

#[test]
fn of_large_matrices() {
    check!(large, ref matrix(9, 12, 0.1) * 0.3);
}

/// In single precision, where derivatives are exact in few digits.
#[grad]
fn single(v: Vector3<f32>) -> f32 {
    let w = v * 2.0 + v;
    w.dot(&v)
}

#[test]
fn of_single_precision() {
    assert_eq!(single::grad(Vector3::new(1.0, 2.0, -1.0)), Vector3::new(6.0, 12.0, -6.0));
}
