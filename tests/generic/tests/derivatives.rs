#![allow(clippy::cast_possible_truncation, reason = "single precision is what is compared")]

//! Each function's derivatives, in every mode, against differences; and those in single precision against those in double.

use grad::Differentiable;
use grad_generic_tests::models::{Camera, Kalman, Morse, Potential, V3};
use grad_generic_tests::{fields, floats, models};

/// The derivative of `f` along `d` at `x`.
fn along(f: &dyn Fn(&[f64]) -> f64, x: &[f64], d: &[f64]) -> f64 {
    let h = 1e-5;
    let at = |s: f64| f(&x.iter().zip(d).map(|(x, d)| x + s * d).collect::<Vec<_>>());
    (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
}

#[track_caller]
fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * (1.0 + a.abs().max(b.abs())), "{a} and {b}");
}

/// A number of numbers: gradient, value, forward mode, product with the Hessian, and the gradient in single precision.
macro_rules! check {
    ($($f:ident)::+ [$($at:expr),*] ($($x:ident),*) ) => {{
        let x = [$(f64::from($at)),*];
        let [$($x),*] = x;
        let f = |x: &[f64]| { let [$($x),*] = x else { unreachable!() }; $($f)::+($(*$x),*) };
        let (value, ($($x,)*)) = check!(@tuple $($f)::+ ($($x),*) ($($x),*));
        assert_eq!(value.to_bits(), f(&x).to_bits());
        let gradient = [$($x),*];
        for k in 0..x.len() {
            let mut d = vec![0.0; x.len()];
            d[k] = 1.0;
            close(gradient[k], along(&f, &x, &d), 1e-8);
        }
        let d: Vec<f64> = (0..x.len()).map(|k| 0.5 - 0.3 * k as f64).collect();
        let forward = {
            let [$($x),*] = x;
            check!(@jvp $($f)::+ (&d[..]) ($($x),*))
        };
        assert_eq!(forward.0.to_bits(), value.to_bits());
        close(forward.1, gradient.iter().zip(&d).map(|(g, d)| g * d).sum(), 1e-12);
        let [$($x),*] = [$($at as f32),*];
        let single = { let ($($x,)*) = check!(@tuple $($f)::+ ($($x),*) ($($x),*)).1; [$($x),*] };
        for (a, b) in gradient.iter().zip(single) {
            close(*a, f64::from(b), 1e-3);
        }
    }};
    (@tuple $($f:ident)::+ ($($x:ident),*) ($($y:ident),*)) => {{
        let (value, gradient) = $($f)::+::value_and_grad($($x),*);
        (value, gradient)
    }};
    (@jvp $($f:ident)::+ ($d:expr) ($($x:ident),*)) => {{
        let mut d = $d.iter().copied();
        #[allow(unused_mut)]
        let mut next = || d.next().unwrap();
        let tangents = ($(check!(@next next $x),)*);
        jvp_of!($($f)::+ tangents ($($x),*))
    }};
    (@next $next:ident $x:ident) => { $next() };
}

macro_rules! jvp_of {
    ($($f:ident)::+ $t:ident ($a:ident)) => { $($f)::+::jvp($a, $t.0) };
    ($($f:ident)::+ $t:ident ($a:ident, $b:ident)) => { $($f)::+::jvp($a, $b, $t.0, $t.1) };
    ($($f:ident)::+ $t:ident ($a:ident, $b:ident, $c:ident)) => { $($f)::+::jvp($a, $b, $c, $t.0, $t.1, $t.2) };
    ($($f:ident)::+ $t:ident ($a:ident, $b:ident, $c:ident, $d:ident)) => {
        $($f)::+::jvp($a, $b, $c, $d, $t.0, $t.1, $t.2, $t.3)
    };
    ($($f:ident)::+ $t:ident ($a:ident, $b:ident, $c:ident, $d:ident, $e:ident)) => {
        $($f)::+::jvp($a, $b, $c, $d, $e, $t.0, $t.1, $t.2, $t.3, $t.4)
    };
}

#[test]
fn functions_of_numbers() {
    check!(floats::smoothstep [0.1, 1.3, 0.6] (a, b, x));
    check!(floats::smoothstep [0.1, 1.3, 1.6] (a, b, x));
    check!(floats::normal_log_pdf [0.3, 0.1, 1.4] (x, m, s));
    check!(floats::haversine [52.5, 13.4, 48.9, 2.4] (a, b, c, d));
    check!(floats::lennard_jones [1.3, 0.7, 1.1] (r, e, s));
    check!(floats::lennard_jones [5.3, 0.7, 1.1] (r, e, s));
    check!(fields::huber [0.4, 0.9] (r, d));
    check!(fields::huber [-1.4, 0.9] (r, d));
    check!(fields::cauchy [-1.4, 0.9] (r, s));
    check!(fields::black_scholes [1.1, 0.9, 0.02, 0.3, 1.5] (s, k, r, v, t));
}

#[test]
fn products_with_the_hessian() {
    let (x, k) = ([1.1, 0.9, 0.02, 0.3, 1.5], 3);
    let of = |x: &[f64]| fields::black_scholes::grad(x[0], x[1], x[2], x[3], x[4]).3;
    let mut d = [0.0; 5];
    d[k] = 1.0;
    let (_, products) =
        fields::black_scholes::hvp(x[0], x[1], x[2], x[3], x[4], d[0], d[1], d[2], d[3], d[4]);
    close(products.3, along(&of, &x, &d), 1e-7);
    let h: Vec<Vec<f64>> = floats::rosenbrock_nd::hessian(&[0.5_f64, 2.0], 1.0, 100.0).0.0;
    close(h[0][0], 2.0 - 400.0 * (2.0 - 3.0 * 0.25), 1e-12);
    close(h[0][1], -200.0, 1e-12);
}

/// A function of one slice, with the gradient by it.
#[track_caller]
fn check_slice(f: &dyn Fn(&[f64]) -> f64, gradient: &[f64], single: &[f32], x: &[f64]) {
    assert_eq!(gradient.len(), x.len());
    for k in 0..x.len() {
        let mut d = vec![0.0; x.len()];
        d[k] = 1.0;
        close(gradient[k], along(f, x, &d), 1e-8);
        close(gradient[k], f64::from(single[k]), 1e-3);
    }
}

#[test]
fn functions_of_slices() {
    let (x, y) = ([0.3, -0.8, 1.4], [0.9, 0.2, -0.5]);
    let (x32, y32) = (x.map(|x| x as f32), y.map(|y| y as f32));
    let double = floats::euclidean::grad(&x, &y);
    let single = floats::euclidean::grad(&x32, &y32);
    check_slice(&|x| floats::euclidean(x, &y), &double.0, &single.0, &x);
    check_slice(&|y| floats::euclidean(&x, y), &double.1, &single.1, &y);

    let double = floats::cosine_similarity::grad(&x, &y).unwrap();
    let single = floats::cosine_similarity::grad(&x32, &y32).unwrap();
    check_slice(&|x| floats::cosine_similarity(x, &y).unwrap(), &double.0, &single.0, &x);
    assert_eq!(floats::cosine_similarity::grad(&[0.0, 0.0], &[1.0, 2.0]), None);

    let (double, single) = (floats::rbf::grad(&x, &y, 0.7), floats::rbf::grad(&x32, &y32, 0.7));
    check_slice(&|x| floats::rbf(x, &y, 0.7), &double.0, &single.0, &x);
    let (double, single) = (floats::horner::grad(&x, 0.7), floats::horner::grad(&x32, 0.7));
    check_slice(&|x| floats::horner(x, 0.7), &double.0, &single.0, &x);
    close(double.1, -0.8 + 2.0 * 1.4 * 0.7, 1e-14);
    let double = floats::rosenbrock_nd::grad(&x, 1.0, 100.0);
    let single = floats::rosenbrock_nd::grad(&x32, 1.0, 100.0);
    check_slice(&|x| floats::rosenbrock_nd(x, 1.0, 100.0), &double.0, &single.0, &x);
    let (double, single) = (floats::cross_entropy::grad(&x, 1), floats::cross_entropy::grad(&x32, 1));
    check_slice(&|x| floats::cross_entropy(x, 1), &double, &single, &x);
    let x = [0.3, -0.8, 8.4];
    let double = fields::wrapped_angle_cost::grad(&x, 0.2);
    let single = fields::wrapped_angle_cost::grad(&x.map(|x| x as f32), 0.2);
    check_slice(&|x| fields::wrapped_angle_cost(x, 0.2), &double.0, &single.0, &x);
}

#[test]
fn jacobians() {
    let x = [1.2, 0.7, 0.4];
    let (by_r, by_theta, by_phi) = fields::spherical_to_cartesian::jacobian(x[0], x[1], x[2]);
    for row in 0..3 {
        let f = |x: &[f64]| fields::spherical_to_cartesian(x[0], x[1], x[2])[row];
        close(by_r[row], along(&f, &x, &[1.0, 0.0, 0.0]), 1e-9);
        close(by_theta[row], along(&f, &x, &[0.0, 1.0, 0.0]), 1e-9);
        close(by_phi[row], along(&f, &x, &[0.0, 0.0, 1.0]), 1e-9);
    }
    let (by_state, by_damping, _) = floats::rk4::jacobian([0.9, -0.3], 0.1, 0.05, 20);
    let f = |x: &[f64]| floats::rk4([x[0], x[1]], x[2], 0.05, 20)[1];
    let x = [0.9, -0.3, 0.1];
    close(by_state[1][0], along(&f, &x, &[1.0, 0.0, 0.0]), 1e-9);
    close(by_damping[1], along(&f, &x, &[0.0, 0.0, 1.0]), 1e-9);
    let single: ([[f32; 2]; 2], [f32; 2], [f32; 2]) = floats::rk4::jacobian([0.9, -0.3], 0.1, 0.05, 20);
    close(f64::from(single.0[1][0]), by_state[1][0], 1e-4);
}

fn camera(x: &[f64]) -> Camera<f64> {
    Camera {
        rotation: [x[0], x[1], x[2]],
        translation: [x[3], x[4], x[5]],
        focal: x[6],
        distortion: (x[7], x[8]),
    }
}

#[test]
fn a_generic_struct_of_parameters() {
    let x = [0.1, -0.2, 0.3, 0.5, 0.1, 2.0, 1.5, -0.1, 0.02];
    let (points, seen) = ([[0.3, 0.4, 2.0], [0.1, -0.4, 1.5]], [[0.2, 0.1], [0.3, 0.2]]);
    let f = |x: &[f64]| models::reprojection(&camera(x), &points, &seen);
    let (value, (by_camera, by_points)) = models::reprojection::value_and_grad(&camera(&x), &points, &seen);
    assert_eq!(value.to_bits(), f(&x).to_bits());
    let gradient: Vec<f64> = by_camera.flatten();
    for k in 0..9 {
        let mut d = [0.0; 9];
        d[k] = 1.0;
        close(gradient[k], along(&f, &x, &d), 1e-8);
        let mut still = points.map(|_| [0.0; 3]);
        still[1][2] = 0.0;
        let (_, dot) = models::reprojection::jvp(&camera(&x), &points, &seen, &camera(&d).tangent(), &still);
        close(gradient[k], dot, 1e-12);
    }
    let of_point = |x: &[f64]| models::reprojection(&camera(&x[1..]), &[points[0], [0.1, -0.4, x[0]]], &seen);
    let mut all = vec![1.5];
    all.extend(x);
    let mut d = vec![0.0; 10];
    d[0] = 1.0;
    close(by_points[1][2], along(&of_point, &all, &d), 1e-8);
    // Without a rotation: the other arm.
    let mut x = x;
    (x[0], x[1], x[2]) = (0.0, 0.0, 0.0);
    let gradient = models::reprojection::grad(&camera(&x), &points, &seen).0;
    close(gradient.focal, along(&f, &x, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), 1e-8);
}

trait Tangent {
    type Of;
    fn tangent(&self) -> Self::Of;
}

impl Tangent for Camera<f64> {
    type Of = <Camera<f64> as Differentiable>::Tangent;
    fn tangent(&self) -> Self::Of {
        let mut tangent = self.zero_tangent();
        tangent.unflatten_from(&self.flatten::<f64>());
        tangent
    }
}

#[test]
fn methods_of_generic_blocks() {
    let (a, b) = (V3::new(1.0_f64, 2.0, -0.5), V3::new(0.3, -0.7, 0.9));
    let f = |x: &[f64]| V3::new(x[0], x[1], x[2]).angle(&V3::new(x[3], x[4], x[5]));
    let x = [1.0, 2.0, -0.5, 0.3, -0.7, 0.9];
    let (value, (by_a, by_b)) = a.angle_value_and_grad(&b);
    assert_eq!(value.to_bits(), f(&x).to_bits());
    for (k, got) in [by_a.x, by_a.y, by_a.z, by_b.x, by_b.y, by_b.z].into_iter().enumerate() {
        let mut d = [0.0; 6];
        d[k] = 1.0;
        close(got, along(&f, &x, &d), 1e-8);
        let dot = |at: usize| V3::new(d[at], d[at + 1], d[at + 2]);
        let tangent = |v: V3<f64>| {
            let mut tangent = v.zero_tangent();
            tangent.unflatten_from(&v.flatten::<f64>());
            tangent
        };
        close(got, a.angle_jvp(&b, &tangent(dot(0)), &tangent(dot(3))).1, 1e-12);
    }
    let (a, b) = (V3::new(1.0_f32, 2.0, -0.5), V3::new(0.3, -0.7, 0.9));
    close(f64::from(a.angle_grad(&b).1.z), by_b.z, 1e-4);

    let morse = Morse { depth: 2.0, width: 0.5, minimum: 1.1 };
    close(morse.energy_grad(1.7), along(&|x| morse.energy(x[0]), &[1.7], &[1.0]), 1e-9);
    let morse = Morse { depth: 2.0_f32, width: 0.5, minimum: 1.1 };
    let _: f32 = morse.energy_grad(1.7);
}

#[test]
fn state_behind_a_mutable_reference() {
    let data = [0.3, 0.5, 0.1, 0.9];
    let x = [0.1, 1.0, 0.05, 0.4];
    let filter = |x: &[f64]| Kalman { mean: x[0], variance: x[1], process: x[2], measurement: x[3] };
    let f = |x: &[f64]| models::likelihood(&filter(x), &data);
    let gradient: Vec<f64> = models::likelihood::grad(&filter(&x), &data).flatten();
    for k in 0..4 {
        let mut d = [0.0; 4];
        d[k] = 1.0;
        close(gradient[k], along(&f, &x, &d), 1e-8);
    }
}
