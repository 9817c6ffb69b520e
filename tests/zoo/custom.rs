//! Functions with rules of the user's own: what `#[grad]` makes of the rules, and callers of every kind.

use crate::support::{check, check_into, check_outputs, check_vjp};
use grad::grad;
use std::cell::Cell;

// A root: x with x³ + a·x = b, by Newton's method. The rule divides once; the iterations are not differentiated.

thread_local! {
    static SOLVED: Cell<usize> = const { Cell::new(0) };
}

#[grad(vjp = root_vjp, jvp = root_jvp)]
fn root(a: f64, b: f64) -> f64 {
    SOLVED.set(SOLVED.get() + 1);
    let mut x = 1.0_f64;
    let mut steps = std::iter::repeat(()).take(60);
    while let Some(()) = steps.next() {
        let step = (x.powi(3) + a * x - b) / (3.0 * x * x + a);
        x -= step;
        if step.abs() < 1e-15 {
            break;
        }
    }
    x
}

fn root_vjp(a: f64, b: f64) -> (f64, impl FnOnce(f64) -> (f64, f64)) {
    let x = root(a, b);
    // x² dx·3 + a dx + x da = db
    (x, move |x_bar| {
        let b_bar = x_bar / (3.0 * x * x + a);
        (-x * b_bar, b_bar)
    })
}

fn root_jvp(a: f64, b: f64, a_dot: f64, b_dot: f64) -> (f64, f64) {
    let x = root(a, b);
    (x, (b_dot - x * a_dot) / (3.0 * x * x + a))
}

#[grad]
fn roots_in_a_loop(v: &[f64], a: f64) -> f64 {
    let mut x = a;
    for i in 0..v.len() {
        x = root(x * x + 1.0, v[i]) + 0.5 * x;
    }
    x
}

#[grad]
fn roots_in_branches(x: f64, y: f64, n: usize) -> f64 {
    let mut s = x;
    let mut k = 0;
    while s < 6.0 && k < n {
        if k % 2 == 0 {
            s += root(s, y);
        } else if y > 0.0 {
            s += y * root(2.0, s);
        }
        k += 1;
    }
    s
}

/// A constant in either place; a root of a root; the same arguments twice.
#[grad]
fn roots_of_constants(x: f64) -> f64 {
    root(x, 2.0) * root(3.0, x) + root(root(x, 1.5), root(x, x)) + root(2.0, 3.0)
}

#[grad]
fn root_by_name(v: &[f64]) -> f64 {
    v.iter().map(|&b| root(1.0, b)).sum()
}

#[test]
fn a_root_is_differentiated_by_its_rule() {
    check!(root(1.5, 0.7), first_only);
    check!(roots_in_a_loop(&[0.5, 1.5, 2.5], 0.3), first_only);
    check!(roots_in_branches(0.4, 0.9, =7), first_only);
    check!(roots_in_branches(0.4, 0.9, =0) => [1.0, 0.0], first_only);
    check!(roots_of_constants(0.8), first_only);
    check!(root_by_name(&[0.2, 3.0]), first_only);
}

#[test]
fn a_rule_runs_once_a_derivative() {
    let solved = |f: &dyn Fn()| {
        let before = SOLVED.get();
        f();
        SOLVED.get() - before
    };
    assert_eq!(solved(&|| _ = root::value_and_grad(1.5, 0.7)), 1);
    assert_eq!(solved(&|| _ = root::grad(1.5, 0.7)), 1);
    assert_eq!(solved(&|| _ = root::jvp(1.5, 0.7, 1.0, 0.0)), 1);
    assert_eq!(solved(&|| _ = root::vjp(1.5, 0.7).1(1.0)), 1);
    assert_eq!(solved(&|| _ = roots_in_a_loop::grad(&[0.5, 1.5, 2.5], 0.3)), 3);
    assert_eq!(solved(&|| _ = roots_in_a_loop::vjp(&[0.5, 1.5, 2.5], 0.3).1(1.0)), 3);
}

// Slices, `Vec`s and arrays in, arrays and tuples out; constants between.

/// Σ wᵢ sin(k xᵢ), and the mean of w for each letter of a name.
#[grad(wrt(x, w), vjp = wave_vjp, jvp = wave_jvp)]
fn wave(x: &[f64], k: usize, w: Vec<f64>, name: &str) -> (f64, f64) {
    let text = format!("{name}{name}");
    let letters = text.len() as f64;
    (x.iter().zip(&w).map(|(x, w)| w * (k as f64 * x).sin()).sum(), letters * mean(&w))
}

fn mean(w: &[f64]) -> f64 {
    w.iter().sum::<f64>() / w.len() as f64
}

// What the pullback needs of `x` it owns: in the edition of this crate, `use<>` says that it borrows nothing.
fn wave_vjp(
    x: &[f64],
    k: usize,
    w: Vec<f64>,
    name: &str,
) -> ((f64, f64), impl FnOnce((f64, f64)) -> (Vec<f64>, Vec<f64>) + use<>) {
    let value = wave(x, k, w.clone(), name);
    let (x, letters) = (x.to_vec(), 2.0 * name.len() as f64);
    (value, move |(bar, mean_bar)| {
        let k = k as f64;
        let x_bar = x.iter().zip(&w).map(|(x, w)| bar * w * k * (k * x).cos()).collect();
        let w_bar = x.iter().map(|x| bar * (k * x).sin() + mean_bar * letters / w.len() as f64).collect();
        (x_bar, w_bar)
    })
}

fn wave_jvp(
    x: &[f64],
    k: usize,
    w: Vec<f64>,
    name: &str,
    x_dot: &[f64],
    w_dot: Vec<f64>,
) -> ((f64, f64), (f64, f64)) {
    let value = wave(x, k, w.clone(), name);
    let k = k as f64;
    let dot =
        (0..x.len()).map(|i| w_dot[i] * (k * x[i]).sin() + w[i] * k * x_dot[i] * (k * x[i]).cos()).sum();
    (value, (dot, 2.0 * name.len() as f64 * mean(&w_dot)))
}

#[grad]
fn waves(x: &[f64], y: f64) -> f64 {
    let mut s = 0.0;
    for k in 1..4 {
        let w = vec![y * k as f64, 1.0, y * y];
        let (a, n): (f64, f64) = wave(x, k, w, "ab");
        s += a * y * n;
    }
    let own = x.to_vec();
    let (b, _) = wave(&[0.1, 0.2, 0.3], 2, own, "");
    s * b
}

#[test]
fn slices_and_vecs() {
    check_vjp!(wave(&[0.1, 0.7, -0.4], =3, vec![1.0, 0.5, 2.0], ="name"));
    check!(waves(&[0.3, -0.2, 0.9], 0.6), first_only);
}

/// The last parameter first.
#[grad(wrt(y, x), name = swapped, vjp = dot_vjp)]
fn dot(x: &[f64; 2], y: [f64; 2]) -> f64 {
    x[0] * y[0] + x[1] * y[1]
}

fn dot_vjp(x: &[f64; 2], y: [f64; 2]) -> (f64, impl FnOnce(f64) -> ([f64; 2], [f64; 2]) + use<>) {
    let x = *x;
    (dot(&x, y), move |bar| (x.map(|x| bar * x), y.map(|y| bar * y)))
}

#[grad(vjp = scaled_vjp, jvp = scaled_jvp)]
fn scaled<const N: usize>(x: [f64; N], by: &f64) -> [f64; N] {
    x.map(|x| x * by)
}

fn scaled_vjp<const N: usize>(
    x: [f64; N],
    by: &f64,
) -> ([f64; N], impl FnOnce([f64; N]) -> ([f64; N], f64) + use<N>) {
    let by = *by;
    (scaled(x, &by), move |bar| (bar.map(|bar| bar * by), (0..N).map(|i| x[i] * bar[i]).sum()))
}

fn scaled_jvp<const N: usize>(x: [f64; N], by: &f64, x_dot: [f64; N], by_dot: &f64) -> ([f64; N], [f64; N]) {
    (scaled(x, by), std::array::from_fn(|i| x_dot[i] * by + x[i] * by_dot))
}

#[grad]
fn of_arrays(x: f64, y: f64) -> f64 {
    let a = scaled([x, y, x * y], &(x + y));
    let b: [f64; 2] = scaled::<2>([a[0], a[2]], &y);
    b[0] * b[1] + a[1]
}

#[test]
fn arrays_and_generic_lengths() {
    let (value, (y_bar, x_bar)) = swapped::value_and_grad(&[1.0, 2.0], [3.0, 4.0]);
    assert_eq!((value, y_bar, x_bar), (11.0, [1.0, 2.0], [3.0, 4.0]));
    let (mut y_bar, mut x_bar) = ([9.0; 2], [9.0; 2]);
    assert_eq!(swapped::grad_into(&[1.0, 2.0], [3.0, 4.0], &mut y_bar, &mut x_bar), 11.0);
    assert_eq!((y_bar, x_bar), ([1.0, 2.0], [3.0, 4.0]));
    check_vjp!(scaled([1.0, 2.0, -0.5], &0.7));
    check!(of_arrays(0.8, 1.2), first_only);
}

#[grad(vjp = norm_vjp, jvp = norm_jvp)]
fn norm(x: &[f32]) -> f32 {
    x.iter().map(|x| x * x).sum::<f32>().sqrt()
}

fn norm_vjp(x: &[f32]) -> (f32, impl FnOnce(f32) -> Vec<f32> + use<>) {
    let (x, norm) = (x.to_vec(), norm(x));
    (norm, move |bar| x.iter().map(|x| bar * x / norm).collect())
}

fn norm_jvp(x: &[f32], x_dot: &[f32]) -> (f32, f32) {
    let norm = norm(x);
    (norm, x.iter().zip(x_dot).map(|(x, x_dot)| x * x_dot / norm).sum())
}

#[grad]
fn norms(x: &[f32], y: f32) -> f32 {
    let doubled: Vec<f32> = x.iter().map(|x| x * y).collect();
    norm(&doubled) + norm(&x[1..]) * y
}

#[test]
fn single_precision() {
    check_into!(norm(&[1.0_f32, -2.0, 0.5]), first_only);
    check_into!(norms(&[1.0_f32, -2.0, 0.5], 1.5_f32), first_only);
}

// One mode only: the other one is not there, and nobody who does not use it is hindered.

#[grad(vjp = square_vjp)]
fn square(x: f64) -> f64 {
    x * x
}

fn square_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (square(x), move |bar| 2.0 * x * bar)
}

#[grad(jvp = cube_jvp)]
fn cube(x: f64) -> f64 {
    x * x * x
}

fn cube_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (cube(x), 3.0 * x * x * x_dot)
}

#[grad]
fn calls_square(x: f64, y: f64) -> f64 {
    square(x * y) + y
}

#[grad]
fn calls_cube(x: f64, y: f64) -> f64 {
    cube(x * y) + y
}

#[test]
fn one_mode_is_enough_for_who_uses_one() {
    assert_eq!(square::value_and_grad(3.0), (9.0, 6.0));
    assert_eq!(calls_square::grad(3.0, 2.0), (24.0, 37.0));
    assert_eq!(calls_square::vjp(3.0, 2.0).1(2.0), (48.0, 74.0));
    assert_eq!(cube::jvp(2.0, 0.5), (8.0, 6.0));
    assert_eq!(calls_cube::jvp(1.0, 2.0, 1.0, 0.0), (10.0, 24.0));
}

/// A parameter that the function writes: forward mode only.
#[grad(jvp = running_sum_jvp)]
fn running_sum(x: &mut [f64], from: f64) {
    let mut sum = from;
    for x in x {
        sum += *x;
        *x = sum;
    }
}

fn running_sum_jvp(x: &mut [f64], from: f64, x_dot: &mut [f64], from_dot: f64) {
    running_sum(x, from);
    running_sum(x_dot, from_dot);
}

#[grad]
fn sums_of_squares(x: &[f64], from: f64) -> f64 {
    let mut s: Vec<f64> = x.iter().map(|x| x * x).collect();
    running_sum(&mut s, from);
    running_sum(&mut s, 1.0);
    s[s.len() - 1]
}

#[test]
fn outputs_in_forward_mode() {
    let (mut x, mut x_dot) = ([1.0, 2.0], [1.0, -1.0]);
    running_sum::jvp(&mut x, 3.0, &mut x_dot, 0.5);
    assert_eq!((x, x_dot), ([4.0, 6.0], [1.5, 0.5]));
    // s = (from + x₀²) + (from + x₀² + x₁²) + 1
    assert_eq!(sums_of_squares::jvp(&[1.0, 2.0], 3.0, &[1.0, 0.0], 0.5), (13.0, 5.0));
}

// Descent over a function with a rule.

#[grad(wrt(p), vjp = bowl_vjp)]
fn bowl(p: &[f64], centre: f64) -> f64 {
    p.iter().map(|p| (p - centre).powi(2)).sum()
}

fn bowl_vjp(p: &[f64], centre: f64) -> (f64, impl FnOnce(f64) -> Vec<f64> + use<>) {
    let p = p.to_vec();
    (bowl(&p, centre), move |bar| p.iter().map(|p| 2.0 * bar * (p - centre)).collect())
}

#[test]
fn an_objective_of_a_rule() {
    let report = grad::descent::GradientDescent::new(0.25)
        .minimize(&mut bowl::objective(2.0), vec![0.0; 3])
        .expect("it is bounded below");
    assert!(report.x.iter().all(|x| (x - 2.0).abs() < 1e-6), "{report}");
    let mut gradient = [0.0; 3];
    assert_eq!(bowl::grad_into(&[1.0, 2.0, 3.0], 2.0, &mut gradient), 2.0);
    assert_eq!(gradient, [-2.0, 0.0, 2.0]);
    let wrong = std::panic::catch_unwind(|| bowl::grad_into(&[1.0], 2.0, &mut [0.0; 2]));
    assert!(wrong.is_err(), "a buffer of another length");
}

/// The rule is found where the attribute stands; recursion through the rule's own body is none of the macro's business.
mod elsewhere {
    pub(super) fn sine_vjp(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
        (x.sin(), move |bar| bar * x.cos())
    }
}

#[grad(vjp = self::elsewhere::sine_vjp, jvp = sine_jvp, recursive)]
fn sine(#[allow(unused_mut)] mut x: f64) -> f64 {
    x %= std::f64::consts::TAU;
    x.sin()
}

fn sine_jvp(x: f64, x_dot: f64) -> (f64, f64) {
    (x.sin(), x_dot * x.cos())
}

#[grad]
fn product_of_sines(x: &[f64]) -> f64 {
    let mut product = 1.0;
    for &x in x {
        product *= sine(x);
    }
    product
}

#[test]
fn a_boxed_pullback() {
    check!(sine(0.7), first_only);
    check!(product_of_sines(&[0.5, 1.0, 2.5]), first_only);
}

// The check of outputs in both modes is for what the compiler derives itself.
#[grad]
fn roots_into(x: &[f64], out: &mut [f64]) {
    for i in 0..x.len() {
        out[i] += root(x[i], out[i]);
    }
}

#[test]
fn a_rule_inside_of_a_function_with_outputs() {
    check_outputs!(roots_into(&[0.5, 1.5], mut [1.0, 2.0]));
}

// Hooks: the cotangent of a number, seen or changed on its way back.

#[grad]
fn clipped(x: f64, limit: f32) -> f64 {
    let limit = f64::from(grad::constant(limit));
    let y = grad::with_cotangent(x * x, |y_bar| y_bar.clamp(-limit, limit));
    10.0 * y
}

#[grad]
fn clipped_in_a_loop(v: &[f64], k: usize) -> f64 {
    use grad::with_cotangent;
    let mut s = 1.0;
    for i in 0..v.len() {
        let weight = (k + i) as f64;
        s = with_cotangent(s * v[i], move |bar: f64| bar * weight);
    }
    s
}

thread_local! {
    static SEEN: Cell<f64> = const { Cell::new(0.0) };
}

fn keep(bar: f64) -> f64 {
    SEEN.set(bar);
    bar
}

#[grad(wrt(x, y))]
fn watched(x: f64, y: f64, seen: &Cell<f64>) -> f64 {
    let product = grad::with_cotangent(x * y, |bar| {
        seen.set(bar);
        bar
    });
    let sine = grad::with_cotangent(product.sin(), keep);
    3.0 * sine + grad::with_cotangent(2.0, |_| unreachable!("the cotangent of a constant"))
}

#[test]
fn hooks_see_and_change_cotangents() {
    assert_eq!(clipped(3.0, 4.0), 90.0);
    assert_eq!(clipped::value_and_grad(3.0, 4.0), (90.0, (24.0, 0.0)));
    assert_eq!(clipped::vjp(3.0, 40.0).1(1.0), (60.0, 0.0));
    // Forward mode has no cotangents.
    assert_eq!(clipped::jvp(3.0, 4.0, 1.0, 0.0), (90.0, 60.0));
    // The hooks multiply by 4, 3 and 2, last first.
    assert_eq!(clipped_in_a_loop::grad(&[1.0, 1.0, 1.0], 2), [24.0, 12.0, 4.0]);
    assert_eq!(clipped_in_a_loop::vjp(&[1.0, 1.0, 1.0], 2).1(1.0), [24.0, 12.0, 4.0]);

    let seen = Cell::new(0.0);
    let bar = 3.0 * 0.06_f64.cos();
    assert_eq!(watched::grad(0.2, 0.3, &seen), (0.3 * bar, 0.2 * bar));
    assert_eq!((seen.get(), SEEN.get()), (bar, 3.0));
    seen.set(0.0);
    let (_, pullback) = watched::vjp(0.2, 0.3, &seen);
    assert_eq!(seen.get(), 0.0);
    pullback(2.0);
    assert_eq!((seen.get(), SEEN.get()), (2.0 * bar, 6.0));
    seen.set(0.0);
    watched::jvp(0.2, 0.3, &seen, 1.0, 0.0);
    assert_eq!(seen.get(), 0.0);
}
