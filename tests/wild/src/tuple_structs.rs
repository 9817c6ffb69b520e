//! Vectors without names of fields, and operators that are written as functions.

use crate::support::{at, check, flat};
use grad::{Differentiable, grad};
use std::ops::{self, Add, AddAssign, Mul, Neg, Sub};

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Vec3(f64, f64, f64);

#[grad]
impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, o: Vec3) -> Vec3 {
        Vec3(self.0 + o.0, self.1 + o.1, self.2 + o.2)
    }
}

#[grad]
impl Sub for Vec3 {
    type Output = Vec3;
    fn sub(self, o: Vec3) -> Vec3 {
        Vec3(self.0 - o.0, self.1 - o.1, self.2 - o.2)
    }
}

#[grad]
impl Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        Vec3(-self.0, -self.1, -self.2)
    }
}

#[grad]
impl Mul<f64> for Vec3 {
    type Output = Vec3;
    fn mul(self, by: f64) -> Vec3 {
        Vec3(self.0 * by, self.1 * by, self.2 * by)
    }
}

#[grad]
impl Mul<Vec3> for f64 {
    type Output = Vec3;
    fn mul(self, v: Vec3) -> Vec3 {
        v * self
    }
}

#[grad]
impl Mul for Vec3 {
    type Output = f64;
    fn mul(self, o: Vec3) -> f64 {
        self.0 * o.0 + self.1 * o.1 + self.2 * o.2
    }
}

#[grad]
impl AddAssign for Vec3 {
    fn add_assign(&mut self, o: Vec3) {
        self.0 += o.0;
        self.1 += o.1;
        self.2 += o.2;
    }
}

/// Nothing but `.0` tells what `d` and `m` are.
#[grad(wrt(p, q, k))]
fn mixed(p: Vec3, q: Vec3, k: f64) -> f64 {
    let d = (p - q) * 2.0;
    let m = 0.5 * (p + q);
    let n = m + (-p);
    k * d.0 * m.1 + (d * m).sin() + d.2 * n.0
}

#[grad(wrt(points))]
fn spread(points: &[Vec3]) -> f64 {
    let mut center = Vec3(0.0, 0.0, 0.0);
    for p in points {
        center += *p;
    }
    let center = center * (1.0 / points.len() as f64);
    let mut sum = 0.0;
    for &p in points {
        let r = p - center;
        if r.0 > 0.9 {
            continue;
        }
        sum += r.0 * r.0 + r.1.powi(3) + (r * r).sqrt();
    }
    sum
}

#[grad(wrt(bodies, dt))]
fn falls(bodies: &[(Vec3, Vec3)], dt: f64) -> f64 {
    let mut state = bodies.to_vec();
    for _ in 0..3 {
        for (x, v) in state.iter_mut() {
            let a = *x * -1.0;
            *v += a * dt;
            *x += *v * dt;
        }
    }
    let (x, v) = state[0];
    let sum = x + v;
    sum.0 * sum.1 + state[1].0.2
}

#[grad(wrt(a, b))]
fn as_functions(a: Vec3, b: Vec3) -> f64 {
    let c = Add::add(a, b);
    let d = Mul::mul(ops::Add::add(c, ops::Neg::neg(a)), 2.0);
    d.0 * d.1 * c.2 + Add::add(a.0, 2.0) * std::ops::Mul::mul(b.1, b.0) - Neg::neg(a.2)
}

#[grad(wrt(points))]
fn folded(points: &[Vec3]) -> f64 {
    let sum = points.iter().copied().fold(Vec3(0.0, 0.0, 0.0), Add::add);
    let other = points.iter().copied().reduce(Sub::sub).unwrap();
    sum.0 * sum.1 + other * sum
}

#[grad]
fn of_numbers(v: &[f64]) -> f64 {
    v.iter().copied().fold(1.0, Mul::mul) * v.iter().copied().fold(0.0, Add::add)
}

#[test]
fn vectors_without_names() {
    let points = [Vec3(0.1, 0.2, 0.3), Vec3(1.4, -0.4, 0.5), Vec3(0.3, 0.8, -1.0)];
    let [p, q, r] = points;
    let x = (p, q, 1.3);
    let f = |x: &[f64]| {
        let (p, q, k) = at(&(p, q, 1.3), x);
        mixed(p, q, k)
    };
    let (dp, dq, dk) = mixed::grad(p, q, 1.3);
    check("mixed", f, &[dp.0, dp.1, dp.2, dq.0, dq.1, dq.2, dk], &flat(&x));
    let rows = |rows: &[Vec3Tangent]| rows.iter().flat_map(|v| [v.0, v.1, v.2]).collect::<Vec<_>>();
    check("spread", |x| spread(&at(&points, x)), &rows(&spread::grad(&points)), &flat(&points));
    check("folded", |x| folded(&at(&points, x)), &rows(&folded::grad(&points)), &flat(&points));
    let (da, db) = as_functions::grad(p, q);
    let f = |x: &[f64]| {
        let (a, b) = at(&(p, q), x);
        as_functions(a, b)
    };
    check("as functions", f, &rows(&[da, db]), &flat(&(p, q)));
    check("of numbers", of_numbers, &of_numbers::grad(&[2.0, 3.0, 0.5]), &[2.0, 3.0, 0.5]);
    let bodies = [(p, q), (q, r)];
    let (d, dt) = falls::grad(&bodies, 0.1);
    let all: Vec<Vec3Tangent> = d.into_iter().flat_map(|(x, v)| [x, v]).collect();
    check("falls", |x| falls(&at(&bodies, x), 0.1), &rows(&all), &flat(&bodies));
    check("dt", |dt| falls(&bodies, dt[0]), &[dt], &[0.1]);
}
