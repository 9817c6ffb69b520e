//! Types that are made of others: an orbit, a pose graph, a force field of boxed terms, layers with an activation, statistics with a
//! log.

use crate::support::{at, check, flat};
use crate::vector::Vec3;
use grad::{Differentiable, grad};
use std::f64::consts::PI;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct State {
    r: Vec3,
    v: Vec3,
}

struct Propagator {
    mu: f64,
    j2: f64,
    dt: f64,
    steps: usize,
}

#[grad(wrt(s, d))]
impl Propagator {
    fn acceleration(&self, s: &State) -> Vec3 {
        let r = s.r.norm();
        let central = -self.mu / (r * r * r) * s.r;
        let k = 1.5 * self.j2 / r.powi(5);
        central + k * Vec3::new(s.r.x, s.r.y, 3.0 * s.r.z)
    }

    fn derivative(&self, s: &State) -> State {
        State { r: s.v, v: self.acceleration(s) }
    }

    fn shifted(s: &State, d: &State, h: f64) -> State {
        State { r: s.r + h * d.r, v: s.v + h * d.v }
    }

    fn propagate(&self, s: State) -> State {
        let mut s = s;
        for _ in 0..self.steps {
            let k1 = self.derivative(&s);
            let k2 = self.derivative(&Self::shifted(&s, &k1, 0.5 * self.dt));
            let k3 = self.derivative(&Self::shifted(&s, &k2, 0.5 * self.dt));
            let k4 = self.derivative(&Self::shifted(&s, &k3, self.dt));
            s = State {
                r: s.r + (k1.r + 2.0 * k2.r + 2.0 * k3.r + k4.r) * (self.dt / 6.0),
                v: s.v + (k1.v + 2.0 * k2.v + 2.0 * k3.v + k4.v) * (self.dt / 6.0),
            };
        }
        s
    }

    fn miss(&self, s: State, target: Vec3) -> f64 {
        let end = self.propagate(s);
        Vec3::norm(&(end.r - target))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Pose {
    x: f64,
    y: f64,
    theta: f64,
}

#[grad]
fn wrapped(angle: f64) -> f64 {
    let mut a = angle % (2.0 * PI);
    if a > PI {
        a -= 2.0 * PI;
    } else if a < -PI {
        a += 2.0 * PI;
    }
    a
}

#[grad]
impl std::ops::Mul for Pose {
    type Output = Pose;
    fn mul(self, rhs: Pose) -> Pose {
        let (s, c) = self.theta.sin_cos();
        Pose {
            x: self.x + c * rhs.x - s * rhs.y,
            y: self.y + s * rhs.x + c * rhs.y,
            theta: wrapped(self.theta + rhs.theta),
        }
    }
}

#[grad(wrt(self))]
impl Pose {
    fn inverse(&self) -> Pose {
        let (s, c) = self.theta.sin_cos();
        Pose { x: -c * self.x - s * self.y, y: s * self.x - c * self.y, theta: -self.theta }
    }

    fn log(self) -> [f64; 3] {
        [self.x, self.y, self.theta]
    }
}

/// Between two poses of a graph.
struct Between {
    from: usize,
    to: usize,
    measured: Pose,
    information: [[f64; 3]; 3],
}

#[grad(wrt(poses))]
impl Between {
    fn residual(&self, poses: &[Pose]) -> [f64; 3] {
        let between = poses[self.from].inverse() * poses[self.to];
        let e = (self.measured.inverse() * between).log();
        let mut r = [0.0; 3];
        for (row, r) in self.information.iter().zip(r.iter_mut()) {
            *r = row.iter().zip(e.iter()).map(|(a, b)| a * b).sum();
        }
        r
    }

    fn huber(&self, poses: &[Pose], delta: f64) -> f64 {
        let e = self.residual(poses).iter().map(|r| r * r).sum::<f64>().sqrt();
        if e <= delta { 0.5 * e * e } else { delta * (e - 0.5 * delta) }
    }
}

#[grad(dyn, wrt(x))]
trait Term {
    fn energy(&self, x: &[f64]) -> f64;
    fn label(&self) -> &'static str;
}

struct Bond {
    pair: (usize, usize),
    k: f64,
    rest: f64,
}

#[grad(wrt(x))]
impl Term for Bond {
    fn energy(&self, x: &[f64]) -> f64 {
        let d = (x[self.pair.0] - x[self.pair.1]).abs() - self.rest;
        0.5 * self.k * d * d
    }

    fn label(&self) -> &'static str {
        "bond"
    }
}

struct Wall(f64);

#[grad(wrt(x))]
impl Term for Wall {
    fn energy(&self, x: &[f64]) -> f64 {
        x.iter().map(|x| if *x > self.0 { (x - self.0).powi(2) } else { 0.0 }).sum()
    }

    fn label(&self) -> &'static str {
        "wall"
    }
}

struct ForceField {
    terms: Vec<Box<dyn Term>>,
}

#[grad(wrt(x))]
impl ForceField {
    fn energy(&self, x: &[f64]) -> f64 {
        let mut total = 0.0;
        let mut report = String::new();
        for term in &self.terms {
            let e = term.energy(x);
            writeln!(report, "{}: {e}", term.label()).unwrap();
            total += e;
        }
        if cfg!(test) {
            print!("{report}");
        }
        total
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Activation {
    Identity,
    Relu,
    Tanh,
}

#[grad(wrt(self, x))]
impl Activation {
    fn apply(&self, x: f64) -> f64 {
        match self {
            Activation::Identity => x,
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
        }
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Dense {
    weights: Vec<Vec<f64>>,
    biases: Vec<f64>,
    activation: Activation,
}

#[grad(wrt(self, x))]
impl Dense {
    fn forward(&self, x: &[f64]) -> Vec<f64> {
        let rows = self.weights.iter().zip(&self.biases);
        rows.map(|(row, b)| {
            let z = row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>() + b;
            self.activation.apply(z)
        })
        .collect()
    }

    fn cross_entropy(&self, x: &[f64], class: usize) -> f64 {
        let logits = self.forward(x);
        let m = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        m + logits.iter().map(|l| (l - m).exp()).sum::<f64>().ln() - logits[class]
    }
}

#[test]
fn an_orbit() {
    let s = State { r: Vec3::new(1.0, 0.1, 0.2), v: Vec3::new(0.0, 1.0, 0.1) };
    let p = Propagator { mu: 1.0, j2: 0.01, dt: 0.05, steps: 8 };
    let target = Vec3::new(0.5, 0.5, 0.0);
    check("miss", |x| p.miss(at(&s, x), target), &flat(&p.miss_grad(s, target)), &flat(&s));
}

#[test]
fn a_pose_graph() {
    let information = [[2.0, 0.1, 0.0], [0.0, 1.0, 0.0], [0.0, 0.3, 3.0]];
    let factor = Between { from: 0, to: 1, measured: Pose { x: 1.0, y: 0.1, theta: 0.2 }, information };
    let poses = vec![Pose { x: 0.1, y: 0.2, theta: 3.0 }, Pose { x: 1.2, y: 0.4, theta: -2.9 }];
    for delta in [0.3, 100.0] {
        let gradient = factor.huber_grad(&poses, delta);
        check("huber", |x| factor.huber(&at(&poses, x), delta), &flat(&gradient), &flat(&poses));
    }
}

#[test]
fn a_force_field() {
    let bond = Bond { pair: (0, 1), k: 2.0, rest: 0.4 };
    let field = ForceField { terms: vec![Box::new(bond), Box::new(Wall(0.5))] };
    let x = vec![0.3, 0.9];
    check("energy", |x| field.energy(x), &field.energy_grad(&x), &x);
}

#[test]
fn a_layer() {
    for activation in [Activation::Identity, Activation::Relu, Activation::Tanh] {
        let weights = vec![vec![0.1, 0.2], vec![0.3, -0.4]];
        let layer = Dense { weights, biases: vec![0.05, 0.1], activation };
        let x = [1.0, 2.0];
        let (gradient, _) = layer.cross_entropy_grad(&x, 1);
        check("layer", |p| at(&layer, p).cross_entropy(&x, 1), &flat(&gradient), &flat(&layer));
    }
}
