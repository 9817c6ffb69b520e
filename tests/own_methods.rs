//! Methods of types of one's own, in inherent blocks and in those of traits: called from free functions and from each other,
//! every derivative against differences, and those that users call against each other.

#![deny(warnings)]
#![allow(
    clippy::manual_swap,
    clippy::misrefactored_assign_op,
    clippy::needless_range_loop,
    clippy::ptr_arg,
    clippy::pedantic,
    clippy::type_complexity
)]

use grad::{Differentiable, grad};
use points::{Derivatives, direction, of_point};

#[path = "support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "support/points.rs"]
mod points;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct V3 {
    pub x: f64,
    pub y: f64,
    pub z: f64,
}

/// Methods of a `Copy` type, which take it by value.
#[grad(wrt(self, other, by), second)]
impl V3 {
    pub const UNIT: f64 = 1.0;

    pub fn dot(self, other: V3) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub fn cross(&self, other: &Self) -> Self {
        Self {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    pub fn scaled(mut self, by: f64) -> V3 {
        self.x *= by;
        self.y *= by;
        self.z *= by;
        self
    }

    pub fn norm(&self) -> f64 {
        self.dot(*self).sqrt()
    }

    pub fn normalized(&self) -> V3 {
        self.scaled(Self::UNIT / self.norm())
    }

    /// A function of the type that is none of its values.
    pub fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    pub fn add_to(&mut self, other: &V3, by: f64) {
        self.x += by * other.x;
        self.y += by * other.y;
        self.z += by * other.z;
    }

    pub fn is_small(&self) -> bool {
        self.x.abs() + self.y.abs() + self.z.abs() < 1.0
    }
}

fn v() -> V3 {
    V3 { x: 0.3, y: -0.2, z: 1.1 }
}

#[grad(wrt(v), second)]
fn of_norm(v: &V3) -> f64 {
    v.norm()
}

#[grad(wrt(v), second)]
fn of_chains(v: &V3, t: f64) -> f64 {
    let w = V3::new(v.y, t, v.x * v.z);
    let n = v.cross(&w).normalized();
    n.dot(*v) + n.scaled(t).dot(w) + v.cross(&w).norm()
}

#[grad(wrt(v), second)]
fn in_loops(v: &V3) -> f64 {
    let mut sum = 0.0;
    let mut w = V3 { x: v.y, y: 1.0, ..*v };
    for k in 0..3 {
        let u = w.cross(v);
        if u.is_small() {
            sum += u.norm();
        } else {
            sum += w.dot(u.scaled(0.5)) + v.dot(w);
        }
        w.add_to(v, 0.1 * k as f64 + v.x);
        w = w.scaled(1.1);
    }
    sum + w.dot(w)
}

#[grad(wrt(vs), second)]
fn in_closures(vs: &[V3]) -> f64 {
    let lengths: f64 = vs.iter().map(|v| v.norm()).sum();
    let pairs: f64 = vs.windows(2).map(|w| w[0].dot(w[1])).sum();
    let f = |a: &V3, t: f64| a.scaled(t).norm();
    let mut best = vs[0];
    for v in vs {
        if v.norm() > best.norm() {
            best = *v;
        }
    }
    lengths + pairs * f(&vs[0], 2.0) + best.x + vs.iter().fold(0.0, |acc, v| acc * 0.5 + v.dot(best))
}

#[grad(wrt(vs), second)]
fn changed_elements(vs: &[V3], h: f64) -> f64 {
    let mut all = vs.to_vec();
    for i in 1..all.len() {
        let before = all[i - 1];
        all[i].add_to(&before, h);
    }
    for v in all.iter_mut() {
        v.add_to(&vs[0], 0.3);
    }
    let mut sum = 0.0;
    for v in &all {
        sum += v.norm() * v.x;
    }
    sum
}

#[test]
fn methods_of_a_vector() {
    check!(of_norm, ref v());
    check!(of_chains, ref v(), 0.7);
    check!(in_loops, ref v());
    check!(in_loops, ref V3 { x: 2.0, y: 1.0, z: -1.5 });
    let vs = vec![v(), V3 { x: 1.3, y: 0.4, z: -0.7 }, V3 { x: -0.1, y: 0.8, z: 0.2 }];
    check!(in_closures, ref vs.clone());
    check!(changed_elements, ref vs, 0.2);
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Layer {
    w: Vec<Vec<f64>>,
    b: Vec<f64>,
    relu: bool,
}

#[grad(wrt(self, x), second)]
impl Layer {
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        self.w
            .iter()
            .zip(&self.b)
            .map(|(row, b)| {
                let z = row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + b;
                self.activate(z)
            })
            .collect()
    }

    #[grad(skip)]
    fn outputs(&self) -> usize {
        self.b.len()
    }

    fn activate(&self, x: f64) -> f64 {
        if self.relu { x.max(0.0) } else { x.tanh() }
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Mlp {
    layers: Vec<Layer>,
    scale: f64,
}

#[grad(wrt(self), second)]
impl Mlp {
    fn predict(&self, x: &[f64]) -> f64 {
        let mut a = x.to_vec();
        for layer in &self.layers {
            a = layer.forward(&a);
        }
        self.scale * a[0]
    }

    pub fn loss(&self, xs: &[[f64; 2]], ys: &[f64]) -> f64 {
        let mut sum = 0.0;
        for (x, y) in xs.iter().zip(ys) {
            let e = self.predict(x) - y;
            sum += e * e;
        }
        sum / xs.len() as f64
    }
}

fn mlp() -> Mlp {
    let layer = |n: usize, m: usize, relu| Layer {
        w: (0..m).map(|i| (0..n).map(|j| ((i * 7 + j * 3) as f64 + 0.5).sin()).collect()).collect(),
        b: (0..m).map(|i| 0.1 * i as f64 + 0.05).collect(),
        relu,
    };
    Mlp { layers: vec![layer(2, 3, false), layer(3, 2, true), layer(2, 1, false)], scale: 1.3 }
}

#[grad(wrt(m), second)]
fn of_loss(m: &Mlp, xs: &[[f64; 2]], ys: &[f64]) -> f64 {
    m.loss(xs, ys)
}

#[test]
fn layers() {
    let (xs, ys) = (&[[0.5, -0.3], [1.0, 0.2]], &[0.3, -0.1]);
    check!(of_loss, ref mlp(), xs, ys);
    let m = mlp();
    let (value, gradient) = m.loss_value_and_grad(xs, ys);
    assert_eq!((value, gradient.clone()), of_loss::value_and_grad(&m, xs, ys));
    assert_eq!(value, m.loss(xs, ys));
    assert_eq!(m.loss_grad(xs, ys), gradient);
    let (again, pullback) = m.loss_vjp(xs, ys);
    assert_eq!((again, pullback(1.0)), (value, gradient.clone()));
    let direction = direction(&m, 3.0);
    assert_eq!(m.loss_jvp(xs, ys, &direction), of_loss::jvp(&m, xs, ys, &direction));
    assert_eq!(m.loss_hvp(xs, ys, &direction), of_loss::hvp(&m, xs, ys, &direction));
    assert_eq!(m.layers[0].outputs(), 3);
}

/// `self` is a constant unless it is named: no derive is needed.
pub struct Fit {
    xs: Vec<f64>,
    ys: Vec<f64>,
    sigma: f64,
    seen: usize,
}

#[grad(second)]
impl Fit {
    fn new(n: usize) -> Fit {
        Fit { xs: (0..n).map(|i| i as f64).collect(), ys: vec![0.5; n], sigma: 2.0, seen: 0 }
    }

    fn model(&self, p: &[f64; 3], x: f64) -> f64 {
        p[0] * (-p[1] * x).exp() + p[2]
    }

    fn weight(&self, i: usize) -> f64 {
        1.0 / (self.sigma + i as f64)
    }

    pub fn cost(&self, p: &[f64; 3]) -> f64 {
        if p[1] < 0.0 {
            return f64::INFINITY;
        }
        self.xs
            .iter()
            .zip(&self.ys)
            .enumerate()
            .map(|(i, (x, y))| (self.model(p, *x) - y).powi(2) * self.weight(i))
            .sum::<f64>()
            + self.prior(p)
    }

    fn prior(&self, p: &[f64; 3]) -> f64 {
        let mut sum = 0.0;
        for k in 0..p.len() {
            sum += p[k] * p[k] / self.sigma;
        }
        sum
    }

    pub fn counted(&mut self, p: &[f64; 3]) -> f64 {
        self.seen += 1;
        self.note();
        p[0] * p[1] * self.sigma
    }

    fn note(&mut self) {
        self.seen += 1;
    }
}

#[grad(wrt(p), second)]
fn of_cost(p: &[f64; 3], fit: &Fit) -> f64 {
    fit.cost(p)
}

#[test]
fn constant_self() {
    let p = [1.0, 0.3, 0.2];
    let mut fit = Fit::new(4);
    check!(of_cost, ref p, &fit);
    let (value, pullback) = fit.cost_vjp(&p);
    assert_eq!((value, pullback(1.0)), of_cost::value_and_grad(&p, &fit));
    assert_eq!(fit.cost_grad(&[1.0, -0.1, 0.0]), [0.0; 3]);
    let (value, gradient) = fit.counted_value_and_grad(&p);
    assert_eq!(fit.seen, 2);
    assert_eq!((value, gradient), (0.6, [0.6, 2.0, 0.0]));
    let hessian = fit.cost_hessian(&p);
    let column = fit.cost_hvp(&p, &[1.0, 0.0, 0.0]).1;
    assert_eq!(hessian[0], column);
    let mut objective = fit.cost_objective();
    let report = grad::descent::Lbfgs::default().minimize(&mut objective, vec![1.0, 0.5, 0.0]).unwrap();
    assert!(report.value < 0.4, "{report}");
}

/// As argmin has it.
pub trait CostFunction {
    type Param;
    type Output;
    fn cost(&self, param: &Self::Param) -> Self::Output;
}

pub trait System<const N: usize> {
    const STIFFNESS: f64;
    fn rhs(&self, t: f64, y: &[f64; N], dy: &mut [f64; N]);
}

pub trait Potential {
    fn energy(&self, r: f64) -> f64;
    fn doubled(&self, r: f64) -> f64 {
        2.0 * self.energy(r)
    }
}

pub struct Rosenbrock {
    a: f64,
    b: f64,
}

#[grad(second)]
impl CostFunction for Rosenbrock {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Self::Param) -> Self::Output {
        let mut sum = 0.0;
        for w in param.windows(2) {
            sum += self.b * (w[1] - w[0] * w[0]).powi(2) + (self.a - w[0]).powi(2);
        }
        sum
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct LennardJones {
    epsilon: f64,
    sigma: f64,
}

#[grad(wrt(self, r), second)]
impl Potential for LennardJones {
    fn energy(&self, r: f64) -> f64 {
        let s6 = (self.sigma / r).powi(6);
        4.0 * self.epsilon * (s6 * s6 - s6)
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Morse<'a> {
    depth: f64,
    width: f64,
    #[grad(constant)]
    names: &'a str,
}

#[grad(wrt(r))]
impl<'a> Potential for Morse<'a> {
    fn energy(&self, r: f64) -> f64 {
        let e = 1.0 - (-self.width * r).exp();
        self.depth * e * e + self.names.len() as f64
    }
}

struct Oscillator {
    k: f64,
}

#[grad]
impl System<2> for Oscillator {
    const STIFFNESS: f64 = 2.0;

    fn rhs(&self, t: f64, y: &[f64; 2], dy: &mut [f64; 2]) {
        dy[0] = y[1];
        dy[1] = -self.k * Self::STIFFNESS * y[0] + t.sin();
    }
}

#[grad(wrt(p), second)]
fn of_pairs(p: &LennardJones, rs: &[f64]) -> f64 {
    rs.iter().map(|r| p.energy(*r)).sum::<f64>()
}

#[grad(wrt(x), second)]
fn of_rosenbrock(x: &Vec<f64>, f: &Rosenbrock) -> f64 {
    f.cost(x) * 2.0
}

#[grad(wrt(y))]
fn steps(y: [f64; 2], f: &Oscillator) -> f64 {
    let mut y = y;
    let mut dy = [0.0; 2];
    for k in 0..4 {
        f.rhs(0.1 * k as f64, &y, &mut dy);
        y[0] += 0.1 * dy[0];
        y[1] += 0.1 * dy[1];
    }
    y[0] * y[1]
}

#[test]
fn traits() {
    check!(of_pairs, ref LennardJones { epsilon: 0.7, sigma: 1.1 }, &[1.2, 1.5, 2.0]);
    let f = Rosenbrock { a: 1.0, b: 100.0 };
    let x = vec![0.5, 0.3, -0.2];
    check!(of_rosenbrock, ref x.clone(), &f);
    let (value, gradient) = f.cost_value_and_grad(&x);
    assert_eq!(value, f.cost(&x));
    assert_eq!(gradient, of_rosenbrock::grad(&x, &f).iter().map(|g| g / 2.0).collect::<Vec<_>>());
    let g = Morse { depth: 2.0, width: 1.3, names: "ab" }.energy_grad(0.7);
    let e = (-1.3f64 * 0.7).exp();
    assert!((g - 2.0 * 2.0 * (1.0 - e) * e * 1.3).abs() < 1e-14);
    assert!(Morse { depth: 2.0, width: 1.3, names: "ab" }.doubled(0.2) > 0.0);
    check!(steps, val [1.0, 0.5], &Oscillator { k: 3.0 }; first_only);
    let o = Oscillator { k: 3.0 };
    let (mut dy, mut d) = ([0.0; 2], [0.0; 2]);
    o.rhs_jvp(0.3, &[1.0, 0.5], &mut dy, 0.0, &[1.0, 0.0], &mut d);
    assert_eq!(d, [0.0, -6.0]);
    let jacobian = o.rhs_jacobian(0.3, &[1.0, 0.5], &mut dy);
    assert_eq!(jacobian.1, [[0.0, 1.0], [-6.0, 0.0]]);
}

/// A curve of discount factors, log-linear.
pub struct Curve {
    pub times: Vec<f64>,
    pub zeros: Vec<f64>,
}

#[grad]
impl Curve {
    pub fn new(times: Vec<f64>, zeros: Vec<f64>) -> Self {
        assert_eq!(times.len(), zeros.len());
        Self { times, zeros }
    }

    /// Index of the last knot before `t`.
    fn locate(&self, t: f64) -> usize {
        let mut i = 0;
        while i + 2 < self.times.len() && self.times[i + 1] < t {
            i += 1;
        }
        i
    }

    pub fn zero_rate(&self, t: f64) -> f64 {
        let i = self.locate(t);
        let w = (t - self.times[i]) / (self.times[i + 1] - self.times[i]);
        (1.0 - w) * self.zeros[i] + w * self.zeros[i + 1]
    }

    pub fn discount(&self, t: f64) -> f64 {
        (-self.zero_rate(t) * t).exp()
    }

    pub fn annuity(&self, maturity: f64, frequency: usize) -> f64 {
        let dt = 1.0 / frequency as f64;
        let n = (maturity * frequency as f64).round() as usize;
        (1..=n).map(|k| dt * self.discount(k as f64 * dt)).sum()
    }

    pub fn price(&self, coupons: &[(f64, f64)]) -> f64 {
        coupons.iter().map(|&(t, c)| c * self.discount(t)).sum()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Pose2 {
    pub x: f64,
    pub y: f64,
    pub theta: f64,
}

#[grad(wrt(self, other), second)]
impl Pose2 {
    pub fn between(&self, other: &Pose2) -> Pose2 {
        let (s, c) = self.theta.sin_cos();
        let dx = other.x - self.x;
        let dy = other.y - self.y;
        Pose2 { x: c * dx + s * dy, y: -s * dx + c * dy, theta: other.theta - self.theta }
    }

    pub fn compose(self, other: Self) -> Self {
        let (s, c) = self.theta.sin_cos();
        Self {
            x: self.x + c * other.x - s * other.y,
            y: self.y + s * other.x + c * other.y,
            theta: self.theta + other.theta,
        }
    }
}

pub struct BetweenFactor {
    pub from: usize,
    pub to: usize,
    pub measured: Pose2,
    pub information: [f64; 3],
}

#[grad(wrt(poses), second)]
impl BetweenFactor {
    pub fn error(&self, poses: &[Pose2]) -> f64 {
        let relative = poses[self.from].between(&poses[self.to]);
        let ex = relative.x - self.measured.x;
        let ey = relative.y - self.measured.y;
        let et = relative.theta - self.measured.theta;
        0.5 * (self.information[0] * ex * ex + self.information[1] * ey * ey + self.information[2] * et * et)
    }
}

pub struct Graph {
    pub factors: Vec<BetweenFactor>,
    pub robust: Option<f64>,
}

#[grad(wrt(poses), second)]
impl Graph {
    fn total(&self, poses: &[Pose2]) -> f64 {
        let mut sum = 0.0;
        for factor in &self.factors {
            sum += Self::huber(factor.error(poses), self.scale());
        }
        sum
    }

    fn scale(&self) -> f64 {
        self.robust.unwrap_or(1.0)
    }

    fn huber(e: f64, k: f64) -> f64 {
        if e <= k { e } else { 2.0 * (k * e).sqrt() - k }
    }
}

#[grad(wrt(poses), second)]
fn of_graph(poses: &[Pose2], graph: &Graph) -> f64 {
    graph.total(poses)
}

#[grad(wrt(poses), second)]
fn of_odometry(poses: &[Pose2]) -> f64 {
    let mut at = Pose2 { x: 0.0, y: 0.0, theta: 0.1 };
    for p in poses {
        at = at.compose(*p);
    }
    at.x * at.y + at.theta.cos() + poses[0].compose(poses[1]).between(&at).x
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Kalman {
    x: [f64; 2],
    p: [[f64; 2]; 2],
    q: f64,
    r: f64,
}

#[grad(wrt(self, z))]
impl Kalman {
    fn predict(&mut self, dt: f64) {
        self.x[0] += dt * self.x[1];
        let p = self.p;
        self.p[0][0] = p[0][0] + dt * (p[1][0] + p[0][1]) + dt * dt * p[1][1] + self.q;
        self.p[0][1] = p[0][1] + dt * p[1][1];
        self.p[1][0] = p[1][0] + dt * p[1][1];
        self.p[1][1] = p[1][1] + self.q;
    }

    fn update(&mut self, z: f64) -> f64 {
        let s = self.p[0][0] + self.r;
        let k = [self.p[0][0] / s, self.p[1][0] / s];
        let y = z - self.x[0];
        self.x[0] += k[0] * y;
        self.x[1] += k[1] * y;
        let p = self.p;
        for j in 0..2 {
            self.p[0][j] -= k[0] * p[0][j];
            self.p[1][j] -= k[1] * p[0][j];
        }
        0.5 * (s.ln() + y * y / s)
    }

    fn likelihood(&self, zs: &[f64]) -> f64 {
        let mut filter = self.clone();
        let mut sum = 0.0;
        for z in zs {
            filter.predict(0.5);
            sum += filter.update(*z);
        }
        sum
    }
}

#[grad(wrt(k))]
fn of_kalman(k: &Kalman, zs: &[f64]) -> f64 {
    k.likelihood(zs)
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct Orbit {
    r: [f64; 2],
    v: [f64; 2],
    mu: f64,
}

#[grad(wrt(self, h))]
impl Orbit {
    fn acceleration(&self) -> [f64; 2] {
        let d = self.radius();
        let f = -self.mu / (d * d * d);
        [f * self.r[0], f * self.r[1]]
    }

    fn radius(&self) -> f64 {
        self.r.iter().map(|x| x * x).sum::<f64>().sqrt()
    }

    fn step(&mut self, h: f64) {
        let a = self.acceleration();
        for i in 0..2 {
            self.v[i] += 0.5 * h * a[i];
            self.r[i] += h * self.v[i];
        }
        let a = self.acceleration();
        for i in 0..2 {
            self.v[i] += 0.5 * h * a[i];
        }
    }

    fn propagate(mut self, steps: usize, h: f64) -> Orbit {
        for _ in 0..steps {
            self.step(h);
        }
        self
    }

    fn energy(&self) -> f64 {
        0.5 * (self.v[0] * self.v[0] + self.v[1] * self.v[1]) - self.mu / self.radius()
    }
}

#[grad(wrt(o))]
fn of_orbit(o: &Orbit, h: f64) -> f64 {
    let end = o.propagate(10, h);
    end.r[0] * end.r[1] + end.energy() + o.radius()
}

#[test]
fn pasted() {
    let curve = Curve::new(vec![0.0, 1.0, 2.0, 5.0], vec![0.01, 0.012, 0.02, 0.03]);
    let coupons = [(0.5, 2.0), (1.5, 2.0), (3.0, 102.0)];
    let (value, gradient) = curve.price_value_and_grad(&coupons);
    assert_eq!(value, curve.price(&coupons));
    for k in 0..3 {
        let along = |t: f64| {
            let mut c = coupons;
            c[k].0 = t;
            curve.price(&c)
        };
        let estimate = differences::derivative(along, coupons[k].0, f64::EPSILON);
        assert!((gradient[k].0 - estimate.value).abs() < 1e-7, "{} {}", gradient[k].0, estimate.value);
    }
    assert!(curve.annuity(2.0, 2) > 0.0);
    let p = |x, y, theta| Pose2 { x, y, theta };
    let poses = vec![p(0.1, 0.2, 0.3), p(1.0, -0.4, 0.2), p(2.0, 0.3, -0.7)];
    let factor =
        |from, to| BetweenFactor { from, to, measured: p(1.0, 0.1, 0.05), information: [1.0, 2.0, 3.0] };
    let graph = Graph { factors: vec![factor(0, 1), factor(1, 2), factor(0, 2)], robust: Some(0.4) };
    check!(of_graph, ref poses.clone(), &graph);
    check!(of_odometry, ref poses);
    let k = Kalman { x: [0.1, 0.4], p: [[1.0, 0.2], [0.2, 0.7]], q: 0.05, r: 0.3 };
    check!(of_kalman, ref k, &[0.4, 0.6, 0.5]; first_only);
    let o = Orbit { r: [1.0, 0.1], v: [0.05, 1.1], mu: 1.2 };
    check!(of_orbit, ref o, 0.05; first_only);
}

#[derive(Clone, Debug, PartialEq)]
pub struct Missing;

/// As argmin has it, with errors.
pub trait Problem {
    type Param;
    type Output;
    type Error;
    fn cost(&self, param: &Self::Param) -> Result<Self::Output, Self::Error>;
}

pub struct Guarded {
    data: Vec<f64>,
    limit: f64,
}

#[grad(second)]
impl Guarded {
    fn model(&self, p: &[f64], x: f64) -> Option<f64> {
        if p[0] > self.limit {
            return None;
        }
        Some(p[0] * x.sin() + p[1])
    }

    fn residual(&self, p: &[f64], i: usize) -> Result<f64, Missing> {
        let x = *self.data.get(i).ok_or(Missing)?;
        let y = self.model(p, x).ok_or(Missing)?;
        Ok(y - x)
    }

    fn sure(&self, p: &[f64]) -> f64 {
        self.model(p, 0.5).unwrap() * self.residual(p, 0).expect("there is one")
    }
}

#[grad(second)]
impl Problem for Guarded {
    type Param = Vec<f64>;
    type Output = f64;
    type Error = Missing;

    fn cost(&self, param: &Self::Param) -> Result<Self::Output, Self::Error> {
        if param[1] < -10.0 {
            return Err(Missing);
        }
        let mut sum = 0.0;
        for i in 0..self.data.len() {
            sum += self.residual(param, i)?.powi(2);
        }
        Ok(sum + self.sure(param))
    }
}

#[grad(wrt(p), second)]
fn of_problem(p: &Vec<f64>, problem: &Guarded) -> f64 {
    problem.cost(p).unwrap()
}

/// What such a method gives is handled, too: by patterns, and by the methods of what it gives.
#[grad(wrt(p), second)]
fn handled(p: &[f64], problem: &Guarded, i: usize) -> f64 {
    let mut sum = p[0];
    if let Some(y) = problem.model(p, 0.3) {
        sum += y * y;
    }
    sum += match problem.residual(p, i) {
        Ok(r) => r * p[1],
        Err(Missing) => p[1] * p[1],
    };
    let Ok(r) = problem.residual(p, i + 1) else { return sum * sum };
    sum *= r;
    sum += problem.model(p, 0.7).unwrap_or(p[0] * p[1]);
    sum += problem.model(p, 0.8).map(|y| y.sin()).map(|y| y * p[0]).unwrap_or_default();
    sum *= problem.residual(p, i).map_or(p[0], |r| r.cos());
    sum += problem.residual(p, i).map_err(|_| 3.0).unwrap_or_else(|_| 3.0 * p[1]);
    sum += problem.residual(p, i).ok().map_or_else(|| 0.5, |r| r * r);
    if problem.model(p, 0.2).is_none() || problem.residual(p, 7).is_ok() { sum * p[1] } else { sum }
}

#[test]
fn handled_results() {
    let problem = Guarded { data: vec![0.4, 0.9, 1.7], limit: 2.0 };
    for p in [vec![0.7, 0.3], vec![3.0, 0.3]] {
        for i in [0, 1, 2, 3] {
            check!(handled, ref p.clone(), &problem, i);
        }
    }
}

#[test]
fn results() {
    let problem = Guarded { data: vec![0.3, 1.2, -0.4], limit: 2.0 };
    let p = vec![0.5, 0.2];
    check!(of_problem, ref p.clone(), &problem);
    assert_eq!(problem.cost_grad(&p).unwrap(), of_problem::grad(&p, &problem));
    assert_eq!(problem.cost_value_and_grad(&vec![3.0, 0.2]), Err(Missing));
    assert_eq!(problem.cost_grad(&vec![0.5, -20.0]), Err(Missing));
}

/// Methods with names that those of `Vec`s have, too.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Gains {
    pub k: f64,
    pub w: [f64; 2],
}

#[grad(wrt(self, x), second)]
impl Gains {
    pub fn push(&mut self, x: f64) {
        self.w[0] = self.k * x;
        self.k += x;
    }

    pub fn last(&self, x: f64) -> f64 {
        self.w[0] * x
    }

    pub fn step(&mut self, x: f64) -> f64 {
        self.push(x);
        self.last(x) * self.k
    }
}

/// k² x² + k x³
#[grad(second)]
fn of_gains(k: f64, x: f64) -> f64 {
    let mut gains = Gains { k, w: [0.0; 2] };
    gains.step(x)
}

#[test]
fn a_name_that_a_method_of_vecs_has_means_the_method_of_the_block() {
    let (k, x) = (2.0, 3.0);
    assert_eq!(of_gains::grad(k, x), (2.0 * k * x * x + x * x * x, 2.0 * k * k * x + 3.0 * k * x * x));
    assert_eq!(of_gains::hvp(k, x, 1.0, 0.0).1, (2.0 * x * x, 4.0 * k * x + 3.0 * x * x));
    assert_eq!(of_gains::jvp(k, x, 0.0, 1.0).1, of_gains::grad(k, x).1);
}

#[grad(wrt(self, x), second)]
impl Gains {
    pub fn first(&self, x: f64) -> f64 {
        self.k * self.w[1] * x
    }
}

#[grad(wrt(k), second)]
fn made(k: f64) -> Gains {
    Gains { k: k * k, w: [1.0, k] }
}

/// k³ x + x
#[grad(second)]
fn of_what_is_made(k: f64, x: f64) -> f64 {
    let gains = made(k);
    gains.first(x) + gains.last(x)
}

#[test]
fn a_name_with_other_arguments_than_the_method_of_vecs_means_one_of_a_result() {
    let (k, x) = (2.0, 3.0);
    assert_eq!(of_what_is_made::grad(k, x), (3.0 * k * k * x, k * k * k + 1.0));
    assert_eq!(of_what_is_made::hvp(k, x, 1.0, 0.0).1, (6.0 * k * x, 3.0 * k * k));
}

/// Objects of annotated traits.
mod objects {
    use grad::grad;
    use std::rc::Rc;
    use std::sync::Arc;

    #[grad(dyn, wrt(x, v))]
    pub(super) trait Potential {
        fn energy(&self, x: &[f64]) -> f64;
        fn drag(&self, v: f64, n: usize) -> [f64; 2];
        fn name(&self) -> String {
            String::from("potential")
        }
    }

    pub(super) struct Harmonic(pub(super) f64);

    #[grad(wrt(x, v))]
    impl Potential for Harmonic {
        fn energy(&self, x: &[f64]) -> f64 {
            0.5 * self.0 * x[0] * x[0]
        }

        fn drag(&self, v: f64, n: usize) -> [f64; 2] {
            [v * v * self.0, v.powi(n as i32)]
        }
    }

    pub(super) struct Quartic(pub(super) Vec<f64>);

    #[grad(wrt(x, v))]
    impl Potential for Quartic {
        fn energy(&self, x: &[f64]) -> f64 {
            x.iter().zip(&self.0).map(|(x, q)| q * x.powi(4)).sum()
        }

        fn drag(&self, v: f64, n: usize) -> [f64; 2] {
            [v.sin(), v * n as f64]
        }
    }

    pub(super) struct System<'a> {
        pub(super) terms: Vec<Box<dyn Potential>>,
        pub(super) counted: Rc<dyn Potential>,
        pub(super) shared: Arc<dyn Potential>,
        pub(super) lent: &'a dyn Potential,
    }

    #[grad(wrt(x))]
    impl System<'_> {
        pub(super) fn total(&self, x: &[f64]) -> f64 {
            let sum: f64 = self.terms.iter().map(|term| term.energy(x)).sum();
            let mut other = 0.0;
            for (i, term) in self.terms.iter().enumerate() {
                if i == 5 {
                    continue;
                }
                let [a, b] = term.drag(x[1] * x[0], i + 1);
                other += a * b;
            }
            let mut y = x.to_vec();
            for _ in 0..2 {
                y[0] = self.counted.energy(&y);
            }
            sum * other
                + y[0]
                + self.terms[0].energy(x)
                + self.lent.energy(&x[1..])
                + through(&*self.shared, x)
        }
    }

    #[grad(wrt(x))]
    fn through(potential: &dyn Potential, x: &[f64]) -> f64 {
        if potential.name().is_empty() {
            0.0
        } else {
            x[1] * generic(&Harmonic(0.7), x) * potential.energy(x)
        }
    }

    /// Of one that is known.
    #[grad(wrt(x))]
    fn generic<P: Potential>(potential: &P, x: &[f64]) -> f64 {
        potential.energy(x).sin()
    }

    #[grad(wrt(x))]
    pub(super) fn totals(x: &Vec<f64>, system: &System<'_>) -> f64 {
        system.total(x)
    }
}

#[test]
fn trait_objects() {
    use objects::{Harmonic, Quartic, System, totals};
    let lent = Harmonic(0.3);
    let system = System {
        terms: vec![Box::new(Harmonic(2.0)), Box::new(Quartic(vec![1.0, 0.5]))],
        counted: std::rc::Rc::new(Quartic(vec![0.2, 0.3])),
        shared: std::sync::Arc::new(Harmonic(1.0)),
        lent: &lent,
    };
    check!(totals, ref vec![0.7, 1.2], &system; first_only);
    let system = System { terms: vec![Box::new(Harmonic(1.0))], ..system };
    check!(totals, ref vec![-0.4, 0.0], &system; first_only);
}

/// Methods with bodies in annotated traits.
mod methods_with_bodies {
    use grad::{Differentiable, grad};

    #[grad(wrt(self, x, k))]
    pub(super) trait Model {
        fn eval(&self, x: &[f64]) -> f64;

        fn count(&self) -> usize {
            2
        }

        fn weighted(&self, x: &[f64], k: f64) -> f64 {
            let mut sum = 0.0;
            for i in 0..self.count() {
                if i == 7 {
                    continue;
                }
                sum += self.eval(x) * x[i] * k;
            }
            sum
        }

        fn both(&self, x: &[f64]) -> f64 {
            if x[0] > 10.0 {
                return x[0];
            }
            self.weighted(x, 1.5) * self.eval(x) + self.weighted(&[x[1], x[0]], x[0])
        }
    }

    #[derive(Clone, Debug, PartialEq, Differentiable)]
    pub(super) struct Bilinear {
        a: f64,
        b: f64,
    }

    #[grad(wrt(self, x))]
    impl Model for Bilinear {
        fn eval(&self, x: &[f64]) -> f64 {
            self.a * x[0] * x[1] + self.b
        }
    }

    struct One(f64);

    #[grad]
    impl Other for One {
        fn area(&self, r: f64, n: usize) -> f64 {
            self.0 * r * r * n as f64
        }
    }

    #[grad]
    trait Other {
        const SCALE: f64 = 0.5;

        fn area(&self, r: f64, n: usize) -> f64;

        fn volume(&self, r: f64, v: [f64; 2], n: usize) -> f64 {
            self.area(r, n) * v[0] * r + self.area(v[1], 1) * Self::SCALE
        }

        fn pair(&self, r: f64) -> [f64; 2] {
            [self.area(r, 2), self.volume(r, [r, 2.0], 1)]
        }
    }

    #[grad(wrt(m, x))]
    fn generic<M: Model>(m: &M, x: &[f64]) -> f64 {
        m.both(x) + m.weighted(x, 2.0).powi(2)
    }

    #[grad(wrt(m, x))]
    fn of_one_type(m: &Bilinear, x: &[f64]) -> f64 {
        m.both(x) + m.weighted(x, 2.0).powi(2)
    }

    #[grad(wrt(x), jacobian = forward)]
    fn beside(m: &impl Model, x: &[f64]) -> Vec<f64> {
        vec![m.both(x), m.weighted(x, 2.0).powi(2)]
    }

    #[grad(wrt(r))]
    fn total<S: Other>(s: &S, r: f64) -> f64 {
        let mut sum = 0.0;
        for i in 0..3 {
            let pair = s.pair(r * i as f64);
            sum += pair[0] * pair[1];
            if sum > 100.0 {
                break;
            }
        }
        sum
    }

    #[test]
    fn they_have_the_derivatives_of_their_bodies() {
        let (m, x) = (Bilinear { a: 0.3, b: 0.7 }, [0.4, 0.9]);
        let (of_m, of_x) = generic::grad(&m, &x);
        let at = [0.3, 0.7, 0.4, 0.9];
        let value = |v: &[f64]| generic(&Bilinear { a: v[0], b: v[1] }, &v[2..]);
        for (i, found) in [of_m.a, of_m.b, of_x[0], of_x[1]].into_iter().enumerate() {
            let moved = |by: f64| {
                let mut v = at;
                v[i] += by;
                value(&v)
            };
            let wanted = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((wanted - found).abs() < 1e-8, "{i}: {wanted} {found}");
        }
        assert_eq!(of_one_type::grad(&m, &x), (of_m.clone(), of_x.clone()));
        let direction = BilinearTangent { a: 1.0, b: 0.5 };
        let wanted = of_m.a + 0.5 * of_m.b + of_x[1];
        for along in
            [generic::jvp(&m, &x, &direction, &[0.0, 1.0]), of_one_type::jvp(&m, &x, &direction, &[0.0, 1.0])]
        {
            assert!((along.1 - wanted).abs() < 1e-12);
        }
        let rows = beside::jacobian(&m, &x);
        for (i, wanted) in of_x.iter().enumerate() {
            assert!((rows[0][i] + rows[1][i] - wanted).abs() < 1e-12);
        }

        let by = |h: f64| total(&One(0.5), 0.8 + h);
        let wanted = (by(1e-5) - by(-1e-5)) / 2e-5;
        assert!((total::grad(&One(0.5), 0.8) - wanted).abs() < 1e-7);
        assert!((total::jvp(&One(0.5), 0.8, 1.0).1 - wanted).abs() < 1e-7);
    }
}
