//! Potentials, orbits, integrators.

use crate::support::{at, check, flat};
use crate::vector::Vec3;
use grad::{Differentiable, grad};

trait Potential {
    fn energy(&self, positions: &[Vec3]) -> f64;
}
struct LennardJones {
    epsilon: f64,
    sigma: f64,
    cutoff: f64,
}
#[grad(wrt(positions))]
impl Potential for LennardJones {
    fn energy(&self, positions: &[Vec3]) -> f64 {
        let mut total = 0.0;
        for i in 0..positions.len() {
            for j in (i + 1)..positions.len() {
                let r = (positions[i] - positions[j]).norm();
                if r > self.cutoff {
                    continue;
                }
                let sr6 = (self.sigma / r).powi(6);
                total += 4.0 * self.epsilon * (sr6 * sr6 - sr6);
            }
        }
        total
    }
}
struct Bond {
    i: usize,
    j: usize,
    k: f64,
    r0: f64,
}
struct Bonded {
    bonds: Vec<Bond>,
    angles: Vec<(usize, usize, usize, f64)>,
}
#[grad(wrt(positions))]
impl Potential for Bonded {
    fn energy(&self, positions: &[Vec3]) -> f64 {
        let bonds: f64 = self
            .bonds
            .iter()
            .map(|b| {
                let d = (positions[b.i] - positions[b.j]).norm() - b.r0;
                0.5 * b.k * d * d
            })
            .sum();
        let angles = self
            .angles
            .iter()
            .map(|&(a, b, c, theta0)| {
                let u = (positions[a] - positions[b]).normalized();
                let v = (positions[c] - positions[b]).normalized();
                let theta = u.dot(&v).clamp(-1.0, 1.0).acos();
                (theta - theta0).powi(2)
            })
            .sum::<f64>();
        bonds + angles
    }
}

trait System<S> {
    fn system(&self, t: f64, y: &S, dy: &mut S);
}
struct Orbit {
    mu: f64,
}
#[grad(wrt(y))]
impl System<[f64; 4]> for Orbit {
    fn system(&self, _t: f64, y: &[f64; 4], dy: &mut [f64; 4]) {
        let r = (y[0] * y[0] + y[1] * y[1]).sqrt();
        dy[0] = y[2];
        dy[1] = y[3];
        dy[2] = -self.mu * y[0] / r.powi(3);
        dy[3] = -self.mu * y[1] / r.powi(3);
    }
}
#[grad(wrt(y0))]
impl Orbit {
    fn step(&self, y0: [f64; 4], h: f64) -> [f64; 4] {
        let mut k1 = [0.0; 4];
        let mut k2 = [0.0; 4];
        self.system(0.0, &y0, &mut k1);
        let mut mid = y0;
        for i in 0..4 {
            mid[i] += 0.5 * h * k1[i];
        }
        self.system(0.5 * h, &mid, &mut k2);
        let mut y = y0;
        for i in 0..4 {
            y[i] += h * k2[i];
        }
        y
    }
    fn miss(&self, y0: [f64; 4], target: &[f64; 2], steps: usize) -> f64 {
        let mut y = y0;
        for _ in 0..steps {
            y = self.step(y, 0.01);
        }
        (y[0] - target[0]).hypot(y[1] - target[1])
    }
}

struct Settings {
    tolerance: f64,
    max_iter: usize,
    damping: Option<f64>,
}
impl Default for Settings {
    fn default() -> Self {
        Settings { tolerance: 1e-12, max_iter: 50, damping: None }
    }
}
#[grad(wrt(e, m))]
fn kepler(e: f64, m: f64, settings: &Settings) -> Option<f64> {
    let mut ea = m;
    let damping = settings.damping.unwrap_or(1.0);
    for _ in 0..settings.max_iter {
        let f = ea - e * ea.sin() - m;
        let step = f / (1.0 - e * ea.cos());
        ea -= damping * step;
        if step.abs() < settings.tolerance {
            return Some(ea);
        }
    }
    None
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct State<const N: usize> {
    q: [f64; N],
    p: [f64; N],
}
#[grad(wrt(self))]
impl<const N: usize> State<N> {
    fn kinetic(&self) -> f64 {
        self.p.iter().map(|p| 0.5 * p * p).sum()
    }
    fn potential(&self, k: f64) -> f64 {
        (0..N).map(|i| 0.5 * k * self.q[i].powi(2)).sum::<f64>()
            + self.q.windows(2).map(|w| (w[1] - w[0]).powi(4)).sum::<f64>()
    }
    fn leapfrog(mut self, k: f64, dt: f64) -> Self {
        for i in 0..N {
            self.p[i] -= 0.5 * dt * k * self.q[i];
        }
        for i in 0..N {
            self.q[i] += dt * self.p[i];
        }
        for i in 0..N {
            self.p[i] -= 0.5 * dt * k * self.q[i];
        }
        self
    }
}
#[grad(wrt(s))]
fn energy_after(s: State<3>, k: f64, steps: usize) -> f64 {
    let mut s = s;
    for _ in 0..steps {
        s = s.leapfrog(k, 0.05);
    }
    s.kinetic() + s.potential(k)
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Meters(f64);
#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Params {
    mass: f64,
    length: Meters,
    drag: f64,
    name: String,
}
impl Default for Params {
    fn default() -> Self {
        Params { mass: 1.0, length: Meters(2.0), drag: 0.1, name: "p".to_owned() }
    }
}
#[grad(wrt(p))]
fn period(p: &Params, theta: f64) -> f64 {
    let g = 9.81;
    let Meters(l) = p.length;
    let t0 = 2.0 * std::f64::consts::PI * (l / g).sqrt();
    t0 * (1.0 + theta * theta / 16.0) * (1.0 + p.drag * p.mass)
}
#[grad]
fn made(mass: f64, length: f64) -> f64 {
    let p = Params { mass, length: Meters(length), ..Default::default() };
    period(&p, 0.3)
}

#[derive(Clone, Debug, Differentiable)]
struct Particles {
    x: Vec<f64>,
    v: Vec<f64>,
}
#[grad(wrt(self))]
impl Particles {
    fn drift(&mut self, dt: f64) {
        for (x, v) in self.x.iter_mut().zip(self.v.iter()) {
            *x += dt * v;
        }
    }
    fn kick(&mut self, k: f64, dt: f64) {
        for i in 0..self.v.len() {
            self.v[i] -= dt * k * self.x[i].sin();
        }
    }
    fn energy(&self) -> f64 {
        self.v.iter().map(|v| 0.5 * v * v).sum::<f64>() + self.x.iter().map(|x| 1.0 - x.cos()).sum::<f64>()
    }
}
#[grad(wrt(p))]
fn simulate(p: &Particles, steps: usize) -> f64 {
    let mut p = p.clone();
    for _ in 0..steps {
        p.kick(1.0, 0.05);
        p.drift(0.05);
    }
    p.energy()
}

#[test]
fn potentials() {
    let x = vec![Vec3::new(0.0, 0.1, 0.0), Vec3::new(1.1, 0.2, -0.3), Vec3::new(0.3, 1.2, 0.4)];
    let lj = LennardJones { epsilon: 0.8, sigma: 1.0, cutoff: 2.5 };
    check("lj", |f| lj.energy(&at(&x, f)), &flat(&lj.energy_grad(&x)), &flat(&x));
    let b = Bonded {
        bonds: vec![Bond { i: 0, j: 1, k: 2.0, r0: 1.0 }, Bond { i: 1, j: 2, k: 1.0, r0: 1.2 }],
        angles: vec![(0, 1, 2, 1.9)],
    };
    check("bonded", |f| b.energy(&at(&x, f)), &flat(&b.energy_grad(&x)), &flat(&x));
}

#[test]
fn orbits() {
    let o = Orbit { mu: 1.0 };
    let y = [1.0, 0.1, -0.05, 0.9];
    check("orbit", |x| o.miss(x.try_into().unwrap(), &[0.9, 0.4], 20), &o.miss_grad(y, &[0.9, 0.4], 20), &y);
    let s = Settings::default();
    let (a, b) = kepler::grad(0.4, 1.1, &s).unwrap();
    check("kepler", |x| kepler(x[0], x[1], &s).unwrap(), &[a, b], &[0.4, 1.1]);
}

#[test]
fn integrators() {
    let s = State { q: [0.3, -0.2, 0.5], p: [0.1, 0.4, -0.3] };
    check("energy", |f| energy_after(at(&s, f), 1.3, 10), &flat(&energy_after::grad(s, 1.3, 10)), &flat(&s));
    let p = Params::default();
    check("period", |f| period(&at(&p, f), 0.3), &flat(&period::grad(&p, 0.3)), &flat(&p));
    let (a, b) = made::grad(1.2, 0.7);
    check("made", |f| made(f[0], f[1]), &[a, b], &[1.2, 0.7]);
    let ps = Particles { x: vec![0.3, 1.0], v: vec![0.2, -0.4] };
    check("particles", |f| simulate(&at(&ps, f), 8), &flat(&simulate::grad(&ps, 8)), &flat(&ps));
}
