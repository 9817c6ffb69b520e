//! Points, rotations and isometries, against differences in their coordinates and the other modes.
#![deny(warnings)]
#![allow(unreachable_pub)]
#![allow(clippy::assign_op_pattern, clippy::pedantic, clippy::op_ref, clippy::type_complexity)]

use grad::{Differentiable, IsometryTangent, grad};
use nalgebra::{
    Isometry2, Isometry3, Matrix2x3, Matrix3, Point2, Point3, Rotation2, Rotation3, Translation2,
    Translation3, UnitComplex, UnitQuaternion, Vector2, Vector3, Vector4,
};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

fn poses() -> [Isometry3<f64>; 4] {
    let t = Vector3::new(0.1, -0.2, 0.3);
    let mut other = Isometry3::new(t, Vector3::new(0.4, 0.2, -0.1));
    // The same rotation by the other quaternion.
    other.rotation = UnitQuaternion::new_unchecked(-other.rotation.into_inner());
    [
        Isometry3::new(t, Vector3::new(0.3, -0.2, 0.5)),
        Isometry3::new(t, Vector3::new(0.06, -0.03, 0.02)),
        Isometry3::new(t, Vector3::new(2.0, -1.5, 1.2)),
        other,
    ]
}

fn p3() -> Point3<f64> {
    Point3::new(1.0, 2.0, 3.0)
}

/// A camera that looks at a point.
#[grad]
fn residual(pose: &Isometry3<f64>, p: &Point3<f64>, k: &Matrix3<f64>) -> Vector2<f64> {
    let q = pose * p;
    let h = k * q.coords;
    Vector2::new(h.x / h.z, h.y / h.z)
}

#[test]
fn a_reprojection_has_the_jacobian_of_the_closed_form() {
    let (pose, p) = (poses()[0], p3());
    let k = Matrix3::new(1.2, 0.1, 0.3, 0.0, 1.1, 0.2, 0.0, 0.0, 1.0);
    let (of_pose, of_point, of_camera) = residual::jacobian(&pose, &p, &k);
    let h = k * (pose * p).coords;
    let of_h = Matrix2x3::new(1.0 / h.z, 0.0, -h.x / (h.z * h.z), 0.0, 1.0 / h.z, -h.y / (h.z * h.z));
    let of_q = of_h * k;
    let by_rotation = of_q * pose.rotation.to_rotation_matrix().into_inner();
    for row in 0..2 {
        let close = |found: Vector3<f64>, wanted: Vector3<f64>| assert!((found - wanted).norm() < 1e-13);
        close(of_pose[row].translation, of_q.row(row).transpose());
        close(of_point[row], by_rotation.row(row).transpose());
        let of_k = of_h.row(row).transpose() * (pose * p).coords.transpose();
        assert!((of_camera[row] - of_k).norm() < 1e-13);
        // Along the tangents of unit quaternions, a turn before the rotation moves the point by a cross product.
        for axis in 0..3 {
            let mut turn = Vector4::zeros();
            turn[axis] = 0.5;
            let dot = pose.rotation.into_inner() * nalgebra::Quaternion::from_vector(turn);
            let mut unit = Vector3::zeros();
            unit[axis] = 1.0;
            let wanted = (by_rotation * unit.cross(&p.coords))[row];
            assert!((of_pose[row].rotation.dot(&dot.coords) - wanted).abs() < 1e-13);
        }
    }
    let rows = residual::vjp(&pose, &p, &k).1(Vector2::new(1.0, 0.0));
    assert_eq!(rows.0, of_pose[0]);
    let dot = IsometryTangent::new(Vector4::zeros(), Vector3::x());
    let (_, y_dot) = residual::jvp(&pose, &p, &k, &dot, &Vector3::zeros(), &Matrix3::zeros());
    assert!((y_dot - of_q.column(0)).norm() < 1e-13);
}

#[grad(wrt(pose), second)]
fn of_isometries(pose: &Isometry3<f64>, p: &Point3<f64>) -> f64 {
    let q = pose * p;
    let back = pose.inverse() * q;
    let twice = pose * pose;
    let other = pose.inverse_transform_point(p);
    let moved = twice.transform_point(&other) - p;
    let turned = pose.inverse_transform_vector(&(twice * moved)) + pose.transform_vector(&moved);
    q.x * q.y
        + back.z
        + pose.translation.x * 2.0
        + pose.translation.vector.dot(&turned)
        + twice.translation.vector.norm()
        + (twice.inverse() * *pose).translation.y
}

#[grad(wrt(pose), second)]
fn of_rotations(pose: &Isometry3<f64>, p: &Point3<f64>) -> f64 {
    let q = pose.rotation;
    let v = p.coords;
    let axis = q.scaled_axis();
    let matrix = q.to_rotation_matrix();
    let n = matrix * (q * v) + (q.inverse() * (q * q)).transform_vector(&v);
    let m = q.inverse_transform_vector(&n) + q.inverse_transform_point(p).coords;
    m.dot(&axis) + q.angle() * q.i + q.w * q.j - q.k
        + (q * p - q.conjugate().transform_point(p)).norm_squared()
        + q.coords.dot(&(q.inverse().coords * v.x))
}

/// What holds for matrices of rotations, of a matrix that is none, too.
#[grad(second)]
fn of_matrices(r: &Rotation3<f64>) -> f64 {
    let v = Vector3::new(0.3, 1.2, -0.4);
    let p = Point3::new(0.5, -1.0, 2.0);
    let s = r * r.inverse() * r.transpose();
    (s * v).dot(&r.transform_vector(&v))
        + (r * p - r.inverse_transform_point(&p)).norm()
        + r.inverse_transform_vector(&v).x * r.transform_point(&p).y
        + s.into_inner().component_mul(&r.into_inner()).sum()
}

#[test]
fn isometries_and_rotations() {
    let p = p3();
    for pose in poses() {
        check!(of_isometries, ref pose, &p);
        check!(of_rotations, ref pose, &p);
        check!(of_matrices, ref pose.rotation.to_rotation_matrix());
    }
}

#[grad(second)]
fn made_of_vectors(v: Vector3<f64>) -> f64 {
    let q = UnitQuaternion::from_scaled_axis(v);
    let r = Rotation3::new(v * 0.5);
    let e = UnitQuaternion::from_euler_angles(v.x, v.y, v.z * v.x);
    let f = Rotation3::from_euler_angles(v.z, 0.3, v.y) * Rotation3::from_scaled_axis(v);
    let pose = Isometry3::from_parts(Translation3::new(v.x, 1.0, v.z), q * e);
    let p = Point3::new(v.y, v.z, 1.0);
    let a = UnitQuaternion::from_axis_angle(&Vector3::z_axis(), v.x);
    let b = Rotation3::from_axis_angle(&Vector3::x_axis(), v.y * v.z);
    let c = r * (pose * p) + a * (f * (b * v));
    let moved =
        Isometry3::translation(v.x, v.y, 2.0) * Isometry3::rotation(v) * Isometry3::new(v, v * 0.1) * c;
    let shifted = Translation3::from(v) * Translation3::new(1.0, v.x, 0.0).inverse() * moved;
    (c - p * 2.0).dot(&v)
        + shifted.coords.norm_squared() / 2.0
        + (-shifted / v.x).y
        + (Point3::from(v * 2.0) - v).z * UnitQuaternion::new(v).angle()
}

/// What a matrix of a rotation tells of it, along rotations.
#[grad(second)]
fn of_turned_matrices(v: Vector3<f64>) -> f64 {
    let r = Rotation3::new(v) * Rotation3::from_axis_angle(&Vector3::y_axis(), v.x);
    let plane = Rotation2::new(v.x * v.y) * Rotation2::new(v.z);
    let axis = r.scaled_axis();
    axis.dot(&v) * plane.angle() + r.angle() * axis.z + r.inverse().scaled_axis().norm_squared()
}

/// From no rotation to another: what a solver sees where it has arrived.
#[grad]
fn apart(v: Vector3<f64>, r: &Rotation3<f64>) -> Vector3<f64> {
    (r.inverse() * Rotation3::new(v) * r).scaled_axis()
}

#[test]
fn matrices_of_rotations() {
    for v in [
        Vector3::new(0.3, -0.2, 0.5),
        Vector3::new(0.04, -0.03, 0.02),
        Vector3::new(1.2, -0.9, 1.6),
        Vector3::new(-1.9, 0.3, 0.8),
    ] {
        check!(of_turned_matrices, val v);
    }
    let r = Rotation3::new(Vector3::new(0.3, -0.2, 0.5));
    for v in [Vector3::zeros(), Vector3::new(1e-12, 0.0, -2e-12), Vector3::new(3e-8, 1e-8, 0.0)] {
        let (of_v, _) = apart::jacobian(v, &r);
        for (row, wanted) in of_v.iter().zip(r.matrix().column_iter()) {
            assert!((row - wanted).norm() < 1e-7, "{row} is not {wanted}");
        }
    }
}

#[test]
fn made_of_numbers() {
    for v in [Vector3::new(0.3, -0.4, 0.9), Vector3::new(2.5, 0.1, -1.0), Vector3::new(1e-3, 1e-4, -1e-3)] {
        check!(made_of_vectors, val v);
    }
}

#[grad]
fn turned_by(v: Vector3<f64>, p: Vector3<f64>) -> Vector3<f64> {
    UnitQuaternion::from_scaled_axis(v) * p
}

/// At no rotation at all, a turn moves by a cross product.
#[test]
fn no_rotation_has_derivatives() {
    let p = Vector3::new(1.0, 2.0, 3.0);
    for axis in [Vector3::x(), Vector3::y(), Vector3::z()] {
        let (_, y_dot) = turned_by::jvp(Vector3::zeros(), p, axis, Vector3::zeros());
        assert_eq!(y_dot, axis.cross(&p));
        let (v_bar, p_bar) = turned_by::vjp(Vector3::zeros(), p).1(axis);
        assert_eq!((v_bar, p_bar), (p.cross(&axis), axis));
    }
}

#[grad(second)]
fn in_the_plane(v: Vector3<f64>) -> f64 {
    let q = UnitComplex::new(v.z);
    let r = Rotation2::new(v.x * v.y);
    let pose = Isometry2::new(Vector2::new(v.x, v.y), v.z) * Isometry2::translation(v.y, 0.5);
    let other = Isometry2::from_parts(Translation2::new(v.x, 1.0), q.inverse() * UnitComplex::new(0.3));
    let p = Point2::new(v.x, v.z);
    let moved = pose.inverse() * (other * p);
    let u = q * (r * moved.coords) + q.to_rotation_matrix() * pose.transform_vector(&p.coords);
    u.norm_squared()
        + moved.x * pose.rotation.angle()
        + pose.translation.y
        + (pose.inverse_transform_point(&p) - q.inverse_transform_point(&moved)).x
        + q.transform_vector(&pose.inverse_transform_vector(&u)).y
        + (pose.rotation * pose.translation.vector).x
        + (Translation2::from(p.coords) * Point2::from(u)).y
}

/// Products of everything that moves with everything else.
#[grad(second)]
fn mixed_products(v: Vector3<f64>) -> f64 {
    let q = UnitQuaternion::from_scaled_axis(v);
    let t = Translation3::new(v.y, v.z, v.x * v.y);
    let a = Isometry3::new(Vector3::new(v.x, 0.3, 0.1), v);
    let c = Point3::new(0.3, -0.2, 0.9);
    let spatial = a * q * t * (t * a) * (q * a) * (t * q) * (q * t) * c;
    let r = Rotation3::new(v);
    let m = r * Matrix3::new(v.x, 0.2, 0.1, 0.2, v.y, 0.4, 0.1, 0.4, v.z) * r.inverse();
    let q = UnitComplex::new(v.z);
    let t = Translation2::new(v.x, v.y);
    let a = Isometry2::new(Vector2::new(v.y, 0.1), v.x);
    let planar = a * q * t * (t * a) * (q * a) * (t * q) * (q * t) * Point2::new(0.3, -0.7);
    spatial.coords.norm_squared() + planar.coords.norm_squared() + planar.x * m[(0, 1)] + m.norm()
}

#[test]
fn planes() {
    check!(mixed_products, val Vector3::new(0.3, -0.4, 0.9));
    check!(in_the_plane, val Vector3::new(0.3, -0.4, 0.9));
    check!(in_the_plane, val Vector3::new(1.3, 0.2, -2.0));
}

#[derive(Clone, Debug, Differentiable)]
pub struct Camera {
    pub pose: Isometry3<f64>,
    pub focal: f64,
}

#[grad(wrt(self), second)]
impl Camera {
    pub fn project(&self, p: &Point3<f64>) -> Vector2<f64> {
        let q = self.pose * p;
        Vector2::new(q.x, q.y) * (self.focal / q.z)
    }

    pub fn distance(&self, p: &Point3<f64>) -> f64 {
        let center = self.pose.rotation.inverse() * self.pose.translation.vector;
        (p.coords + center).norm() + self.pose.inverse().translation.vector.dot(&center)
    }
}

#[grad(wrt(camera), second)]
fn bundle(camera: &Camera, points: &[Point3<f64>], seen: &[Vector2<f64>]) -> f64 {
    let mut cost = 0.0;
    for (p, seen) in points.iter().zip(seen) {
        let r = camera.project(p) - seen;
        cost += 0.1 * camera.distance(p) + (camera.pose * p).coords.norm();
        cost += if r.norm_squared() < 1.0 { r.norm_squared() } else { 2.0 * r.norm() - 1.0 };
    }
    cost
}

/// Relative poses along a chain, each moved by the last.
#[grad(second)]
fn chain(steps: &[Isometry3<f64>]) -> f64 {
    let mut pose = Isometry3::identity();
    let mut cost = 0.0;
    for step in steps {
        pose = pose * step;
        let error = step.inverse() * pose;
        cost += error.translation.vector.norm_squared() + error.rotation.scaled_axis().norm_squared();
    }
    cost
}

/// All points of a cloud, turned about their center.
#[grad(wrt(points, q), second)]
fn centered(points: &[Point3<f64>], q: &UnitQuaternion<f64>) -> f64 {
    let mut center = Vector3::zeros();
    for p in points {
        center += p.coords;
    }
    let center = Point3::from(center / points.len() as f64);
    points.iter().map(|p| (q * (p - center) + center.coords).norm()).sum()
}

#[grad(second)]
fn of_both(both: &(Vec<Point3<f64>>, UnitQuaternion<f64>)) -> f64 {
    centered(&both.0, &both.1)
}

#[test]
fn in_fields_slices_and_loops() {
    let points = [Point3::new(0.1, 0.2, 4.0), Point3::new(-0.5, 0.3, 5.0), Point3::new(2.0, -3.0, 4.5)];
    let seen = [Vector2::new(0.1, 0.0), Vector2::new(0.2, 0.3), Vector2::new(-1.0, 2.0)];
    check!(bundle, ref Camera { pose: poses()[0], focal: 1.2 }, &points, &seen);
    check!(chain, ref poses().to_vec());
    check!(of_both, ref (points.to_vec(), poses()[0].rotation));
}

/// As an output, and as the result.
#[grad]
fn moves(pose: &mut Isometry3<f64>, step: &Vector3<f64>) {
    pose.translation.x += step.x * step.y;
    let turn = UnitQuaternion::from_scaled_axis(*step);
    *pose = Isometry3::from_parts(pose.translation, turn * pose.rotation);
}

#[grad]
fn composed(a: &Isometry3<f64>, step: Vector3<f64>) -> Isometry3<f64> {
    a * Isometry3::new(step, step)
}

#[test]
fn as_outputs_and_results() {
    let step = Vector3::new(0.1, 0.2, 0.3);
    let mut pose = poses()[0];
    let mut bar = IsometryTangent::new(Vector4::zeros(), Vector3::new(1.0, 2.0, 3.0));
    let mut step_bar = Vector3::zeros();
    moves::vjp_add(&mut pose, &step, &mut bar, &mut step_bar);
    assert_eq!(bar, IsometryTangent::new(Vector4::zeros(), Vector3::new(1.0, 2.0, 3.0)));
    assert_eq!(step_bar, Vector3::new(0.2, 0.1, 0.0));
    let [first, ..] = poses();
    let (value, pullback) = composed::vjp(&first, step);
    assert_eq!(value, composed(&first, step));
    let (a_bar, _) = pullback(IsometryTangent::new(Vector4::zeros(), Vector3::x()));
    assert_eq!(a_bar.translation, Vector3::x());
    let h = 1e-6;
    let along = |h: f64| composed(&first, step + Vector3::new(h, 0.0, 0.0)).rotation.into_inner().coords;
    let dot = composed::jvp(&first, step, &IsometryTangent::default(), Vector3::x()).1;
    assert!((dot.rotation - (along(h) - along(-h)) / (2.0 * h)).norm() < 1e-9);
}

#[grad]
fn single(q: UnitQuaternion<f32>, v: Vector3<f32>) -> f32 {
    (q * v).x
}

#[test]
fn of_single_precision() {
    let (_, v_bar) = single::grad(UnitQuaternion::identity(), Vector3::new(1.0, 2.0, 3.0));
    assert_eq!(v_bar, Vector3::x());
}
