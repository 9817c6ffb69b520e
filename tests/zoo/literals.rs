//! Numbers whose type the user's function tells and a literal does not: methods are called on them all the same.

#![allow(unused_mut, unused_variables)]

use crate::support::{check, check_vjp};
use grad::grad;

#[grad(second)]
fn product(x: f64, y: f64) -> f64 {
    x * y
}

#[grad(second)]
fn never_assigned(x: &[f64]) -> f64 {
    let mut limit: f64 = 0.1;
    let kept: Vec<f64> = x.iter().map(|z| z * z).skip_while(|&z| limit.is_nan() && z > 0.0).collect();
    let mut s = 0.0;
    for z in &kept {
        let weight = if *z > 100.0 && limit.total_cmp(z).is_lt() { 1.0 } else { 2.0 };
        s += weight * z * limit;
    }
    s
}

#[grad(second)]
fn smallest_of_calls(x: f64, y: f64) -> f64 {
    let f = |z: f64| -(1..3).map(|i| product(z, y + i as f64)).min_by(|a, b| a.total_cmp(b)).unwrap();
    let mut s = 0.0;
    for _ in 0..2 {
        s += f(x) * f(y);
    }
    s
}

#[grad(second)]
fn largest_of_nothing(x: f64) -> f64 {
    let mut v = Vec::new();
    for k in 0..2 {
        v.push(
            std::iter::empty::<f64>()
                .chain(std::iter::once(x))
                .filter(|&z| z > x)
                .map(|_| 0.25_f64 + 0.5_f64.round())
                .max_by(|a, b| a.total_cmp(b))
                .unwrap_or(x * x),
        );
    }
    v[0] * v[1]
}

#[grad(second)]
fn constant_in_a_tuple(x: f64, n: usize) -> f64 {
    let mut t: (f64, usize) = (grad::constant(1.1), n);
    let (r, _) = &t;
    let copy = t;
    ({
        let z = *r;
        z * (*r)
    })
    .min(1.5_f64)
        + copy.0 * copy.0 * x
}

#[grad(second)]
fn empty_and_unused(x: f64) -> f64 {
    let mut v = Vec::<f64>::with_capacity(2);
    let mut w: Vec<Vec<f64>> = Vec::new();
    let mut pairs = Vec::<(f64, f64)>::new();
    x * x
}

/// Names that derivatives do not read, among them.
#[grad(second)]
fn names_in_an_arm(x: f64) -> f64 {
    match 3_usize {
        0 => {
            use std::f64::consts::PI as LOCAL_PI;
            const LOCAL: f64 = 2.0;
            let _r = &LOCAL_PI;
            let _s = LOCAL;
        }
        _ => {}
    }
    const USED: f64 = 3.0;
    use std::f64::consts::E as LOCAL_E;
    fn local(n: usize) -> f64 {
        n as f64
    }
    x * x * USED * LOCAL_E * local(1)
}

#[test]
fn literals_have_the_type_of_their_variables() {
    check!(product(1.3, 0.7));
    check!(never_assigned(&[0.5, 1.5, -0.75]));
    check!(smallest_of_calls(1.3, 0.7));
    check!(largest_of_nothing(1.3));
    check!(constant_in_a_tuple(1.3, =2) => [1.1 * 1.1]);
    check!(empty_and_unused(1.3));
    check!(names_in_an_arm(1.3));
}

// A call that forward mode follows, and reverse mode need not: no derivative comes back through what is rounded.

#[grad(second)]
fn rounded_call(x: f64, y: f64) -> f64 {
    product(x, 8.0).round() * 0.5 + y * y
}

#[grad]
fn only_a_rounded_call(x: f64) -> (f64, f64) {
    let p = product(x, 8.0);
    (p.floor(), x)
}

#[test]
fn calls_that_one_mode_follows() {
    check!(rounded_call(1.03, 0.7) => [0.0, 1.4]);
    check_vjp!(only_a_rounded_call(1.03));
}
