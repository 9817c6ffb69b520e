//! Functions, types and impls over a generic scalar, with the spellings of num-traits.

use crate::support::check;
use grad::{Differentiable, Real, grad};
use num_traits::{Float, FloatConst, FromPrimitive};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub};

#[grad]
fn deviation<T: Float>(x: &[T]) -> T {
    let n = T::from(x.len()).unwrap();
    let mean = x.iter().fold(T::zero(), |a, &b| a + b) / n;
    (x.iter().map(|&v| (v - mean) * (v - mean)).fold(T::zero(), |a, b| a + b) / n).sqrt()
}

#[grad]
fn mean<T: Float + Sum>(x: &[T]) -> T {
    x.iter().copied().sum::<T>() / T::from(x.len()).unwrap()
}

#[grad]
fn selu<F: Float>(x: F) -> F {
    let half = F::from(0.5).unwrap();
    if x > F::zero() { x.powi(2) * half } else { -x.exp_m1() }
}

#[grad]
fn gaussian<T: Float + FloatConst>(x: T, mu: T, sigma: T) -> T {
    let z = (x - mu) / sigma;
    (-(z * z) / (T::one() + T::one())).exp() / (sigma * (T::PI() + T::PI()).sqrt())
}

#[grad]
fn root<T: Float>(x: T) -> Option<T> {
    if x < T::zero() { None } else { Some(x.sqrt()) }
}

#[grad(wrt(x))]
fn clipped<T>(x: &[T], least: T) -> Result<T, String>
where
    T: Float + std::fmt::Debug,
{
    if x.is_empty() {
        return Err(format!("nothing above {least:?}"));
    }
    let mut s = T::zero();
    for &v in x {
        s = s + root(v.max(least)).ok_or("negative")?;
    }
    Ok(s)
}

#[grad]
fn exponential<T: Float + AddAssign + MulAssign>(x: T, n: usize) -> T {
    let mut s = T::zero();
    let mut p = T::one();
    for k in 1..=n {
        p *= x / T::from(k).unwrap();
        s += p;
    }
    s
}

#[grad]
fn dense<T: Float>(w: &[Vec<T>], x: &[T]) -> Vec<T> {
    w.iter()
        .map(|row| row.iter().zip(x.iter()).map(|(&a, &b)| a * b).fold(T::zero(), |s, v| s + v))
        .map(|v| v.tanh())
        .collect()
}

#[grad]
fn log_sum_exp<T: Float>(x: &[T]) -> T {
    let m = x.iter().cloned().fold(T::neg_infinity(), T::max);
    m + x.iter().map(|&v| (v - m).exp()).fold(T::zero(), Add::add).ln()
}

#[grad]
fn polar<T: Float>(x: T, y: T) -> (T, T) {
    let r = x.hypot(y);
    (r, y.atan2(x))
}

#[grad]
fn cross<T: Real>(p: &[T; 3], q: [T; 3]) -> [T; 3] {
    [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}

#[grad]
fn weighted<T: Float, const N: usize>(x: [T; N], k: f64) -> T {
    let mut s = T::zero();
    for i in 0..N {
        s = s + x[i] * T::from(i).unwrap() * T::from(k).unwrap();
    }
    s * s
}

#[grad]
fn mixed_units<T>(x: T, y: T) -> T
where
    T: Float + FromPrimitive,
{
    let half = T::from_f64(0.5).unwrap();
    let square = |a: T| a * a;
    square(x.hypot(y)) * half + square(x.sin()) + T::from_usize(3).unwrap()
}

#[test]
fn functions() {
    let x = [0.3, 1.2, -0.7];
    check("deviation", deviation, &deviation::grad(&x), &x);
    check("mean", mean, &mean::grad(&x), &x);
    check("selu", |x| selu(x[0]), &[selu::grad(-0.4)], &[-0.4]);
    let (a, b, c) = gaussian::grad(0.3, 0.1, 1.2);
    check("gaussian", |x| gaussian(x[0], x[1], x[2]), &[a, b, c], &[0.3, 0.1, 1.2]);
    check("clipped", |x| clipped(x, 0.1).unwrap(), &clipped::grad(&x, 0.1).unwrap(), &x);
    assert_eq!(clipped::grad(&[-1.0, 2.0], -2.0), Err("negative".to_owned()));
    assert_eq!(clipped::grad::<f32>(&[], 0.5), Err("nothing above 0.5".to_owned()));
    check("exponential", |x| exponential(x[0], 6), &[exponential::grad(0.8, 6)], &[0.8]);
    check("log-sum-exp", log_sum_exp, &log_sum_exp::grad(&x), &x);
    let w = [vec![0.1, 0.2, -0.3], vec![0.4, -0.5, 0.6]];
    let (value, pullback) = dense::vjp(&w, &x);
    assert_eq!(value, dense(&w, &x));
    check("dense", |x| dense(&w, x)[1], &pullback(vec![0.0, 1.0]).1, &x);
    let (angle, y) = polar::jacobian(0.3, 0.8);
    check("polar", |x| polar(x[0], x[1]).1, &[angle.1, y.1], &[0.3, 0.8]);
    let (_, pullback) = cross::vjp(&x, [0.5, 0.1, 0.2]);
    let (dp, _) = pullback([0.0, 1.0, 0.0]);
    check("cross", |p| cross(p.try_into().unwrap(), [0.5, 0.1, 0.2])[1], &dp, &x);
    let (dx, _) = weighted::grad(x, 0.5);
    check("weighted", |x| weighted::<f64, 3>(x.try_into().unwrap(), 0.5), &dx, &x);
    let (a, b) = mixed_units::grad(0.3, 0.8);
    check("mixed units", |x| mixed_units(x[0], x[1]), &[a, b], &[0.3, 0.8]);
    let single = log_sum_exp::grad(&[0.3_f32, 1.2, -0.7]);
    for (single, double) in single.iter().zip(log_sum_exp::grad(&x)) {
        assert!((f64::from(*single) - double).abs() < 1e-6);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Point<T> {
    x: T,
    y: T,
}

#[grad]
impl<T: Float> Add for Point<T> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Point { x: self.x + o.x, y: self.y + o.y }
    }
}

#[grad]
impl<T: Float> Sub for Point<T> {
    type Output = Point<T>;
    fn sub(self, o: Point<T>) -> Point<T> {
        Point { x: self.x - o.x, y: self.y - o.y }
    }
}

#[grad]
impl<T: Float> Mul<T> for Point<T> {
    type Output = Point<T>;
    fn mul(self, k: T) -> Point<T> {
        Point { x: self.x * k, y: self.y * k }
    }
}

#[grad]
impl<T: Float> Div<T> for Point<T> {
    type Output = Point<T>;
    fn div(self, k: T) -> Point<T> {
        Point { x: self.x / k, y: self.y / k }
    }
}

#[grad(wrt(self, o, x, y))]
impl<T: Float> Point<T> {
    fn new(x: T, y: T) -> Self {
        Self { x, y }
    }

    fn dot(&self, o: &Self) -> T {
        self.x * o.x + self.y * o.y
    }

    fn norm(&self) -> T {
        self.dot(self).sqrt()
    }

    fn unit(&self) -> Option<Self> {
        let n = self.norm();
        if n < T::epsilon() { None } else { Some(*self / n) }
    }
}

trait Metric<T> {
    fn distance(&self, a: &Point<T>, b: &Point<T>) -> T;
}

struct Scaled<T> {
    by: T,
}

#[grad(wrt(a, b))]
impl<T: Float> Metric<T> for Scaled<T> {
    fn distance(&self, a: &Point<T>, b: &Point<T>) -> T {
        (*a - *b).norm() * self.by
    }
}

#[grad(wrt(points))]
fn tour<T: Float>(points: &[Point<T>], metric: &Scaled<T>) -> Option<T> {
    let mut length = T::zero();
    for pair in points.windows(2) {
        length = length + metric.distance(&pair[0], &pair[1]);
    }
    let center = points.iter().fold(Point::new(T::zero(), T::zero()), |a, &b| a + b);
    let axis = (center / T::from(points.len()).unwrap()).unit()?;
    Some(length + axis.dot(&points[0]))
}

#[derive(Clone, Debug, Differentiable)]
struct Spline<T> {
    nodes: Vec<T>,
    values: Vec<T>,
}

#[grad(wrt(self, t))]
impl<T: Real> Spline<T> {
    fn at(&self, t: T) -> T {
        let n = self.nodes.len();
        let mut i = 0;
        while i + 2 < n && self.nodes[i + 1] < t {
            i += 1;
        }
        let w = (t - self.nodes[i]) / (self.nodes[i + 1] - self.nodes[i]);
        self.values[i] * (T::one() - w) + self.values[i + 1] * w
    }

    fn checked(&self, t: T) -> Result<T, String> {
        let (first, last) = (self.nodes[0], self.nodes[self.nodes.len() - 1]);
        if t < first || t > last {
            return Err(format!("{} is outside", t.to_f64()));
        }
        Ok(self.at(t).exp())
    }
}

#[test]
fn types() {
    let points = [Point::new(0.1, 0.4), Point::new(1.3, -0.2), Point::new(0.7, 0.9)];
    let metric = Scaled { by: 1.5 };
    let gradient = tour::grad(&points, &metric).unwrap();
    let rows: Vec<f64> = gradient.iter().flat_map(|p| [p.x, p.y]).collect();
    let at = |x: &[f64]| -> Vec<Point<f64>> { x.chunks(2).map(|p| Point::new(p[0], p[1])).collect() };
    check("tour", |x| tour(&at(x), &metric).unwrap(), &rows, &[0.1, 0.4, 1.3, -0.2, 0.7, 0.9]);
    assert_eq!(tour::grad::<f32>(&[Point::new(0.0, 0.0)], &Scaled { by: 1.0 }), None);
    let spline = Spline { nodes: vec![0.0, 1.0, 2.0], values: vec![0.3, 0.1, -0.4] };
    let (of_self, t) = spline.checked_grad(1.3).unwrap();
    check("spline", |t| spline.checked(t[0]).unwrap(), &[t], &[1.3]);
    let at = |v: &[f64]| Spline { values: v.to_vec(), ..spline.clone() }.checked(1.3).unwrap();
    check("values", at, &of_self.values, &spline.values);
    assert_eq!(spline.checked_grad(2.5).map(|(_, t)| t), Err("2.5 is outside".to_owned()));
}
