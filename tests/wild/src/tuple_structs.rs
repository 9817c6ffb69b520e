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

#[grad(wrt(p, k))]
fn moved(p: Vec3, k: f64) -> Vec3 {
    Vec3(p.0 + k * p.1, p.1 * k, p.2 - k)
}

/// Types of variables that are made of one's own.
#[grad(wrt(p, k))]
fn collected(p: Vec3, k: f64) -> f64 {
    let all: Vec<Vec3> = (0..3).map(|i| moved(p, k * i as f64)).collect();
    let d = all[0] + all[1] * k;
    let scaled = (0..3).map(|i| p * (k * i as f64)).collect::<Vec<Vec3>>();
    let mut sum = Vec3(0.0, 0.0, 0.0);
    for v in &scaled {
        sum = sum + *v * k;
    }
    let path: Vec<Vec3> = (0..4)
        .scan(p, |at, _| {
            *at = moved(*at, k);
            Some(*at)
        })
        .collect();
    d.0 * d.1 + sum.0 * sum.2 + path.windows(2).map(|w| w[0].0 * w[1].1).sum::<f64>()
}

#[grad(wrt(p, k))]
fn grouped(p: Vec3, k: f64) -> f64 {
    let pair: [Vec3; 2] = [moved(p, k), p * k];
    let d = pair[0] + pair[1] * 2.0;
    let both: (Vec3, Vec3) = (p * k, d);
    let (a, b) = both;
    let some: Option<Vec3> = if k > 0.0 { Some(a + b) } else { None };
    some.map_or(0.0, |v| v.0 * v.1 * d.2)
}

/// Beside numbers.
#[grad(wrt(v, k))]
fn scaled(v: &Vec3, k: f64) -> (Vec3, f64) {
    (*v * k, v.0 * k)
}

#[grad(wrt(v, k))]
fn copied(v: &Vec3, k: f64) -> (f64, Vec3) {
    let w = *v;
    (w.1 * k, w)
}

#[grad(wrt(v, k))]
fn guarded(v: &Vec3, k: f64) -> Option<(Vec3, f64)> {
    if k < 0.0 {
        return None;
    }
    let (w, e) = scaled(v, k);
    Some((w, e * k))
}

#[grad(wrt(v, k))]
fn results(v: Vec3, k: f64) -> f64 {
    let (w, e) = scaled(&v, k);
    let (f, u) = copied(&w, 2.0 * k);
    let (h, i) = guarded(&w, e).unwrap();
    let mut state = (v, k);
    for step in 0..3 {
        if step == 1 {
            continue;
        }
        state = scaled(&state.0, state.1);
    }
    w.0 * e + f * u.2 + h.1 * i + state.0.0 * state.1
}

#[test]
fn variables_of_types_that_are_made_of_ones_own() {
    let (p, k) = (Vec3(0.7, 1.2, -0.3), 0.6);
    for (name, f, gradient) in [
        (
            "collected",
            collected as fn(Vec3, f64) -> f64,
            collected::grad as fn(Vec3, f64) -> (Vec3Tangent, f64),
        ),
        ("grouped", grouped, grouped::grad),
        ("results", results, results::grad),
    ] {
        let (dp, dk) = gradient(p, k);
        let f = |x: &[f64]| {
            let (p, k) = at(&(p, k), x);
            f(p, k)
        };
        check(name, f, &[dp.0, dp.1, dp.2, dk], &flat(&(p, k)));
    }
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
