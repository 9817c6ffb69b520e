//! Functions of matrices as people write them: parameters, locals, fields, results, calls, loops and arms.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(
    clippy::assign_op_pattern,
    clippy::needless_range_loop,
    clippy::op_ref,
    clippy::pedantic,
    clippy::type_complexity
)]

use grad::{Differentiable, grad};
use nalgebra::{DMatrix, DVector, Matrix2, Matrix2x3, Matrix3, Vector2, Vector3, dvector, matrix, vector};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

fn v3() -> Vector3<f64> {
    Vector3::new(0.7, -1.3, 0.4)
}

fn m3() -> Matrix3<f64> {
    Matrix3::new(1.2, 0.3, -0.5, 0.1, 0.9, 0.2, -0.4, 0.6, 1.5)
}

fn dv() -> DVector<f64> {
    dvector![0.7, -1.3, 0.4, 1.1]
}

fn dm() -> DMatrix<f64> {
    DMatrix::from_fn(3, 4, |i, j| (1.3 * i as f64 + 0.7 * j as f64).sin() + 0.2)
}

#[grad(second)]
fn by_value(v: Vector3<f64>) -> f64 {
    let a = v + v * 2.0;
    let b = -a - v / 3.0;
    let c = 0.5 * b;
    c.dot(&v) + (a - b).norm() + (2.0 * v).sum()
}

#[grad(second)]
fn by_reference(v: &DVector<f64>) -> f64 {
    let a = v + v * 2.0;
    let b = -&a - v / 3.0;
    let c = 0.5 * &b;
    c.dot(v) + (&a - &b).norm() + (2.0 * v).sum() + (&b * 0.2).mean()
}

#[grad(second)]
fn static_and_dynamic(v: &DVector<f64>) -> f64 {
    let m = DMatrix::from_row_slice(2, 4, &[v[0], v[1], v[2], v[3], 1.0, v[1] * v[2], v[0], 2.0]);
    let w = &m * v;
    let p = Vector2::new(w[0], w[1] * 0.3);
    let q = matrix![p.x, 1.0; p.y, p.x * p.y];
    let r = vector![v[0], v[3]];
    (q * p + r).dot(&p) + (q.transpose() * q).trace() + dvector![p.x, p.y].norm_squared()
}

#[grad(second)]
fn loops_and_arms(m: &DMatrix<f64>) -> f64 {
    let mut x = DVector::from_element(m.ncols(), 0.5);
    let mut energy = 0.0;
    for i in 0..3 {
        let y = m * &x;
        x = m.transpose() * &y * 0.2;
        if y[0] > 0.0 {
            x += &x * y[1];
        } else {
            x -= &x * 0.1;
        }
        x *= 0.5;
        energy += y.norm_squared() + x[i] * i as f64;
    }
    let mut k = 0;
    while k < 2 {
        x /= 1.0 + energy * energy;
        k += 1;
    }
    energy + x.dot(&x)
}

#[grad(second)]
fn assigned_elements(m: &DMatrix<f64>) -> f64 {
    let mut a = m.clone();
    for i in 0..m.nrows() {
        for j in 0..m.ncols() {
            a[(i, j)] = m[(i, j)] * m[(i, j)] + if i == j { a[(i, j)] } else { 0.0 };
            if j > 0 {
                a[(i, j)] += a[(i, j - 1)] * 0.1;
            }
        }
    }
    let mut sum = 0.0;
    for k in 0..a.len() {
        sum += a[k] * a[k];
    }
    sum + a.sum()
}

#[grad(second)]
fn helper(m: &Matrix3<f64>, v: Vector3<f64>) -> Vector3<f64> {
    let w = m * v;
    Vector3::new(w.x.sin(), w.y * w.z, w.z + v.x)
}

#[grad(second)]
fn calls(v: Vector3<f64>) -> f64 {
    let m = Matrix3::new(v.x, v.y, v.z, 1.0, v.x * v.y, 2.0, 0.5, 0.0, v.z);
    let w = helper(&m, v);
    let u = helper(&m, w + v);
    u.dot(&w) + helper(&m.transpose(), u).norm()
}

#[grad(second)]
fn ways_of_elements(v: Vector3<f64>) -> f64 {
    let mut w = v;
    w.x = v.y * v.z;
    w[1] += v.x;
    w.z *= 2.0;
    let mut m = Matrix2x3::zeros();
    m[(0, 0)] = w.x;
    m[(1, 2)] = w.y;
    m.m12 = w.z;
    let n = Matrix2::repeat(v.x);
    (m * w).norm_squared() + m.m12 * m.m23 + n.determinant() + n.sum()
}

#[derive(Clone, Debug, Differentiable)]
pub struct Layer {
    pub weights: DMatrix<f64>,
    pub bias: DVector<f64>,
    pub scale: f64,
}

#[grad(wrt(self), second)]
impl Layer {
    pub fn forward(&self, x: &DVector<f64>) -> DVector<f64> {
        let y: DVector<f64> = &self.weights * x + &self.bias;
        y * self.scale
    }

    pub fn loss(&self, x: &DVector<f64>) -> f64 {
        let y = self.forward(x);
        y.norm_squared() + self.bias.dot(&self.bias) + self.weights.norm()
    }
}

/// Parts that are matrices, and what is made of their elements.
#[grad(wrt(layer), second)]
fn of_mapped_fields(layer: &Layer, x: &DVector<f64>) -> f64 {
    let pair = (layer.weights.clone(), &layer.weights * x);
    let y = &layer.weights.map(f64::sin) * x + layer.bias.map(|b| b * b) + pair.1.map(|b| b * layer.scale);
    y.norm_squared() + pair.0.map(|w| w * w * layer.scale).sum()
}

#[grad(wrt(layer), second)]
fn of_fields(layer: &Layer, x: &DVector<f64>) -> f64 {
    let mut l = layer.clone();
    l.bias += layer.forward(x);
    l.bias[0] *= 2.0;
    l.loss(x) + (&layer.weights * x).sum()
}

#[grad(second)]
fn in_vecs(vs: &[Vector3<f64>]) -> f64 {
    let mut center = Vector3::zeros();
    for v in vs {
        center += v;
    }
    center /= vs.len() as f64;
    let spread: f64 = vs.iter().map(|v| (v - center).norm_squared()).sum();
    let moved: Vec<Vector3<f64>> = vs.iter().map(|v| v - center * 0.5).collect();
    let longest = moved.iter().fold(0.0, |sum, v| sum + v.dot(&vs[0]));
    spread + longest + (vs[1] - vs[0]).cross(&vs[2]).norm()
}

/// A view is copied where it is given by value, and may be given again.
#[grad(second)]
fn views_twice(m: &DMatrix<f64>) -> f64 {
    let (first, last) = (m.column(0), m.column(m.ncols() - 1));
    let (sum, difference, turned) = (first + last, first - last, last + first);
    let mut total = sum.dot(&difference) + turned.dot(&first);
    for column in m.column_iter() {
        let (more, less) = (column + &sum, column - &sum);
        total += more.dot(&less) * column.dot(&turned);
    }
    total
}

#[test]
fn in_straight_lines() {
    check!(views_twice, ref dm());
    check!(by_value, val v3());
    check!(by_reference, ref dv());
    check!(static_and_dynamic, ref dv());
    check!(ways_of_elements, val v3());
}

#[test]
fn in_loops_and_arms() {
    check!(loops_and_arms, ref dm());
    check!(assigned_elements, ref dm());
}

#[test]
fn through_calls_and_fields() {
    check!(calls, val v3());
    let layer = Layer { weights: dm(), bias: dvector![0.1, 0.2, -0.3], scale: 1.3 };
    let x = dv();
    check!(of_fields, ref layer.clone(), &x);
    check!(of_mapped_fields, ref layer, &x);
    check!(in_vecs, ref [v3(), m3() * v3(), Vector3::new(1.0, 0.0, 2.0)].to_vec());
}

#[grad(second)]
fn maps(m: &DMatrix<f64>) -> f64 {
    let s = m.map(|x| x.sin() * x);
    let scale = s.sum();
    let t = s.zip_map(m, |a, b| a * b + scale);
    let e = m.map(f64::exp);
    t.dot(&s) + e.norm() + m.zip_map(&DMatrix::from_element(3, 4, 2.0), |a, b| a * a * b).sum()
}

#[grad(second)]
fn iterators(v: &DVector<f64>, w: &DVector<f64>) -> f64 {
    let dot: f64 = v.iter().zip(w.iter()).map(|(a, b)| a * b).sum();
    let mut all = v.clone();
    for x in all.iter_mut() {
        *x *= dot;
    }
    let mut s = 0.0;
    for (i, x) in all.iter().enumerate() {
        s += x * v[i] * i as f64;
    }
    for x in w {
        s += x * x;
    }
    s + all.iter().map(|x| x.tanh()).sum::<f64>()
}

#[grad(second)]
fn both(p: &(DVector<f64>, DVector<f64>)) -> f64 {
    iterators(&p.0, &p.1)
}

#[test]
fn maps_and_iterators() {
    check!(maps, ref dm());
    check!(both, ref (dv(), dv().map(|x| x * x - 0.3)));
}

#[grad(second)]
fn parts(m: &DMatrix<f64>) -> f64 {
    let r = m.row(1);
    let c = m.column(2);
    let block = m.view((0, 1), (2, 2)) * m.fixed_view::<2, 2>(1, 0);
    let d = (m.fixed_view::<2, 2>(0, 0) * m.fixed_view::<2, 2>(1, 1)).diagonal();
    let both = m.rows(0, 2);
    let top = both.fixed_columns::<3>(1);
    let low = m.fixed_rows::<2>(1).columns(1, 2) * d;
    r.norm_squared() + c.dot(&m.column(0)) + block.sum() * d[0] + top.norm() + low.dot(&d)
}

#[grad(second)]
fn written(m: &DMatrix<f64>) -> f64 {
    let mut n = m * 2.0;
    let mut k = m.clone();
    for i in 0..2 {
        n.set_row(i, &(m.row(i + 1) * m[(i, 0)]));
        n.set_column(i, &m.column(i + 1));
    }
    k.copy_from(&n);
    k.component_mul(&n).sum() + k.dot(m)
}

#[test]
fn parts_of_matrices() {
    check!(parts, ref dm());
    check!(written, ref dm());
}
