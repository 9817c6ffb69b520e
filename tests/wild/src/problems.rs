//! Impls of other people's traits, with guards and failures: cost functions, potentials, curves, distributions, systems.

use crate::support::check;
use grad::grad;
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
enum Error {
    Dimension { expected: usize, found: usize },
    NoData,
    Message(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl From<&str> for Error {
    fn from(text: &str) -> Error {
        Error::Message(text.to_owned())
    }
}

trait CostFunction {
    type Param;
    type Output;

    fn cost(&self, param: &Self::Param) -> Result<Self::Output, Error>;
}

struct Garch {
    returns: Vec<f64>,
    variance: f64,
}

#[grad(wrt(param))]
impl CostFunction for Garch {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Self::Param) -> Result<Self::Output, Error> {
        let [omega, alpha, beta] = param[..] else {
            return Err(Error::Dimension { expected: 3, found: param.len() });
        };
        if omega <= 0.0 || alpha < 0.0 || beta < 0.0 || alpha + beta >= 1.0 {
            return Ok(f64::INFINITY);
        }
        let mut sigma2 = self.variance;
        let mut ll = 0.0;
        for r in &self.returns {
            sigma2 = omega + alpha * r * r + beta * sigma2;
            ll += sigma2.ln() + r * r / sigma2;
        }
        Ok(0.5 * ll)
    }
}

struct Penalised {
    bounds: Option<Vec<(f64, f64)>>,
    weights: Option<Vec<f64>>,
    offset: Option<f64>,
}

impl Penalised {
    fn dimension(&self) -> usize {
        self.bounds.as_ref().map_or(0, Vec::len)
    }
}

#[grad(wrt(param))]
impl CostFunction for Penalised {
    type Param = [f64; 3];
    type Output = f64;

    fn cost(&self, param: &[f64; 3]) -> Result<f64, Error> {
        let bounds = self.bounds.as_ref().ok_or("no bounds")?;
        if self.dimension() != param.len() {
            return Err(Error::Dimension { expected: self.dimension(), found: param.len() });
        }
        let mut penalty = 0.0;
        for (v, (lo, hi)) in param.iter().zip(bounds) {
            if v < lo {
                penalty += (lo - v).powi(2);
            } else if v > hi {
                penalty += (v - hi).powi(2);
            }
        }
        let weights = match &self.weights {
            Some(w) => w.clone(),
            None => vec![1.0; param.len()],
        };
        let fit: f64 = param.iter().zip(weights.iter()).map(|(x, w)| w * x * x).sum();
        Ok(fit + penalty + self.offset.unwrap_or(0.0) * param[0])
    }
}

struct Logistic {
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    l2: f64,
}

#[grad(wrt(param))]
impl CostFunction for Logistic {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Self::Param) -> Result<f64, Error> {
        let first = self.x.first().ok_or(Error::NoData)?;
        if first.len() != param.len() {
            return Err(Error::Dimension { expected: first.len(), found: param.len() });
        }
        let z: Vec<f64> =
            self.x.iter().map(|row| row.iter().zip(param).map(|(a, b)| a * b).sum::<f64>()).collect();
        let ll: f64 = z.iter().zip(&self.y).map(|(z, y)| y * z - (1.0 + z.exp()).ln()).sum();
        Ok(-ll + 0.5 * self.l2 * param.iter().map(|w| w * w).sum::<f64>())
    }
}

#[derive(Clone, Copy)]
enum Norm {
    L1,
    L2 { scale: f64 },
    Huber(f64),
}

enum Constraint {
    Equal(usize, f64),
    AtMost { at: usize, bound: f64 },
    Free,
}

struct Regularised {
    norm: Norm,
    constraints: Vec<Constraint>,
}

#[grad(wrt(param))]
impl CostFunction for Regularised {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Vec<f64>) -> Result<f64, Error> {
        let size = match self.norm {
            Norm::L1 => param.iter().map(|v| v.abs()).sum(),
            Norm::L2 { scale } => scale * param.iter().map(|v| v * v).sum::<f64>().sqrt(),
            Norm::Huber(d) => param
                .iter()
                .map(|v| if v.abs() < d { 0.5 * v * v } else { d * (v.abs() - 0.5 * d) })
                .sum::<f64>(),
        };
        let mut violation = 0.0;
        for c in self.constraints.iter() {
            violation += match c {
                Constraint::Equal(at, v) => (param[*at] - v).powi(2),
                Constraint::AtMost { at, bound } if param[*at] > *bound => (param[*at] - bound).powi(2),
                Constraint::AtMost { .. } | Constraint::Free => 0.0,
            };
        }
        Ok(size + violation)
    }
}

#[test]
fn cost_functions() {
    let garch = Garch { returns: vec![0.3, -0.2, 0.5, 0.1], variance: 0.1 };
    let p = vec![0.02, 0.1, 0.8];
    check("garch", |p| garch.cost(&p.to_vec()).unwrap(), &garch.cost_grad(&p).unwrap(), &p);
    assert_eq!(garch.cost_grad(&vec![0.02, 0.5, 0.8]), Ok(vec![0.0; 3]));
    assert_eq!(garch.cost_grad(&vec![0.1]), Err(Error::Dimension { expected: 3, found: 1 }));
    for weights in [None, Some(vec![1.0, 2.0, 0.5])] {
        let bounds = Some(vec![(-1.0, 1.0), (0.0, 0.5), (2.0, 3.0)]);
        let cost = Penalised { bounds, weights, offset: Some(0.3) };
        let p = [0.4, 0.9, 1.2];
        check("penalised", |p| cost.cost(p.try_into().unwrap()).unwrap(), &cost.cost_grad(&p).unwrap(), &p);
    }
    let none = Penalised { bounds: None, weights: None, offset: None };
    assert_eq!(none.cost_grad(&[0.0; 3]), Err(Error::Message("no bounds".to_owned())));
    let logistic = Logistic { x: vec![vec![1.0, 0.5], vec![-0.3, 2.0]], y: vec![1.0, 0.0], l2: 0.1 };
    let p = vec![0.4, -0.2];
    check("logistic", |p| logistic.cost(&p.to_vec()).unwrap(), &logistic.cost_grad(&p).unwrap(), &p);
    for norm in [Norm::L1, Norm::L2 { scale: 2.0 }, Norm::Huber(0.5)] {
        let constraints =
            vec![Constraint::Equal(1, 0.3), Constraint::AtMost { at: 0, bound: 0.1 }, Constraint::Free];
        let cost = Regularised { norm, constraints };
        let p = vec![0.4, -0.8, 0.2];
        check("regularised", |p| cost.cost(&p.to_vec()).unwrap(), &cost.cost_grad(&p).unwrap(), &p);
    }
}

trait Potential {
    fn energy(&self, r: f64) -> f64;
    fn try_energy(&self, r: f64) -> Option<f64>;
}

struct LennardJones {
    epsilon: f64,
    sigma: f64,
    cutoff: f64,
}

#[grad(wrt(r))]
impl Potential for LennardJones {
    fn energy(&self, r: f64) -> f64 {
        if r > self.cutoff {
            return 0.0;
        }
        let sr6 = (self.sigma / r).powi(6);
        4.0 * self.epsilon * sr6 * (sr6 - 1.0)
    }

    fn try_energy(&self, r: f64) -> Option<f64> {
        if r <= 0.0 {
            return None;
        }
        Some(self.energy(r) - self.energy(self.cutoff))
    }
}

struct Morse {
    depth: f64,
    a: f64,
    r0: f64,
}

#[grad(wrt(r))]
impl Potential for Morse {
    fn energy(&self, r: f64) -> f64 {
        let Self { depth, a, r0 } = self;
        let e = (-a * (r - r0)).exp();
        depth * (1.0 - e).powi(2)
    }

    fn try_energy(&self, r: f64) -> Option<f64> {
        let Self { r0, .. } = *self;
        (r > 0.1 * r0).then_some(())?;
        Some(self.energy(r))
    }
}

trait Curve {
    fn rate(&self, t: f64) -> f64;
    fn discount(&self, t: f64) -> Result<f64, Error>;
}

struct NelsonSiegel {
    b: [f64; 3],
    tau: f64,
}

#[grad(wrt(t))]
impl Curve for NelsonSiegel {
    fn rate(&self, t: f64) -> f64 {
        let [b0, b1, b2] = self.b;
        let x = t / self.tau;
        let f = (1.0 - (-x).exp()) / x;
        b0 + b1 * f + b2 * (f - (-x).exp())
    }

    fn discount(&self, t: f64) -> Result<f64, Error> {
        if t < 0.0 {
            return Err(Error::Message(format!("a time of {t}")));
        }
        Ok((-self.rate(t) * t).exp())
    }
}

trait Distribution {
    const NORM: f64;

    fn ln_pdf(&self, x: f64) -> f64;
    fn checked(&self, x: f64) -> Option<f64>;
}

struct Normal {
    mu: f64,
    sigma: f64,
}

#[grad(wrt(x))]
impl Distribution for Normal {
    const NORM: f64 = 0.918_938_533_204_672_7;

    fn ln_pdf(&self, x: f64) -> f64 {
        let z = (x - self.mu) / self.sigma;
        -0.5 * z * z - self.sigma.ln() - Self::NORM
    }

    fn checked(&self, x: f64) -> Option<f64> {
        if self.sigma > 0.0 { Some(self.ln_pdf(x)) } else { None }
    }
}

struct Mixture {
    components: Vec<(f64, Normal)>,
}

#[grad(wrt(x))]
impl Distribution for Mixture {
    const NORM: f64 = 0.0;

    fn ln_pdf(&self, x: f64) -> f64 {
        self.components.iter().map(|(w, c)| w.ln() + c.ln_pdf(x)).fold(f64::NEG_INFINITY, |a, b| {
            let m = a.max(b);
            if m.is_infinite() { m } else { m + ((a - m).exp() + (b - m).exp()).ln() }
        })
    }

    fn checked(&self, x: f64) -> Option<f64> {
        let first = self.components.first()?;
        let total: f64 = self.components.iter().map(|(w, _)| w).sum();
        if total == 0.0 {
            return None;
        }
        Some(self.ln_pdf(x) - total.ln() + first.0 * x)
    }
}

#[test]
fn potentials_curves_and_distributions() {
    let lj = LennardJones { epsilon: 0.7, sigma: 1.0, cutoff: 2.5 };
    let morse = Morse { depth: 0.9, a: 1.2, r0: 1.1 };
    for r in [0.95, 1.4, 3.0] {
        check("lj", |r| lj.energy(r[0]), &[lj.energy_grad(r)], &[r]);
        check("lj", |r| lj.try_energy(r[0]).unwrap(), &[lj.try_energy_grad(r).unwrap()], &[r]);
        check("morse", |r| morse.try_energy(r[0]).unwrap(), &[morse.try_energy_grad(r).unwrap()], &[r]);
    }
    assert_eq!((lj.try_energy_grad(-1.0), morse.try_energy_grad(0.01)), (None, None));
    let curve = NelsonSiegel { b: [0.03, -0.01, 0.02], tau: 1.7 };
    check("curve", |t| curve.discount(t[0]).unwrap(), &[curve.discount_grad(2.0).unwrap()], &[2.0]);
    assert_eq!(curve.discount_grad(-1.0), Err(Error::Message("a time of -1".to_owned())));
    let mixture = Mixture {
        components: vec![(0.3, Normal { mu: 0.0, sigma: 1.0 }), (0.6, Normal { mu: 2.0, sigma: 0.5 })],
    };
    check("mixture", |x| mixture.ln_pdf(x[0]), &[mixture.ln_pdf_grad(0.8)], &[0.8]);
    check("mixture", |x| mixture.checked(x[0]).unwrap(), &[mixture.checked_grad(0.8).unwrap()], &[0.8]);
    assert_eq!(Mixture { components: Vec::new() }.checked_grad(1.0), None);
    assert_eq!(Normal { mu: 0.0, sigma: -1.0 }.checked_grad(1.0), None);
}

trait System<S> {
    fn system(&self, t: f64, y: &S, dy: &mut S);
}

type Orbit = [f64; 6];

struct TwoBodies {
    mu: f64,
}

#[grad(wrt(y, dy))]
impl System<Orbit> for TwoBodies {
    fn system(&self, _t: f64, y: &Orbit, dy: &mut Orbit) {
        let r = (y[0] * y[0] + y[1] * y[1] + y[2] * y[2]).sqrt();
        for i in 0..3 {
            dy[i] = y[3 + i];
            dy[3 + i] = -self.mu * y[i] / r.powi(3);
        }
    }
}

trait OdeFunction<const N: usize> {
    fn rhs(&self, t: f64, y: &[f64; N]) -> [f64; N];
}

struct Robertson {
    k: [f64; 3],
}

#[grad(wrt(y))]
impl OdeFunction<3> for Robertson {
    fn rhs(&self, _t: f64, y: &[f64; 3]) -> [f64; 3] {
        let [a, b, c] = *y;
        let r1 = self.k[0] * a;
        let r2 = self.k[1] * b * b;
        let r3 = self.k[2] * b * c;
        [-r1 + r3, r1 - r2 - r3, r2]
    }
}

#[grad(wrt(y0))]
fn shot(bodies: &TwoBodies, y0: Orbit, steps: usize) -> f64 {
    let mut y = y0;
    let mut dy = [0.0; 6];
    for step in 0..steps {
        bodies.system(step as f64, &y, &mut dy);
        for (y, dy) in y.iter_mut().zip(&dy) {
            *y += 0.01 * dy;
        }
    }
    y[0] * y[4] - y[1] * y[3]
}

#[test]
fn systems() {
    let bodies = TwoBodies { mu: 1.3 };
    let y = [1.0, 0.1, -0.2, 0.1, 1.1, 0.2];
    check("orbit", |y| shot(&bodies, y.try_into().unwrap(), 20), &shot::grad(&bodies, y, 20), &y);
    let robertson = Robertson { k: [0.04, 3.0, 1.0] };
    let y = [0.9, 0.2, 0.1];
    let rows = robertson.rhs_jacobian(0.0, &y);
    for (at, row) in rows.iter().enumerate() {
        check("robertson", |y| robertson.rhs(0.0, y.try_into().unwrap())[at], row, &y);
    }
}

/// Results by other names.
type Fit<T, E = Error> = std::result::Result<T, E>;
type Res<T> = Result<T, String>;
type P3 = [f64; 3];

impl From<String> for Error {
    fn from(text: String) -> Error {
        Error::Message(text)
    }
}

#[grad(wrt(a, b))]
fn distance(a: P3, b: &P3) -> Res<f64> {
    let mut s = 0.0;
    for i in 0..3 {
        s += (a[i] - b[i]).powi(2);
    }
    if s == 0.0 { Err("the same".to_string()) } else { Ok(s.sqrt()) }
}

#[grad(wrt(x))]
fn scaled(x: &[f64]) -> Res<Vec<f64>> {
    match x.first() {
        Some(y) if *y > 0.0 => Ok(x.iter().map(|z| z * y).collect()),
        _ => Err("nothing".into()),
    }
}

struct Gauge {
    k: f64,
}

#[grad(wrt(x))]
impl Gauge {
    fn reading(&self, x: f64) -> Fit<f64> {
        if x < 0.0 {
            return Err(Error::NoData);
        }
        let d = distance([x, 1.0, 2.0], &[0.0; 3])?;
        let w = scaled(&[x, d])?;
        Ok(x.sqrt() * d + self.k * w[1])
    }
}

#[test]
fn results_by_other_names() {
    let gauge = Gauge { k: 0.7 };
    check("reading", |x| gauge.reading(x[0]).unwrap(), &[gauge.reading_grad(1.3).unwrap()], &[1.3]);
    let (value, dot) = gauge.reading_jvp(1.3, 1.0).unwrap();
    assert_eq!(Ok(value), gauge.reading(1.3));
    assert!((dot - gauge.reading_grad(1.3).unwrap()).abs() < 1e-12);
    assert_eq!(gauge.reading_grad(-1.0), Err(Error::NoData));
    assert_eq!(gauge.reading_grad(0.0), Err(Error::Message("nothing".to_owned())));
    assert_eq!(distance::grad([1.0; 3], &[1.0; 3]), Err("the same".to_owned()));
    assert_eq!(scaled::value_and_jacobian(&[2.0, 3.0]).map(|(_, rows)| rows[1].clone()), Ok(vec![3.0, 2.0]));
}
