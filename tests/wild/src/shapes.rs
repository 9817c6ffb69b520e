//! Distances to shapes, factors of graphs, filters, equations of state.

use crate::support::{near, slope};
use grad::{Differentiable, grad};
use std::ops::{Add, Mul, Sub};
#[derive(Clone, Copy, Debug, Default, PartialEq, Differentiable)]
struct Vec3 {
    x: f64,
    y: f64,
    z: f64,
}
#[grad(second)]
impl Add for Vec3 {
    type Output = Vec3;
    fn add(self, o: Vec3) -> Vec3 {
        Vec3 { x: self.x + o.x, y: self.y + o.y, z: self.z + o.z }
    }
}
#[grad]
impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        Self { x: self.x - o.x, y: self.y - o.y, z: self.z - o.z }
    }
}
#[grad]
impl Mul<f64> for Vec3 {
    type Output = Self;
    fn mul(self, k: f64) -> Self {
        Vec3 { x: self.x * k, y: self.y * k, z: self.z * k }
    }
}
trait VectorSpace {
    fn dot(&self, o: &Self) -> f64;
    fn length(&self) -> f64;
    fn normalized(&self) -> Self;
}
#[grad(wrt(self, o))]
impl VectorSpace for Vec3 {
    fn dot(&self, o: &Self) -> f64 {
        self.x * o.x + self.y * o.y + self.z * o.z
    }
    fn length(&self) -> f64 {
        self.dot(self).sqrt()
    }
    fn normalized(&self) -> Self {
        let n = self.length();
        *self * (1.0 / n)
    }
}
trait Sdf {
    fn distance(&self, p: Vec3) -> f64;
}
struct Sphere {
    center: Vec3,
    radius: f64,
}
struct Cuboid {
    half: Vec3,
}
struct SmoothUnion<A, B> {
    a: A,
    b: B,
    k: f64,
}
#[grad(wrt(p))]
impl Sdf for Sphere {
    fn distance(&self, p: Vec3) -> f64 {
        (p - self.center).length() - self.radius
    }
}
#[grad(wrt(p))]
impl Sdf for Cuboid {
    fn distance(&self, p: Vec3) -> f64 {
        let q = Vec3 { x: p.x.abs() - self.half.x, y: p.y.abs() - self.half.y, z: p.z.abs() - self.half.z };
        let outside = Vec3 { x: q.x.max(0.0), y: q.y.max(0.0), z: q.z.max(0.0) };
        outside.length() + q.x.max(q.y.max(q.z)).min(0.0)
    }
}
#[grad(wrt(p))]
impl Sdf for SmoothUnion<Sphere, Cuboid> {
    fn distance(&self, p: Vec3) -> f64 {
        let (d1, d2) = (self.a.distance(p), self.b.distance(p));
        let h = (0.5 + 0.5 * (d2 - d1) / self.k).clamp(0.0, 1.0);
        d2 * (1.0 - h) + d1 * h - self.k * h * (1.0 - h)
    }
}
trait Factor {
    fn error(&self, x: &[f64]) -> f64;
    fn keys(&self) -> &[usize];
}
struct RangeFactor {
    keys: [usize; 2],
    measured: f64,
    sigma: f64,
}
#[grad(wrt(x))]
impl Factor for RangeFactor {
    fn keys(&self) -> &[usize] {
        &self.keys
    }
    fn error(&self, x: &[f64]) -> f64 {
        let [i, j] = self.keys;
        let (a, b) = (&x[3 * i..3 * i + 3], &x[3 * j..3 * j + 3]);
        let dx = b[0] - a[0];
        let dy = b[1] - a[1];
        let r = (dx * dx + dy * dy).sqrt() - self.measured;
        let bearing = dy.atan2(dx) - a[2];
        0.5 * (r / self.sigma).powi(2) + (1.0 - bearing.cos())
    }
}
struct Graph {
    factors: Vec<RangeFactor>,
    prior: Option<(usize, [f64; 3])>,
    robust: Robust,
}
#[derive(Clone, Copy, PartialEq, Debug)]
enum Robust {
    None,
    Huber(f64),
    Cauchy { c: f64 },
}
impl Robust {
    fn is_none(&self) -> bool {
        matches!(self, Robust::None)
    }
}
#[grad(wrt(e))]
impl Robust {
    fn rho(&self, e: f64) -> f64 {
        match *self {
            Robust::None => e,
            Robust::Huber(k) => {
                if e < k * k {
                    e
                } else {
                    2.0 * k * e.sqrt() - k * k
                }
            }
            Robust::Cauchy { c } => c * c * (1.0 + e / (c * c)).ln(),
        }
    }
}
trait Objective {
    type Point: ?Sized;
    fn value(&self, x: &Self::Point) -> f64;
}
#[grad(wrt(x))]
impl Objective for Graph {
    type Point = [f64];
    fn value(&self, x: &[f64]) -> f64 {
        let mut total = self.factors.iter().map(|f| self.robust.rho(f.error(x))).sum::<f64>();
        if let Some((k, mean)) = &self.prior {
            for (i, m) in mean.iter().enumerate() {
                total += 100.0 * (x[3 * k + i] - m).powi(2);
            }
        }
        total
    }
}
trait Filter {
    fn update(&mut self, z: f64) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct AlphaBeta {
    x: f64,
    v: f64,
    alpha: f64,
    beta: f64,
    #[grad(constant)]
    dt: f64,
    steps: usize,
}
#[grad(wrt(self, z))]
impl Filter for AlphaBeta {
    fn update(&mut self, z: f64) -> f64 {
        let dt = self.dt;
        self.x += dt * self.v;
        let r = z - self.x;
        self.x += self.alpha * r;
        self.v += self.beta * r / dt;
        self.steps += 1;
        self.x
    }
}
trait Track {
    fn likelihood(&self, zs: &[f64]) -> f64;
}
#[grad(wrt(self))]
impl Track for AlphaBeta {
    fn likelihood(&self, zs: &[f64]) -> f64 {
        let mut f = self.clone();
        zs.iter()
            .map(|z| {
                let p = f.update(*z);
                (z - p) * (z - p)
            })
            .sum()
    }
}
trait EquationOfState {
    const R: f64 = 8.314;
    fn pressure(&self, t: f64, v: f64) -> f64;
    fn helmholtz(&self, t: f64, v: f64) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct VanDerWaals {
    a: f64,
    b: f64,
}
#[grad(wrt(self, t, v))]
impl EquationOfState for VanDerWaals {
    fn pressure(&self, t: f64, v: f64) -> f64 {
        Self::R * t / (v - self.b) - self.a / v.powi(2)
    }
    fn helmholtz(&self, t: f64, v: f64) -> f64 {
        -Self::R * t * (v - self.b).ln() - self.a / v
    }
}
#[test]
fn shapes() {
    let s = SmoothUnion {
        a: Sphere { center: Vec3::default(), radius: 1.0 },
        b: Cuboid { half: Vec3 { x: 0.5, y: 0.6, z: 0.7 } },
        k: 0.3,
    };
    let p = Vec3 { x: 1.1, y: 0.9, z: 0.8 };
    near(s.distance_grad(p).x, slope(|t| s.distance(Vec3 { x: t, ..p }), p.x));
    let g = Graph {
        factors: vec![RangeFactor { keys: [0, 1], measured: 1.0, sigma: 0.5 }],
        prior: Some((0, [0.0, 0.0, 0.1])),
        robust: Robust::Cauchy { c: 0.5 },
    };
    let x = [0.1, 0.2, 0.3, 1.5, 0.7, 0.0];
    for k in 0..6 {
        near(
            g.value_grad(&x)[k],
            slope(
                |t| {
                    let mut x = x;
                    x[k] = t;
                    g.value(&x)
                },
                x[k],
            ),
        );
    }
    let f = AlphaBeta { x: 0.0, v: 0.1, alpha: 0.5, beta: 0.1, dt: 0.1, steps: 0 };
    near(
        f.likelihood_grad(&[0.1, 0.3, 0.2]).alpha,
        slope(|t| AlphaBeta { alpha: t, ..f.clone() }.likelihood(&[0.1, 0.3, 0.2]), 0.5),
    );
    let w = VanDerWaals { a: 0.5, b: 0.03 };
    near(-w.helmholtz_grad(300.0, 1.0).2, w.pressure(300.0, 1.0));
}
