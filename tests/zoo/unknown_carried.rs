//! What is carried from pass to pass, and starts as a constant or as the result of a call.

use crate::support::check;
use grad::grad;

const START: [f64; 2] = [1.0, 0.5];
const ONE: f64 = 0.75;
fn start() -> Vec<f64> {
    vec![1.0, 0.5]
}

#[grad(second)]
fn turn(a: &[f64; 2], t: f64) -> [f64; 2] {
    [a[0] * t - a[1], a[0] + a[1] * t]
}

#[grad(second)]
fn turned(a: [f64; 2], t: f64) -> [f64; 2] {
    [a[0] * t - a[1], a[0] + a[1] * t]
}

#[grad(second)]
fn turn_vec(a: &[f64], t: f64) -> Vec<f64> {
    vec![a[0] * t - a[1], a[0] + a[1] * t]
}

#[grad(second)]
fn next(a: f64, t: f64) -> f64 {
    a * t + a
}

#[grad(second)]
fn folded(v: &[f64]) -> f64 {
    let end = v.iter().fold(START, |acc, &t| turn(&acc, t));
    end[0]
}

#[grad(second)]
fn folded_moved(v: &[f64]) -> f64 {
    let end = v.iter().fold(START, |acc, &t| turned(acc, t));
    end[0] * end[1]
}

#[grad(second)]
fn folded_vec(v: &[f64]) -> f64 {
    let end = v.iter().fold(start(), |acc, &t| turn_vec(&acc, t));
    end[0] * end[1]
}

#[grad(second)]
fn folded_number(v: &[f64]) -> f64 {
    v.iter().fold(ONE, |acc, &t| next(acc, t))
}

#[grad(second)]
fn folded_to_pass_on(v: &[f64]) -> f64 {
    let end = v.iter().fold(START, |acc, &t| turn(&acc, t));
    let more = turn(&end, v[0]);
    more[0]
}

#[grad(second)]
fn looped(v: &[f64]) -> f64 {
    let mut acc = START;
    for t in v {
        acc = turn(&acc, *t);
    }
    acc[0] * acc[1]
}

#[grad(second)]
fn looped_moved(v: &[f64]) -> f64 {
    let mut acc = START;
    for t in v {
        acc = turned(acc, *t);
    }
    acc[0] * acc[1]
}

#[grad(second)]
fn looped_vec(v: &[f64]) -> f64 {
    let mut acc = start();
    for t in v {
        acc = turn_vec(&acc, *t);
    }
    acc[0] * acc[1]
}

#[grad(second)]
fn looped_number(v: &[f64]) -> f64 {
    let mut acc = ONE;
    for t in v {
        acc = next(acc, *t);
    }
    acc
}

#[grad(second)]
fn straight(v: &[f64]) -> f64 {
    let mut acc = START;
    acc = turn(&acc, v[0]);
    acc = turn(&acc, v[1]);
    acc[0] * acc[1]
}

#[grad(second)]
fn in_branch(v: &[f64]) -> f64 {
    let mut acc = START;
    if v[0] > 0.0 {
        acc = turn(&acc, v[0]);
    }
    acc[0] * acc[1] * v[1]
}

#[grad(second)]
fn in_arms(v: &[f64]) -> f64 {
    let acc = if v[0] > 0.0 { START } else { turn(&START, v[0]) };
    acc[0] * acc[1] * v[1]
}

#[grad(second)]
fn in_arms_swapped(v: &[f64]) -> f64 {
    let acc = if v[0] > 0.0 { turn(&START, v[0]) } else { START };
    acc[0] * acc[1] * v[1]
}

#[grad(second)]
fn in_arms_passed_on(v: &[f64]) -> f64 {
    let acc = if v[0] > 0.0 { turn(&START, v[0]) } else { START };
    let more = turn(&acc, v[1]);
    more[0]
}

#[grad(second)]
fn while_loop(v: &[f64]) -> f64 {
    let mut acc = START;
    let mut k = 0;
    while k < 2 && acc[0] < 100.0 {
        acc = turn(&acc, v[k]);
        k += 1;
    }
    acc[0] * acc[1]
}

#[grad(second)]
fn nested_loops(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in v {
        let mut acc = START;
        for t in v {
            acc = turn(&acc, *t * *x);
        }
        s += acc[0] * acc[1];
    }
    s
}

#[grad(second)]
fn in_closure(v: &[f64]) -> f64 {
    let run = |k: f64| {
        let mut acc = START;
        for t in v {
            acc = turn(&acc, *t * k);
        }
        acc[0]
    };
    run(1.0) * run(v[0])
}

#[grad(second)]
fn scanned(v: &[f64]) -> f64 {
    v.iter()
        .scan(ONE, |acc, &t| {
            *acc = next(*acc, t);
            Some(*acc)
        })
        .sum()
}

#[grad(second)]
fn reset(v: &[f64]) -> f64 {
    let mut acc = turn(&START, v[0]);
    let first = acc[0];
    acc = START;
    acc = turn(&acc, v[1]);
    first * acc[1]
}

#[test]
fn what_starts_as_a_constant_is_carried() {
    let v = [2.0, 3.0];
    check!(folded(&v));
    check!(folded_moved(&v));
    check!(folded_vec(&v));
    check!(folded_number(&v));
    check!(folded_to_pass_on(&v));
    check!(looped(&v));
    check!(looped_moved(&v));
    check!(looped_vec(&v));
    check!(looped_number(&v));
    check!(straight(&v));
    check!(in_branch(&v));
    check!(in_arms(&v));
    check!(in_arms(&[-1.0, 2.0]));
    check!(in_arms_swapped(&v));
    check!(in_arms_swapped(&[-1.0, 2.0]));
    check!(in_arms_passed_on(&v));
    check!(in_arms_passed_on(&[-1.0, 2.0]));
    check!(while_loop(&v));
    check!(nested_loops(&v));
    check!(in_closure(&v));
    check!(scanned(&v));
    check!(reset(&v));
}
