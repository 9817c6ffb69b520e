//! Over the traits of num-traits.

use grad::grad;
use num_traits::{Float, FloatConst, FromPrimitive};
use std::iter::Sum;

#[grad(second)]
pub fn smoothstep<T: Float>(edge0: T, edge1: T, x: T) -> T {
    let t = ((x - edge0) / (edge1 - edge0)).max(T::zero()).min(T::one());
    t * t * (T::from(3.0).unwrap() - T::from(2.0).unwrap() * t)
}

#[grad(second)]
pub fn euclidean<F>(a: &[F], b: &[F]) -> F
where
    F: Float + Sum,
{
    assert_eq!(a.len(), b.len());
    a.iter().zip(b.iter()).map(|(&x, &y)| (x - y).powi(2)).sum::<F>().sqrt()
}

#[grad]
pub fn cosine_similarity<F: num_traits::Float>(a: &[F], b: &[F]) -> Option<F> {
    let mut dot = F::zero();
    let mut norm_a = F::zero();
    let mut norm_b = F::zero();
    for i in 0..a.len() {
        dot = dot + a[i] * b[i];
        norm_a = norm_a + a[i] * a[i];
        norm_b = norm_b + b[i] * b[i];
    }
    let denominator = norm_a.sqrt() * norm_b.sqrt();
    if denominator == F::zero() { None } else { Some(dot / denominator) }
}

#[grad(second)]
pub fn normal_log_pdf<T: Float + FloatConst + FromPrimitive>(x: T, mean: T, std: T) -> T {
    let half = T::from_f64(0.5).unwrap();
    let z = (x - mean) / std;
    -half * z * z - std.ln() - half * (T::TAU()).ln()
}

#[grad(second)]
pub fn rbf<F: Float + Sum<F>>(x: &[F], y: &[F], gamma: F) -> F {
    let distance: F = x.iter().zip(y).map(|(a, b)| (*a - *b) * (*a - *b)).sum();
    (-gamma * distance).exp()
}

#[grad(second)]
pub fn horner<T: Float>(coefficients: &[T], x: T) -> T {
    coefficients.iter().rev().fold(T::zero(), |acc, &c| acc * x + c)
}

#[grad(second)]
pub fn haversine<T: Float>(lat1: T, lon1: T, lat2: T, lon2: T) -> T {
    let radius = T::from(6371.0).unwrap();
    let two = T::one() + T::one();
    let d_lat = (lat2 - lat1).to_radians();
    let d_lon = (lon2 - lon1).to_radians();
    let a = (d_lat / two).sin().powi(2)
        + lat1.to_radians().cos() * lat2.to_radians().cos() * (d_lon / two).sin().powi(2);
    radius * two * a.sqrt().atan2((T::one() - a).sqrt())
}

#[grad(second)]
pub fn lennard_jones<T: Float>(r: T, epsilon: T, sigma: T) -> T {
    let cutoff = sigma * T::from(2.5).unwrap();
    if r > cutoff {
        return T::zero();
    }
    let sr6 = (sigma / r).powi(6);
    T::from(4).unwrap() * epsilon * (sr6 * sr6 - sr6)
}

#[grad(second)]
pub fn rosenbrock_nd<T: Float + Sum>(x: &[T], a: T, b: T) -> T {
    x.windows(2).map(|w| (a - w[0]).powi(2) + b * (w[1] - w[0].powi(2)).powi(2)).sum()
}

#[grad(wrt(logits), second)]
pub fn cross_entropy<T: Float>(logits: &[T], label: usize) -> T {
    let max = logits.iter().cloned().fold(T::neg_infinity(), T::max);
    let log_sum = logits.iter().map(|&z| (z - max).exp()).fold(T::zero(), |a, b| a + b).ln();
    log_sum + max - logits[label]
}

#[grad]
fn pendulum<T: Float>(state: &[T; 2], damping: T) -> [T; 2] {
    [state[1], -state[0].sin() - damping * state[1]]
}

#[grad]
pub fn rk4<T: Float>(state: [T; 2], damping: T, dt: T, steps: usize) -> [T; 2] {
    let two = T::from(2.0).unwrap();
    let six = T::from(6.0).unwrap();
    let mut y = state;
    for _ in 0..steps {
        let k1 = pendulum(&y, damping);
        let k2 = pendulum(&[y[0] + dt / two * k1[0], y[1] + dt / two * k1[1]], damping);
        let k3 = pendulum(&[y[0] + dt / two * k2[0], y[1] + dt / two * k2[1]], damping);
        let k4 = pendulum(&[y[0] + dt * k3[0], y[1] + dt * k3[1]], damping);
        for i in 0..2 {
            y[i] = y[i] + dt / six * (k1[i] + two * k2[i] + two * k3[i] + k4[i]);
        }
    }
    y
}
