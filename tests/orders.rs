//! Derivatives above the second: derivatives of derivatives of derivatives, in every combination of modes, and the fourth
//! order through calls; against formulas and differences.

#![deny(warnings)]
#![allow(clippy::pedantic, clippy::type_complexity, clippy::needless_range_loop)]

mod support;

use grad::{Lanes, grad};
use support::differences::derivative;

#[grad(third)]
fn quartic(x: f64) -> f64 {
    x * x * x * x
}

#[grad(second)]
fn slope_by_reverse(x: f64) -> f64 {
    quartic::grad(x)
}

#[grad(second)]
fn slope_by_forward(x: f64) -> f64 {
    quartic::jvp(x, 1.0).1
}

#[grad]
fn curvature_rr(x: f64) -> f64 {
    slope_by_reverse::grad(x)
}

#[grad]
fn curvature_rf(x: f64) -> f64 {
    slope_by_reverse::jvp(x, 1.0).1
}

#[grad]
fn curvature_fr(x: f64) -> f64 {
    slope_by_forward::grad(x)
}

#[grad]
fn curvature_ff(x: f64) -> f64 {
    slope_by_forward::jvp(x, 1.0).1
}

#[test]
fn three_levels_in_all_eight_combinations_of_modes() {
    // d³x⁴/dx³ = 24x
    for x in [2.0, -0.5, 0.0] {
        let found = [
            curvature_rr::grad(x),
            curvature_rr::jvp(x, 1.0).1,
            curvature_rf::grad(x),
            curvature_rf::jvp(x, 1.0).1,
            curvature_fr::grad(x),
            curvature_fr::jvp(x, 1.0).1,
            curvature_ff::grad(x),
            curvature_ff::jvp(x, 1.0).1,
            slope_by_reverse::hessian(x),
            slope_by_forward::hessian(x),
        ];
        assert_eq!(found, [24.0 * x; 10]);
    }
}

/// Of each level, the derivative is with respect to another variable of the same value.
#[grad(third)]
fn innermost(x: f64, y: f64, z: f64) -> f64 {
    (x + y) * z * z
}

#[grad(second, wrt(x, y))]
fn middle(x: f64, y: f64) -> f64 {
    // ∂/∂z at z = y: 2 (x + y) y
    let (_, _, by_z) = innermost::grad(x, y, y);
    y * by_z
}

#[grad]
fn outermost(x: f64) -> f64 {
    // ∂/∂y (2 (x + y) y²) at y = x: 4xy + 6y² = 10x²
    let (_, by_y) = middle::grad(x, x);
    x * by_y
}

#[test]
fn perturbations_of_three_levels_are_not_confused() {
    assert_eq!(outermost(3.0), 270.0);
    assert_eq!(outermost::grad(3.0), 270.0);
    assert_eq!(outermost::jvp(3.0, 1.0), (270.0, 270.0));
}

/// Everything an argument can be, a loop with a state, a branch.
#[grad(third)]
fn field(x: &[f64], k: f64, m: [f64; 2], w: Vec<f64>, n: usize, &c: &f64) -> f64 {
    let mut s = k;
    let mut state = [c, 0.2];
    for i in 0..n {
        s = (s * x[i]).sin() + m[i % 2] * w[0] * x[i] * x[i];
        if s > 0.1 {
            s *= k;
        }
        state = [state[1] * s, state[0] + x[i]];
    }
    s * state[1] + state[0]
}

#[grad(second)]
fn by_gradients(x: &[f64], k: f64) -> f64 {
    let (gx, gk, gm, gw, gc) = field::grad(x, k, [x[0], k], vec![x[1]], 2, &x[0]);
    let mut sum = gx[0] * gk + gm[1] * gw[0] + gc * gc + gx[1];
    for i in 0..2 {
        if x[i] > 0.0 {
            let (v, (hx, _, hm, _, hc)) =
                field::value_and_grad(&[x[0] * k, 0.3], k, [x[i], k], vec![x[1]], 2, &1.5);
            sum += v * hx[i] + hm[0] * hc;
        }
    }
    sum
}

#[grad(second)]
fn by_tangents(x: &[f64], k: f64) -> f64 {
    let (y, y_dot) = field::jvp(
        &[x[0], 0.2],
        1.5,
        [k, k * k],
        vec![x[1]],
        2,
        &k,
        &[k, x[1]],
        x[0],
        [1.0, 2.0],
        vec![k],
        &x[1],
    );
    y * y_dot + y_dot
}

/// The derivatives of a function of `[x₀, x₁, k]` that has second derivatives, against differences.
macro_rules! check_twice {
    ($f:ident) => {
        let at = [0.4, 0.7, 0.8];
        let value = |p: [f64; 3]| $f(&p[..2], p[2]);
        let gradient = |p: [f64; 3]| {
            let (x, k) = $f::grad(&p[..2], p[2]);
            [x[0], x[1], k]
        };
        let ((hxx, hxk), (hkx, hkk)) = $f::hessian(&at[..2], at[2]);
        let hessian = [[hxx[0][0], hxx[0][1], hxk[0]], [hxx[1][0], hxx[1][1], hxk[1]], [hkx[0], hkx[1], hkk]];
        let moved = |j: usize, t: f64| {
            let mut p = at;
            p[j] += t;
            p
        };
        for j in 0..3 {
            let v = [0, 1, 2].map(|i| if i == j { 1.0 } else { 0.0 });
            let (found, product) = $f::hvp(&at[..2], at[2], &v[..2], v[2]);
            let product = [product.0[0], product.0[1], product.1];
            let estimate = derivative(|t| value(moved(j, t)), 0.0, f64::EPSILON);
            assert!((gradient(at)[j] - estimate.value).abs() < 1e-9 + 20.0 * estimate.error);
            assert!(([found.0[0], found.0[1], found.1][j] - gradient(at)[j]).abs() < 1e-13);
            let dot = $f::jvp(&at[..2], at[2], &v[..2], v[2]).1;
            assert!((dot - gradient(at)[j]).abs() < 1e-13);
            for i in 0..3 {
                let estimate = derivative(|t| gradient(moved(j, t))[i], 0.0, f64::EPSILON);
                let what = format!("{} {i} {j}: {} {}", stringify!($f), product[i], estimate.value);
                assert!((product[i] - estimate.value).abs() < 1e-8 + 20.0 * estimate.error, "{what}");
                assert!((hessian[i][j] - product[i]).abs() < 1e-12, "{what}");
                assert!((hessian[i][j] - hessian[j][i]).abs() < 1e-12, "{what}");
            }
        }
        let lanes = (Lanes([1.0, 0.0, 0.3]), Lanes([0.0, 1.0, -0.2]), Lanes([0.5, 0.0, 0.1]));
        let (_, (x, k)) = $f::hvp_n(&at[..2], at[2], &[lanes.0, lanes.1], lanes.2);
        for lane in 0..3 {
            let (_, one) = $f::hvp(&at[..2], at[2], &[lanes.0[lane], lanes.1[lane]], lanes.2[lane]);
            for (found, wanted) in [(x[0][lane], one.0[0]), (x[1][lane], one.0[1]), (k[lane], one.1)] {
                assert!((found - wanted).abs() < 1e-13 * wanted.abs().max(1.0), "{found} {wanted}");
            }
        }
    };
}

#[test]
fn second_derivatives_of_gradients() {
    check_twice!(by_gradients);
    check_twice!(by_tangents);
}

/// The third level goes through whatever the second one does.
#[grad]
fn outer(x: &[f64], k: f64) -> f64 {
    let mut k = k;
    for _ in 0..3 {
        let (gx, gk) = by_gradients::grad(x, k);
        k -= 0.001 * gk * gx[0];
    }
    let (_, turned) = by_tangents::jvp(x, k, &[k, 0.2], x[0]);
    k * turned
}

#[test]
fn through_a_descent_on_a_function_of_gradients() {
    let x = [0.4, 0.7];
    let (by_x, by_k) = outer::grad(&x, 0.8);
    let along = |f: &dyn Fn(f64) -> f64| derivative(f, 0.0, f64::EPSILON);
    let estimates = [
        along(&|t| outer(&[0.4 + t, 0.7], 0.8)),
        along(&|t| outer(&[0.4, 0.7 + t], 0.8)),
        along(&|t| outer(&x, 0.8 + t)),
    ];
    for (found, estimate) in [by_x[0], by_x[1], by_k].into_iter().zip(estimates) {
        assert!((found - estimate.value).abs() < 1e-8 + 20.0 * estimate.error, "{found} {}", estimate.value);
    }
    let (_, dot) = outer::jvp(&x, 0.8, &[1.0, -0.5], 0.25);
    assert!((dot - (by_x[0] - 0.5 * by_x[1] + 0.25 * by_k)).abs() < 1e-12 * dot.abs());
}

#[grad(third)]
fn single(x: f32, y: f64) -> f64 {
    f64::from(x * x * x) * y + f64::from(x)
}

#[grad(second)]
fn slope_of_single(x: f32) -> f32 {
    let (_, dot): (f64, f64) = single::jvp(x, 1.0, 1.0, 0.0);
    single::grad(x, 2.0).0 + single::value_and_grad(x, 1.0).1.0 + dot as f32
}

#[test]
fn floats_of_both_kinds() {
    // 2·3x² + 1 + (3x² + 1) + (3x² + 1)
    assert_eq!(slope_of_single(2.0), 51.0);
    assert_eq!(slope_of_single::grad(2.0), 48.0);
    assert_eq!(slope_of_single::hessian(2.0), 24.0);
}

mod deep {
    use grad::grad;

    #[grad(third, wrt(b, a))]
    pub(crate) fn base(a: (f64, [f64; 2]), n: usize, b: &[Vec<f64>], label: &str) -> f64 {
        let mut s = a.0;
        for row in b {
            for (j, v) in row.iter().enumerate() {
                if j >= n {
                    break;
                }
                s += v * v * v * a.1[j % 2] * a.0;
            }
        }
        if label.is_empty() { s } else { s * s }
    }
}

/// Tuples with constants in them, whose type nobody has written; rows of rows; another order; another name.
#[grad(second)]
fn of_rows(y: &[f64], x: f64) -> f64 {
    use deep::base as g;
    let rows = vec![vec![x, y[0]], vec![y[1] * x]];
    let mut total = 0.0;
    for k in 0..2 {
        let (by_b, by_a) = g::grad((x, [y[0], y[k]]), 2, &rows, "s");
        total += by_b[0][k] * by_a.0 + by_a.1[1];
    }
    let (v, _) = g::value_and_grad((1.0, [2.0, x]), 1, &rows, "");
    total * 0.01 + v
}

#[grad(third)]
fn energy<const N: usize>(x: &[f32; N], k: f32) -> f32 {
    let mut s = 0.0;
    for i in 1..N {
        let d = x[i] - x[i - 1];
        s += k * d * d * d;
    }
    s
}

#[grad(second)]
fn force<const N: usize>(x: &[f32; N], k: f32) -> f32 {
    let (by_x, by_k) = energy::grad(x, k);
    by_x[0] * by_x[1] + by_k
}

#[test]
fn arguments_of_every_shape() {
    check_twice!(of_rows);
    // With d = x₁ − x₀ in place of N numbers: −3kd² · 3kd² + d³, of which the second derivative is −108 k² d² + 6d.
    let (k, d) = (0.5, 2.0);
    let ((h, _), _) = force::hessian(&[1.0, 1.0 + d], k);
    assert_eq!(h[1][1], -108.0 * k * k * d * d + 6.0 * d);
    assert_eq!(h[0][1], -h[1][1]);
}

/// A slice in a loop, and what callers do with it.
#[grad(order = 4)]
fn inner(x: &[f64], k: f64) -> f64 {
    let mut s = 0.0;
    for z in x {
        s += (k * z).sin() * z;
    }
    s * k
}

#[grad(order = 4)]
fn lent(out: &mut [f64; 2], x: f64, v: Vec<f64>) -> f64 {
    out[0] += x * x * v[0];
    out[1] = out[0] * x.exp();
    out[1] * v[1]
}

#[grad(order = 4)]
fn pair(x: f64, y: &f64) -> (f64, [f64; 2]) {
    (x * y, [x + y, x * x * y])
}

#[grad(order = 4)]
fn root(x: f64) -> Option<f64> {
    if x > -100.0 { Some((x * x + 1.0).sqrt()) } else { None }
}

#[grad(order = 4)]
fn with_calls(x: &[f64], k: f64) -> f64 {
    let mut out = [k, x[0]];
    let a = inner(x, k * k);
    let b = lent(&mut out, a, vec![x[1], k]);
    let (c, d) = pair(a, &out[0]);
    let mut s = root(b).unwrap_or(0.0);
    for z in x {
        s += if a > 0.0 { b * out[0] + inner(&[a, b * 0.1, *z], x[0]) } else { out[1] - a * z };
    }
    s + c * d[1]
}

#[grad(order = 3)]
fn third_of_calls(x: &[f64], k: f64) -> Option<f64> {
    let (by_x, by_k) = inner::grad(x, k);
    Some(with_calls(x, by_k) * root(by_x[0])?)
}

type Point = ([f64; 2], f64);

const AT: Point = ([0.4, 0.7], 0.8);
const ALONG: [Point; 4] = [([0.3, -0.2], 0.4), ([0.5, 0.1], -0.3), ([-0.4, 0.7], 0.2), ([0.2, 0.9], 0.6)];

/// The point after a step.
fn after(h: f64, (v, w): Point, (x, k): Point) -> Point {
    ([x[0] + h * v[0], x[1] + h * v[1]], k + h * w)
}

/// The central difference of the fifth order.
fn difference(f: impl Fn(f64) -> f64) -> f64 {
    let h = 1e-3;
    (f(-2.0 * h) - 8.0 * f(-h) + 8.0 * f(h) - f(2.0 * h)) / (12.0 * h)
}

#[test]
fn the_fourth_order_through_calls_is_the_difference_of_the_second() {
    let [a, b, c, d] = ALONG;
    let second = |(x, k): Point| {
        let (_, (by_x, by_k)) = with_calls::hvp(&x, k, &a.0, a.1);
        by_x[0] * b.0[0] + by_x[1] * b.0[1] + by_k * b.1
    };
    let third = |at| difference(|h| second(after(h, c, at)));
    let fourth = difference(|h| third(after(h, d, AT)));
    let (x, k) = AT;
    let found = with_calls::derivative_along(&x, k, &a.0, a.1, &b.0, b.1, &c.0, c.1, &d.0, d.1);
    assert!((found - fourth).abs() < 1e-6 * fourth.abs(), "{found} and {fourth}");
    // The order of the directions does not matter.
    let again = with_calls::derivative_along(&x, k, &d.0, d.1, &b.0, b.1, &a.0, a.1, &c.0, c.1);
    assert!((found - again).abs() < 1e-11 * found.abs(), "{found} and {again}");
}

#[test]
fn the_third_order_of_what_may_fail_and_calls_gradients() {
    let [a, b, c, _] = ALONG;
    let second = |(x, k): Point| {
        let (_, (by_x, by_k)) = third_of_calls::hvp(&x, k, &a.0, a.1).unwrap();
        by_x[0] * b.0[0] + by_x[1] * b.0[1] + by_k * b.1
    };
    let wanted = difference(|h| second(after(h, c, AT)));
    let (x, k) = AT;
    let found = third_of_calls::derivative_along(&x, k, &a.0, a.1, &b.0, b.1, &c.0, c.1).unwrap();
    assert!((found - wanted).abs() < 1e-8 * wanted.abs(), "{found} and {wanted}");
}

#[grad(order = 4)]
fn quintic(x: f64) -> f64 {
    x * x * x * x * x
}

#[grad(order = 3)]
fn first_slope(x: f64) -> f64 {
    quintic::grad(x)
}

#[grad(second)]
fn second_slope(x: f64) -> f64 {
    first_slope::value_and_grad(x).1
}

#[grad]
fn third_slope(x: f64) -> f64 {
    second_slope::jvp(x, 1.0).1
}

#[grad(order = 3)]
fn slope_along(x: f64) -> f64 {
    quintic::jvp(x, x).1
}

#[grad(second)]
fn of_products(x: f64, y: f64) -> f64 {
    let (g, h) = quintic::hvp(x, y);
    g * y + h * x
}

#[grad]
fn products_of_slices(x: &[f64], k: f64) -> f64 {
    let ((by_x, by_k), (along_x, along_k)) = inner::hvp(x, k, &[k, x[0]], 0.5);
    by_x[0] * along_k + by_k * along_x[1] + along_x[0]
}

#[test]
fn four_levels() {
    // Powers of 2, so that all products are exact.
    let x = 2.0;
    assert_eq!(third_slope(x), 60.0 * x * x);
    assert_eq!(third_slope::grad(x), 120.0 * x);
    assert_eq!(third_slope::jvp(x, 1.0), (60.0 * x * x, 120.0 * x));
    assert_eq!(quintic::derivative_along(x, 1.0, 0.5, 1.0, 2.0), 120.0 * x);
    assert_eq!(first_slope::derivative_along(x, 1.0, 1.0, 1.0), 120.0 * x);
    // 5 x⁵
    assert_eq!(slope_along::derivative_along(x, 1.0, 1.0, 1.0), 300.0 * x * x);
}

#[test]
fn products_with_the_hessian_are_functions_like_others() {
    // 5x⁴y + 20x³y · x
    let (x, y) = (2.0_f64, 0.5);
    assert_eq!(of_products(x, y), 25.0 * x.powi(4) * y);
    let gradient = (100.0 * x.powi(3) * y, 25.0 * x.powi(4));
    assert_eq!(of_products::grad(x, y), gradient);
    assert_eq!(of_products::jvp(x, y, 1.0, 0.0).1, gradient.0);
    let product = (300.0 * x * x * y, 100.0 * x.powi(3));
    assert_eq!(of_products::hvp(x, y, 1.0, 0.0).1, product);
    assert_eq!(of_products::hessian(x, y), (product, (product.1, 0.0)));

    let (at, k) = AT;
    let (by_x, by_k) = products_of_slices::grad(&at, k);
    let axes = [([1.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([0.0; 2], 1.0)];
    for (found, axis) in [by_x[0], by_x[1], by_k].into_iter().zip(axes) {
        let wanted = difference(|h| {
            let (x, k) = after(h, axis, AT);
            products_of_slices(&x, k)
        });
        assert!((found - wanted).abs() < 1e-9, "{found} and {wanted}");
        let along = products_of_slices::jvp(&at, k, &axis.0, axis.1).1;
        assert!((found - along).abs() < 1e-12, "{found} and {along}");
    }
}
