//! How matrices are made of numbers, gone through and changed in part, against differences and the other modes.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::{Differentiable, grad};
use grad_matrix_tests::weighed;
use nalgebra::{
    DMatrix, DVector, Matrix2, Matrix2x3, Matrix3, Matrix4, RowVector3, Vector2, Vector3, Vector4,
};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

fn dm(m: usize, n: usize) -> DMatrix<f64> {
    DMatrix::from_fn(m, n, |i, j| (1.3 * i as f64 + 0.7 * j as f64).sin() + 0.2)
}

fn dv() -> DVector<f64> {
    DVector::from_vec(vec![0.7, -1.3, 0.4, 1.1])
}

#[grad(second)]
fn of_functions(x: &DVector<f64>) -> f64 {
    let kernel = DMatrix::from_fn(x.len(), x.len(), |i, j| (-(x[i] - x[j]).powi(2)).exp() + i as f64);
    let v = DVector::from_fn(x.len(), |i, _| x[i] * x[i]);
    let fixed = Matrix2x3::from_fn(|i, j| if i < j { x[i] * x[j] } else { 1.0 });
    weighed(&kernel) + v.dot(x) + fixed.norm_squared() + kernel[(1, 0)] * fixed[(0, 2)]
}

#[grad(second)]
fn of_iterators(x: &DVector<f64>) -> f64 {
    let squares = DVector::from_iterator(x.len(), x.iter().map(|x| x * x));
    let m = DMatrix::from_iterator(2, 2, x.iter().zip(squares.iter()).map(|(a, b)| a * b));
    // The last item is left over.
    let three = Vector3::from_iterator(x.iter().map(|x| x.sin()));
    squares.norm() + weighed(&m) + three.norm_squared()
}

#[grad(second)]
fn of_lines(x: &DVector<f64>) -> f64 {
    let (a, b) = (Vector3::new(x[0], x[1], x[2]), Vector3::new(x[3], x[0], 1.0));
    let m = Matrix3::from_columns(&[a, b, a.cross(&b)]);
    let r = RowVector3::new(x[0], 2.0, x[1]);
    let n = Matrix3::from_rows(&[r, r * 2.0, a.transpose()]);
    let d = DMatrix::from_columns(&[x.clone(), x * 2.0]);
    m.determinant() + (n * m).trace() + weighed(&d)
}

#[grad(second)]
fn of_diagonals(x: &DVector<f64>) -> f64 {
    let d = DMatrix::from_diagonal(x);
    let f = Matrix2::from_diagonal(&Vector2::new(x[0], x[1] * x[2]));
    let e = DMatrix::from_diagonal_element(2, 3, x[3]);
    let s = Matrix3::from_diagonal_element(x[3] * x[0]);
    weighed(&d) + f.determinant() + weighed(&e) + s.trace()
}

#[test]
fn made_of_numbers() {
    check!(of_functions, ref dv());
    check!(of_iterators, ref dv());
    check!(of_lines, ref dv());
    check!(of_diagonals, ref dv());
}

#[grad(second)]
fn gone_through(m: &DMatrix<f64>) -> f64 {
    let mut sum = 0.0;
    for row in m.row_iter() {
        sum += row.norm_squared() * row[0];
    }
    for (j, column) in m.column_iter().enumerate() {
        if j != 1 {
            sum += column.dot(&m.column(0)) * j as f64;
        }
    }
    let longest = m.column_iter().map(|c| c.norm()).fold(0.0, f64::max);
    sum + longest * m.fold(0.5, |sum, x| sum * 0.9 + x * x)
}

#[grad(second)]
fn mapped(m: &DMatrix<f64>) -> f64 {
    let scale = m.sum();
    let l = m.map_with_location(|i, j, x| x * (i as f64 + 2.0 * j as f64) * scale);
    weighed(&l) + m.zip_zip_map(&l, m, |a, b, c| a * b + c * scale).norm()
}

/// Every row that is not in `rows.rs`.
#[grad(second)]
fn reduced(m: &DMatrix<f64>) -> f64 {
    let (rows, columns) = (m.row_sum(), m.column_sum());
    let (row_means, column_means) = (m.row_mean(), m.column_mean());
    let outer = columns.clone() * rows.component_mul(&row_means);
    let extremes = m.max() * m.min();
    weighed(&outer)
        + column_means.dot(&columns)
        + weighed(&m.lower_triangle()) * extremes
        + weighed(&m.upper_triangle())
        + weighed(&m.abs())
        + weighed(&m.kronecker(&m.upper_triangle()))
}

#[test]
fn gone_through_and_reduced() {
    for (m, n) in [(3, 2), (2, 4), (1, 3), (3, 1), (1, 1)] {
        check!(gone_through, ref dm(m, n));
        check!(mapped, ref dm(m, n));
        check!(reduced, ref dm(m, n));
    }
}

#[grad(second)]
fn changed_in_part(x: &DVector<f64>) -> f64 {
    let v = Vector3::new(x[0], x[1], x[2]);
    let turn = Matrix3::from_columns(&[v, v * x[3], Vector3::new(1.0, x[0], 0.0)]);
    let mut pose = Matrix4::identity();
    pose.fixed_view_mut::<3, 3>(0, 0).copy_from(&turn);
    pose.fixed_view_mut::<3, 1>(0, 3).copy_from(&v);
    let mut m = DMatrix::zeros(3, 4);
    for j in 0..4 {
        m.column_mut(j).fill(x[j] * x[j]);
    }
    m.row_mut(1).copy_from(&x.transpose());
    let mut long = DVector::zeros(6);
    long.rows_mut(2, 4).copy_from(x);
    long.rows_mut(0, 2).copy_from(&x.rows(1, 2));
    m.view_mut((0, 0), (2, 2)).set_row(0, &long.rows(2, 2).transpose());
    (pose * Vector4::new(x[3], 1.0, x[1], 1.0)).norm_squared() + weighed(&m) + long.dot(&long) * long[1]
}

#[test]
fn in_part() {
    check!(changed_in_part, ref dv());
}

/// Without an element there is nothing to sum.
#[test]
fn without_elements() {
    assert_eq!(gone_through::grad(&DMatrix::zeros(0, 3)), DMatrix::zeros(0, 3));
    assert_eq!(weighed::value_and_grad(&DMatrix::zeros(2, 0)), (0.0, DMatrix::zeros(2, 0)));
    assert_eq!(reduced::grad(&DMatrix::zeros(2, 2)).shape(), (2, 2));
}

/// What changes all elements of a matrix, or its diagonal, in its place.
#[grad(second)]
fn changed_in_place(m: &DMatrix<f64>) -> f64 {
    let (k, other) = (m[(0, 0)], m.map(|x| x * x + 0.5));
    let mut n = m.clone();
    n.scale_mut(k);
    n.component_mul_assign(m);
    n.add_scalar_mut(k * k);
    n.component_div_assign(&other);
    n.apply(|x| *x = x.sin() * k);
    n.zip_apply(&other, |x, y| *x *= y + k);
    n.neg_mut();
    n.unscale_mut(k + 2.0);
    let before = n.sum();
    n.fill_diagonal(before);
    weighed(&n) + n.norm()
}

#[grad(second)]
fn longer(v: &DVector<f64>) -> f64 {
    let k = v[2];
    let w = v.push(k * v[0]);
    let s = Vector2::new(k, v[1]).push(w[v.len()]);
    let mut m = Matrix3::from_element(k);
    m.set_diagonal(&s);
    let d: DMatrix<f64> = DMatrix::from_diagonal(&w);
    m.determinant() + weighed(&d) + s.norm_squared() * w.norm()
}

#[test]
fn changed() {
    check!(changed_in_place, ref dm(3, 2));
    check!(changed_in_place, ref dm(1, 3));
    check!(longer, ref dv());
}

/// Parts under names of their own.
#[grad(second)]
fn parts_that_are_kept(m: &DMatrix<f64>) -> f64 {
    let k = m[(0, 1)];
    let mut n = m.clone();
    let mut r = n.row_mut(0);
    r *= k;
    r[1] = r[0] * k;
    r[(0, 0)] += k;
    let length = r.norm();
    r += m.row(1);
    let mut c = n.column_mut(1);
    c.scale_mut(length);
    c.copy_from(&(c.clone_owned() * k));
    for x in c.iter_mut() {
        *x += k * *x;
    }
    c -= m.column(0);
    let mut v = n.view_mut((0, 1), (2, 2));
    v *= 1.5;
    v[(1, 0)] *= k;
    v[3] = v[2] + v.sum();
    v.fill_diagonal(k * k);
    let mut f = n.fixed_view_mut::<2, 1>(1, 0);
    f.apply(|x| *x = x.sin() * k);
    let first = f[1] * f.nrows() as f64;
    let mut rows = n.rows_mut(1, 2);
    rows.add_scalar_mut(first);
    rows[(1, 2)] = k;
    let mut columns = n.fixed_columns_mut::<1>(2);
    columns.neg_mut();
    weighed(&n) + columns_of(&n) * length
}

#[grad(second)]
fn columns_of(m: &DMatrix<f64>) -> f64 {
    let mut n = m.clone();
    for (i, mut row) in n.row_iter_mut().enumerate() {
        let sum = row.sum();
        row *= sum + i as f64;
    }
    for mut column in n.column_iter_mut() {
        let first = column[0];
        column[0] = first * first;
        column /= 2.0;
    }
    let mut v = DVector::from_element(4, m[0]);
    let mut head = v.rows_mut(1, 2);
    head *= m[1];
    head[1] += 1.0;
    weighed(&n) + v.norm_squared()
}

#[test]
fn parts_are_changed_under_names() {
    check!(parts_that_are_kept, ref dm(3, 3));
    check!(columns_of, ref dm(2, 3));
}

/// An index that is not in the part is not another element.
#[grad]
fn outside(m: &DMatrix<f64>, at: usize) -> f64 {
    let mut n = m.clone();
    let mut rows = n.rows_mut(0, 1);
    rows[(at, 0)] *= 2.0;
    n.sum()
}

#[grad]
fn of_a_row(m: &DMatrix<f64>, i: usize, j: usize) -> f64 {
    let mut n = m.clone();
    let mut row = n.row_mut(0);
    row[(i, j)] *= 3.0;
    n.sum()
}

#[test]
fn an_index_outside_of_a_part_panics() {
    assert_eq!(outside::grad(&dm(2, 1), 0), DMatrix::from_vec(2, 1, vec![2.0, 1.0]));
    for run in [|| outside(&dm(2, 1), 1), || outside::grad(&dm(2, 1), 1)[0]] {
        let message = std::panic::catch_unwind(run).unwrap_err();
        assert_eq!(message.downcast_ref::<&str>(), Some(&"Matrix index out of bounds."));
    }
    for (i, j) in [(1, 0), (0, 3)] {
        assert!(std::panic::catch_unwind(|| of_a_row(&dm(2, 2), i, j)).is_err());
        assert!(std::panic::catch_unwind(|| of_a_row::grad(&dm(2, 2), i, j)).is_err());
    }
    assert_eq!(of_a_row::grad(&dm(2, 2), 0, 1), DMatrix::from_vec(2, 2, vec![1.0, 1.0, 3.0, 1.0]));
}
