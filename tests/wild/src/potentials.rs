//! Potentials, and what is summed up of them: impls of traits over plain types.

use crate::support::{near, slope};
use grad::{Differentiable, grad};
trait PairPotential {
    fn cutoff(&self) -> f64;
    fn energy(&self, r: f64) -> f64;
}
struct LennardJones {
    epsilon: f64,
    sigma: f64,
    rc: f64,
    shift: bool,
}
#[grad(wrt(r))]
impl PairPotential for LennardJones {
    fn cutoff(&self) -> f64 {
        self.rc
    }
    fn energy(&self, r: f64) -> f64 {
        if r > self.rc {
            return 0.0;
        }
        let sr6 = (self.sigma / r).powi(6);
        let e = 4.0 * self.epsilon * sr6 * (sr6 - 1.0);
        if self.shift {
            let s = (self.sigma / self.cutoff()).powi(6);
            e - 4.0 * self.epsilon * s * (s - 1.0)
        } else {
            e
        }
    }
}
#[grad(wrt(self, r))]
impl PairPotential for Buckingham2 {
    fn cutoff(&self) -> f64 {
        f64::INFINITY
    }
    fn energy(&self, r: f64) -> f64 {
        let Buckingham2(Buckingham3 { a, rho, c }) = self;
        a * (-r / rho).exp() - c / r.powi(6)
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Buckingham2(Buckingham3);
#[derive(Clone, Debug, Differentiable)]
struct Buckingham3 {
    a: f64,
    rho: f64,
    c: f64,
}
struct Tabulated {
    r0: f64,
    dr: f64,
    values: Vec<f64>,
}
#[grad(wrt(r))]
impl PairPotential for Tabulated {
    fn cutoff(&self) -> f64 {
        self.r0 + self.dr * (self.values.len() - 1) as f64
    }
    fn energy(&self, r: f64) -> f64 {
        let t = (r - self.r0) / self.dr;
        let i = (t.floor() as usize).min(self.values.len() - 2);
        let frac = t - i as f64;
        self.values[i] * (1.0 - frac) + self.values[i + 1] * frac
    }
}
trait Forcefield {
    type Config: ?Sized;
    fn total(&self, c: &Self::Config) -> f64;
}
struct Cluster<P> {
    pot: P,
    charges: Vec<f64>,
    bonds: Vec<(usize, usize, f64, f64)>,
}
#[grad(wrt(c))]
impl Forcefield for Cluster<LennardJones> {
    type Config = [[f64; 3]];
    fn total(&self, c: &[[f64; 3]]) -> f64 {
        let mut e = 0.0;
        let n = c.len();
        for i in 0..n {
            for j in (i + 1)..n {
                let d: f64 = c[i].iter().zip(c[j].iter()).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                e += self.pot.energy(d);
                e += self.charges[i] * self.charges[j] / d;
            }
        }
        for &(i, j, k, r0) in &self.bonds {
            let d = distance(&c[i], &c[j]);
            e += 0.5 * k * (d - r0) * (d - r0);
        }
        e
    }
}
#[grad]
fn distance(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)).sqrt()
}
#[test]
fn energies() {
    let lj = LennardJones { epsilon: 1.0, sigma: 1.0, rc: 2.5, shift: true };
    near(lj.energy_grad(1.2), slope(|r| lj.energy(r), 1.2));
    let b = Buckingham2(Buckingham3 { a: 2.0, rho: 0.3, c: 0.1 });
    near(b.energy_grad(1.2).1, slope(|r| b.energy(r), 1.2));
    let t = Tabulated { r0: 0.0, dr: 0.5, values: vec![1.0, 3.0, 2.0, 5.0] };
    near(t.energy_grad(0.7), slope(|r| t.energy(r), 0.7));
    let c = Cluster { pot: lj, charges: vec![0.1, -0.2, 0.3], bonds: vec![(0, 1, 2.0, 1.0)] };
    let x = [[0.0, 0.1, 0.2], [1.0, 0.2, 0.1], [0.4, 1.3, 0.9]];
    near(
        c.total_grad(&x)[1][2],
        slope(
            |t| {
                let mut y = x;
                y[1][2] = t;
                c.total(&y)
            },
            x[1][2],
        ),
    );
}
