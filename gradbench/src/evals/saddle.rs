//! `saddle`: min over a of the maximum over b of f(a, b), each by a descent, so that the outer one differentiates the inner one.
//! After the same paper as [`particle`](super::particle).

use grad::grad;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, read, unknown};
use crate::descend::descend;
use crate::parts::Threads;

#[grad(second)]
fn saddle(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    (a[0] * a[0] + a[1] * a[1]) - (b[0] * b[0] + b[1] * b[1])
}

/// The maximum over `b` of `saddle(a, b)`, and where it is, by ascent from `start`; the inner gradient by reverse mode.
#[grad(wrt(a))]
fn summit_by_reverse(a: &[f64; 2], start: &[f64; 2]) -> (f64, [f64; 2]) {
    let mut b = *start;
    let mut value = saddle(a, &b);
    let (_, mut g) = saddle::grad(a, &b);
    let mut eta = 1e-5;
    let mut good = 0;
    while (g[0] * g[0] + g[1] * g[1]).sqrt() > 1e-5 {
        if good == 10 {
            eta *= 2.0;
            good = 0;
            continue;
        }
        let next = [b[0] + eta * g[0], b[1] + eta * g[1]];
        if ((next[0] - b[0]).powi(2) + (next[1] - b[1]).powi(2)).sqrt() <= 1e-5 {
            break;
        }
        let f_next = saddle(a, &next);
        if f_next > value {
            b = next;
            value = f_next;
            g = saddle::grad(a, &b).1;
            good += 1;
        } else {
            eta *= 0.5;
            good = 0;
        }
    }
    (value, b)
}

/// The same, by forward mode.
#[grad(wrt(a))]
fn summit_by_forward(a: &[f64; 2], start: &[f64; 2]) -> (f64, [f64; 2]) {
    let mut b = *start;
    let mut value = saddle(a, &b);
    let mut g = [saddle::jvp(a, &b, &[0.0; 2], &[1.0, 0.0]).1, saddle::jvp(a, &b, &[0.0; 2], &[0.0, 1.0]).1];
    let mut eta = 1e-5;
    let mut good = 0;
    while (g[0] * g[0] + g[1] * g[1]).sqrt() > 1e-5 {
        if good == 10 {
            eta *= 2.0;
            good = 0;
            continue;
        }
        let next = [b[0] + eta * g[0], b[1] + eta * g[1]];
        if ((next[0] - b[0]).powi(2) + (next[1] - b[1]).powi(2)).sqrt() <= 1e-5 {
            break;
        }
        let f_next = saddle(a, &next);
        if f_next > value {
            b = next;
            value = f_next;
            g[0] = saddle::jvp(a, &b, &[0.0; 2], &[1.0, 0.0]).1;
            g[1] = saddle::jvp(a, &b, &[0.0; 2], &[0.0, 1.0]).1;
            good += 1;
        } else {
            eta *= 0.5;
            good = 0;
        }
    }
    (value, b)
}

const UNITS: [[f64; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];

#[derive(Deserialize)]
struct Input {
    start: [f64; 2],
}

/// The saddle point, from `start` in both descents.
fn point(
    start: &[f64; 2],
    summit: impl Fn(&[f64; 2], &[f64; 2]) -> (f64, [f64; 2]),
    gradient: impl Fn(&[f64; 2]) -> [f64; 2],
) -> [f64; 4] {
    let a = descend(|a| summit(a, start).0, gradient, *start);
    let (_, b) = summit(&a, start);
    [a[0], a[1], b[0], b[1]]
}

/// The first letter is the mode of the outer derivative, the second that of the inner one.
pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let Input { start } = read(input)?;
    let by_reverse = |start: &[f64; 2], outer_reverse: bool| {
        point(start, summit_by_reverse, |a| {
            if outer_reverse {
                summit_by_reverse::vjp(a, start).1((1.0, [0.0; 2]))
            } else {
                UNITS.map(|e| summit_by_reverse::jvp(a, start, &e).1.0)
            }
        })
    };
    let by_forward = |start: &[f64; 2], outer_reverse: bool| {
        point(start, summit_by_forward, |a| {
            if outer_reverse {
                summit_by_forward::vjp(a, start).1((1.0, [0.0; 2]))
            } else {
                UNITS.map(|e| summit_by_forward::jvp(a, start, &e).1.0)
            }
        })
    };
    let output = |point: &[f64; 4]| point.to_vec().into();
    Ok(match function {
        "rr" => evaluation(start, move |start| by_reverse(start, true), output),
        "fr" => evaluation(start, move |start| by_reverse(start, false), output),
        "rf" => evaluation(start, move |start| by_forward(start, true), output),
        "ff" => evaluation(start, move |start| by_forward(start, false), output),
        _ => return Err(unknown("saddle", function)),
    })
}
