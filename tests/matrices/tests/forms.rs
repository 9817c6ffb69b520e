//! Matrices in every place of a function, and in every form of a derivative.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::descent::{Lbfgs, LevenbergMarquardt};
use grad::{Differentiable, grad};
use nalgebra::{DMatrix, DVector, Matrix2, Vector2, Vector3, dvector, vector};

#[grad]
fn linear(m: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    m * x
}

#[test]
fn a_matrix_as_the_result() {
    let m = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let x = dvector![1.0, -1.0, 2.0];
    let (y, pullback) = linear::vjp(&m, &x);
    assert_eq!(y, &m * &x);
    let (m_bar, x_bar) = pullback(dvector![1.0, 10.0]);
    assert_eq!(m_bar, dvector![1.0, 10.0] * x.transpose());
    assert_eq!(x_bar, m.transpose() * dvector![1.0, 10.0]);
    let (y, y_dot) = linear::jvp(&m, &x, &(&m * 0.0), &dvector![1.0, 0.0, 0.0]);
    assert_eq!((y, y_dot), (&m * &x, dvector![1.0, 4.0]));
}

#[grad(jacobian = forward)]
fn by_columns(m: &DMatrix<f64>, x: &DVector<f64>) -> DVector<f64> {
    linear(m, x)
}

#[test]
fn a_jacobian_of_a_matrix() {
    let m = DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let x = dvector![1.0, -1.0, 2.0];
    let (of_m, of_x) = linear::jacobian(&m, &x);
    assert_eq!(of_x, [dvector![1.0, 2.0, 3.0], dvector![4.0, 5.0, 6.0]]);
    assert_eq!(of_m[1], DMatrix::from_row_slice(2, 3, &[0.0, 0.0, 0.0, 1.0, -1.0, 2.0]));
    assert_eq!(by_columns::jacobian(&m, &x), (of_m, of_x));
}

#[grad]
fn two_of_a_number(x: f64) -> (Vector2<f64>, f64) {
    (Vector2::new(x, x * x), x * x * x)
}

#[grad]
fn squares(x: &Vector2<f64>, y: &mut Vector2<f64>) {
    y.x = x.x * x.y;
    y.y = x.y;
}

#[test]
fn jacobians_beside_numbers_and_of_outputs() {
    assert_eq!(two_of_a_number::jacobian(2.0), (vec![1.0, 4.0], 12.0));
    let mut y = Vector2::new(1.0, 1.0);
    assert_eq!(squares::jacobian(&vector![2.0, 3.0], &mut y), [vector![3.0, 2.0], vector![0.0, 1.0]]);
    assert_eq!(y, vector![6.0, 3.0]);
}

#[grad(wrt(p))]
fn misfit(p: Vector2<f64>, x: &DVector<f64>) -> DVector<f64> {
    x.map(|x| (p.x * x).exp() + p.y - (0.5 * x).exp() - 1.0)
}

#[test]
fn least_squares() {
    let x = dvector![0.0, 1.0, 2.0, 3.0];
    let start = Vector2::new(0.1, 0.0);
    let report = LevenbergMarquardt::default().minimize(&mut misfit::residuals(&x), start).unwrap();
    assert!((report.x - vector![0.5, 1.0]).norm() < 1e-8, "{}", report.x);
}

/// An output.
#[grad]
fn step(x: &mut DVector<f64>, m: &DMatrix<f64>) {
    let moved = m * &*x;
    *x += moved * 0.5;
    x[0] *= 2.0;
}

#[test]
fn an_output() {
    let m = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 3.0, 4.0]);
    let mut x = dvector![1.0, -1.0];
    let mut x_bar = dvector![1.0, 10.0];
    let mut m_bar = DMatrix::zeros(2, 2);
    step::vjp_add(&mut x, &m, &mut x_bar, &mut m_bar);
    assert_eq!(x, dvector![2.0 * (1.0 - 0.5), -1.0 - 0.5]);
    let s = dvector![2.0, 10.0];
    assert_eq!(m_bar, &s * dvector![1.0, -1.0].transpose() * 0.5);
    assert_eq!(x_bar, &s + m.transpose() * &s * 0.5);
}

#[grad]
fn guarded(x: &DVector<f64>) -> Result<f64, String> {
    if x.is_empty() {
        return Err("nothing to sum".into());
    }
    let n = x.norm();
    Ok(n * n)
}

#[grad]
fn halves(x: &DVector<f64>) -> Option<DVector<f64>> {
    if x[0] < 0.0 {
        return None;
    }
    Some(x * 0.5)
}

#[test]
fn functions_that_fail() {
    assert_eq!(guarded::grad(&dvector![3.0, 4.0]), Ok(dvector![6.0, 8.0]));
    assert!(guarded::grad(&DVector::zeros(0)).is_err());
    assert!(halves::vjp(&dvector![-1.0]).is_none());
    let x = dvector![2.0];
    let (y, pullback) = halves::vjp(&x).unwrap();
    assert_eq!((y, pullback(dvector![6.0])), (dvector![1.0], dvector![3.0]));
}

#[grad(wrt(x))]
fn beside_constants(x: &DVector<f64>, m: &DMatrix<f64>, scale: f64) -> f64 {
    let reach = m.abs().max() * scale;
    let mut n = m.clone();
    n[(0, 0)] = reach;
    let shift = DVector::from_element(x.len(), scale);
    (n * x + shift).norm_squared()
}

#[test]
fn constants_are_left_alone() {
    let m = DMatrix::from_row_slice(2, 2, &[1.0, -3.0, 0.5, 2.0]);
    let n = DMatrix::from_row_slice(2, 2, &[6.0, -3.0, 0.5, 2.0]);
    let x = dvector![1.0, -1.0];
    let r = &n * &x + dvector![2.0, 2.0];
    assert_eq!(beside_constants::grad(&x, &m, 2.0), n.transpose() * r * 2.0);
}

#[grad(second)]
fn bowl(x: &DVector<f64>, center: f64) -> f64 {
    let d = x.add_scalar(-center);
    d.dot(&d) + d.norm_squared() * d.norm_squared()
}

#[grad(wrt(x))]
fn valley(x: &DVector<f64>, m: &DMatrix<f64>) -> f64 {
    (m * x).norm_squared() + x.sum()
}

#[test]
fn a_descent() {
    let m = DMatrix::from_row_slice(2, 2, &[2.0, 0.3, 0.0, 1.0]);
    let report = Lbfgs::default().minimize(&mut valley::objective(&m), DVector::zeros(2)).unwrap();
    let x: DVector<f64> = report.x;
    assert!((m.transpose() * &m * &x * 2.0).add_scalar(1.0).norm() < 1e-6, "{x}");
    let (gradient, product) = bowl::hvp(&dvector![1.0], 0.0, &dvector![1.0], 0.0);
    assert_eq!((gradient, product), ((dvector![6.0], -6.0), (dvector![14.0], -14.0)));
}

#[grad(wrt(points))]
fn in_arrays(points: &[Vector2<f64>; 3], turn: Matrix2<f64>) -> (f64, Vector2<f64>) {
    let [a, b, c] = points;
    let center = (a + b + c) / 3.0;
    let all = vec![turn * a, turn * b, turn * c];
    let mut far = 0.0;
    for p in &all {
        far += (p - center).norm_squared();
    }
    (far, center)
}

#[test]
fn in_arrays_and_tuples() {
    let points = [vector![1.0, 0.0], vector![0.0, 1.0], vector![-1.0, 2.0]];
    let (value, pullback) = in_arrays::vjp(&points, Matrix2::identity());
    assert_eq!(value, in_arrays(&points, Matrix2::identity()));
    let bars = pullback((1.0, vector![3.0, 0.0]));
    for (bar, p) in bars.iter().zip(&points) {
        assert!((bar - ((p - value.1) * 2.0 + vector![1.0, 0.0])).norm() < 1e-12);
    }
}

/// A name for a matrix, which the macro does not know.
type Weights = DMatrix<f64>;

#[grad(wrt(w))]
fn of_another_name(w: &Weights, x: &DVector<f64>) -> f64 {
    let y: DVector<f64> = w * x;
    y.norm_squared() + w.norm_squared()
}

#[test]
fn under_another_name() {
    let (w, x) = (DMatrix::from_row_slice(1, 2, &[1.0, 2.0]), dvector![1.0, 1.0]);
    assert_eq!(of_another_name::grad(&w, &x), &w * &x * x.transpose() * 2.0 + &w * 2.0);
}

/// Names of nalgebra, of types of one's own.
mod own {
    use grad::{Differentiable, grad};

    #[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
    pub struct Vector3<T> {
        pub x: T,
        pub y: T,
        pub z: T,
    }

    #[grad(wrt(self))]
    impl Vector3<f64> {
        /// Not what nalgebra calls so.
        pub fn norm(&self) -> f64 {
            self.x.abs() + self.y.abs() + self.z.abs()
        }
    }

    #[grad]
    impl std::ops::Mul<f64> for Vector3<f64> {
        type Output = Vector3<f64>;

        fn mul(self, by: f64) -> Vector3<f64> {
            Vector3 { x: self.x * by, y: self.y * by, z: self.z * by * 2.0 }
        }
    }

    #[grad(wrt(v))]
    pub fn length(v: Vector3<f64>) -> f64 {
        (v * 3.0).norm() + v.x
    }
}

#[test]
fn types_of_ones_own_may_have_such_names() {
    let gradient = own::length::grad(own::Vector3 { x: 1.0, y: -2.0, z: 3.0 });
    assert_eq!((gradient.x, gradient.y, gradient.z), (4.0, -3.0, 6.0));
}

/// At zero the norm has no derivative; where none flows, there is nothing to say.
#[grad]
fn masked(v: Vector3<f64>, by: f64) -> f64 {
    v.norm() * by + v.x
}

#[test]
fn at_zero() {
    assert_eq!(masked::grad(Vector3::zeros(), 0.0).0, Vector3::x());
    assert!(masked::grad(Vector3::zeros(), 1.0).0.x.is_nan());
}

#[test]
fn a_point_of_a_descent() {
    let mut point = (dvector![1.0, 2.0], Vector2::new(3.0, 4.0));
    assert_eq!(point.dim(), 4);
    assert_eq!(point.flatten::<f64>(), [1.0, 2.0, 3.0, 4.0]);
    point.add_scaled(2.0, &(dvector![1.0, 0.0], Vector2::new(0.0, -1.0)));
    assert_eq!(point, (dvector![3.0, 2.0], Vector2::new(3.0, 2.0)));
    assert!(std::panic::catch_unwind(|| dvector![1.0].add_scaled(1.0, &dvector![1.0, 2.0])).is_err());
}

#[test]
fn shapes_that_do_not_fit_panic_as_the_function_does() {
    let m = DMatrix::zeros(2, 3);
    assert!(std::panic::catch_unwind(|| linear(&m, &dvector![1.0])).is_err());
    assert!(std::panic::catch_unwind(|| linear::vjp(&m, &dvector![1.0]).0).is_err());
    assert_eq!(linear::vjp(&m, &DVector::zeros(3)).0, DVector::zeros(2));
}

/// Constants may be changed by whatever method.
#[grad]
fn beside_a_change(v: &DVector<f64>) -> f64 {
    let mut c = DVector::zeros(2);
    c[0] = 2.0;
    let before = c[0];
    c.swap_rows(0, 1);
    let between = c[0];
    c.scale_mut(3.0);
    v.dot(&c) * before + between * v[0] + c[0]
}

#[test]
fn constants_may_change() {
    let v = dvector![1.0, 5.0];
    assert_eq!(beside_a_change(&v), 60.0);
    assert_eq!(beside_a_change::value_and_grad(&v), (60.0, dvector![0.0, 12.0]));
}
