//! GRAD0025, GRAD0031: what a failure brings along has no derivative, and is asked for once, where the call is made.

use grad::grad;

#[grad]
fn root(x: f64) -> Result<f64, f64> {
    if x < 0.0 { Err(x) } else { Ok(x.sqrt()) }
}

#[grad]
fn computes_with_an_error(x: f64) -> f64 {
    match root(x) {
        Ok(y) => y,
        Err(negative) => negative * x,
    }
}

#[grad]
fn returns_an_error(x: f64) -> f64 {
    root(x).unwrap_or_else(|negative| negative)
}

#[grad]
fn lends_an_error(x: f64) -> f64 {
    let ended = root(x);
    match &ended {
        Ok(y) => *y,
        Err(negative) => *negative,
    }
}

#[grad]
fn asks_elsewhere(x: f64) -> Result<f64, f64> {
    let ended = root(x);
    if x > 1.0 {
        return Ok(ended? * x);
    }
    Ok(x)
}

#[grad(wrt(x))]
fn asks_behind_a_change(calls: &std::cell::Cell<u32>, x: f64) -> Result<f64, f64> {
    let ended = counted(calls, x);
    let n = f64::from(calls.get());
    Ok(ended? * n)
}

#[grad(wrt(x))]
fn counted(calls: &std::cell::Cell<u32>, x: f64) -> Result<f64, f64> {
    calls.set(calls.get() + 1);
    if x < 0.0 { Err(x) } else { Ok(x) }
}

#[grad]
fn changes(x: f64, out: &mut [f64]) -> Result<f64, f64> {
    out[0] = x;
    root(x)
}

#[grad]
fn handles_a_change(x: f64, out: &mut [f64]) -> f64 {
    let mut n = x;
    match counts(x, &mut n) {
        Some(y) => y + out[0],
        None => n,
    }
}

#[grad]
fn counts(x: f64, n: &mut f64) -> Option<f64> {
    *n += x;
    if x < 0.0 { None } else { Some(x) }
}

fn main() {}
