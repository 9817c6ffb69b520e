//! Functions as people write them with nalgebra.
#![deny(warnings)]
#![allow(clippy::pedantic, clippy::type_complexity, unreachable_pub)]

use grad::{Differentiable, grad};
use nalgebra::{
    DMatrix, DVector, Matrix2, Matrix3, Matrix4, Point3, UnitQuaternion, Vector2, Vector3, Vector4, dvector,
};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

/// A camera: an axis-angle rotation by Rodrigues' formula, a translation, and one focal length with two radial terms.
#[derive(Clone, Debug, Differentiable)]
pub struct Camera {
    pub rotation: Vector3<f64>,
    pub translation: Vector3<f64>,
    pub focal: f64,
    pub radial: Vector2<f64>,
}

#[grad(second)]
fn rotated(axis: &Vector3<f64>, p: &Vector3<f64>) -> Vector3<f64> {
    let theta = axis.norm();
    let k = axis / theta;
    let (sin, cos) = theta.sin_cos();
    p * cos + k.cross(p) * sin + k * (k.dot(p) * (1.0 - cos))
}

#[grad(wrt(camera), second)]
fn reprojection(camera: &Camera, p: &Vector3<f64>, seen: &Vector2<f64>) -> f64 {
    let q = rotated(&camera.rotation, p) + camera.translation;
    let flat = -Vector2::new(q.x, q.y) / q.z;
    let r = flat.norm_squared();
    let distortion = 1.0 + r * (camera.radial[0] + camera.radial[1] * r);
    (flat * (camera.focal * distortion) - seen).norm_squared()
}

/// The log-density of a Gaussian, without its constant.
#[grad(second)]
fn log_likelihood(covariance: &DMatrix<f64>) -> f64 {
    let x = dvector![0.3, -1.2, 0.8];
    let mean = DVector::from_element(3, 0.1);
    let d = x - mean;
    let precision = covariance.clone().try_inverse().expect("a covariance is regular");
    -0.5 * (covariance.determinant().ln() + d.dot(&(precision * &d)))
}

#[grad(wrt(w, k), second)]
fn ridge(w: &DVector<f64>, k: f64, x: &DMatrix<f64>, y: &DVector<f64>) -> f64 {
    let residual = x * w - y;
    0.5 * residual.norm_squared() / y.len() as f64 + 0.5 * k.exp() * w.dot(w)
}

#[grad(wrt(w), second)]
fn of_weights(w: &DVector<f64>, x: &DMatrix<f64>, y: &DVector<f64>) -> f64 {
    ridge(w, 0.3, x, y)
}

/// One prediction and one update of a Kalman filter: position and velocity, of which the position is measured.
#[grad(second)]
fn kalman(noise: &Vector2<f64>) -> f64 {
    let dt = 0.1;
    let f = Matrix2::new(1.0, dt, 0.0, 1.0);
    let q = Matrix2::new(noise.x, 0.0, 0.0, noise.x * dt);
    let h = Vector2::new(1.0, 0.0);
    let mut x = Vector2::new(0.2, 1.0);
    let mut p = Matrix2::identity();
    let mut loss = 0.0;
    for k in 0..4 {
        x = f * x;
        p = f * p * f.transpose() + q;
        let innovation = 0.3 * k as f64 - h.dot(&x);
        let s = h.dot(&(p * h)) + noise.y;
        let gain = p * h / s;
        x += gain * innovation;
        p = (Matrix2::identity() - gain * h.transpose()) * p;
        loss += 0.5 * (innovation * innovation / s + s.ln());
    }
    loss
}

#[derive(Clone, Debug, Differentiable)]
pub struct Network {
    pub first: DMatrix<f64>,
    pub bias: DVector<f64>,
    pub second: DMatrix<f64>,
}

#[grad(second)]
fn softmax(z: &DVector<f64>) -> DVector<f64> {
    let e = z.map(|z| z.exp());
    let total = e.sum();
    e / total
}

#[grad(wrt(self), second)]
impl Network {
    pub fn cross_entropy(&self, x: &DVector<f64>, class: usize) -> f64 {
        let hidden = (&self.first * x + &self.bias).map(|z| z.tanh());
        let p = softmax(&(&self.second * hidden));
        -p[class].ln()
    }
}

#[grad(wrt(network), second)]
fn of_network(network: &Network, x: &DVector<f64>) -> f64 {
    network.cross_entropy(x, 1) + 0.1 * network.first.norm_squared()
}

/// A homogeneous transformation, and what it makes of points.
#[grad(second)]
fn moved(m: &Matrix4<f64>) -> f64 {
    let points = [Vector3::new(1.0, 0.0, 2.0), Vector3::new(-1.0, 0.5, 1.0)];
    let mut sum = 0.0;
    for p in &points {
        let q = m * Vector4::new(p.x, p.y, p.z, 1.0);
        let p = q.fixed_rows::<3>(0) / q.w;
        sum += p.norm_squared() + p.dot(&m.column(3).fixed_rows::<3>(0));
    }
    sum
}

/// A chain of springs in the plane, three steps of it.
#[grad(wrt(points), second)]
fn springs(points: &[Vector2<f64>], k: f64) -> f64 {
    let mut x = points.to_vec();
    let mut v = vec![Vector2::zeros(); points.len()];
    for _ in 0..3 {
        for i in 1..x.len() {
            let d = x[i] - x[i - 1];
            let length = d.norm();
            let force = d * (k * (length - 1.0) / length);
            v[i] -= force * 0.1;
            v[i - 1] += force * 0.1;
        }
        for (x, v) in x.iter_mut().zip(&v) {
            *x += v * 0.1;
        }
    }
    v.iter().map(|v| 0.5 * v.norm_squared()).sum::<f64>() + x[0].x
}

#[test]
fn cameras() {
    let camera = Camera {
        rotation: Vector3::new(0.3, -0.2, 0.5),
        translation: Vector3::new(0.1, 0.2, -4.0),
        focal: 1.3,
        radial: Vector2::new(0.1, -0.05),
    };
    let (p, seen) = (Vector3::new(0.4, -0.6, 0.8), Vector2::new(0.2, 0.1));
    check!(reprojection, ref camera, &p, &seen);
    check!(moved, ref Matrix4::from_fn(|i, j| if i == j { 2.0 } else { 0.3 * (i as f64) - 0.1 * (j as f64) }));
}

#[test]
fn statistics() {
    let m = DMatrix::from_fn(3, 3, |i, j| if i == j { 2.0 } else { 0.3 / (1.0 + i as f64 + 2.0 * j as f64) });
    check!(log_likelihood, ref m);
    let (x, y) = (
        DMatrix::from_fn(5, 3, |i, j| (i as f64 * 1.3 + j as f64).sin()),
        dvector![1.0, 0.5, -0.3, 0.2, 0.9],
    );
    check!(of_weights, ref dvector![0.3, -0.7, 1.1], &x, &y);
    check!(kalman, ref Vector2::new(0.3, 0.7));
}

/// Functions for any float, of which some call others.
mod generic {
    use grad::grad;
    use nalgebra::{DMatrix, DVector, Matrix3, Point3, RealField, UnitQuaternion, Vector2, Vector3};

    #[grad(second)]
    pub(super) fn residual<T: RealField + Copy>(
        q: &UnitQuaternion<T>,
        t: &Vector3<T>,
        p: Point3<T>,
    ) -> Vector2<T> {
        let moved = q * p + t;
        Vector2::new(moved.x / moved.z, moved.y / moved.z)
    }

    #[grad(second)]
    pub(super) fn unit<T: RealField + Copy>(v: &Vector3<T>) -> Vector3<T> {
        let length = v.norm();
        v / length
    }

    #[grad(wrt(v, m, k), second)]
    pub(super) fn energy<T: RealField + Copy>(v: &Vector3<T>, m: &Matrix3<T>, k: T, turned: bool) -> T {
        let mut w = m * unit(v) * k;
        if turned {
            w = v.cross(&w).add_scalar(k).unscale(k);
        }
        w.y *= k.sin();
        let mut sum = T::zero();
        for i in 0..3 {
            sum += w[i] * v[i];
        }
        sum + m.determinant() + w.map(|x| x * k * x).sum()
    }

    #[grad(second)]
    pub(super) fn squares<T>(a: &DMatrix<T>, x: &DVector<T>, b: &DVector<T>) -> T
    where
        T: RealField + Copy,
    {
        (a * x - b).norm_squared()
    }
}

#[test]
fn of_any_float() {
    let m = Matrix3::from_fn(|i, j| 0.4 * i as f64 - 0.7 * j as f64 + if i == j { 2.0 } else { 0.3 });
    let v = Vector3::new(0.4, -0.6, 0.8);
    for turned in [false, true] {
        let of_all = |x: &(Vector3<f64>, Matrix3<f64>, f64)| generic::energy(&x.0, &x.1, x.2, turned);
        let x = (v, m, 1.3);
        let d = direction(&x, 0.7);
        let at = |t: f64| (v + d.0 * t, m + d.1 * t, 1.3 + d.2 * t);
        let wanted = differences::derivative(|t| of_all(&at(t)), 0.0, f64::EPSILON).value;
        let inner = |g: &(Vector3<f64>, Matrix3<f64>, f64)| g.0.dot(&d.0) + g.1.dot(&d.1) + g.2 * d.2;
        let gradient = |x: &(Vector3<f64>, Matrix3<f64>, f64)| generic::energy::grad(&x.0, &x.1, x.2, turned);
        let (value, found) = generic::energy::value_and_grad(&v, &m, 1.3, turned);
        assert_eq!(value.to_bits(), of_all(&x).to_bits());
        assert!((inner(&found) - wanted).abs() < 1e-8 * (1.0 + wanted.abs()));
        let (_, forward) = generic::energy::jvp(&v, &m, 1.3, turned, &d.0, &d.1, d.2);
        assert!((inner(&found) - forward).abs() < 1e-12 * (1.0 + forward.abs()));
        let turned_wanted = differences::derivative(|t| inner(&gradient(&at(t))), 0.0, f64::EPSILON).value;
        let (_, product) = generic::energy::hvp(&v, &m, 1.3, turned, &d.0, &d.1, d.2);
        assert!((inner(&product) - turned_wanted).abs() < 1e-7 * (1.0 + turned_wanted.abs()));
        // In single precision, the same in fewer digits.
        let single = generic::energy::grad(&v.cast::<f32>(), &m.cast::<f32>(), 1.3, turned);
        assert!((single.0.cast::<f64>() - found.0).norm() < 1e-4);
    }
    let (q, p) = (UnitQuaternion::from_euler_angles(0.2, -0.4, 0.3), Point3::new(0.2, 0.5, 3.0));
    let (_, of_t, of_p) = generic::residual::jacobian(&q, &v, p);
    let moved = q * p + v;
    assert_eq!(of_t[0].x, 1.0 / moved.z);
    assert!((q.inverse() * of_t[1] - of_p[1]).norm() < 1e-15);
    let (a, x, b) = (
        DMatrix::from_fn(4, 3, |i, j| (i * 3 + j) as f64),
        dvector![1.0, 0.5, -0.3],
        dvector![1.0, 2.0, 3.0, 4.0],
    );
    let (a_bar, x_bar, b_bar) = generic::squares::grad(&a, &x, &b);
    let r: DVector<f64> = &a * &x - &b;
    assert!(
        (a_bar - &r * x.transpose() * 2.0).norm() < 1e-12
            && (x_bar - a.transpose() * &r * 2.0).norm() < 1e-12
    );
    assert_eq!(b_bar, r * -2.0);
}

#[test]
fn networks_and_springs() {
    let matrix = |m, n| DMatrix::from_fn(m, n, |i, j| (0.7 * i as f64 - 1.1 * j as f64).cos() * 0.5);
    let network = Network { first: matrix(4, 3), bias: dvector![0.1, 0.2, -0.1, 0.0], second: matrix(2, 4) };
    let x = dvector![1.0, -0.4, 0.6];
    check!(of_network, ref network, &x);
    let points = vec![Vector2::new(0.0, 0.0), Vector2::new(1.2, 0.1), Vector2::new(2.1, -0.3)];
    check!(springs, ref points, 2.5);
    // Rotations are orthogonal: what is turned keeps its length.
    let p = Vector3::new(0.4, -0.6, 0.8);
    assert!((rotated(&Vector3::new(0.1, 0.7, -0.3), &p).norm() - p.norm()).abs() < 1e-12);
    assert!(Matrix3::<f64>::identity().determinant() == 1.0);
}
