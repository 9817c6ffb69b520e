//! Closures bound with `let` and called later.

use crate::support::{check, check_into};
use grad::grad;

#[grad(second)]
fn captures(x: f64, k: f64) -> f64 {
    let f = |t: f64| t * k + x;
    f(x) * f(2.0) + f(f(k))
}

#[test]
fn a_closure_captures_active_values() {
    check!(captures(0.7, 1.3));
}

#[grad(second)]
fn blocks(x: f64, y: f64) -> f64 {
    let distance = |a: f64, b: f64| {
        let d = a - b;
        let e = d * d + 1.0;
        if e > 2.0 { e.sqrt() } else { e }
    };
    let both = |a: f64| -> (f64, f64) { (a.sin(), a * distance(a, y)) };
    let (s, t) = both(x);
    s * t + distance(x, y) + distance(3.0, x)
}

#[test]
fn a_closure_has_statements_and_calls_another() {
    check!(blocks(0.7, 0.9));
}

#[grad(second)]
fn patterns(x: f64, v: &[f64]) -> f64 {
    let dot = |(a, b): (f64, f64), [c, d]: [f64; 2]| a * c + b * d;
    let first = |w: &[f64]| w[0] * x;
    let deref = |&e: &f64| e * e;
    let unit = || x * 2.0;
    dot((x, v[0]), [v[1], unit()]) + first(&v[1..]) + deref(&x) + deref(&v[0])
}

#[test]
fn arguments_of_closures_are_patterns() {
    check_into!(patterns(0.7, &[0.4, 1.2]));
}

/// The captured variable changes between creation and call: by reference after a new binding, by value with `move`.
#[grad(second)]
fn when_captured(x: f64) -> f64 {
    let mut a = x;
    let kept = move |t: f64| t * a;
    a *= 3.0;
    let b = kept(2.0);
    let x = a * b;
    let seen = |t: f64| t * x;
    let x = 5.0;
    seen(x) + a
}

#[test]
fn a_move_closure_keeps_the_value_of_its_creation() {
    // 5 · 3x · 2x + 3x
    check!(when_captured(0.7) => [60.0 * 0.7 + 3.0]);
}

#[grad(second)]
fn mutating(x: f64, n: usize) -> f64 {
    let mut total = 0.0;
    let mut calls = 0;
    let mut add = |t: f64| {
        total += t * t;
        calls += 1;
        total
    };
    let mut s = 0.0;
    for i in 0..n {
        s += add(x * i as f64);
    }
    let last = add(x);
    s + total * last + f64::from(calls)
}

#[test]
fn a_closure_changes_what_it_captured() {
    check!(mutating(0.7, =0) => [4.0 * 0.7_f64.powi(3)]);
    check!(mutating(0.7, =3));
}

#[grad(second)]
fn in_loops(v: &[f64], k: f64) -> f64 {
    let act = |t: f64| if t > 0.0 { t } else { 0.1 * t };
    let mut s = 0.0;
    for (i, &x) in v.iter().enumerate() {
        let shift = |t: f64| t + s * i as f64;
        s += act(shift(x) * k);
    }
    s
}

#[test]
fn closures_in_loops() {
    check_into!(in_loops(&[0.4, -0.9, 1.2, -0.3], 0.8));
}

#[grad(second)]
fn reads_arrays(x: &[f64], n: usize) -> f64 {
    let at = |i: usize, j: usize| x[i * n + j];
    let row = |i: usize| {
        let mut s = 0.0;
        for j in 0..n {
            s += at(i, j) * at(j, i);
        }
        s
    };
    row(0) * row(n - 1)
}

#[test]
fn closures_index_slices() {
    check_into!(reads_arrays(&[0.4, -0.9, 1.2, -0.3], =2));
}

#[grad(second)]
fn returning_early(x: f64) -> f64 {
    let f = |t: f64| {
        if t > 1.0 {
            return t * t;
        }
        let u = t + 1.0;
        u * x
    };
    f(x) + f(x + 1.0)
}

#[test]
fn a_return_leaves_the_closure_only() {
    // (x + 1) x + (x + 1)²
    check!(returning_early(0.6) => [2.0 * 0.6 + 1.0 + 2.0 * 1.6]);
}

#[grad(second)]
fn inactive(x: f64, n: usize) -> f64 {
    let index = |i: usize| (i * 7 + 1) % 3;
    let up = |i: usize| i > 1;
    let weights = [0.5, 1.5, 2.5];
    if up(n) { x * weights[index(n)] } else { x }
}

#[test]
fn closures_of_constants() {
    check!(inactive(0.6, =2) => [0.5]);
    check!(inactive(0.6, =1) => [1.0]);
}

#[grad(second)]
fn never_called(x: f64) -> f64 {
    let _unused = |t: f64| t.ln() * x;
    x * 3.0
}

#[test]
fn a_closure_that_is_not_called() {
    check!(never_called(0.6) => [3.0]);
}

#[grad(second)]
fn generic_arguments(x: f64) -> f64 {
    let apply = |t, u| t * u + x;
    let swap = |(a, b)| (b, a);
    let (p, q): (f64, f64) = swap((x, 2.0));
    apply(p, q) + apply(x, x)
}

#[test]
fn arguments_without_types() {
    check!(generic_arguments(0.6) => [2.0 + 1.0 + 1.2 + 1.0]);
}
