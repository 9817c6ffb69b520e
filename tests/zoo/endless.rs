//! Loops over ranges that have no end, or one that nobody comes to.

use crate::support::check;
use grad::grad;
use std::iter;

#[grad(second)]
fn grows_until(x: f64, limit: f64) -> f64 {
    let mut s = x;
    for k in 0.. {
        if s.abs() > limit {
            return s;
        }
        s = s * s + f64::from(k) * 0.1 + 0.6;
    }
    s
}

/// Ranges of which nobody can make all passes: nothing is made room for that is not used.
#[grad(second)]
fn endless(x: f64) -> f64 {
    let mut s = x;
    for i in 0.. {
        if s > 9.0 {
            break;
        }
        s = s * s + i as f64 + 0.1;
    }
    for j in 0..3 {
        let mut t = x + f64::from(j);
        for i in 1_u64.. {
            if t > 20.0 {
                break;
            }
            t = t * t + i as f64 * x;
        }
        s += t * x;
    }
    for k in 1..=i64::MAX {
        if k > 4 {
            break;
        }
        let t = s * x;
        if t > 90.0 {
            continue;
        }
        s = t + k as f64;
    }
    let mut v = vec![x, 1.0];
    for k in 0..usize::MAX {
        if v.len() > 5 {
            break;
        }
        let next = v[k] * v[k + 1] + x;
        v.push(next);
    }
    'outer: for a in 0.. {
        for b in 0.. {
            s = s * 0.7 + x * f64::from(a + b);
            if b == a {
                continue 'outer;
            }
            if a > 3 {
                break 'outer;
            }
        }
    }
    s += v.iter().sum::<f64>() + grows_until(x, 5.0) * grows_until(s, 900.0);
    s += (0..).map(|k| x.powi(k) / f64::from(k + 1)).take_while(|t| *t > 1e-3).sum::<f64>();
    s += (1..).zip(&v).map(|(k, z)| z * f64::from(k)).sum::<f64>();
    let mut k = x;
    s + (0..)
        .map_while(|_| {
            if k < 10.0 {
                k = k * 2.0 + x * x;
                Some(k)
            } else {
                None
            }
        })
        .sum::<f64>()
}

/// `for _ in 0..many` with a test for convergence.
#[grad(second)]
fn root(x: f64, most: u64) -> f64 {
    let mut s = x;
    for _ in 0..most {
        let step = (s * s - x) / (2.0 * s);
        s -= step;
        if step.abs() < 1e-12 {
            break;
        }
    }
    s
}

#[test]
fn loops_without_an_end_are_left() {
    for x in [0.7, 0.3] {
        check!(grows_until(x, 4.0));
        check!(endless(x));
        check!(root(x, =u64::MAX));
    }
}

#[grad(second)]
fn next_one(z: &f64) -> Option<f64> {
    if *z < 30.0 { Some(z * z + 1.5) } else { None }
}

fn three() -> f64 {
    3.0
}

/// Iterators that are made of a function.
#[grad(second)]
fn made_of_functions(x: f64) -> f64 {
    let mut s = 0.0;
    s += iter::successors(Some(x), |z| if *z < 10.0 { Some(z * 2.0 + x + 3.0) } else { None }).sum::<f64>();
    s += iter::successors(Some(x), |&z| Some(z * x * 0.5 + 1.0)).take(5).map(|z| z * z).sum::<f64>();
    s += iter::successors(Some(s), next_one).map(|z| z * x).sum::<f64>();
    for (i, z) in iter::successors(Some(x), |z| (*z < 40.0).then_some(z * z + 1.0)).enumerate() {
        if i > 3 {
            break;
        }
        s += z * i as f64;
    }
    s += iter::successors(Some((x, 1.0)), |&(a, b)| Some((b, a * b + x)))
        .take(4)
        .map(|(a, b)| a * b)
        .sum::<f64>();
    let mut a = x;
    s += iter::from_fn(|| {
        a = a * 0.5 + x * x;
        if a < 3.0 {
            a += 1.0;
            Some(a)
        } else {
            None
        }
    })
    .take(20)
    .sum::<f64>();
    let powers: Vec<f64> = iter::repeat_with(|| {
        a *= x;
        a
    })
    .take(4)
    .collect();
    s += iter::repeat_with(|| {
        a += x;
        a
    })
    .skip(2)
    .take(2)
    .sum::<f64>();
    s += iter::repeat_with(three).take(3).map(|z| z * x).sum::<f64>();
    s + powers.iter().sum::<f64>() * a
}

/// `Option`s by a condition, and those that closures give.
#[grad(second)]
fn by_condition(x: f64, n: usize) -> f64 {
    let root = |z: f64| (z > 0.5).then(|| z.sqrt() * x);
    let square = (x > 0.4).then(|| {
        if n > 2 {
            return x;
        }
        x * x
    });
    let mut last = None;
    for i in 0..n {
        last = (x > 0.1 * i as f64).then_some(x * i as f64);
    }
    let mut k = 1.0;
    let counted = (x > 0.0).then(|| {
        k += x;
        k * x
    });
    let evaluated = (x > 100.0).then_some({
        k *= x;
        k
    });
    let fewer = (n > 2).then(|| n - 1).unwrap_or(0);
    let pair = (x < 0.6).then(|| (x, x * x));
    let s = if let Some((a, b)) = pair { a * b } else { x };
    let t = match (x > 0.5).then(|| x) {
        Some(a) => a * a,
        None => -x,
    };
    s + t
        + square.unwrap_or(0.1)
        + last.map_or(x, |z| z * x)
        + root(x).unwrap_or(1.0) * root(0.9).map_or(0.0, |a| a * a)
        + counted.unwrap_or(x)
        + evaluated.unwrap_or(k)
        + fewer as f64 * x
}

#[test]
fn what_is_made_of_functions_and_conditions() {
    for x in [0.7, 0.32] {
        check!(made_of_functions(x));
        for n in [0, 1, 4] {
            check!(by_condition(x, =n));
        }
    }
}
