//! Iterator chains among everything else: what functions in the wild do with them.

use crate::support::{check, check_into, check_outputs, check_vjp};
use grad::grad;
use std::collections::HashMap;

#[grad(second)]
fn helper(x: &[f64]) -> Vec<f64> {
    let s: f64 = x.iter().map(|v| v.exp()).sum();
    x.iter().map(|v| v.exp() / s).collect()
}
#[grad(second)]
fn norm(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum::<f64>().sqrt()
}

#[grad(second)]
fn calls_of_helpers(x: &[f64], y: &[f64]) -> f64 {
    -helper(x).iter().zip(y).map(|(p, t)| t * p.ln()).sum::<f64>()
        + norm(&x.iter().zip(y).map(|(a, b)| a - b).collect::<Vec<_>>())
}
#[test]
fn chains_as_arguments_and_results_of_calls() {
    check_into!(calls_of_helpers(&[0.3, 0.9, -0.4], &[0.5, 0.2, 0.7]));
}

#[grad(second)]
fn closures_with_loops(x: &[f64]) -> f64 {
    x.iter()
        .map(|v| {
            let mut s = 0.0;
            for k in 0..3 {
                s += v.powi(k);
            }
            s
        })
        .sum::<f64>()
        * x.iter().map(|v| v * v).collect::<Vec<f64>>().iter().sum::<f64>()
}
#[test]
fn loops_inside_of_closures() {
    check_into!(closures_with_loops(&[0.3, 0.9, -0.4]));
}

#[grad(second)]
pub(super) fn rows_in_place(x: &[f64], rows: &mut [Vec<f64>], out: &mut f64) {
    let mut t = 0.0;
    for (i, row) in rows.iter_mut().enumerate() {
        for (j, v) in row.iter_mut().enumerate() {
            *v *= x[i] * (j + 1) as f64;
            t += *v;
        }
    }
    let it = x.iter().rev().take(2);
    for v in it {
        t *= v;
    }
    *out = t;
}
#[test]
fn rows_changed_in_place() {
    check_outputs!(rows_in_place(&[0.3, 0.9], mut [vec![0.5, 0.6], vec![0.7]], mut 0.2));
}

pub struct Config {
    weights: Vec<f64>,
    names: Vec<String>,
    map: std::collections::BTreeMap<String, f64>,
    k: usize,
}
#[grad(wrt(x), second)]
fn configuration(x: &[f64], cfg: &Config) -> f64 {
    let mut s: f64 = cfg.weights.iter().zip(x).map(|(w, v)| w * v).sum();
    for (i, w) in cfg.weights.iter().enumerate() {
        s += x[i] * x[i] * *w;
    }
    for (name, w) in &cfg.map {
        if name == "a" {
            s *= *w;
        }
    }
    for name in &cfg.names {
        s += x[0] * name.len() as f64;
    }
    for k in 0..cfg.k {
        s += x[k];
    }
    s += cfg.weights.iter().sum::<f64>() * x[1];
    s
}
#[test]
fn constants_of_any_type() {
    let mut map = std::collections::BTreeMap::new();
    map.insert("a".to_string(), 1.5);
    map.insert("b".to_string(), 3.0);
    let cfg = Config { weights: vec![0.4, 0.6], names: vec!["xx".into()], map, k: 2 };
    check_into!(configuration(&[0.3, 0.9], =&cfg));
}

#[grad(second)]
fn copies_of_rows(rows: &[Vec<f64>], x: &[f64]) -> f64 {
    let copy: Vec<Vec<f64>> = rows.iter().cloned().collect();
    let two: Vec<Vec<f64>> = rows.iter().map(|r| r.to_vec()).collect();
    let (mut a, mut b) = (0.0, 0.0);
    x.iter().for_each(|v| {
        a += v;
        b += v * v;
    });
    let c = x.iter().map(|v| [v * v, v + 1.0]).fold([0.0; 2], |acc, v| [acc[0] + v[0], acc[1] * 0.5 + v[1]]);
    let d: f64 =
        copy.iter().zip(two.iter()).map(|(p, q)| p.iter().zip(q).map(|(s, t)| s * t).sum::<f64>()).sum();
    a * b + c[0] * c[1] + d
}
#[test]
fn rows_are_cloned() {
    check_into!(copies_of_rows(&[vec![0.3, 0.9], vec![0.2]], &[0.4, 0.7]));
}

#[grad(second)]
fn cumulative(x: &[f64]) -> Vec<f64> {
    let mut acc = 0.0;
    let cum: Vec<f64> = x
        .iter()
        .map(|v| {
            acc += v;
            acc
        })
        .collect();
    let last = *cum.last().unwrap();
    cum.into_iter().map(|c| c / last).collect()
}
#[test]
fn a_closure_that_counts() {
    check_vjp!(cumulative(&[0.3, 0.9, 0.2]));
}

#[grad(second)]
fn integers_of_all_types(x: &[f64], n: i32, m: u64) -> f64 {
    let a: f64 = (1..=n).map(|k| x[0].powi(k)).sum();
    let b: f64 = (0..n).step_by(2).map(|k| x[1].powi(k) / f64::from(k + 1)).sum();
    let c: f64 = (0..m).map(|k| x[0] * k as f64).sum();
    let d: f64 = (-2..3).map(|k| x[1].powi(k)).sum();
    let e: f64 = (0..4).zip(x).map(|(k, v)| v.powi(k)).sum();
    let f: f64 = x.iter().zip(1..).map(|(v, k)| v * f64::from(k)).sum();
    let g: f64 = x.iter().zip((0..).step_by(2)).map(|(v, k)| v * f64::from(k)).sum();
    a * b + c + d * e + f * g
}
#[test]
fn ranges_of_all_types_of_integers() {
    check_into!(integers_of_all_types(&[0.3, 0.9], =3, =4));
}

#[grad(second)]
fn extended(x: &[f64]) -> f64 {
    let mut best = f64::INFINITY;
    for (i, a) in x.iter().enumerate() {
        for b in &x[i + 1..] {
            let d = (a - b).abs();
            if d < best {
                best = d;
            }
        }
    }
    let mut v: Vec<f64> = x.to_vec();
    v.iter_mut().for_each(|w| *w = w.exp());
    let total: f64 = v.iter().sum();
    v.iter_mut().for_each(|w| *w /= total);
    v.extend(x.iter().map(|w| w * 2.0));
    best + v.iter().enumerate().map(|(i, w)| w * i as f64).sum::<f64>()
}
#[test]
fn a_vec_is_extended() {
    check_into!(extended(&[0.3, 0.9, 0.2]));
}

#[grad(second)]
fn pairs_and_trapezoids(p: &[[f64; 3]], q: &[(f64, f64)]) -> f64 {
    let mut f = 0.0;
    for (i, pi) in p.iter().enumerate() {
        for pj in p.iter().skip(i + 1) {
            let d2 = pi.iter().zip(pj.iter()).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
            f += 1.0 / d2.sqrt();
        }
    }
    for w in q.windows(2) {
        let (x0, y0) = w[0];
        let (x1, y1) = w[1];
        f += 0.5 * (x1 - x0) * (y0 + y1);
    }
    for [a, b, c] in p {
        f += a * b * c;
    }
    for &(a, b) in q.iter().rev() {
        f = f * a + b;
    }
    let mean = q.iter().map(|t| t.0).sum::<f64>() / q.len() as f64;
    let (sx, sy): (f64, f64) = q.iter().fold((0.0, 0.0), |acc, t| (acc.0 + t.0, acc.1 + t.1));
    f * mean + sx * sy
}
#[test]
fn points_in_space_and_plane() {
    check_into!(pairs_and_trapezoids(
        &[[0.3, 0.9, 0.2], [1.3, 0.1, 0.4], [0.0, 2.0, 1.0]],
        &[(0.1, 0.4), (0.5, 0.7)]
    ));
}

#[grad(second)]
fn options(x: &[f64]) -> f64 {
    let mut total = 0.0;
    let mut count = 0;
    for chunk in x.chunks(2) {
        let Some(first) = chunk.first() else { continue };
        total += first * chunk.len() as f64;
        count += 1;
    }
    if let Some(m) = x.iter().copied().reduce(f64::max) {
        total *= m;
    }
    if count > 1 { total } else { 0.0 }
}
#[test]
fn options_are_matched() {
    check_into!(options(&[0.3, 0.9, 0.2]));
}

#[grad(second)]
pub(super) fn matrix_times_vector(x: &[f64; 3], m: [[f64; 3]; 3]) -> [f64; 3] {
    let mut out = [0.0; 3];
    for (o, row) in out.iter_mut().zip(m.iter()) {
        *o = row.iter().zip(x.iter()).map(|(a, b)| a * b).sum();
    }
    for (o, v) in out.iter_mut().zip(x) {
        *o += v.sin();
    }
    out
}
#[test]
fn outputs_row_by_row() {
    check_vjp!(matrix_times_vector(&[0.3, 0.9, 0.2], [[1.0, 2.0, 3.0], [0.5, 0.1, 0.7], [0.2, 0.4, 0.9]]));
}

#[grad(second)]
fn named_filter(x: &[f64]) -> f64 {
    let f = |i: usize| if i >= x.len() { None } else { Some(x[i] * x[i]) };
    (0..5).filter_map(f).sum::<f64>()
}
#[test]
fn a_filter_with_a_name() {
    check_into!(named_filter(&[0.3, 0.9, 0.2]));
}

#[grad(wrt(x), second)]
fn constant_floats(x: &[f64], cfg: &Config) -> f64 {
    let mut s = 0.0;
    for w in &cfg.weights {
        s += w * x[0];
    }
    for w in cfg.weights.iter().copied() {
        s += w * x[1];
    }
    for (w, v) in cfg.weights.iter().zip(x) {
        s += w * v;
    }
    s += x.iter().zip(&cfg.weights).map(|(v, &w)| v * v * w).sum::<f64>();
    s += cfg.weights.iter().enumerate().map(|(i, w)| w * x[i]).sum::<f64>();
    let (p, q) = (cfg.k, 2);
    let r = match p {
        k => x[0] * k as f64,
    };
    s * p as f64 + q as f64 + r
}
#[test]
fn constants_that_turn_out_to_be_numbers() {
    let cfg = Config { weights: vec![0.4, 0.6], names: vec![], map: std::collections::BTreeMap::new(), k: 2 };
    check_into!(constant_floats(&[0.3, 0.9], =&cfg));
}

#[grad(second)]
pub(super) fn arrays_from_closures(x: &[f64; 3], m: [[f64; 2]; 2], k: f64) -> [f64; 3] {
    let y = x.map(|v| v * k);
    let z: [f64; 3] = std::array::from_fn(|i| y[i] * y[(i + 1) % 3]);
    let w = m[1].map(f64::sin);
    let [a, b] = [k, k * k].map(|t| t.exp());
    let base = std::iter::repeat(k).take(2).sum::<f64>();
    std::array::from_fn(|i| z[i] * w[i % 2] + a * b + base)
}
#[test]
fn arrays_are_built_from_closures() {
    check_vjp!(arrays_from_closures(&[0.3, 0.9, 0.2], [[1.0, 2.0], [0.5, 0.1]], 0.7));
}

fn place_of(name: &str) -> Option<usize> {
    ["one", "two", "three"].iter().position(|known| *known == name)
}

/// Closures and functions that give an `Option` that only rustc knows.
#[grad(wrt(v, x), second)]
fn looked_up(v: &[f64], x: f64, places: &HashMap<&str, usize>, words: &[&str]) -> f64 {
    let known: f64 = words.iter().filter_map(|word| places.get(*word)).map(|at| v[*at] * x).sum();
    let named: f64 = words.iter().copied().filter_map(place_of).map(|at| v[at] * v[at]).sum();
    let first = words.iter().find_map(|word| places.get(word).copied()).map_or(x, |at| v[at] * x);
    let mut before = 1.0;
    for at in words.iter().map_while(|word| places.get(word)) {
        before *= v[*at] + x;
    }
    let twice: f64 = words
        .iter()
        .filter_map(|word| {
            let shorter = word.trim();
            places.get(shorter)
        })
        .map(|at| v[*at].sin())
        .sum();
    known * first + named + before + twice
}

#[test]
fn what_closures_look_up() {
    let places = HashMap::from([("one", 0), ("two", 1), ("four", 2)]);
    let v = [0.5, 0.7, 1.3];
    for words in [&["two", "one", "three", "two "][..], &["zero", "four"], &[]] {
        check!(looked_up(&v, 0.8, =&places, =words));
    }
}
