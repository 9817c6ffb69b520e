//! One trait, many small impls: densities, losses, kernels, discount curves, pose factors, filters, orbits.

use crate::support::{at, check, flat, near, slope};
use grad::{Differentiable, grad};

trait Density {
    fn ln_pdf(&self, x: f64) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct Normal {
    mu: f64,
    sigma: f64,
}
#[grad(wrt(self, x))]
impl Density for Normal {
    fn ln_pdf(&self, x: f64) -> f64 {
        let z = (x - self.mu) / self.sigma;
        -0.5 * z * z - self.sigma.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct StudentT {
    location: f64,
    scale: f64,
    #[grad(constant)]
    freedom: f64,
}
#[grad(wrt(self, x))]
impl Density for StudentT {
    fn ln_pdf(&self, x: f64) -> f64 {
        let z = (x - self.location) / self.scale;
        -0.5 * (self.freedom + 1.0) * (z * z / self.freedom).ln_1p() - self.scale.ln()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Mixture {
    weights: Vec<f64>,
    parts: Vec<Normal>,
}
#[grad(wrt(self, x))]
impl Density for Mixture {
    fn ln_pdf(&self, x: f64) -> f64 {
        let total: f64 = self.weights.iter().map(|w| w.exp()).sum();
        let terms: Vec<f64> =
            self.weights.iter().zip(&self.parts).map(|(w, p)| w - total.ln() + p.ln_pdf(x)).collect();
        let most = terms.iter().cloned().fold(f64::NEG_INFINITY, f64::max);
        most + terms.iter().map(|t| (t - most).exp()).sum::<f64>().ln()
    }
}
struct Truncated<'a> {
    of: &'a Normal,
    range: (f64, f64),
}
#[grad(wrt(x))]
impl Density for Truncated<'_> {
    fn ln_pdf(&self, x: f64) -> f64 {
        let (lo, hi) = self.range;
        if !(lo..=hi).contains(&x) {
            return f64::NEG_INFINITY;
        }
        self.of.ln_pdf(x) - (hi - lo).ln()
    }
}

trait Loss {
    fn of_residual(&self, r: f64) -> f64;
    fn weight(&self, _r: f64) -> f64 {
        1.0
    }
}
struct Huber(f64);
#[grad(wrt(r))]
impl Loss for Huber {
    fn of_residual(&self, r: f64) -> f64 {
        let a = r.abs();
        if a <= self.0 { 0.5 * r * r } else { self.0 * (a - 0.5 * self.0) }
    }
    #[inline]
    fn weight(&self, r: f64) -> f64 {
        if r.abs() <= self.0 { 1.0 } else { self.0 / r.abs() }
    }
}
struct Tukey {
    c: f64,
}
#[grad(wrt(r))]
impl Loss for Tukey {
    fn of_residual(&self, r: f64) -> f64 {
        let c2 = self.c.powi(2) / 6.0;
        match r.abs() {
            a if a > self.c => c2,
            _ => c2 * (1.0 - (1.0 - (r / self.c).powi(2)).powi(3)),
        }
    }
}

trait Covariance {
    fn between(&self, a: &[f64], b: &[f64]) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct Matern32 {
    length: f64,
    variance: f64,
    #[grad(constant)]
    scales: Vec<f64>,
}
#[grad(wrt(self, a))]
impl Covariance for Matern32 {
    fn between(&self, a: &[f64], b: &[f64]) -> f64 {
        let mut d2 = 0.0;
        for i in 0..a.len() {
            d2 += ((a[i] - b[i]) / self.scales[i]).powi(2);
        }
        let k = 3f64.sqrt() * d2.sqrt() / self.length;
        self.variance * (1. + k) * (-k).exp()
    }
}
#[derive(Clone, Debug, Differentiable)]
struct Product<A, B>(A, B);
#[grad(wrt(a))]
impl Covariance for Product<Matern32, Matern32> {
    fn between(&self, a: &[f64], b: &[f64]) -> f64 {
        self.0.between(a, b) * self.1.between(a, b)
    }
}

trait Curve {
    fn discount(&self, t: f64) -> f64;
    fn annuity(&self, dates: &[f64]) -> Result<f64, String>;
}
#[derive(Clone, Debug, Differentiable)]
struct Zeros {
    rates: Vec<f64>,
    #[grad(constant)]
    times: Vec<f64>,
    name: String,
}
impl std::fmt::Display for Zeros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}
#[grad(wrt(self, t))]
impl Curve for Zeros {
    fn discount(&self, t: f64) -> f64 {
        let last = self.times.len() - 1;
        if t <= self.times[0] {
            return (-self.rates[0] * t).exp();
        }
        if t >= self.times[last] {
            return (-self.rates[last] * t).exp();
        }
        let i = (1..=last).find(|&i| self.times[i] > t).unwrap();
        let w = (t - self.times[i - 1]) / (self.times[i] - self.times[i - 1]);
        (-((1.0 - w) * self.rates[i - 1] + w * self.rates[i]) * t).exp()
    }
    fn annuity(&self, dates: &[f64]) -> Result<f64, String> {
        let mut sum = 0.0;
        let mut before = 0.0;
        for &date in dates {
            if date <= before {
                return Err(format!("{self}: dates go up, {date} does not"));
            }
            sum += (date - before) * self.discount(date);
            before = date;
        }
        Ok(sum)
    }
}

trait Factor {
    fn residual(&self, poses: &[[f64; 3]]) -> [f64; 3];
    fn error(&self, poses: &[[f64; 3]]) -> f64;
}
struct Between {
    from: usize,
    to: usize,
    measured: [f64; 3],
    information: [f64; 3],
}
#[grad(wrt(poses))]
impl Factor for Between {
    fn residual(&self, poses: &[[f64; 3]]) -> [f64; 3] {
        let [x1, y1, a1] = poses[self.from];
        let [x2, y2, a2] = poses[self.to];
        let (s, c) = a1.sin_cos();
        let (dx, dy) = (x2 - x1, y2 - y1);
        let turn = a2 - a1 - self.measured[2];
        [
            c * dx + s * dy - self.measured[0],
            -s * dx + c * dy - self.measured[1],
            turn.sin().atan2(turn.cos()),
        ]
    }
    fn error(&self, poses: &[[f64; 3]]) -> f64 {
        let r = self.residual(poses);
        r.iter().zip(self.information.iter()).map(|(r, w)| w * r * r).sum::<f64>() / 2.0
    }
}

trait Estimator {
    fn predict(&mut self, dt: f64);
    fn update(&mut self, z: f64) -> f64;
}
#[derive(Clone, Debug, Differentiable)]
struct Kalman {
    x: [f64; 2],
    p: [[f64; 2]; 2],
    #[grad(constant)]
    q: f64,
    r: f64,
}
#[grad(wrt(self, z))]
impl Estimator for Kalman {
    fn predict(&mut self, dt: f64) {
        self.x[0] += dt * self.x[1];
        let p = self.p;
        self.p[0][0] = p[0][0] + dt * (p[0][1] + p[1][0]) + dt * dt * p[1][1] + self.q;
        self.p[0][1] = p[0][1] + dt * p[1][1];
        self.p[1][0] = p[1][0] + dt * p[1][1];
        self.p[1][1] += self.q;
    }
    fn update(&mut self, z: f64) -> f64 {
        let s = self.p[0][0] + self.r;
        let k = [self.p[0][0] / s, self.p[1][0] / s];
        let y = z - self.x[0];
        for (x, k) in self.x.iter_mut().zip(&k) {
            *x += k * y;
        }
        let p = self.p;
        for i in 0..2 {
            for j in 0..2 {
                self.p[i][j] -= k[i] * p[0][j];
            }
        }
        0.5 * (y * y / s + s.ln())
    }
}
trait Filtered {
    fn likelihood(&self, zs: &[f64], dt: f64) -> f64;
}
#[grad(wrt(self, zs))]
impl Filtered for Kalman {
    fn likelihood(&self, zs: &[f64], dt: f64) -> f64 {
        let mut filter = self.clone();
        let mut sum = 0.0;
        for z in zs {
            filter.predict(dt);
            sum += filter.update(*z);
        }
        sum
    }
}

trait Trajectory {
    fn acceleration(&self, r: [f64; 2]) -> [f64; 2];
    fn miss(&self, start: [f64; 4]) -> f64;
}
struct Kepler {
    mu: f64,
    target: [f64; 2],
    steps: usize,
}
#[grad(wrt(r, start))]
impl Trajectory for Kepler {
    fn acceleration(&self, r: [f64; 2]) -> [f64; 2] {
        let d = (r[0] * r[0] + r[1] * r[1]).sqrt();
        r.map(|x| -self.mu * x / d.powi(3))
    }
    fn miss(&self, start: [f64; 4]) -> f64 {
        let dt = 1.0 / self.steps as f64;
        let [mut x, mut y, mut vx, mut vy] = start;
        for _ in 0..self.steps {
            let [ax, ay] = self.acceleration([x, y]);
            vx += dt * ax;
            vy += dt * ay;
            x += dt * vx;
            y += dt * vy;
        }
        (x - self.target[0]).hypot(y - self.target[1])
    }
}

fn of_point<T: Differentiable + Clone>(name: &str, x: &T, f: impl Fn(&T) -> f64, gradient: &T::Tangent)
where
    T::Tangent: Differentiable,
{
    check(name, |flat| f(&at(x, flat)), &flat(gradient), &flat(x));
}

#[test]
fn densities_and_losses() {
    let normal = Normal { mu: 0.3, sigma: 1.4 };
    of_point("normal", &normal, |n| n.ln_pdf(0.9), &normal.ln_pdf_grad(0.9).0);
    let student = StudentT { location: 0.2, scale: 0.7, freedom: 4.0 };
    of_point("student", &student, |s| s.ln_pdf(0.9), &student.ln_pdf_grad(0.9).0);
    near(student.ln_pdf_grad(0.9).1, slope(|x| student.ln_pdf(x), 0.9));
    let mixture =
        Mixture { weights: vec![0.1, -0.4], parts: vec![normal.clone(), Normal { mu: -1.0, sigma: 0.5 }] };
    of_point("mixture", &mixture, |m| m.ln_pdf(0.4), &mixture.ln_pdf_grad(0.4).0);
    let truncated = Truncated { of: &normal, range: (-1.0, 1.0) };
    near(truncated.ln_pdf_grad(0.5), slope(|x| truncated.ln_pdf(x), 0.5));
    assert_eq!(truncated.ln_pdf_grad(1.5), 0.0);
    for r in [0.3, 1.7] {
        near(Huber(1.0).of_residual_grad(r), slope(|r| Huber(1.0).of_residual(r), r));
        near(Huber(1.0).weight_grad(r), slope(|r| Huber(1.0).weight(r), r));
        near(Tukey { c: 1.2 }.of_residual_grad(r), slope(|r| Tukey { c: 1.2 }.of_residual(r), r));
    }
}

#[test]
fn kernels_and_curves() {
    let kernel = Matern32 { length: 0.8, variance: 1.3, scales: vec![1.0, 2.0] };
    let (a, b) = ([0.3, -0.2], [0.9, 0.4]);
    of_point("kernel", &kernel, |k| k.between(&a, &b), &kernel.between_grad(&a, &b).0);
    let product = Product(kernel.clone(), Matern32 { length: 1.1, ..kernel });
    check("product", |a| product.between(a, &b), &product.between_grad(&a, &b), &a);
    let curve = Zeros { rates: vec![0.01, 0.02, 0.025], times: vec![1.0, 2.0, 5.0], name: "ois".to_string() };
    for t in [0.5, 1.3, 6.0] {
        of_point("curve", &curve, |c| c.discount(t), &curve.discount_grad(t).0);
        near(curve.discount_grad(t).1, slope(|t| curve.discount(t), t));
    }
    let dates = [0.5, 1.5, 2.5];
    of_point("annuity", &curve, |c| c.annuity(&dates).unwrap(), &curve.annuity_grad(&dates).unwrap());
    assert_eq!(curve.annuity_grad(&[1.0, 0.5]).unwrap_err(), "ois: dates go up, 0.5 does not");
}

#[test]
fn factors_filters_and_orbits() {
    let factor = Between { from: 0, to: 1, measured: [1.0, 0.2, 0.3], information: [2.0, 1.0, 5.0] };
    let poses = [[0.1, -0.2, 0.3], [1.2, 0.4, 0.5]];
    let gradient = factor.error_grad(&poses);
    let error = |flat: &[f64]| factor.error(&[[flat[0], flat[1], flat[2]], [flat[3], flat[4], flat[5]]]);
    check("factor", error, &gradient.concat(), &poses.concat());
    let filter = Kalman { x: [0.1, 0.5], p: [[1.0, 0.1], [0.1, 0.7]], q: 0.01, r: 0.3 };
    let zs = [0.2, 0.4, 0.9];
    let (of_filter, of_zs) = filter.likelihood_grad(&zs, 0.5);
    of_point("filter", &filter, |f| f.likelihood(&zs, 0.5), &of_filter);
    check("measurements", |zs| filter.likelihood(zs, 0.5), &of_zs, &zs);
    let orbit = Kepler { mu: 1.0, target: [0.5, 0.8], steps: 20 };
    let start = [1.0, 0.0, 0.1, 0.9];
    let miss = |flat: &[f64]| orbit.miss([flat[0], flat[1], flat[2], flat[3]]);
    check("orbit", miss, &orbit.miss_grad(start), &start);
}
