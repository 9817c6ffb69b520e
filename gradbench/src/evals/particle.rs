//! `particle`: a charged particle falls in the field of two others; where one of them shall be so that it lands at 0. Its force
//! is a gradient, so that the derivative of where it lands is one of a computation with a derivative in it. After Siskind and
//! Pearlmutter, "Using polyvariant union-free flow analysis to compile a higher-order functional-programming language with a
//! first-class derivative operator to efficient Fortran-like code" (2008).

use grad::grad;
use serde::Deserialize;
use serde_json::Value;

use super::{Prepared, evaluation, read, unknown};
use crate::descend::descend;
use crate::parts::Threads;

const TIME_STEP: f64 = 0.1;

/// Two charges, one of which `w` moves.
#[grad(second)]
fn potential(x: &[f64; 2], w: f64) -> f64 {
    let distance = |a: f64, b: f64| ((x[0] - a) * (x[0] - a) + (x[1] - b) * (x[1] - b)).sqrt();
    1.0 / distance(10.0, 10.0 - w) + 1.0 / distance(10.0, 0.0)
}

/// Where the particle crosses the axis, squared; its force by reverse mode.
#[grad]
fn landing_by_reverse(w: f64) -> f64 {
    let mut x = [0.0, 8.0];
    let mut v = [0.75, 0.0];
    loop {
        let (force, _) = potential::grad(&x, w);
        let next = [x[0] + TIME_STEP * v[0], x[1] + TIME_STEP * v[1]];
        if next[1] <= 0.0 {
            let rest = -x[1] / v[1];
            let landing = x[0] + rest * v[0];
            return landing * landing;
        }
        for i in 0..2 {
            v[i] -= TIME_STEP * force[i];
        }
        x = next;
    }
}

/// The same, by forward mode.
#[grad]
fn landing_by_forward(w: f64) -> f64 {
    let mut x = [0.0, 8.0];
    let mut v = [0.75, 0.0];
    loop {
        let (_, fx) = potential::jvp(&x, w, &[1.0, 0.0], 0.0);
        let (_, fy) = potential::jvp(&x, w, &[0.0, 1.0], 0.0);
        let next = [x[0] + TIME_STEP * v[0], x[1] + TIME_STEP * v[1]];
        if next[1] <= 0.0 {
            let rest = -x[1] / v[1];
            let landing = x[0] + rest * v[0];
            return landing * landing;
        }
        v[0] -= TIME_STEP * fx;
        v[1] -= TIME_STEP * fy;
        x = next;
    }
}

#[derive(Deserialize)]
struct Input {
    w: f64,
}

/// The first letter is the mode of the outer derivative, the second that of the force.
pub(super) fn prepare(function: &str, input: &Value, _: Threads) -> Prepared {
    let Input { w } = read(input)?;
    let by_reverse = |[w]: &[f64; 1]| landing_by_reverse(*w);
    let by_forward = |[w]: &[f64; 1]| landing_by_forward(*w);
    let output = |w: &[f64; 1]| w[0].into();
    Ok(match function {
        "rr" => {
            evaluation([w], move |w| descend(by_reverse, |[w]| [landing_by_reverse::grad(*w)], *w), output)
        }
        "fr" => evaluation(
            [w],
            move |w| descend(by_reverse, |[w]| [landing_by_reverse::jvp(*w, 1.0).1], *w),
            output,
        ),
        "rf" => {
            evaluation([w], move |w| descend(by_forward, |[w]| [landing_by_forward::grad(*w)], *w), output)
        }
        "ff" => evaluation(
            [w],
            move |w| descend(by_forward, |[w]| [landing_by_forward::jvp(*w, 1.0).1], *w),
            output,
        ),
        _ => return Err(unknown("particle", function)),
    })
}
