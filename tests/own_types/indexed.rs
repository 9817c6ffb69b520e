//! Types with an `Index` of their own: elements that are read, written, changed, by one index and by two.

use crate::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};
use std::ops::{Index, IndexMut};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f64>,
}

impl Matrix {
    fn zeros(rows: usize, cols: usize) -> Matrix {
        Matrix { rows, cols, data: vec![0.0; rows * cols] }
    }
}

#[grad(second)]
impl Index<(usize, usize)> for Matrix {
    type Output = f64;

    fn index(&self, (i, j): (usize, usize)) -> &Self::Output {
        assert!(i < self.rows && j < self.cols, "no such element");
        &self.data[i * self.cols + j]
    }
}

#[grad(second)]
impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut Self::Output {
        &mut self.data[i * self.cols + j]
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct V3 {
    x: f64,
    y: f64,
    z: f64,
}

#[grad(second)]
impl Index<usize> for V3 {
    type Output = f64;

    fn index(&self, i: usize) -> &f64 {
        match i {
            0 => &self.x,
            1 => &self.y,
            2 => {
                return &self.z;
            }
            _ => panic!("no coordinate {i}"),
        }
    }
}

#[grad(second)]
impl IndexMut<usize> for V3 {
    fn index_mut(&mut self, i: usize) -> &mut f64 {
        if i == 0 {
            return &mut self.x;
        }
        match i {
            1 => &mut self.y,
            _ => &mut self.z,
        }
    }
}

/// Of values of another type.
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Polygon {
    corners: Vec<V3>,
    closed: bool,
}

#[grad(second)]
impl Index<usize> for Polygon {
    type Output = V3;

    fn index(&self, i: usize) -> &V3 {
        if self.closed { &self.corners[i % self.corners.len()] } else { &self.corners[i] }
    }
}

#[grad(second)]
impl IndexMut<usize> for Polygon {
    fn index_mut(&mut self, i: usize) -> &mut V3 {
        &mut self.corners[i]
    }
}

#[grad(wrt(a, b), second)]
fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut c = Matrix::zeros(a.rows, b.cols);
    for i in 0..a.rows {
        for j in 0..b.cols {
            for k in 0..a.cols {
                c[(i, j)] += a[(i, k)] * b[(k, j)];
            }
        }
    }
    c
}

/// What was written is overwritten, and read again.
#[grad(wrt(a), second)]
fn of_matrix(a: &Matrix, at: (usize, usize)) -> f64 {
    let mut c = product(a, a);
    c[(0, 0)] = c[(1, 1)] * a[at];
    let mut sum = 0.0;
    for i in 0..a.rows {
        let d = &c[(i, i)];
        sum += d * d;
        if i == 1 {
            continue;
        }
        c[(i, 0)] *= 2.0;
        c[(1, 1)] = 0.5;
    }
    sum + c[(1, 0)] * c[(1, 1)] + c[(0, 0)]
}

#[grad(wrt(v), second)]
fn of_vector(v: &V3) -> f64 {
    let mut w = *v;
    let mut sum = v.x;
    for i in 0..3 {
        sum += v[i] * v[i];
        w[i] = w[i] * sum;
        w[(i + 1) % 3] -= 0.1 * sum;
    }
    w[0] * w[2] + w[1] + w.y
}

#[grad(wrt(p), second)]
fn of_polygon(p: &Polygon, from: usize) -> f64 {
    let mut q = p.clone();
    q[1] = V3 { x: p[from].x, ..p[2] };
    let mut sum = 0.0;
    for i in 0..p.corners.len() {
        let (a, b) = (p[i + from], &q[i]);
        let mut c = a;
        c.x *= b[2];
        sum += (c.x - b.x).powi(2) + a.y * b.z;
        q[i] = c;
    }
    sum + q.corners[0].x
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Held {
    m: Matrix,
    k: f64,
}

#[grad(wrt(self), second)]
impl Held {
    fn value(&self) -> f64 {
        let m = &self.m;
        (0..2).map(|i| self.k * m[(i, 1)] * self.m[(1, i)]).sum()
    }
}

#[grad(wrt(h), second)]
fn of_held(h: &Held) -> f64 {
    h.value() * h.k
}

#[test]
fn elements() {
    let m = Matrix { rows: 2, cols: 2, data: vec![0.3, 1.2, -0.7, 0.9] };
    check!(of_matrix, ref m.clone(), (0, 1));
    check!(of_held, ref Held { m, k: 1.3 });
    let v = V3 { x: 0.3, y: 0.7, z: -0.4 };
    check!(of_vector, ref v);
    let corners = vec![v, V3 { x: 1.0, y: 2.0, z: 3.0 }, V3 { x: -1.0, y: 0.5, z: 0.1 }];
    check!(of_polygon, ref Polygon { corners: corners.clone(), closed: true }, 2);
    check!(of_polygon, ref Polygon { corners, closed: false }, 0);
}

/// Boxed slices: of floats, of types of one's own, and of indices.
#[derive(Clone, Debug, Differentiable)]
struct Boxed {
    w: Box<[f64]>,
    parts: Box<[Part]>,
    at: Box<[usize]>,
}

#[derive(Clone, Debug, Differentiable)]
struct Part {
    a: f64,
}

#[grad(second)]
fn products(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b * b).sum()
}

#[grad(wrt(boxed), second)]
fn in_boxed_slices(boxed: &Boxed) -> f64 {
    let mut own = boxed.clone();
    own.w[0] *= boxed.w[1];
    let mut s = 0.5;
    for (w, part) in boxed.w.iter().zip(&boxed.parts) {
        s += w * part.a * s;
    }
    for i in 0..boxed.w.len() {
        s += boxed.w[i] * own.w[boxed.at[i]].sin();
    }
    own.parts[1].a *= s;
    s * own.parts[1].a + products(&boxed.w, &own.w[..])
}

#[test]
fn boxed_slices() {
    let boxed = Boxed {
        w: Box::new([0.7, -0.4]),
        parts: Box::new([Part { a: 1.1 }, Part { a: 0.3 }]),
        at: Box::new([1, 0]),
    };
    check!(in_boxed_slices, ref boxed);
}
