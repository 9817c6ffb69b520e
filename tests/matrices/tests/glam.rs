//! Vectors, matrices and quaternions of glam: every row against differences and the other modes, and in every place of a function.
#![deny(warnings)]
#![allow(clippy::pedantic, clippy::type_complexity, unreachable_pub, unused_braces, unused_variables)]

use glam::{DAffine3, DMat2, DMat3, DMat4, DQuat, DVec2, DVec3, DVec4};
use grad::{Differentiable, grad};
use points::{Derivatives, direction, of_point};

#[path = "../../support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "../../support/points.rs"]
mod points;

/// One of each type.
#[derive(Clone, Debug, Differentiable)]
pub struct Point {
    a: DVec3,
    b: DVec3,
    c: DVec4,
    d: DVec2,
    m: DMat3,
    q: DQuat,
    k: f64,
}

fn point() -> Point {
    let (a, b) = (DVec3::new(0.3, -0.5, 0.9), DVec3::new(1.3, 0.5, -0.4));
    Point {
        a,
        b,
        c: DVec4::new(0.7, -1.1, 0.4, 1.6),
        d: DVec2::new(-0.8, 1.5),
        m: DMat3::from_cols(
            DVec3::new(1.4, 0.2, -0.3),
            DVec3::new(0.5, 1.9, 0.1),
            DVec3::new(-0.6, 0.4, 2.2),
        ),
        q: DQuat::from_euler(glam::EulerRot::XYZ, 0.3, -0.7, 0.4),
        k: 1.2,
    }
}

/// All numbers, each by a weight of its own, and squared.
#[grad(second)]
fn weighed(v: DVec3) -> f64 {
    let mut sum = 0.0;
    for k in 0..3 {
        sum += v[k] * (1.0 + 0.3 * k as f64) + v[k] * v[k];
    }
    sum
}

#[grad(second)]
fn weighed_all(m: &DMat3) -> f64 {
    weighed(m.x_axis) + 0.7 * weighed(m.y_axis) - 1.3 * weighed(m.z_axis)
}

#[grad(second)]
fn weighed_turn(q: DQuat) -> f64 {
    q.x * (1.0 + q.x) + q.y * (2.0 - q.y) + q.z * (0.5 + q.z) + q.w * (3.0 + q.x)
}

macro_rules! rows {
    ($($name:ident($p:ident, $a:ident, $b:ident, $k:ident) $body:block)*) => {
        $(
            #[grad(wrt($p), second)]
            fn $name($p: &Point) -> f64 {
                let ($a, $b, $k): (DVec3, DVec3, f64) = ($p.a, $p.b, $p.k);
                $body
            }
        )*

        #[test]
        fn rows_of_glam() {
            $(check!($name, ref point());)*
        }
    };
}

rows! {
    sums(p, a, b, k) { weighed(a + b) + weighed(a - b) * k + weighed(-a) }
    by_elements(p, a, b, k) { weighed(a * b) + weighed(a / b) * k }
    by_numbers(p, a, b, k) { weighed(a * k) + weighed(k * b) + weighed(a / k) + weighed(k / a) }
    shifted(p, a, b, k) { weighed(a + k) + weighed(k + b) + weighed(a - k) + weighed(k - b) }
    compound(p, a, b, k) {
        let mut v = a;
        v += b;
        v *= k;
        v -= a;
        v /= b;
        v.x *= k;
        v[1] += v.z;
        weighed(v)
    }
    products(p, a, b, k) { a.dot(b) * k + weighed(a.cross(b)) }
    lengths(p, a, b, k) { a.length() * b.length_squared() + a.distance(b) * k + a.distance_squared(b) * b.element_sum() }
    normalized(p, a, b, k) { weighed(a.normalize()) * b.x * k }
    made(p, a, b, k) { weighed(DVec3::new(k, a.x, b.y * k)) + weighed(DVec3::splat(k * k)) + weighed(DVec3::ONE * k) }
    of_two_and_four(p, a, b, k) {
        let (d, c): (DVec2, DVec4) = (p.d, p.c);
        let e = d * k + DVec2::new(a.x, 1.0);
        let f = c * c / k - DVec4::new(k, b.x, 0.0, 1.0);
        e.dot(d) * f.length() + f.dot(c) + e.normalize().x
    }
    matrix_products(p, a, b, k) {
        let m: DMat3 = p.m;
        weighed(m * a) + weighed(m.mul_vec3(b)) + weighed_all(&(m * m * k)) + weighed_all(&m.mul_mat3(&(m - m.transpose())))
    }
    of_matrices(p, a, b, k) {
        let m: DMat3 = p.m;
        let n = DMat3::from_cols(a, b, DVec3::new(k, 1.0, a.x)) + m / k - k * m;
        weighed_all(&n.transpose()) * m.determinant() + weighed_all(&m.inverse()) + (-n).determinant()
    }
    changed_columns(p, a, b, k) {
        let mut m: DMat3 = p.m;
        m.x_axis.y = k;
        m.z_axis = a * b;
        m.y_axis *= k;
        weighed_all(&m)
    }
    small_matrices(p, a, b, k) {
        let (d, c): (DVec2, DVec4) = (p.d, p.c);
        let m = DMat2::from_cols(d, DVec2::new(k, a.x));
        let n = DMat4::from_cols(c, DVec4::new(1.0, b.x, 0.0, k), DVec4::new(0.3, 0.0, a.y, 0.1), DVec4::new(a.x, k, 1.0, b.y));
        let of_n = n.inverse().mul_vec4(c).x + n.determinant() + n.mul_mat4(&n.transpose()).y_axis.z;
        (m.inverse() * d).x + m.determinant() * of_n + m.mul_vec2(d).y + m.mul_mat2(&m).x_axis.x
    }
    turns(p, a, b, k) {
        let q: DQuat = p.q;
        weighed(q * a) + weighed(q.mul_vec3(b)) * k + weighed_turn(q * q.conjugate().mul_quat(q)) + weighed(q.inverse() * a)
    }
    of_turns(p, a, b, k) {
        let q: DQuat = p.q;
        let r = DQuat::from_xyzw(a.x, b.y, k, 0.5);
        q.dot(r) * r.length() + r.length_squared() + weighed_turn(r.normalize()) + weighed_turn(q * k + r - -q / k)
    }
    turns_made(p, a, b, k) {
        let q = DQuat::from_scaled_axis(a) * DQuat::from_axis_angle(DVec3::Y, k);
        let r = DQuat::from_rotation_x(k) * DQuat::from_rotation_y(a.x) * DQuat::from_rotation_z(b.x);
        weighed_turn(q) + weighed_turn(r) + weighed_all(&DMat3::from_quat(r)) + weighed(r * b)
    }
    maps(p, a, b, k) {
        let (m, c): (DMat3, DVec4) = (p.m, p.c);
        let map = DAffine3::from_mat3_translation(m, b * k);
        let twice = map * map;
        let n = DMat4::from_cols(DVec4::new(a.x, a.y, k, 0.0), DVec4::new(b.z, 1.0, a.z, 0.0), DVec4::new(0.2, k, 1.0, 0.0), DVec4::W + DVec4::new(c.x, c.y, c.z, 0.0));
        weighed(twice.transform_point3(a)) + weighed(map.transform_vector3(b)) + twice.translation.x * map.matrix3.y_axis.z
            + weighed(n.transform_point3(a)) + weighed(n.transform_vector3(b))
    }
}

/// In loops, branches and slices, and as a result.
#[grad(wrt(points), second)]
fn spring(points: &[DVec3], rest: f64) -> f64 {
    let mut centre = DVec3::ZERO;
    for p in points {
        centre += *p / points.len() as f64;
    }
    let mut energy = 0.0;
    for k in 1..points.len() {
        let d = points[k] - points[k - 1];
        if d.length() > rest {
            energy += (d.length() - rest).powi(2);
        }
    }
    energy + points[0].distance_squared(centre)
}

#[grad]
fn seen(turn: DQuat, at: DVec3, p: DVec3) -> DVec2 {
    let q = turn * p + at;
    DVec2::new(q.x / q.z, q.y / q.z)
}

#[test]
fn in_places() {
    let points = vec![DVec3::new(0.0, 0.1, 0.0), DVec3::new(1.2, 0.1, 0.4), DVec3::new(2.9, -0.3, 0.2)];
    let gradient = spring::grad(&points, 1.4);
    let at = |k: usize, t: f64| {
        let mut points = points.clone();
        points[k].x += t;
        spring(&points, 1.4)
    };
    for k in 0..3 {
        let wanted = differences::derivative(|t| at(k, t), 0.0, f64::EPSILON).value;
        assert!((gradient[k].x - wanted).abs() < 1e-8);
    }
    let (q, t, p) = (DQuat::from_rotation_z(0.3), DVec3::new(0.1, 0.2, 0.5), DVec3::new(0.3, -0.4, 2.0));
    let (_, of_t, of_p): ([DQuat; 2], [DVec3; 2], [DVec3; 2]) = seen::jacobian(q, t, p);
    let z = (q * p + t).z;
    assert_eq!((of_t[0].x, of_t[1].y, of_t[0].y), (1.0 / z, 1.0 / z, 0.0));
    assert!((q.conjugate() * of_t[0] - of_p[0]).length() < 1e-15);
}
