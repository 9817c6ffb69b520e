//! Constants of unknown type in `for`, `zip`, `chain`, `match` and `fold`, and as arguments.

use crate::support::check;
use grad::grad;

const W: [f64; 2] = [0.2, 0.3];
const N: [usize; 2] = [2, 3];
const S: f32 = 0.5;
const PAIRS: [(f64, usize); 2] = [(0.2, 1), (0.3, 0)];
fn weights() -> Vec<f64> {
    vec![0.2, 0.3]
}

pub struct Config {
    pub weights: &'static [f64],
    pub rows: Vec<Vec<f64>>,
    pub steps: [usize; 2],
}

fn config() -> Config {
    Config { weights: &[0.2, 0.3], rows: vec![vec![0.5, 1.5], vec![2.5, 3.5]], steps: [1, 0] }
}

#[grad(second)]
fn local(v: &[f64]) -> f64 {
    let w = weights();
    v.iter().zip(&w).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn local_typed(v: &[f64]) -> f64 {
    let w: Vec<f64> = weights();
    v.iter().zip(&w).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn constant(v: &[f64]) -> f64 {
    v.iter().zip(&W).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn constant_by_value(v: &[f64]) -> f64 {
    v.iter().zip(W).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn constant_iter(v: &[f64]) -> f64 {
    v.iter().zip(W.iter()).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn constant_copied(v: &[f64]) -> f64 {
    v.iter().zip(W.iter().copied()).map(|(x, w)| w * x * x).sum()
}

#[grad(second)]
fn constant_dereferenced(v: &[f64]) -> f64 {
    v.iter().zip(&W).map(|(x, w)| *w * *x * *x).sum()
}

#[grad(second)]
fn constant_pattern(v: &[f64]) -> f64 {
    v.iter().zip(&W).map(|(&x, &w)| w * x * x).sum()
}

#[grad(second)]
fn first(v: &[f64]) -> f64 {
    W.iter().zip(v).map(|(w, x)| w * x * x).sum()
}

#[grad(second)]
fn with_for(v: &[f64]) -> f64 {
    let w = weights();
    let mut s = 0.0;
    for (x, w) in v.iter().zip(&w) {
        s += w * x * x;
    }
    for (x, w) in v.iter().zip(&W) {
        s += w * x * x;
    }
    for (x, w) in v.iter().zip(w) {
        s += w * x.sin();
    }
    s
}

#[grad(second)]
fn free(v: &[f64]) -> f64 {
    std::iter::zip(v, &W).map(|(x, w)| w * x * x).sum::<f64>()
        + std::iter::zip(&W, v).map(|(w, x)| w * x * x).sum::<f64>()
}

#[grad(second)]
fn integers(v: &[f64]) -> f64 {
    v.iter().zip(&N).map(|(x, n)| x.powi(*n as i32) * *n as f64).sum()
}

#[grad(second)]
fn pairs(v: &[f64]) -> f64 {
    v.iter().zip(&PAIRS).map(|(x, (w, i))| w * x * v[*i]).sum()
}

#[grad(second)]
fn pairs_fields(v: &[f64]) -> f64 {
    v.iter().zip(&PAIRS).map(|(x, p)| p.0 * x * v[p.1]).sum()
}

#[grad(second)]
fn fields(v: &[f64]) -> f64 {
    let c = config();
    v.iter().zip(c.weights).map(|(x, w)| w * x * x).sum::<f64>()
        + v.iter().zip(&c.steps).map(|(x, i)| x * v[*i]).sum::<f64>()
        + v.iter().zip(c.weights.iter()).map(|(x, w)| w * x * x).sum::<f64>()
}

#[grad(second)]
fn rows(v: &[f64]) -> f64 {
    let c = config();
    let mut s = 0.0;
    for (x, row) in v.iter().zip(&c.rows) {
        for (y, r) in v.iter().zip(row) {
            s += x * y * r;
        }
        s += row[0] * x * x;
    }
    s
}

#[grad(second)]
fn three(v: &[f64]) -> f64 {
    let w = weights();
    v.iter().zip(&w).zip(&N).map(|((x, w), n)| w * x.powi(*n as i32)).sum()
}

#[grad(second)]
fn enumerated(v: &[f64]) -> f64 {
    W.iter().enumerate().map(|(i, w)| w * v[i] * v[i]).sum()
}

#[grad(second)]
fn for_constant(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for w in &W {
        s += w * v[0] * v[1];
    }
    for w in W {
        s += w * v[0] * v[0];
    }
    for w in weights() {
        s += w * v[0];
    }
    for (i, w) in weights().iter().enumerate() {
        s += w * v[i] * v[i];
    }
    s
}

#[grad(second)]
fn mapped_constant(v: &[f64]) -> f64 {
    W.iter().map(|w| w * v[0] * v[0]).sum::<f64>() + (&W).into_iter().map(|w| w * v[1]).sum::<f64>()
}

#[grad(second)]
fn chained(v: &[f64]) -> f64 {
    v.iter().chain(&W).map(|x| x * x * v[0]).sum()
}

#[grad(second)]
fn chained_after(v: &[f64]) -> f64 {
    W.iter().chain(v).map(|x| x * x * v[0]).sum()
}

#[grad(second)]
fn extended(v: &[f64]) -> f64 {
    let mut a = v.to_vec();
    a.extend(&W);
    a.extend(weights());
    a.extend(W.iter());
    a.iter().map(|x| x * x * v[0]).sum()
}

#[grad(second)]
fn windows(v: &[f64]) -> f64 {
    W.windows(2).map(|w| w[0] * v[0] * v[0] + w[1] * v[1]).sum()
}

#[grad(second)]
fn chunks(v: &[f64]) -> f64 {
    v.iter().zip(W.chunks(1)).map(|(x, w)| w[0] * x * x).sum()
}

#[grad(second)]
fn folded(v: &[f64]) -> f64 {
    W.iter().fold(v[0], |a, w| a * w + v[1] * a)
}

#[grad(second)]
fn as_matched(x: f64, n: usize) -> f64 {
    match (x, PAIRS[n]) {
        (x, (w, 0)) => w * x,
        (x, (w, _)) => w * x * x,
    }
}

#[grad(second)]
fn as_matched_const(x: f64) -> f64 {
    match (x, W) {
        (x, [a, b]) if x > 1.0 => a * x * x + b,
        (x, w) => w[0] * x,
    }
}

#[grad(second)]
fn matched_pair(x: f64) -> f64 {
    match (x, PAIRS[0]) {
        (x, (a, b)) if x > 1.0 => a * x * x * b as f64,
        (x, w) => w.0 * x,
    }
}

#[grad(second)]
fn as_argument(v: &[f64]) -> f64 {
    scaled(&W, v) + scaled(&weights(), v) + scaled(v, &W)
}

#[grad(second)]
fn scaled(a: &[f64], b: &[f64]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

#[grad(second)]
fn narrow(x: f32) -> f32 {
    x * S + [S, S].iter().map(|s| s * x).sum::<f32>()
}

#[test]
fn constants_are_iterated_and_matched() {
    let v = [1.0, 2.0];
    check!(local(&v) => [0.4, 1.2]);
    check!(local_typed(&v) => [0.4, 1.2]);
    check!(constant(&v) => [0.4, 1.2]);
    check!(constant_by_value(&v));
    check!(constant_iter(&v));
    check!(constant_copied(&v));
    check!(constant_dereferenced(&v));
    check!(constant_pattern(&v));
    check!(first(&v));
    check!(with_for(&v));
    check!(free(&v));
    check!(integers(&v));
    check!(pairs(&v));
    check!(pairs_fields(&v));
    check!(fields(&v));
    check!(rows(&v));
    check!(three(&v));
    check!(enumerated(&v));
    check!(for_constant(&v));
    check!(mapped_constant(&v));
    check!(chained(&v));
    check!(chained_after(&v));
    check!(extended(&v));
    check!(windows(&v));
    check!(chunks(&v));
    check!(folded(&v));
    check!(as_matched(1.5, =0));
    check!(as_matched(1.5, =1));
    check!(as_matched_const(1.5));
    check!(as_matched_const(0.5));
    check!(matched_pair(1.5));
    check!(matched_pair(0.5));
    check!(as_argument(&v));
    check!(narrow(0.5_f32));
}
