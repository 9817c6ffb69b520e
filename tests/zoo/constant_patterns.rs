//! Collections that a pattern of constants binds: their items are references, or not, as only rustc knows.

use crate::support::check;
use grad::grad;

pub enum Kind {
    Weighted(Vec<f64>),
    Pairs(Vec<(f64, f64)>),
    Rows(Vec<Vec<f64>>),
    Array([f64; 2]),
    Named { w: Vec<f64>, k: usize },
    Plain,
}

#[grad(wrt(x), second)]
fn loops(kind: &Kind, x: f64) -> f64 {
    match kind {
        Kind::Weighted(v) => {
            let mut s = 0.0;
            for c in v {
                s += c * x;
            }
            s * x
        }
        Kind::Pairs(v) => {
            let mut s = 0.0;
            for (a, b) in v {
                s += a * x * b;
            }
            for &(a, b) in v {
                s += a * x * b * x;
            }
            s
        }
        Kind::Rows(rows) => {
            let mut s = 0.0;
            for row in rows {
                for c in row {
                    s += c * x * x;
                }
                for k in 0..row.len() {
                    s += row[k] * x * s;
                }
            }
            s
        }
        Kind::Array(a) => {
            let mut s = 0.0;
            for c in a {
                s += x / *c;
            }
            for c in a.iter() {
                s += x * *c * x;
            }
            s
        }
        Kind::Named { w, k } => {
            let mut s = 0.0;
            for (i, c) in w.iter().enumerate() {
                if i == *k {
                    continue;
                }
                s += c.sin() * x;
            }
            for &c in w {
                s += c * x * x;
            }
            for c in w.iter().rev() {
                s += (c * x).sin();
            }
            for (a, b) in w.iter().zip(w) {
                s += a * b * x;
            }
            s
        }
        Kind::Plain => x,
    }
}

#[grad(wrt(x, y), second)]
fn chains(kind: &Kind, x: f64, y: &[f64]) -> f64 {
    match kind {
        Kind::Weighted(v) => {
            v.iter().map(|c| c * x).sum::<f64>() + v.iter().zip(y).map(|(a, b)| a * b * x).sum::<f64>()
        }
        Kind::Pairs(v) => v.iter().map(|(a, b)| a * x * b).sum::<f64>(),
        Kind::Rows(rows) => rows.iter().map(|row| row.iter().map(|c| c * x).sum::<f64>() * x).sum(),
        Kind::Array(a) => y.iter().zip(a.iter().copied()).map(|(p, q)| p * q * x).sum(),
        Kind::Named { w, .. } => {
            let mut s = 0.0;
            for (q, p) in w.iter().zip(y) {
                s += p * q * x;
            }
            s
        }
        Kind::Plain => x,
    }
}

#[grad(wrt(x), second)]
fn if_let(kind: &Kind, x: f64) -> f64 {
    let mut s = x * x;
    if let Kind::Weighted(v) = kind {
        for c in v {
            s += c * x * s;
        }
        let w = v;
        for c in w {
            s += c * x * s;
        }
    }
    if let Kind::Named { w, k } = kind {
        for i in 0..*k {
            s += w[i] * x;
        }
        for c in w {
            let d = c * x;
            s += d * d;
        }
    }
    s
}

#[grad(wrt(x), second)]
fn options(w: &Option<Vec<f64>>, ints: &Option<Vec<usize>>, x: f64) -> f64 {
    let mut s = x;
    if let Some(w) = w {
        for c in w {
            s += c * x * s;
        }
    }
    if let Some(ks) = ints {
        for k in ks {
            s += *k as f64 * x * s;
        }
    }
    if let Some(ks) = ints {
        for &k in ks {
            s += k as f64 * x * s;
        }
    }
    s
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind::Weighted(vec![1.0, 2.0]),
        Kind::Pairs(vec![(1.0, 2.0), (0.5, 0.25)]),
        Kind::Rows(vec![vec![0.5, 0.3], vec![0.7]]),
        Kind::Array([2.0, 0.5]),
        Kind::Named { w: vec![0.5, 1.5, 0.7], k: 1 },
        Kind::Plain,
    ]
}

#[test]
fn loops_over_what_a_pattern_of_constants_binds() {
    for kind in &kinds() {
        check!(loops(=kind, 0.7));
        check!(chains(=kind, 0.7, &[0.5, 0.3]));
        check!(if_let(=kind, 0.7));
    }
    let (w, k) = (Some(vec![0.5, 0.6]), Some(vec![1, 2]));
    check!(options(=&w, =&k, 0.7));
}
