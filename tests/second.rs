//! Second derivatives: products with the Hessian against differences of the gradient, and the Hessian's symmetry.

#![deny(warnings)]
#![allow(clippy::pedantic, clippy::needless_range_loop, clippy::type_complexity, clippy::useless_vec)]

mod support;

use grad::grad;
use support::differences::derivative;

/// The product of the Hessian with a direction, by every way to get it.
struct Case<'a> {
    name: &'static str,
    grad: &'a dyn Fn(&[f64]) -> Vec<f64>,
    hvp: &'a dyn Fn(&[f64], &[f64]) -> (Vec<f64>, Vec<f64>),
    hessian: &'a dyn Fn(&[f64]) -> Vec<Vec<f64>>,
}

impl Case<'_> {
    #[track_caller]
    fn check(&self, x: &[f64]) {
        let n = x.len();
        let gradient = (self.grad)(x);
        let hessian = (self.hessian)(x);
        let mut compared = 0;
        for k in 0..=n {
            let v: Vec<f64> = (0..n)
                .map(
                    |i| if k < n { f64::from(u8::from(i == k)) } else { 0.3 + 0.45 * (i as f64 + 1.0).sin() },
                )
                .collect();
            let (found, product) = (self.hvp)(x, &v);
            for (found, wanted) in found.iter().zip(&gradient) {
                assert!(
                    (found - wanted).abs() <= 1e-13 * wanted.abs().max(1.0),
                    "{}: {found} {wanted}",
                    self.name
                );
            }
            for i in 0..n {
                let along = |t: f64| {
                    let moved: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + t * v).collect();
                    (self.grad)(&moved)[i]
                };
                let estimate = derivative(along, 0.0, f64::EPSILON);
                let scale = product[i].abs().max(1.0);
                if estimate.error > 1e-6 * scale {
                    continue;
                }
                compared += 1;
                assert!(
                    (product[i] - estimate.value).abs() <= 1e-8 * scale + 20.0 * estimate.error,
                    "{} at {x:?} along {v:?}: number {i} is {}, differences say {} ± {:e}",
                    self.name,
                    product[i],
                    estimate.value,
                    estimate.error
                );
                if k < n {
                    let entry = hessian[k][i];
                    assert!(
                        (entry - product[i]).abs() <= 1e-13 * scale,
                        "{}: {entry} {}",
                        self.name,
                        product[i]
                    );
                    let mirrored = hessian[i][k];
                    assert!((entry - mirrored).abs() <= 1e-12 * scale, "{}: {entry} {mirrored}", self.name);
                }
            }
        }
        assert!(2 * compared >= n * (n + 1), "{}: {compared} comparisons", self.name);
    }
}

/// A function of a slice, and constants behind it.
macro_rules! check_slice {
    ($f:ident($x:expr $(, $c:expr)*)) => {
        Case {
            name: stringify!($f),
            grad: &|x| $f::grad(x $(, $c)*),
            hvp: &|x, v| $f::hvp(x $(, $c)*, v),
            hessian: &|x| $f::hessian(x $(, $c)*),
        }
        .check(&$x)
    };
}

#[grad(second)]
fn rosenbrock(p: &[f64; 2]) -> f64 {
    let [x, y] = *p;
    let a = 1.0 - x;
    let b = y - x * x;
    a * a + 100.0 * b * b
}

#[test]
fn rosenbrock_by_hand() {
    // At a point where all of it is exact.
    let p = [-1.5, 1.0];
    let h = rosenbrock::hessian(&p);
    assert_eq!(h, [[2.0 - 400.0 * p[1] + 1200.0 * p[0] * p[0], -400.0 * p[0]], [-400.0 * p[0], 200.0]]);
    let (g, hv) = rosenbrock::hvp(&p, &[1.0, -2.0]);
    assert_eq!(g, rosenbrock::grad(&p));
    assert_eq!(hv, [h[0][0] - 2.0 * h[0][1], h[1][0] - 2.0 * h[1][1]]);
}

#[grad(second)]
fn scalars(x: f64, y: f64) -> f64 {
    (x * y).sin() * x.exp() + y.powi(3) / x
}

#[test]
fn blocks_of_several_parameters() {
    let (x, y): (f64, f64) = (0.7, 1.3);
    let ((xx, xy), (yx, yy)) = scalars::hessian(x, y);
    let (s, c, e) = ((x * y).sin(), (x * y).cos(), x.exp());
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-13 * b.abs().max(1.0), "{a} {b}");
    close(xx, e * (s + 2.0 * y * c - y * y * s) + 2.0 * y.powi(3) / x.powi(3));
    close(yy, -x * x * s * e + 6.0 * y / x);
    close(xy, e * (c + x * c - x * y * s) - 3.0 * y * y / (x * x));
    close(yx, xy);
}

#[grad(second, wrt(w))]
fn logistic(w: &[f64], xs: &[[f64; 3]], ys: &[f64]) -> f64 {
    let mut total = 0.0;
    for (x, y) in xs.iter().zip(ys) {
        let z: f64 = w.iter().zip(x).map(|(w, x)| w * x).sum();
        total += (1.0 + (-y * z).exp()).ln();
    }
    total / xs.len() as f64
}

#[grad(second)]
fn recurrence(x: &[f64]) -> f64 {
    let mut s = x[0];
    for i in 1..x.len() {
        if x[i] > 0.0 {
            s = s * x[i] + s.sin();
        } else {
            s -= x[i] * x[i] * s;
            continue;
        }
        s *= 0.5;
    }
    s * s
}

#[grad(second)]
fn root(x: &[f64]) -> f64 {
    let mut y = 1.0;
    let mut n = 0;
    while (y * y - x[0]).abs() > 1e-9 {
        y = 0.5 * (y + x[0] / y);
        n += 1;
    }
    y * x[1] + n as f64
}

#[grad(second)]
fn overwritten(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    for _ in 0..3 {
        for i in 1..v.len() {
            v[i] = v[i - 1] * v[i] + v[0];
        }
        v[0] = v[0].cos();
    }
    let mut rows = vec![[0.0; 2]; 2];
    rows[0][1] = v[1] * v[0];
    rows[1] = [v[2], rows[0][1].exp()];
    rows[1][0] * rows[1][1] + v[v.len() - 1]
}

#[grad(second)]
fn sigmoid(x: f64, k: f64) -> f64 {
    1.0 / (1.0 + (-k * x).exp())
}

#[grad(second)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[grad(second)]
fn step(y: &mut [f64], h: f64) {
    let n = y.len();
    let first = y[0];
    for i in 0..n - 1 {
        y[i] += h * (y[i + 1] - y[i] * y[i]);
    }
    y[n - 1] += h * first.sin();
}

#[grad(second)]
fn bump(x: &mut f64, by: f64) -> f64 {
    let old = *x;
    *x = old * by;
    old + by * by
}

#[grad(second)]
fn power(x: f64, n: usize) -> f64 {
    if n == 0 { 1.0 } else { x * power(x, n - 1) }
}

#[grad(second)]
fn normalised(x: &[f64]) -> Vec<f64> {
    let norm = dot(x, x).sqrt();
    x.iter().map(|x| x / norm).collect()
}

#[grad(second)]
fn through_helpers(x: &[f64]) -> f64 {
    let mut y = x.to_vec();
    for k in 0..3 {
        step(&mut y, 0.1 * x[k % x.len()]);
    }
    let mut s = sigmoid(y[0], 2.0) + sigmoid(x[1], y[1]);
    for _ in 0..2 {
        let old = bump(&mut s, x[2]);
        s += 0.1 * old;
    }
    let unit = normalised(x);
    s + dot(&y, x) * power(x[0], 3) + dot(&unit, &y) + sigmoid(1.5, 0.5)
}

/// The state is an array, and nothing but its zeros says what its cotangents are.
#[grad(second)]
fn driven_pendulum(x: &[f64], damping: f64) -> f64 {
    let mut y = [0.3, 0.0];
    for k in 0..5 {
        let a = y[1] * damping - y[0].sin() * x[k % 2];
        y[1] += 0.1 * a;
        y[0] += 0.1 * y[1];
    }
    y[0]
}

#[grad(second)]
fn state_in_a_tuple(x: &[f64]) -> f64 {
    let mut state = (1.0_f64, [0.2; 3]);
    for x in x {
        let (q, p) = state;
        let force = -p[1] * x - q.cos();
        state = (q + 0.1 * p[0], [p[0] + 0.1 * force, -p[2] * x, p[1] * q]);
    }
    state.0 * state.1[0] - state.1[2]
}

#[grad(second)]
fn edges(x: &[f64]) -> f64 {
    let a = x[0].max(x[1]).abs() + x[2].powf(x[0]) + (x[1] * x[1] + x[2]).sqrt();
    a.ln() * x[0].atan2(x[1]) + x[1].hypot(x[2]) + x[2].tanh()
}

#[grad(second)]
fn through_damping(x: &[f64]) -> f64 {
    driven_pendulum(&x[..2], x[2])
}

#[test]
fn products_agree_with_differences() {
    check_slice!(logistic([0.3, -0.2, 0.5], &[[1.0, 2.0, 0.5], [0.2, -1.0, 1.5]], &[1.0, -1.0]));
    check_slice!(recurrence([0.8, 1.2, -0.4, 0.9]));
    check_slice!(root([2.5, 0.7]));
    check_slice!(overwritten([0.7, 1.1, -0.6]));
    check_slice!(edges([0.8, 0.4, 1.3]));
    check_slice!(state_in_a_tuple([0.8, 0.4, 1.3]));
    check_slice!(through_damping([1.4, 0.6, 0.3]));
}

#[test]
fn products_go_through_calls() {
    check_slice!(through_helpers([0.7, 1.1, 0.6]));
}

#[grad(second)]
fn single(x: f32, y: f32) -> f32 {
    x * x * y.sin()
}

#[test]
fn single_precision_stays_single() {
    let ((xx, xy), (_, yy)): ((f32, f32), (f32, f32)) = single::hessian(1.5, 0.5);
    let (s, c) = 0.5_f32.sin_cos();
    for (found, wanted) in [(xx, 2.0 * s), (xy, 3.0 * c), (yy, -2.25 * s)] {
        assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    }
}

// Derivatives inside of functions: perturbation confusion.

#[grad(second)]
fn sum(x: f64, y: f64) -> f64 {
    x + y
}

#[grad]
fn confused_sum(x: f64) -> f64 {
    let (_, dy) = sum::grad(x, 1.0);
    x * dy
}

#[grad(second)]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

#[grad]
fn confused_product(x: f64) -> f64 {
    let (_, dy) = product::grad(x, 2.0);
    x * dy
}

#[grad(second)]
fn potential(r: &[f64], k: f64) -> f64 {
    let mut energy = 0.0;
    for i in 0..r.len() {
        energy += k * r[i] * r[i] * r[i] + r[i] * r[(i + 1) % r.len()];
    }
    energy
}

/// A function of a force.
#[grad]
fn work(r: &[f64], k: f64, steps: usize) -> f64 {
    let mut x = r.to_vec();
    let mut total = 0.0;
    for _ in 0..steps {
        let (energy, (force, _)) = potential::value_and_grad(&x, k);
        for i in 0..x.len() {
            x[i] -= 0.1 * force[i];
        }
        total += energy;
        let (again, by_k) = potential::grad(&x, k);
        total += again[0] * by_k;
    }
    total * x[0]
}

#[test]
fn perturbations_are_not_confused() {
    assert_eq!(confused_sum::grad(1.0), 1.0);
    assert_eq!(confused_product::grad(3.0), 6.0);
    assert_eq!(confused_sum::jvp(1.0, 1.0), (1.0, 1.0));
    assert_eq!(confused_product::jvp(3.0, 1.0), (9.0, 6.0));
    support::check_into!(work(&[0.3, -0.2, 0.5], 0.7, =3), first_only);
}

/// A `Vec` that is moved into a call, in a loop: its cotangent waits on a tape, and so does that of its tangent.
#[grad(second)]
fn moved_in_a_loop(x: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        if x[i] > -1.0 {
            s += weighted(&x[i..2], x[2], vec![1.0, x[1] * s], &x[0], 1);
        }
    }
    s
}

#[test]
fn buffers_on_tapes_have_tangents() {
    check_slice!(moved_in_a_loop([0.4, 0.7, -0.3]));
}

/// The sum of squared distances to the nearest centre.
#[grad(second, wrt(centres))]
fn k_means(points: &[[f64; 2]], centres: &[[f64; 2]]) -> f64 {
    let mut cost = 0.0;
    for p in points {
        let mut nearest = f64::INFINITY;
        for c in centres {
            let (dx, dy) = (p[0] - c[0], p[1] - c[1]);
            nearest = nearest.min(dx * dx + dy * dy);
        }
        cost += nearest;
    }
    cost
}

/// No two coordinates share a term: the diagonal of the Hessian is the product with ones, beside the gradient. Newton's
/// step is then Lloyd's, to the mean of the points that are nearest.
#[test]
fn the_diagonal_of_a_separable_hessian_is_one_product() {
    let points = [[0.0, 0.5], [0.5, 0.0], [0.25, 0.25], [4.0, 3.0], [5.0, 4.0]];
    let centres = [[1.0, 1.0], [4.0, 4.0]];
    let (gradient, diagonal) = k_means::hvp(&points, &centres, &[[1.0; 2]; 2]);
    assert_eq!(gradient, k_means::grad(&points, &centres));
    assert_eq!(diagonal, [[6.0; 2], [4.0; 2]]);
    let step = |k: usize, i: usize| centres[k][i] - gradient[k][i] / diagonal[k][i];
    assert_eq!([[step(0, 0), step(0, 1)], [step(1, 0), step(1, 1)]], [[0.25, 0.25], [4.5, 3.5]]);
}

// --- rules of the user's own ---

#[grad(vjp = cube_vjp, jvp = cube_jvp, hvp = cube_hvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (cube(x), move |bar| bar * 3.0 * x * x)
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

fn cube_hvp(x: f64, x_dot: f64) -> (f64, f64) {
    (3.0 * x * x, 6.0 * x * x_dot)
}

/// Every way to pass an argument.
#[grad(second)]
fn weighted(v: &[f64], k: f64, w: Vec<f64>, &c: &f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i] * v[i] * w[i] * k * c;
    }
    s * n as f64
}

/// The same, by rules that are made of its derivatives.
#[grad(wrt(k, v, w, c), vjp = ruled_vjp, jvp = ruled_jvp, hvp = ruled_hvp)]
fn ruled(v: &[f64], k: f64, w: Vec<f64>, c: &f64, n: usize) -> f64 {
    weighted(v, k, w, c, n)
}

type Parts = (f64, Vec<f64>, Vec<f64>, f64);

fn in_their_order((v, k, w, c): (Vec<f64>, f64, Vec<f64>, f64)) -> Parts {
    (k, v, w, c)
}

fn ruled_vjp(v: &[f64], k: f64, w: Vec<f64>, c: &f64, n: usize) -> (f64, impl FnOnce(f64) -> Parts + use<>) {
    let (v, c) = (v.to_vec(), *c);
    let value = weighted(&v, k, w.clone(), &c, n);
    (value, move |seed| in_their_order(weighted::vjp(&v, k, w, &c, n).1(seed)))
}

#[allow(clippy::too_many_arguments)]
fn ruled_jvp(
    v: &[f64],
    k: f64,
    w: Vec<f64>,
    c: &f64,
    n: usize,
    v_dot: &[f64],
    k_dot: f64,
    w_dot: Vec<f64>,
    c_dot: &f64,
) -> (f64, f64) {
    weighted::jvp(v, k, w, c, n, v_dot, k_dot, w_dot, c_dot)
}

#[allow(clippy::too_many_arguments)]
fn ruled_hvp(
    v: &[f64],
    k: f64,
    w: Vec<f64>,
    c: &f64,
    n: usize,
    v_dot: &[f64],
    k_dot: f64,
    w_dot: Vec<f64>,
    c_dot: &f64,
) -> (Parts, Parts) {
    let (gradient, product) = weighted::hvp(v, k, w, c, n, v_dot, k_dot, w_dot, c_dot);
    (in_their_order(gradient), in_their_order(product))
}

#[grad(second)]
fn calls_rules(x: &[f64]) -> f64 {
    let y = x[3];
    let mut s = 0.0;
    for i in 0..2 {
        if x[i] > -1.0 {
            s += ruled(&x[i..3], 1.5, vec![1.0, x[2] * y, 3.0], &x[0], 3) * cube(s + y);
        }
    }
    cube(ruled(&[x[0], y], x[1], vec![x[0] * y, x[1].sin()], &y, 2))
        + s
        + ruled(&x[..1], y, vec![2.0], &1.5, 1)
}

/// The same without rules.
#[grad(second)]
fn calls_no_rules(x: &[f64]) -> f64 {
    let y = x[3];
    let mut s = 0.0;
    for i in 0..2 {
        if x[i] > -1.0 {
            let t = s + y;
            s += weighted(&x[i..3], 1.5, vec![1.0, x[2] * y, 3.0], &x[0], 3) * (t * t * t);
        }
    }
    let t = weighted(&[x[0], y], x[1], vec![x[0] * y, x[1].sin()], &y, 2);
    t * t * t + s + weighted(&x[..1], y, vec![2.0], &1.5, 1)
}

#[grad(second)]
fn special(x: &[f64], n: i32) -> f64 {
    use grad::functions::*;
    log_sigmoid(x[0]) * softplus(x[1]) + xlogy(x[1], x[2]) + sinc(x[0]) * logsumexp(x) + x[n as usize]
}

#[cfg(feature = "libm")]
#[grad(second)]
fn special_by_rules(x: &[f64], n: i32) -> f64 {
    use grad::functions::*;
    erf(x[0]) * erfc(x[1])
        + tgamma(x[1]) * ln_gamma(x[2])
        + digamma(x[1] + x[2]) * j0(x[0])
        + j1(x[1]) * y0(x[2])
        + jn(n, x[0]) * yn(n, x[1])
        + y1(x[2] * x[1])
}

#[test]
fn products_go_through_rules() {
    assert_eq!(cube::hessian(2.0), 12.0);
    assert_eq!(cube::hvp_n(2.0, grad::Lanes([1.0, 0.5])), (12.0, grad::Lanes([12.0, 6.0])));
    check_slice!(calls_rules([0.4, 0.7, -0.3, 0.6]));
    check_slice!(special([0.4, 0.7, 1.3], 2));
    #[cfg(feature = "libm")]
    check_slice!(special_by_rules([0.4, 0.7, 1.3], 2));
    let x = [0.4, 0.7, -0.3, 0.6];
    let (with_rules, without) = (calls_rules::hessian(&x).concat(), calls_no_rules::hessian(&x).concat());
    for (with, without) in with_rules.into_iter().zip(without) {
        assert!((with - without).abs() <= 1e-13 * without.abs().max(1.0), "{with} {without}");
    }
    let v = [0.4, 0.7];
    let w = || vec![1.0, 2.0];
    let (k, of_v, of_w, c) = ruled::hessian(&v, 0.3, w(), &0.5, 2);
    let (plain_v, plain_k, plain_w, plain_c) = weighted::hessian(&v, 0.3, w(), &0.5, 2);
    let moved = |(v, k, w, c)| (k, v, w, c);
    assert_eq!((k, c), (moved(plain_k), moved(plain_c)));
    let moved = |(v, k, w, c)| (k, v, w, c);
    assert_eq!((of_v, of_w), (moved(plain_v), moved(plain_w)));
}

/// The derivative of a rule's gradient, and of its tangent.
#[grad]
fn nested_rules(x: f64) -> f64 {
    cube::grad(x) * x + cube::jvp(x, x * x).1 + cube::value_and_grad(x).0
}

#[test]
fn derivatives_of_rules_inside_of_functions() {
    assert_eq!(nested_rules::grad(2.0), 36.0 + 96.0 + 12.0);
    assert_eq!(nested_rules::jvp(2.0, 0.5).1, 0.5 * (36.0 + 96.0 + 12.0));
}

/// Cotangents that are 0 at a point and have a tangent there: at 1, the logarithm is 0.
#[grad(second)]
fn log(x: f64) -> f64 {
    x.ln()
}

#[grad(second)]
fn chosen_square(x: f64) -> f64 {
    let a = x.ln();
    if a > 100.0 { 0.0 } else { a * a }
}

#[grad(second)]
fn chosen_square_of_a_call(x: f64) -> f64 {
    let a = log(x);
    if a > 100.0 { 0.0 } else { a * a }
}

#[grad(third)]
fn chosen_cube(x: f64) -> f64 {
    let (a, b) = (x.ln(), (2.0 * x - 1.0).ln());
    if a > 100.0 {
        return 1.0;
    }
    a * b * a
}

#[grad(second)]
fn slope_of_the_cube(x: f64) -> f64 {
    chosen_cube::grad(x)
}

#[grad(second)]
fn chosen_in_a_loop(x: &[f64]) -> f64 {
    let mut total = 0.0;
    for x in x {
        let (a, b) = (x.ln(), log(*x));
        total += if a > 100.0 { 0.0 } else { a * b };
    }
    total
}

/// The square that is chosen is the other one: nothing flows through the logarithm of 0, whose derivative is infinite.
#[grad(second)]
fn not_chosen(x: f64, y: f64) -> f64 {
    let a = y.ln();
    if x < 100.0 { x * x } else { a * a }
}

#[test]
fn a_cotangent_that_is_zero_at_a_point_may_have_a_tangent() {
    for (hvp, hvp_n) in [
        (chosen_square::hvp(1.0, 1.0), chosen_square::hvp_n(1.0, grad::Lanes([1.0, 0.5]))),
        (
            chosen_square_of_a_call::hvp(1.0, 1.0),
            chosen_square_of_a_call::hvp_n(1.0, grad::Lanes([1.0, 0.5])),
        ),
    ] {
        assert_eq!(hvp, (0.0, 2.0));
        assert_eq!(hvp_n, (0.0, grad::Lanes([2.0, 1.0])));
    }
    assert_eq!(chosen_square::hessian(1.0), 2.0);
    assert_eq!(chosen_square_of_a_call::hessian(1.0), 2.0);
    assert_eq!(chosen_cube::hessian(1.0), 0.0);
    assert_eq!(chosen_in_a_loop::hvp(&[1.0, 1.0, 2.0], &[1.0, 0.5, 0.0]).1, [2.0, 1.0, 0.0]);
    check_slice!(chosen_in_a_loop([1.0, 1.5, 1.0]));
    // 6 a'² b' with b' = 2.
    assert_eq!((slope_of_the_cube::grad(1.0), slope_of_the_cube::hessian(1.0)), (0.0, 12.0));
    assert_eq!(not_chosen::hvp(3.0, 0.0, 1.0, 1.0), ((6.0, 0.0), (2.0, 0.0)));
}
