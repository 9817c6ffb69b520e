//! Tuples that are written part by part at one place and come from a call, or from a constant, at another.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn two(x: f64) -> (f64, f64) {
    (x * x, 3.0 * x)
}

#[grad(second)]
fn deep(x: f64) -> (f64, (f64, [f64; 2])) {
    (x * x, (3.0 * x, [x, x.sin()]))
}

#[grad(second)]
fn looped(v: &[f64]) -> f64 {
    let mut t = (0.0, 0.0);
    for x in v {
        t = two(*x + 0.0 * t.1);
    }
    t.0
}

#[grad(second)]
fn accumulated(v: &[f64]) -> f64 {
    let mut t = (1.0, 0.5);
    for x in v {
        t = two(*x * t.1 + t.0);
    }
    t.0 + t.1
}

#[grad(second)]
fn straight(x: f64) -> f64 {
    let mut t = (x, 0.0);
    t = two(t.0);
    t.0 + t.1
}

#[grad(second)]
fn in_branch(x: f64) -> f64 {
    let mut t = (x, 1.0);
    if x > 1.0 {
        t = two(x);
    }
    t.0 * t.1
}

#[grad(second)]
fn arms(x: f64) -> f64 {
    let t = if x > 1.0 { (x, 1.0) } else { two(x) };
    t.0 * t.1
}

#[grad(second)]
fn arms_swapped(x: f64) -> f64 {
    let t = if x > 1.0 { two(x) } else { (x, 1.0) };
    t.0 * t.1
}

#[grad(second)]
fn arms_of_calls(x: f64) -> f64 {
    let (a, b) = if x > 1.0 { two(x) } else { two(x.sin()) };
    a * b
}

#[grad(second)]
fn matched(x: f64, n: usize) -> f64 {
    let (a, b) = match n {
        0 => two(x),
        1 => (x, 2.0),
        _ => two(two(x).1),
    };
    a * b
}

#[grad(second)]
fn deep_loop(v: &[f64]) -> f64 {
    let mut t = (0.1, (0.2, [0.3, 0.4]));
    for x in v {
        t = deep(*x * t.1.0 + t.0 * t.1.1[1]);
    }
    t.0 + t.1.0 * t.1.1[0]
}

const START: (f64, f64) = (0.25, 0.75);
#[grad(second)]
fn from_constant(v: &[f64]) -> f64 {
    let mut t = START;
    for x in v {
        t = two(*x * t.1 + t.0);
    }
    t.0 + t.1
}

#[grad(second)]
fn to_constant(x: f64) -> f64 {
    let mut t = (x, x * x);
    let s = t.0;
    if x > 1.0 {
        t = START;
    }
    t.0 * t.1 + s
}

#[grad(second)]
fn arm_constant(x: f64) -> f64 {
    let t = if x > 1.0 { START } else { two(x) };
    t.0 * t.1 * x
}

#[grad(second)]
fn arm_constant_swapped(x: f64) -> f64 {
    let t = if x > 1.0 { two(x) } else { START };
    t.0 * t.1 * x
}

#[grad(second)]
fn arm_constant_tuple(x: f64) -> f64 {
    let t = if x > 1.0 { START } else { (x, x) };
    t.0 * t.1 * x
}

#[grad(second)]
fn arm_constant_taken_apart(x: f64) -> f64 {
    let (a, b) = if x > 1.0 { START } else { two(x) };
    a * b * x
}

#[grad(second)]
fn folded(v: &[f64]) -> f64 {
    let t = v.iter().fold((1.0, 0.5), |t, x| two(*x * t.1 + t.0));
    t.0 + t.1
}

#[grad(second)]
fn folded_constant(v: &[f64]) -> f64 {
    let t = v.iter().fold(START, |t, x| two(*x * t.1 + t.0));
    t.0 + t.1
}

#[grad(second)]
fn folded_apart(v: &[f64]) -> f64 {
    let (a, b) = v.iter().fold(START, |(a, b), x| two(*x * b + a));
    a + b
}

#[grad(second)]
fn swapped(v: &[f64]) -> f64 {
    let mut a = (v[0], v[1]);
    let mut b = two(v[0]);
    std::mem::swap(&mut a, &mut b);
    a.0 * b.1
}

#[grad(second)]
fn broken_out(v: &[f64]) -> f64 {
    let mut i = 0;
    let t = loop {
        if i >= 1 {
            break two(v[i]);
        }
        if v[i] > 10.0 {
            break (v[i], v[1]);
        }
        i += 1;
    };
    t.0 * t.1
}

#[grad(second)]
fn destructured(v: &[f64]) -> f64 {
    let (mut a, mut b) = (1.0, 2.0);
    for x in v {
        (a, b) = two(*x * b + a);
    }
    a + b
}

#[grad(second)]
fn uninit(x: f64) -> f64 {
    let t;
    if x > 1.0 {
        t = two(x);
    } else {
        t = (x, 1.0);
    }
    t.0 * t.1
}

#[test]
fn a_tuple_comes_from_anywhere() {
    let v = [0.5, 1.5];
    check!(looped(&[1.0, 2.0, 3.0]) => [0.0, 0.0, 6.0]);
    check!(accumulated(&v));
    check!(straight(1.5));
    check!(in_branch(1.5));
    check!(in_branch(0.5));
    check!(arms(1.5));
    check!(arms(0.5));
    check!(arms_swapped(1.5));
    check!(arms_swapped(0.5));
    check!(arms_of_calls(1.5));
    check!(arms_of_calls(0.5));
    check!(matched(0.5, =0));
    check!(matched(0.5, =1));
    check!(matched(0.5, =2));
    check!(deep_loop(&v));
    check!(from_constant(&v));
    check!(to_constant(0.5));
    check!(to_constant(1.5));
    check!(arm_constant(0.5));
    check!(arm_constant(1.5));
    check!(arm_constant_swapped(0.5));
    check!(arm_constant_swapped(1.5));
    check!(arm_constant_tuple(0.5));
    check!(arm_constant_tuple(1.5));
    check!(arm_constant_taken_apart(0.5));
    check!(arm_constant_taken_apart(1.5));
    check!(folded(&v));
    check!(folded_constant(&v));
    check!(folded_apart(&v));
    check!(swapped(&v));
    check!(broken_out(&v));
    check!(destructured(&v));
    check!(uninit(0.5));
    check!(uninit(1.5));
}
