//! Structs and traits over a float.

use grad::{Differentiable, Real, grad};
use num_traits::{Float, One};

/// A camera of the bundle adjustment in the large.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Camera<T> {
    pub rotation: [T; 3],
    pub translation: [T; 3],
    pub focal: T,
    pub distortion: (T, T),
}

#[grad(wrt(camera, point))]
pub fn project<T: Float>(camera: &Camera<T>, point: &[T; 3]) -> [T; 2] {
    let w = &camera.rotation;
    let theta2 = w[0] * w[0] + w[1] * w[1] + w[2] * w[2];
    // Rodrigues' formula, and its limit.
    let rotated = if theta2 > T::epsilon() {
        let theta = theta2.sqrt();
        let (sin, cos) = theta.sin_cos();
        let axis = [w[0] / theta, w[1] / theta, w[2] / theta];
        let cross = cross(&axis, point);
        let dot = (axis[0] * point[0] + axis[1] * point[1] + axis[2] * point[2]) * (T::one() - cos);
        [
            point[0] * cos + cross[0] * sin + axis[0] * dot,
            point[1] * cos + cross[1] * sin + axis[1] * dot,
            point[2] * cos + cross[2] * sin + axis[2] * dot,
        ]
    } else {
        let cross = cross(w, point);
        [point[0] + cross[0], point[1] + cross[1], point[2] + cross[2]]
    };
    let z = rotated[2] + camera.translation[2];
    let x = -(rotated[0] + camera.translation[0]) / z;
    let y = -(rotated[1] + camera.translation[1]) / z;
    let r2 = x * x + y * y;
    let (k1, k2) = camera.distortion;
    let scale = camera.focal * (T::one() + r2 * (k1 + k2 * r2));
    [scale * x, scale * y]
}

#[grad]
fn cross<T: Float>(a: &[T; 3], b: &[T; 3]) -> [T; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

#[grad(wrt(camera, points))]
pub fn reprojection<T: Float>(camera: &Camera<T>, points: &[[T; 3]], seen: &[[T; 2]]) -> T {
    let mut sum = T::zero();
    for (point, seen) in points.iter().zip(seen) {
        let at = project(camera, point);
        sum = sum + (at[0] - seen[0]).powi(2) + (at[1] - seen[1]).powi(2);
    }
    sum
}

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
pub struct V3<T> {
    pub x: T,
    pub y: T,
    pub z: T,
}

#[grad(wrt(self, other, k))]
impl<T: Float> V3<T> {
    pub fn new(x: T, y: T, z: T) -> Self {
        V3 { x, y, z }
    }

    pub fn dot(&self, other: &V3<T>) -> T {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub fn scaled(&self, k: T) -> V3<T> {
        V3 { x: self.x * k, y: self.y * k, z: self.z * k }
    }

    pub fn angle(&self, other: &V3<T>) -> T {
        let (a, b) =
            (self.scaled(self.dot(self).sqrt().recip()), other.scaled(other.dot(other).sqrt().recip()));
        a.dot(&b).acos()
    }
}

pub trait Potential<T> {
    fn energy(&self, r: T) -> T;
}

pub struct Morse<T> {
    pub depth: T,
    pub width: T,
    pub minimum: T,
}

#[grad]
impl<T: Float + One> Potential<T> for Morse<T> {
    fn energy(&self, r: T) -> T {
        let e = T::one() - (-self.width * (r - self.minimum)).exp();
        self.depth * e * e
    }
}

/// A filter with its state, over the bound of grad.
#[derive(Clone, Debug, PartialEq, Differentiable)]
pub struct Kalman<T> {
    pub mean: T,
    pub variance: T,
    pub process: T,
    pub measurement: T,
}

#[grad(wrt(self, z))]
impl<T: Real> Kalman<T> {
    pub fn update(&mut self, z: T) {
        let prior = self.variance + self.process;
        let gain = prior / (prior + self.measurement);
        self.mean += gain * (z - self.mean);
        self.variance = (T::one() - gain) * prior;
    }
}

#[grad(wrt(filter))]
pub fn likelihood<T: Real>(filter: &Kalman<T>, data: &[T]) -> T {
    let mut state = filter.clone();
    let mut sum = T::zero();
    for z in data {
        state.update(*z);
        let r = *z - state.mean;
        sum += r * r / state.variance + state.variance.ln();
    }
    sum * T::from_f64(-0.5)
}
