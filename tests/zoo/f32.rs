//! Single precision stays single precision.

use crate::support::{check, check_into, check_outputs, check_vjp, exactly};
use grad::grad;

#[grad(second)]
fn rosenbrock(x: f32, y: f32) -> f32 {
    let a = 1.0 - x;
    let b = y - x * x;
    a * a + 100.0 * b * b
}

#[test]
fn the_gradient_has_the_type_of_the_variable() {
    let (x, y) = (0.5_f32, 2.0);
    let (dx, dy): (f32, f32) = rosenbrock::grad(x, y);
    assert_eq!((dx, dy), (-2.0 * 0.5 - 400.0 * 0.5 * 1.75, 200.0 * 1.75));
    let (value, (dx, _)): (f32, (f32, f32)) = rosenbrock::value_and_grad(x, y);
    assert_eq!((value.to_bits(), dx), (rosenbrock(x, y).to_bits(), -351.0));
    check!(rosenbrock(0.5_f32, 2.0_f32) => [-351.0, 350.0]);
}

#[grad(second)]
fn loops(v: &[f32], k: f32) -> f32 {
    let mut s = 0.5;
    let mut w = vec![0.0; v.len()];
    for i in 0..v.len() {
        s = s * v[i] + k.sin();
        w[i] = s * s;
    }
    let mut t = 0.0;
    for x in &w {
        t += x.sqrt();
    }
    t * 2.0_f32
}

#[test]
fn slices_of_single_precision() {
    check_into!(loops(&[0.4_f32, 0.9, 1.3], 0.7_f32));
    let (v, k): (Vec<f32>, f32) = loops::grad(&[0.4, 0.9, 1.3], 0.7);
    assert_eq!(v.len(), 3);
    assert!(k.is_finite());
}

/// Both floats in one function.
#[grad(second)]
fn mixed(x: f32, y: f64, v: &[f32], w: &mut [f64]) -> f64 {
    let a = x * 2.0;
    let b = y + a as f64;
    let c = f64::from(v[0]) * b;
    let d = (c * c) as f32 + x;
    w[0] = d as f64 * y;
    w[0] + c
}

#[test]
fn casts_between_the_floats_carry_derivatives() {
    let (x, y, v) = (0.5_f32, 1.5_f64, [0.25_f32]);
    let mut w = [0.0];
    // b = y + 2x = 2.5, c = v b = 0.625, d = c² + x, result = d y + c
    let (mut x_bar, mut y_bar, mut v_bar, mut w_bar) = (0.0_f32, 0.0_f64, [0.0_f32], [0.0_f64]);
    let value = mixed::vjp_add(x, y, &v, &mut w, 1.0, &mut x_bar, &mut y_bar, &mut v_bar, &mut w_bar);
    assert_eq!(value, mixed(x, y, &v, &mut [0.0]));
    let (b, c) = (2.5, 0.625);
    let c_bar = 1.0 + 2.0 * c * y;
    assert_eq!(w_bar, [0.0]);
    assert!((f64::from(v_bar[0]) - c_bar * b).abs() < 1e-5);
    assert!((f64::from(x_bar) - (y + 2.0 * 0.25 * c_bar)).abs() < 1e-5);
    assert!((y_bar - (c * c + 0.5 + 0.25 * c_bar)).abs() < 1e-6);
}

#[grad(second)]
fn down(x: f64) -> f32 {
    let y = x as f32;
    y * y
}

#[grad(second)]
fn up(x: f32) -> f64 {
    let y = f64::from(x);
    y * y + (x as f64).sin()
}

#[grad(second)]
fn through(x: f64) -> f64 {
    f64::from(down(x)) + up((2.0 * x) as f32)
}

#[test]
fn seeds_and_cotangents_have_their_own_types() {
    let dx: f64 = down::grad(1.5);
    assert_eq!(dx, 3.0);
    let dx: f32 = up::grad(1.5);
    assert!((f64::from(dx) - (3.0 + 1.5_f64.cos())).abs() < 1e-6);
    let (_, pullback) = down::vjp(1.5);
    assert_eq!(pullback(2.0_f32), 6.0_f64);
    let (_, pullback) = up::vjp(1.5);
    let dx: f32 = pullback(2.0_f64);
    assert!((f64::from(dx) - 2.0 * (3.0 + 1.5_f64.cos())).abs() < 1e-5);
    let dx = through::grad(0.75);
    assert!((dx - (1.5 + 2.0 * (3.0 + 1.5_f64.cos()))).abs() < 1e-5);
}

#[grad(second)]
pub(super) fn arrays(a: [f32; 2], b: &[[f32; 2]], c: (f32, f32)) -> [f32; 2] {
    [a[0] * b[0][1] + c.1, a[1] * b[1][0] * c.0.exp()]
}

#[grad(second)]
pub(super) fn output(x: f32, out: &mut [f32]) {
    for e in out.iter_mut() {
        *e = *e * x + 1.0;
    }
}

#[test]
fn aggregates_of_single_precision() {
    check_vjp!(arrays([0.5_f32, 1.5], &[[0.1_f32, 0.2], [0.3, 0.4]], (0.7_f32, -0.7_f32)));
    check_outputs!(output(0.5_f32, mut [0.3_f32, 0.4]));
}

#[grad(second)]
fn literals(x: f32) -> f32 {
    let half = 0.5;
    let pi = std::f32::consts::PI;
    let v = [1.0, 2.0, x];
    let mut s = 0.0;
    for c in [0.1, 0.2, 0.3] {
        s += c * x;
    }
    half * x * x + pi * x + v[1] * v[2] + 3f32 * s + (2.0 as f32) * x.max(0.0)
}

#[test]
fn literals_take_the_type_of_their_use() {
    exactly!(constant(0.0_f32) => [0.0]);
    check!(literals(0.5_f32) => [0.5 + std::f64::consts::PI + 2.0 + 3.0 * 0.6 + 2.0]);
}

#[grad(second)]
fn constant(_x: f32) -> f32 {
    7.0
}

#[grad(second)]
fn kinks(x: f32, y: f32) -> f32 {
    x.abs() + x.max(y) + x.hypot(y)
}

#[test]
fn kinks_of_single_precision() {
    exactly!(kinks(0.0_f32, 0.0_f32) => [0.5, 0.5]);
}
