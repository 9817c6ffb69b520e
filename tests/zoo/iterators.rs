//! Iterator chains: sources, adaptors, consumers, and what they are built into.

use crate::support::{check, check_into, check_outputs, check_vjp};
use grad::grad;

// Sources.

#[grad(second)]
fn sum_of_slice(x: &[f64]) -> f64 {
    x.iter().sum()
}

#[grad(second)]
fn sum_of_squares(x: &[f64]) -> f64 {
    x.iter().map(|v| v * v).sum::<f64>()
}

#[grad(second)]
fn by_value(x: Vec<f64>, a: [f64; 3]) -> f64 {
    x.into_iter().map(|v| v.sin()).sum::<f64>() * a.into_iter().map(f64::exp).product::<f64>()
}

#[grad(second)]
fn over_ranges(x: &[f64], n: usize) -> f64 {
    let a: f64 = (0..n).map(|i| x[i] * i as f64).sum();
    let b: f64 = (1..=n).map(|i| x[i - 1] / i as f64).sum();
    let c: f64 = (0..x.len()).rev().map(|i| x[i]).fold(0.0, |acc, v| acc * 0.5 + v);
    a + b * c
}

#[test]
fn sources() {
    check_into!(sum_of_slice(&[0.5, -1.5, 2.0]) => [1.0, 1.0, 1.0]);
    check_into!(sum_of_squares(&[0.5, -1.5, 2.0]) => [1.0, -3.0, 4.0]);
    check!(by_value(vec![0.5, -1.5, 2.0], [0.1, 0.2, 0.3]));
    check_into!(over_ranges(&[0.5, -1.5, 2.0], =3));
}

/// The sum of nothing is -0.0 and its product 1.0, as in the standard library.
#[grad(second)]
fn of_nothing(x: &[f64], k: f64) -> f64 {
    let s: f64 = x[..0].iter().sum();
    let p = x.iter().take(0).product::<f64>();
    (s * k).copysign(1.0) + p * k + s.copysign(k)
}

#[test]
fn empty_iterators() {
    check_into!(of_nothing(&[0.5], 2.0) => [0.0, 1.0]);
}

#[grad(second)]
fn pieces(x: &[f64], k: usize) -> f64 {
    let smooth: f64 = x.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
    let second: f64 = x.windows(3).map(|w| (w[0] - 2.0 * w[1] + w[2]).abs()).sum();
    let pairs: f64 = x.chunks(2).map(|c| c.iter().product::<f64>()).sum();
    let exact: f64 = x.chunks_exact(k).map(|c| c[0] * c[k - 1]).sum();
    let any: f64 = x.windows(k).enumerate().map(|(i, w)| w[k - 1] * i as f64).sum();
    smooth + 0.5 * second + pairs * exact + any
}

#[test]
fn windows_and_chunks() {
    check_into!(pieces(&[0.3, 0.9, -0.4, 1.7, 0.8], =2));
    check_into!(pieces(&[0.3, 0.9, -0.4, 1.7, 0.8, 0.1], =3));
}

#[grad(second)]
fn small_sources(x: f64, y: f64) -> f64 {
    let a: f64 = [x, y, x * y].iter().map(|v| v * v).sum();
    let b: f64 = vec![x; 3].iter().zip([1.0, 2.0, y]).map(|(a, b)| a * b).sum();
    let c: f64 = std::iter::once(x).chain([y, 2.0]).map(|v| v.exp()).sum();
    let d: f64 = std::iter::repeat(x).take(3).zip([y, 1.0, x]).map(|(a, b)| a * b).sum();
    a + b * c + d
}

#[test]
fn arrays_as_sources() {
    check!(small_sources(0.4, 0.7));
}

#[grad(second)]
fn nested(rows: &[Vec<f64>], w: &[f64], c: &[[f64; 2]]) -> f64 {
    let dot = rows.iter().map(|row| row.iter().zip(w.iter()).map(|(a, b)| a * b).sum::<f64>()).map(f64::tanh);
    let total: f64 = dot.sum();
    let all: f64 = rows.iter().flatten().map(|v| v * v).sum();
    let pairs: f64 = c.iter().map(|&[a, b]| a * b).sum();
    let firsts: f64 = c.iter().map(|p| p[0]).zip(rows).map(|(a, row)| a * row[0]).sum();
    total * all + pairs * firsts
}

#[test]
fn rows() {
    check_into!(nested(
        &[vec![0.3, 0.9], vec![-0.4, 1.7], vec![0.8, 0.1]],
        &[0.5, -0.2],
        &[[0.3, 0.7], [1.1, -0.6]]
    ));
}

// Patterns.

#[grad(second)]
fn closure_patterns(x: &[f64], y: &[f64], p: &[(f64, f64)]) -> f64 {
    let a: f64 = x.iter().zip(y).map(|(&a, b)| a * *b).sum();
    let b: f64 = x.iter().zip(y.iter()).zip(p.iter()).map(|((a, b), (c, d))| a * b * c - d).sum();
    let c: f64 = p.iter().enumerate().map(|(i, &(u, v))| u * v * i as f64).sum();
    let d: f64 = p.iter().map(|q| q.0 / q.1).sum();
    let e: f64 = x.iter().enumerate().filter(|&(i, v)| i % 2 == 0 && *v > -5.0).map(|(_, v)| v).sum();
    a + b * c + d * e
}

#[test]
fn items_are_taken_apart() {
    check_into!(closure_patterns(
        &[0.3, 0.9, -0.4],
        &[0.5, -0.2, 1.5],
        &[(0.3, 0.7), (1.1, -0.6), (0.2, 0.4)]
    ));
}

// Adaptors of indices.

#[grad(second)]
fn index_adaptors(x: &[f64], y: &[f64], k: usize) -> f64 {
    let a: f64 = x.iter().skip(1).zip(x.iter()).map(|(a, b)| a * b).sum();
    let b: f64 = x.iter().rev().zip(y).map(|(a, b)| a * b).sum();
    let c: f64 = x.iter().step_by(2).map(|v| v.exp()).sum();
    let d: f64 = x.iter().take(k).skip(1).rev().enumerate().map(|(i, v)| v * (i + 1) as f64).sum();
    let e: f64 = (k..10).step_by(3).map(|i| y[i % 3] * i as f64).sum();
    let f: f64 = (0..=6).rev().step_by(2).zip(y.iter().rev()).map(|(i, v)| v.powi(i)).sum();
    let g: f64 = x.iter().skip(100).sum::<f64>()
        + x.iter().enumerate().skip(1).step_by(2).map(|(i, v)| i as f64 * v).sum::<f64>();
    let h: f64 = (1..).zip(x).map(|(i, v)| v / i as f64).sum();
    let l: f64 = x.iter().zip(y).rev().take(2).map(|(a, b)| a / b).sum();
    a + b * c + d * e + f * g + h * l
}

#[test]
fn zip_rev_skip_take_and_step() {
    check_into!(index_adaptors(&[0.3, 0.9, -0.4, 1.2, 0.7], &[0.5, -0.2, 1.5], =4));
    check_into!(index_adaptors(&[0.3, 0.9, -0.4], &[0.5, -0.2, 1.5, 0.8], =2));
}

#[grad(second)]
fn chained(x: &[f64], y: &[f64]) -> f64 {
    let a: f64 = x.iter().chain(y.iter()).map(|v| v * v * v).sum();
    let b: f64 = x.iter().chain(y).enumerate().map(|(i, v)| v * i as f64).sum();
    let c: f64 = x.iter().copied().chain(y.iter().copied()).zip(0..4).map(|(v, i)| v * i as f64).sum();
    let d: f64 = x.iter().rev().chain(y.iter().skip(1)).rev().fold(1.0, |acc, v| acc * 0.5 + v);
    a * b + c * d
}

#[test]
fn one_after_the_other() {
    check_into!(chained(&[0.3, 0.9, -0.4], &[0.5, -0.2]));
}

// Adaptors that decide.

#[grad(second)]
fn deciding(x: &[f64]) -> f64 {
    let a: f64 = x.iter().filter(|v| **v > 0.0).map(|v| v.ln()).sum();
    let b: f64 = x.iter().filter(|&&v| v < 1.0).enumerate().map(|(i, v)| v * i as f64).sum();
    let c: f64 = x.iter().filter_map(|&v| if v > 0.0 { Some(v.sqrt()) } else { None }).sum();
    let d: f64 = x.iter().filter_map(|&v| (v > 0.5).then(|| v * v)).product();
    let e: f64 = x.iter().filter_map(|&v| (v > 0.5).then_some(v * v)).sum();
    let f: f64 = x
        .iter()
        .enumerate()
        .filter_map(|(i, v)| {
            let w = v * v;
            if i == 1 {
                return None;
            }
            match i % 3 {
                0 => Some(w),
                1 => Some(w * 2.0),
                _ => None,
            }
        })
        .sum();
    a * b + c * d + e * f
}

#[test]
fn filters() {
    check_into!(deciding(&[0.3, 0.9, -0.4, 1.7, 0.8]));
}

#[grad(second)]
fn stopping(x: &[f64]) -> f64 {
    let a: f64 = x.iter().take_while(|v| **v > 0.0).map(|v| v.ln()).sum();
    let b: f64 = x.iter().skip_while(|v| **v > 0.0).sum();
    let c: f64 = x.iter().filter(|v| **v > 0.0).take(2).product();
    let d: f64 = x.iter().filter(|v| **v > 0.0).skip(1).sum();
    let e: f64 = x.iter().filter(|v| **v > 0.0).step_by(2).sum();
    let f: f64 = x.iter().map_while(|&v| if v > 0.0 { Some(v * v) } else { None }).sum();
    let g: f64 = x.iter().filter(|v| **v > 0.0).zip(x.iter().rev()).map(|(a, b)| a * b).sum();
    let h: f64 = x.iter().rev().zip(x.iter().filter(|v| **v > 0.0)).map(|(a, b)| a - b * b).sum();
    a * b + c * d + e * f + g * h
}

#[test]
fn iterators_that_stop() {
    check_into!(stopping(&[0.3, 0.9, -0.4, 1.7, 0.8]));
    check_into!(stopping(&[-0.3, 0.9, 0.4, 1.7]));
}

#[grad(second)]
fn running(x: &[f64]) -> f64 {
    let a: f64 = x
        .iter()
        .scan(0.0, |acc, v| {
            *acc += v;
            Some(*acc * *acc)
        })
        .sum();
    let b: f64 = x
        .iter()
        .scan(1.0, |p, &v| {
            *p *= v;
            if *p < 2.0 { Some(*p) } else { None }
        })
        .sum();
    let c: f64 = x
        .iter()
        .scan((0.0, 1.0), |state, v| {
            state.0 += v;
            state.1 *= state.0;
            Some(state.1)
        })
        .last()
        .unwrap();
    a * b + c
}

#[test]
fn scans() {
    check_into!(running(&[0.3, 0.9, 1.4, 0.8]));
}

#[grad(second)]
fn flattened(x: &[f64], m: &[Vec<f64>]) -> f64 {
    let n = x.len();
    let a: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| (x[i] - x[j]).powi(2)).sum();
    let b: f64 = (0..n).flat_map(|i| (i + 1..n).map(move |j| x[i] * x[j])).sum();
    let c: f64 = m.iter().flat_map(|row| row.iter()).zip(x).map(|(a, b)| a * b).sum();
    let d: f64 = m
        .iter()
        .enumerate()
        .flat_map(|(i, row)| {
            let scale = x[i];
            row.iter().map(move |v| v * scale)
        })
        .filter(|v| *v > 0.0)
        .take(3)
        .sum();
    a * b + c * d
}

#[test]
fn loops_in_loops() {
    check_into!(flattened(&[0.3, 0.9, 1.4, 0.8], &[vec![0.2, 0.5], vec![], vec![-0.3, 0.7, 1.1]]));
}

// Consumers.

#[grad(second)]
fn folded(x: &[f64], k: f64) -> f64 {
    let a = x.iter().fold(0.0, |acc, v| acc * k + v);
    let (s, s2) = x.iter().fold((0.0, 0.0), |(s, s2), &v| (s + v, s2 + v * v));
    let b = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let c = x.iter().cloned().fold(f64::INFINITY, |m, v| m.min(v));
    let horner = x.iter().rev().fold(0.0, |acc, c| c + k * acc);
    let (n, mean, m2) = x.iter().fold((0.0, 0.0, 0.0), |(n, mean, m2), &v| {
        let n = n + 1.0;
        let delta = v - mean;
        let mean = mean + delta / n;
        (n, mean, m2 + delta * (v - mean))
    });
    a + s2 / s + b * c + horner + mean * m2 / n
}

#[test]
fn folds() {
    check_into!(folded(&[0.3, 0.9, -0.4, 1.7], 0.6));
}

#[grad(second)]
fn folded_into_memory(x: &[f64], k: f64) -> f64 {
    let h = x.iter().enumerate().fold(vec![0.0; 2], |mut acc, (i, v)| {
        acc[i % 2] += v * k;
        acc
    });
    let r = x.iter().fold([1.0, 0.0], |[c, s], v| [c * v.cos() - s * v.sin(), c * v.sin() + s * v.cos()]);
    h[0] * h[1] + r[0] * r[1]
}

#[test]
fn folds_of_arrays() {
    check_into!(folded_into_memory(&[0.3, 0.9, -0.4], 0.6));
}

#[grad(second)]
fn collected(x: &[f64]) -> f64 {
    let e: Vec<f64> = x.iter().map(|v| v.exp()).collect();
    let total: f64 = e.iter().sum();
    let p = e.iter().map(|v| v / total).collect::<Vec<_>>();
    let positive: Vec<f64> = x.iter().copied().filter(|v| *v > 0.0).collect();
    let table: Vec<Vec<f64>> = (0..3).map(|i| x.iter().map(|v| v * i as f64).collect()).collect();
    let pairs: Vec<(f64, f64)> = x.windows(2).map(|w| (w[0], w[1])).collect();
    let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().map(|&(a, b)| (a * b, a + b)).unzip();
    let entropy: f64 = p.iter().map(|q| -q * q.ln()).sum();
    let which: Vec<usize> = (0..x.len()).filter(|&i| x[i] > 0.0).collect();
    let chosen: f64 = which.iter().map(|&i| x[i] * i as f64).sum();
    entropy + positive.iter().product::<f64>() + table[2][1] * table[1][0] + a[0] * b[1] + chosen
}

#[test]
fn collections() {
    check_into!(collected(&[0.3, 0.9, -0.4, 1.7]));
}

#[grad(second)]
pub(super) fn normalised(x: &[f64]) -> Vec<f64> {
    let norm = x.iter().map(|v| v * v).sum::<f64>().sqrt();
    x.iter().map(|v| v / norm).collect()
}

#[grad(second)]
pub(super) fn mat_vec(a: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    a.iter().map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect()
}

#[test]
fn results() {
    check_vjp!(normalised(&[0.3, 0.9, -0.4]));
    check_vjp!(mat_vec(&[vec![0.3, 0.9], vec![-0.4, 1.7]], &[0.5, 0.8]));
}

#[grad(second)]
fn extremes(x: &[f64], y: &[f64]) -> f64 {
    let a = *x.iter().max_by(|a, b| a.total_cmp(b)).unwrap();
    let b = x.iter().copied().min_by(|a, b| a.partial_cmp(b).unwrap()).expect("some");
    let (i, c) = x.iter().enumerate().max_by(|(_, a), (_, b)| a.partial_cmp(b).unwrap()).unwrap();
    let d = x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).min_by(|a, b| a.total_cmp(b)).unwrap_or(0.0);
    let e = x.iter().map(|v| v.sin()).filter(|v| *v > 0.0).max_by(f64::total_cmp).unwrap();
    let f = (0..x.len()).max_by(|&i, &j| x[i].abs().total_cmp(&x[j].abs())).unwrap();
    let g = x.iter().copied().reduce(f64::max).unwrap() * x.iter().copied().reduce(|a, b| a * b).unwrap();
    let h = x.iter().filter(|v| **v < 0.0).copied().reduce(|a, b| a + b).unwrap_or(1.0);
    a * b + c * y[i % 2] + d * e + x[f] + g * h
}

#[test]
fn the_largest_and_the_smallest() {
    check_into!(extremes(&[0.3, 0.9, -0.4, 1.7], &[0.5, -0.2, 0.7]));
}

#[grad(second)]
fn found(x: &[f64]) -> f64 {
    let last = x.iter().map(|v| v * v).last().unwrap();
    let end = x.last().copied().unwrap_or(0.0) * x.first().unwrap();
    let third = x.iter().skip(1).nth(1).unwrap().sin();
    let k = x.iter().position(|v| *v < 0.0).unwrap();
    let first = x.iter().find(|v| **v > 0.5).unwrap();
    let mapped = x.iter().find_map(|&v| if v < 0.0 { Some(v * v) } else { None }).unwrap_or(1.0);
    let count = x.iter().filter(|v| **v > 0.0).count();
    let none = x.iter().find(|v| **v > 100.0).copied().unwrap_or(2.0);
    let got = x.get(1).copied().unwrap_or(0.0) + x.get(100).map_or(1.0, |v| v * v);
    last * end + third * x[k] + first * mapped * count as f64 + none * got
}

#[test]
fn single_items() {
    check_into!(found(&[0.3, 0.9, -0.4, 1.7]));
}

#[grad(second)]
fn conditions(x: &[f64]) -> f64 {
    if x.iter().any(|v| *v < -1.0) {
        return 0.0;
    }
    let all = x.iter().zip(x.iter().skip(1)).all(|(a, b)| a < b);
    let sorted = x.windows(2).all(|w| w[0] <= w[1]);
    if all && sorted { x.iter().sum() } else { x.iter().product() }
}

#[test]
fn any_and_all() {
    check_into!(conditions(&[0.3, 0.9, 1.4]) => [1.0, 1.0, 1.0]);
    check_into!(conditions(&[0.9, 0.3, 2.0]) => [0.6, 1.8, 0.27]);
    check_into!(conditions(&[0.9, -3.0]) => [0.0, 0.0]);
}

// `for` loops over iterators.

#[grad(second)]
fn for_loops(x: &[f64], y: &[f64], m: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for v in x {
        s += v * v;
    }
    for (i, v) in x.iter().enumerate() {
        s += v * i as f64;
    }
    for (a, &b) in x.iter().zip(y) {
        s *= 1.0 + a * b;
    }
    for &[a, b] in m {
        s += a / b;
    }
    for (i, row) in m.iter().enumerate().rev() {
        for (j, v) in row.iter().enumerate() {
            s += v * (i * 2 + j) as f64 * s;
        }
    }
    for w in x.windows(2) {
        s += w[0] * w[1];
    }
    for (k, c) in x.chunks(2).enumerate() {
        s += c[0] * c[c.len() - 1] * k as f64;
    }
    for v in x.iter().map(|v| v * v).filter(|v| *v > 0.2) {
        s += v.ln();
    }
    for v in [s, 2.0, x[0]] {
        s += v;
    }
    s
}

#[test]
fn loops_over_iterators() {
    check_into!(for_loops(&[0.3, 0.9, -0.4], &[0.5, -0.2, 0.7], &[[0.3, 0.7], [1.1, -0.6]]));
}

#[grad(second)]
fn exits(x: &[f64], y: &[f64]) -> f64 {
    let mut s = 0.0;
    for v in x.iter().chain(y) {
        if *v < 0.0 {
            continue;
        }
        s += v * v;
        if s > 2.0 {
            break;
        }
    }
    'outer: for a in x.iter().chain(y.iter().rev()) {
        for (i, b) in x.iter().chain(y).enumerate() {
            if a * b > 1.5 {
                continue 'outer;
            }
            if i > 3 {
                break;
            }
            s += a * b;
            if s > 40.0 {
                break 'outer;
            }
        }
        s *= a;
    }
    for v in (0..x.len()).flat_map(|i| (0..i).map(move |j| x[i] * x[j])) {
        if v > 100.0 {
            return v;
        }
        s += v;
    }
    for v in x.iter().filter(|v| **v > 0.0).take(2) {
        if *v > 1.0 {
            continue;
        }
        s += v.exp();
    }
    s
}

#[test]
fn exits_from_loops_over_iterators() {
    check_into!(exits(&[0.3, 0.9, -0.4, 1.7], &[0.5, 0.8]));
    check_into!(exits(&[1.3, 1.9, -0.4], &[1.5, 0.8, 3.0]));
    check_into!(exits(&[11.3, 12.9, -0.4], &[1.5, 0.8, 3.0]));
}

#[grad(second)]
pub(super) fn writes(x: &[f64], out: &mut [f64], m: &mut [Vec<f64>]) {
    for (o, v) in out.iter_mut().zip(x) {
        *o = v * v;
    }
    out.iter_mut().skip(1).for_each(|o| *o *= 2.0);
    for (i, o) in out.iter_mut().enumerate().rev() {
        *o += x[i];
    }
    for row in m.iter_mut() {
        for v in row.iter_mut() {
            *v = v.sin();
        }
    }
    m.iter_mut().zip(x).for_each(|(row, v)| row.iter_mut().for_each(|r| *r *= v));
    for c in out.chunks_mut(2) {
        c[0] *= 3.0;
        if c.len() > 1 {
            c[1] += c[0];
        }
    }
    for v in &mut *out {
        *v += 1.0;
    }
}

#[test]
fn mutable_items() {
    check_outputs!(writes(&[0.3, 0.9, -0.4], mut [0.1, 0.2, 0.4], mut [vec![0.5, 0.6], vec![0.7]]));
}

// Closures and functions as arguments.

#[grad(second)]
fn softplus(x: f64) -> f64 {
    x.exp().ln_1p()
}

#[grad(second)]
fn weigh(a: f64, b: &f64) -> f64 {
    a * *b
}

#[grad(second)]
fn functions(x: &[f64], k: f64) -> f64 {
    let square = |v: f64| v * v;
    let scaled = |v: &f64| v * k;
    let a: f64 = x.iter().copied().map(softplus).sum();
    let b: f64 = x.iter().map(|&v| softplus(v * k)).map(square).sum();
    let c: f64 = x.iter().map(scaled).map(f64::sin).sum();
    let d = x.iter().fold(1.0, weigh);
    let mut steps = 0;
    let mut last = 0.0;
    x.iter().for_each(|v| {
        last = last * k + v;
        steps += 1;
    });
    a * b + c * d + last * f64::from(steps)
}

#[test]
fn functions_as_arguments() {
    check_into!(functions(&[0.3, 0.9, -0.4], 0.7));
}

/// Closures that change what is around them are called for every item that is asked for, and no other.
#[grad(second)]
fn effects(x: &[f64]) -> f64 {
    let mut seen = 0.0;
    let skipped: f64 = x
        .iter()
        .map(|v| {
            seen += v;
            v * seen
        })
        .skip(2)
        .sum();
    let mut calls = 0;
    let positive: f64 = x
        .iter()
        .filter(|v| {
            calls += 1;
            **v > 0.0
        })
        .zip(x.iter().rev())
        .map(|(a, b)| a * b)
        .sum();
    let mut trace = 0.0;
    let inspected: f64 = x.iter().inspect(|v| trace += **v * **v).step_by(2).sum();
    skipped * seen + positive * f64::from(calls) + trace * inspected
}

#[test]
fn closures_with_effects() {
    check_into!(effects(&[0.3, 0.9, -0.4, 1.7]));
}

#[grad(second)]
fn kept(x: &[f64], y: &[f64]) -> f64 {
    let pairs = x.iter().zip(y);
    let products = pairs.clone().map(|(a, b)| a * b);
    let range = 0..x.len();
    let largest = x.iter().max_by(|a, b| a.total_cmp(b));
    products.sum::<f64>() * pairs.map(|(a, b)| a - b).product::<f64>()
        + range.map(|i| x[i]).sum::<f64>() * largest.unwrap()
}

#[test]
fn iterators_in_variables() {
    check_into!(kept(&[0.3, 0.9, -0.4], &[0.5, -0.2, 0.8]));
}

#[grad(wrt(w), second)]
fn constants(w: &[f64], labels: &[usize], names: &[&str], rows: &[Vec<f64>]) -> f64 {
    let mut s = 0.0;
    for (row, &label) in rows.iter().zip(labels) {
        let z: f64 = row.iter().zip(w).map(|(a, b)| a * b).sum();
        s += if label == 1 { z } else { z.exp() };
    }
    for (i, name) in names.iter().enumerate() {
        s += w[i] * name.len() as f64;
    }
    for c in "ab".chars() {
        if c == 'a' {
            s *= 2.0;
        }
    }
    let ones = labels.iter().filter(|&&l| l == 1).count();
    let top = labels.iter().max().unwrap();
    let known: f64 = (0..4).map(|i| i as f64).sum();
    s * ones as f64 + w[*top] * known
}

#[test]
fn iterators_over_constants() {
    let rows = [vec![0.1, 0.2], vec![0.3, 0.4], vec![0.5, 0.6]];
    check_into!(constants(&[0.3, 0.9], =&[1, 0, 1], =&["x", "long"], =&rows));
}

#[grad(second)]
fn single(x: &[f32], y: &[f32]) -> f32 {
    let dot: f32 = x.iter().zip(y).map(|(a, b)| a * b).sum();
    let norm = x.iter().map(|v| v * v).sum::<f32>().sqrt();
    let e: Vec<f32> = y.iter().map(|v| v.exp()).collect();
    dot / norm + e.iter().fold(0.0, |acc, v| acc + v) * e.iter().copied().fold(f32::MIN, f32::max)
}

#[test]
fn single_precision() {
    check_into!(single(&[0.3, 0.9, -0.4], &[0.5, -0.2, 0.8]));
}

#[grad(second)]
fn cross_entropy(logits: &[Vec<f64>], labels: &[usize], w: &[f64]) -> f64 {
    logits
        .iter()
        .zip(labels)
        .map(|(row, &label)| {
            let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = row.iter().map(|z| (z - max).exp()).sum();
            w[label] * (sum.ln() + max - row[label])
        })
        .sum::<f64>()
        / logits.len() as f64
}

#[grad(second)]
fn k_means(points: &[[f64; 2]], centres: &[[f64; 2]]) -> f64 {
    points
        .iter()
        .map(|p| {
            centres
                .iter()
                .map(|c| p.iter().zip(c).map(|(a, b)| (a - b) * (a - b)).sum::<f64>())
                .min_by(|a, b| a.partial_cmp(b).unwrap())
                .unwrap()
        })
        .sum()
}

#[grad(second)]
fn lennard_jones(x: &[[f64; 3]], epsilon: f64) -> f64 {
    (0..x.len())
        .flat_map(|i| (i + 1..x.len()).map(move |j| (i, j)))
        .map(|(i, j)| {
            let r2: f64 = x[i].iter().zip(&x[j]).map(|(a, b)| (a - b).powi(2)).sum();
            let s6 = r2.recip().powi(3);
            4.0 * epsilon * (s6 * s6 - s6)
        })
        .sum()
}

#[test]
fn whole_losses() {
    check_into!(cross_entropy(&[vec![0.3, 0.9, -0.4], vec![1.3, 0.2, 0.1]], =&[2, 0], &[0.4, 0.5, 0.7]));
    check_into!(k_means(&[[0.3, 0.9], [-0.4, 1.7], [2.0, 0.1]], &[[0.0, 1.0], [1.5, 0.2]]));
    check_into!(lennard_jones(&[[0.0, 0.1, 0.2], [1.1, 0.3, 0.2], [0.4, 1.2, 0.9]], 0.8));
}

/// What ends a part of a chain ends that part alone.
#[grad(second)]
fn parts_that_end_early(v: &[f64], rows: &[Vec<f64>]) -> f64 {
    let a: f64 = v.iter().take_while(|x| **x < 0.7).chain(v.iter().rev().take_while(|x| **x < 0.6)).product();
    let b: f64 =
        v.iter().filter(|x| **x > 0.2).take(1).chain(v.iter().map_while(|x| (*x > 0.2).then_some(x))).sum();
    let c: f64 = rows.iter().flat_map(|r| r.iter().take_while(|x| **x > 0.0)).map(|x| x * x).sum();
    let d: f64 = rows
        .iter()
        .flat_map(|r| {
            r.iter().scan(1.0, |p, x| {
                *p *= x;
                if *p < 0.0 { None } else { Some(*p) }
            })
        })
        .sum();
    let mut e = 0.0;
    'all: for x in
        v.iter().filter(|x| **x > 0.4).zip(rows[0].iter()).map(|(x, y)| x * y).chain(v.iter().copied())
    {
        if x > 0.75 {
            break 'all;
        }
        if x < 0.0 {
            continue;
        }
        e += x * x;
    }
    a + b * c - d * e
}

#[test]
fn parts_of_chains_end_alone() {
    check!(parts_that_end_early(
        &[0.3, 0.5, 0.8, 0.1, 0.45],
        &vec![vec![0.3, -0.5, 0.2], vec![0.9, 0.4], vec![-0.1, 0.7]]
    ));
}

// --- a range in a variable ---

#[grad(second)]
fn range_that_is_an_index(x: &[f64; 6]) -> f64 {
    let r = 1..4;
    let head = &x[r.clone()];
    let mut total = head[0] * head[2];
    for i in r.clone() {
        total += x[i].sin() * x[r.clone()][0];
    }
    let sum: f64 = r.clone().map(|i| x[i + 1] * x[i]).sum();
    total * sum + x[r][1]
}

#[test]
fn a_range_is_an_index_as_often_as_one_likes() {
    check!(range_that_is_an_index(&[0.3, 0.7, -0.4, 1.2, 0.9, 0.1]));
}

// --- a method without a rule, of a constant ---

#[grad]
fn next_float_of_a_constant(x: f64) -> f64 {
    let c = grad::constant(x).next_up();
    x * grad::constant(x * x).next_down() + c * x
}

#[test]
fn constants_have_all_methods() {
    assert_eq!(next_float_of_a_constant::grad(2.0), 4.0_f64.next_down() + 2.0_f64.next_up());
}
