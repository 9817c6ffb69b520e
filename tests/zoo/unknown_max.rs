//! Methods of numbers, of what calls return and of constants.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn helper(x: f64) -> f64 {
    x * x + x
}

#[grad(second)]
fn h(y: f64) -> f64 {
    y * y
}

#[grad(second)]
fn two(y: f64) -> (f64, [f64; 2]) {
    (y * y, [y, 2.0 * y])
}

#[grad(second)]
fn bucket(x: f64, n: &mut f64) -> usize {
    *n = x * x;
    if x > 1.0 { 3 } else { 1 }
}

#[grad(second)]
fn guarded(x: f64) -> f64 {
    helper(x).max(0.5)
}

#[grad(second)]
fn capped(x: f64) -> f64 {
    let y = helper(x);
    y.min(100.0)
}

#[grad(second)]
fn both(x: f64) -> f64 {
    helper(x).max(h(x))
}

#[grad(second)]
fn of_constant(y: f64) -> f64 {
    h(1.0).max(y) * h(3.0).min(y) + h(0.5).max(0.1) * y
}

#[grad(second)]
fn others(y: f64) -> f64 {
    h(y).max(y) + h(1.0).max(y) + h(y).hypot(y) + h(y).mul_add(y, 1.0) + two(y).0 * two(y).1[1]
}

#[grad(second)]
fn constants(y: f64) -> f64 {
    h(2.0).powf(y) + h(2.0).hypot(y) + h(2.0).mul_add(y, y) + h(0.3).atan2(y) + h(2.0).copysign(1.0) * y
}

#[grad(second)]
fn integer(x: f64) -> f64 {
    let mut y = 0.0;
    let n = bucket(x, &mut y).max(2);
    let m = bucket(x, &mut y).min(2) as f64;
    y * n as f64 * m
}

#[grad(second)]
fn in_loop(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        s += h(*x).max(0.5).min(3.0);
    }
    s
}

#[grad(second)]
fn in_closure(v: &[f64]) -> f64 {
    let g = |x: f64| helper(x).max(0.5);
    v.iter().map(|x| g(*x).min(h(*x))).sum()
}

#[grad(second)]
fn in_arms(x: f64) -> f64 {
    let y = if x > 0.5 { h(x) } else { helper(x) };
    y.max(0.25)
}

#[grad(second)]
fn clamped(x: f64) -> f64 {
    helper(x).clamp(h(0.1), 7.0)
}

#[grad(second)]
fn by_path(x: f64) -> f64 {
    f64::max(helper(x), h(x)) + f64::min(h(0.3), x)
}

const LOW: f64 = 0.5;
#[grad(second)]
fn with_const(x: f64) -> f64 {
    helper(x).max(LOW) + LOW.max(x) + LOW.max(helper(x))
}

#[grad(second)]
fn element(v: &[f64]) -> f64 {
    let e = two(v[0]);
    e.1[0].max(0.1) + two(v[1]).1[1].min(10.0) + e.0.max(0.2)
}

#[grad(second)]
fn assigned(v: &[f64]) -> f64 {
    let mut best = h(v[0]);
    for x in v {
        best = best.max(h(*x));
    }
    best
}

#[test]
fn results_of_calls_have_the_methods_of_numbers() {
    let v = [2.0, 3.0];
    check!(guarded(2.0) => [5.0]);
    check!(guarded(0.1));
    check!(capped(2.0));
    check!(both(2.0));
    check!(of_constant(2.0));
    check!(others(1.7));
    check!(constants(1.7));
    check!(integer(1.7));
    check!(integer(0.7));
    check!(in_loop(&v));
    check!(in_closure(&v));
    check!(in_arms(0.7));
    check!(in_arms(0.3));
    check!(clamped(0.7));
    check!(by_path(0.7));
    check!(with_const(0.7));
    check!(element(&v));
    check!(assigned(&v));
}
