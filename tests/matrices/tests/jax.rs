//! Values and gradients of functions of matrices and arrays, as JAX has them: `data/jax_values.py` made `data/jax_values.txt`.
#![deny(warnings)]
#![allow(clippy::pedantic, clippy::op_ref)]

use grad::{Differentiable, grad};
use nalgebra::{
    Isometry3, Matrix3, Point3, Rotation2, Rotation3, Translation3, UnitQuaternion, Vector2, Vector3,
};
use ndarray::{Array1, Array2, Axis, Zip, concatenate, stack};

#[derive(Clone, Debug, Differentiable)]
struct Point {
    a: Matrix3<f64>,
    b: Matrix3<f64>,
    v: Vector3<f64>,
    w: Vector3<f64>,
    k: f64,
}

#[derive(Clone, Debug, Differentiable)]
struct Arrays {
    a: Array2<f64>,
    b: Array2<f64>,
    v: Array1<f64>,
    w: Array1<f64>,
    k: f64,
}

fn a(i: usize, j: usize) -> f64 {
    if i == j { 2.5 } else { (1.3 * i as f64 - 0.7 * j as f64).sin() * 0.8 }
}

fn b(i: usize, j: usize) -> f64 {
    (i as f64 + 2.1 * j as f64).cos() + 1.5
}

const V: [f64; 3] = [0.4, -0.7, 1.1];
const W: [f64; 3] = [0.9, 0.3, -0.6];
const K: f64 = 1.7;

/// What JAX says of a function: its value, and its gradient.
fn wanted(name: &str) -> Vec<f64> {
    let line = include_str!("data/jax_values.txt").lines().find(|line| line.split(' ').next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("{name} is not in the file"));
    line.split(' ').skip(1).map(|number| number.parse().unwrap()).collect()
}

#[track_caller]
fn compare(name: &str, value: f64, gradient: Vec<f64>) {
    let wanted = wanted(name);
    assert_eq!(gradient.len() + 1, wanted.len(), "{name}");
    let scale = wanted.iter().fold(1.0_f64, |scale, x| scale.max(x.abs()));
    for (at, (found, wanted)) in std::iter::once(value).chain(gradient).zip(&wanted).enumerate() {
        assert!((found - wanted).abs() < 1e-11 * scale, "{name}, {at}: {found} instead of {wanted}");
    }
}

/// Each element by a weight of its own, and squared.
macro_rules! functions {
    ($all:ident $point:ident ($a:ident: $m:ty, $v:ident: $u:ty): $($name:ident |$x:ident, $b:ident, $y:ident, $w:ident, $k:ident| $body:expr;)*) => {
        $(
            #[grad(wrt(point))]
            #[allow(unused_variables)]
            fn $name(point: &$point) -> f64 {
                let ($x, $b): ($m, $m) = (point.a.clone(), point.b.clone());
                let ($y, $w): ($u, $u) = (point.v.clone(), point.w.clone());
                let $k: f64 = point.k;
                let result = $body;
                result.iter().enumerate().map(|(k, x)| x * (1.0 + 0.3 * k as f64) + x * x).sum()
            }
        )*

        #[track_caller]
        fn $all(point: &$point) -> usize {
            $({
                let (value, bar) = $name::value_and_grad(point);
                compare(stringify!($name), value, bar.flatten::<f64>());
            })*
            [$(stringify!($name)),*].len()
        }
    };
}

functions! { all_matrices Point (a: Matrix3<f64>, v: Vector3<f64>):
    add |a, b, v, w, k| &a + &b;
    sub |a, b, v, w, k| &a - &b;
    mul |a, b, v, w, k| &a * &b;
    mul_vector |a, b, v, w, k| &a * &v;
    mul_number |a, b, v, w, k| &a * k;
    div_number |a, b, v, w, k| &a / k;
    neg |a, b, v, w, k| -&a;
    transpose |a, b, v, w, k| a.transpose();
    dot |a, b, v, w, k| [v.dot(&w) * k];
    norm |a, b, v, w, k| [a.norm()];
    norm_squared |a, b, v, w, k| [a.norm_squared()];
    normalize |a, b, v, w, k| v.normalize();
    cross |a, b, v, w, k| v.cross(&w);
    component_mul |a, b, v, w, k| a.component_mul(&b);
    component_div |a, b, v, w, k| a.component_div(&b);
    sum |a, b, v, w, k| [a.sum() * a.sum()];
    mean |a, b, v, w, k| [a.mean() * a.mean()];
    trace |a, b, v, w, k| [a.trace() * a.trace()];
    determinant |a, b, v, w, k| [a.determinant()];
    inverse |a, b, v, w, k| a.try_inverse().unwrap();
    lu_solve |a, b, v, w, k| a.lu().solve(&b).unwrap();
    cholesky_l |a, b, v, w, k| (&a * a.transpose() + Matrix3::identity() * 2.0).cholesky().unwrap().l();
    cholesky_solve |a, b, v, w, k| (&a * a.transpose() + Matrix3::identity() * 2.0).cholesky().unwrap().solve(&b);
    cholesky_ln_determinant |a, b, v, w, k| [(&a * a.transpose() + Matrix3::identity() * 2.0).cholesky().unwrap().ln_determinant()];
    cholesky_inverse |a, b, v, w, k| (&a * a.transpose() + Matrix3::identity() * 2.0).cholesky().unwrap().inverse();
    lower_solve |a, b, v, w, k| a.solve_lower_triangular(&b).unwrap();
    upper_solve |a, b, v, w, k| a.solve_upper_triangular(&b).unwrap();
    eigenvalues |a, b, v, w, k| {
        let s = &a + a.transpose() + Matrix3::from_diagonal(&Vector3::new(1.0, 3.0, 6.0));
        [s.symmetric_eigenvalues().map(|x| x * x * x).sum()]
    };
    eigen |a, b, v, w, k| {
        let s = &a + a.transpose() + Matrix3::from_diagonal(&Vector3::new(1.0, 3.0, 6.0));
        let eigen = s.symmetric_eigen();
        let of_each = eigen.eigenvalues.map(|x| (-x).exp());
        &eigen.eigenvectors * Matrix3::from_diagonal(&of_each) * eigen.eigenvectors.transpose()
    };
    kronecker |a, b, v, w, k| a.kronecker(&b);
    tr_mul |a, b, v, w, k| a.tr_mul(&b);
    row_sum |a, b, v, w, k| a.row_sum();
    column_mean |a, b, v, w, k| a.column_mean();
    max_and_min |a, b, v, w, k| [b.max() * b.min()];
    abs |a, b, v, w, k| a.abs();
    triangles |a, b, v, w, k| a.lower_triangle() * b.upper_triangle();
    map |a, b, v, w, k| a.map(|x| (x * k).tanh());
    turned |a, b, v, w, k| UnitQuaternion::from_scaled_axis(v) * w;
    turned_back |a, b, v, w, k| UnitQuaternion::from_scaled_axis(v).inverse_transform_vector(&w);
    turned_twice |a, b, v, w, k| (UnitQuaternion::from_scaled_axis(v) * UnitQuaternion::from_scaled_axis(w)).scaled_axis();
    turn_angle |a, b, v, w, k| [(UnitQuaternion::from_scaled_axis(v) * UnitQuaternion::from_scaled_axis(w)).angle()];
    turn_matrix |a, b, v, w, k| Rotation3::from_scaled_axis(v).into_inner();
    turn_coordinates |a, b, v, w, k| {
        let q = UnitQuaternion::from_scaled_axis(v);
        [q.i, q.j, q.k, q.w]
    };
    euler_angles |a, b, v, w, k| UnitQuaternion::from_euler_angles(v.x, v.y, v.z) * w;
    isometry |a, b, v, w, k| (Isometry3::new(w, v) * Point3::from(w * k)).coords;
    isometry_inverse |a, b, v, w, k| Isometry3::new(w, v).inverse_transform_point(&Point3::from(v * k)).coords;
    isometries |a, b, v, w, k| {
        let first = Isometry3::from_parts(Translation3::from(w), UnitQuaternion::from_scaled_axis(v));
        (first * Isometry3::new(v, w) * Point3::from(v)).coords
    };
    turned_in_a_plane |a, b, v, w, k| Rotation2::new(k) * (Rotation2::new(v.x) * Vector2::new(w.x, w.y));
}

functions! { all_arrays Arrays (a: Array2<f64>, v: Array1<f64>):
    array_add_row |a, b, v, w, k| &a + &v;
    array_div_column |a, b, v, w, k| &a / &b.column(0).insert_axis(Axis(1));
    array_number_div |a, b, v, w, k| k / &b;
    array_dot |a, b, v, w, k| a.dot(&b);
    array_dot_vector |a, b, v, w, k| a.dot(&v);
    array_vector_dot |a, b, v, w, k| v.dot(&a);
    array_t_dot |a, b, v, w, k| a.t().dot(&b.t());
    array_sum_axis |a, b, v, w, k| (&a * &b).sum_axis(Axis(0));
    array_mean_axis |a, b, v, w, k| (&a * &b).mean_axis(Axis(1)).unwrap();
    array_mean |a, b, v, w, k| {
        let mean = (&a * &b).mean().unwrap();
        [mean * mean]
    };
    array_mapv |a, b, v, w, k| a.mapv(f64::tanh) * k;
    array_diag |a, b, v, w, k| &a.diag() * &v;
    array_powers |a, b, v, w, k| b.powf(k) + b.sqrt() + b.ln();
    array_index_axis |a, b, v, w, k| &a.index_axis(Axis(0), 1) * &a.index_axis(Axis(1), 2);
    array_concatenate |a, b, v, w, k| concatenate(Axis(1), &[a.view(), (&b * k).view()]).unwrap();
    array_stack |a, b, v, w, k| stack(Axis(1), &[v.view(), (&w * k).view()]).unwrap();
    array_reshape |a, b, v, w, k| (&a * &b).into_shape_with_order(9).unwrap();
    array_rows |a, b, v, w, k| {
        let mut p = a;
        for mut row in p.rows_mut() {
            row.mapv_inplace(f64::exp);
            let sum = row.sum();
            row /= sum;
        }
        p
    };
    array_assign |a, b, v, w, k| {
        let mut p = a;
        p.row_mut(1).assign(&v);
        let mut last = p.column_mut(2);
        last *= k;
        p
    };
    array_zip |a, b, v, w, k| {
        let mut p = a;
        Zip::from(&mut p).and(&b).for_each(|p, b| *p = *p * b + k);
        p
    };
    array_softmax_loss |a, b, v, w, k| {
        let scores = a.dot(&b) + &v;
        let mut total = 0.0;
        for (row, label) in scores.outer_iter().zip([2, 0, 1]) {
            let top = row.fold(f64::NEG_INFINITY, |top, &x| top.max(x));
            total += row.mapv(|x| (x - top).exp()).sum().ln() + top - row[label];
        }
        [total / 3.0]
    };
}

#[test]
fn gradients_are_those_of_jax() {
    let (v, w) = (Vector3::from(V), Vector3::from(W));
    let point = Point { a: Matrix3::from_fn(a), b: Matrix3::from_fn(b), v, w, k: K };
    let array = |of: fn(usize, usize) -> f64| Array2::from_shape_fn((3, 3), |(i, j)| of(i, j));
    let arrays =
        Arrays { a: array(a), b: array(b), v: Array1::from(V.to_vec()), w: Array1::from(W.to_vec()), k: K };
    let count = all_matrices(&point) + all_arrays(&arrays);
    assert_eq!(count, include_str!("data/jax_values.txt").lines().count(), "all are compared");
}
