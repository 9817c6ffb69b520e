//! References in variables that refer to one part of an array after the other, or to nothing yet; ranges of which numbers are taken.

use crate::support::check;
use grad::{Differentiable, grad};

/// The largest so far, if there is one.
#[grad(second)]
fn largest(v: &[f64], x: f64) -> f64 {
    let mut best: Option<&f64> = None;
    let mut s = 0.0;
    for z in v {
        if best.map_or(true, |b| z > b) {
            best = Some(z);
            s += z * x;
        }
    }
    s + best.map_or(x, |b| b * x * *b)
}
/// The item before, which is missing now and then.
#[grad]
fn previous(v: &[f64], x: f64) -> f64 {
    let mut before = None;
    let mut s = x;
    for (i, z) in v.iter().enumerate() {
        if let Some(p) = before {
            s += (z - p) * p * x;
        }
        if i == 2 {
            before = None;
            continue;
        }
        before = Some(z);
    }
    match before {
        Some(b) if *b > 0.5 => s * b,
        Some(_) => s + x * x,
        None => s,
    }
}
/// Beside an index.
#[grad]
fn with_index(v: &[f64]) -> f64 {
    let mut best: Option<(usize, &f64)> = None;
    for (i, z) in v.iter().enumerate() {
        match best {
            Some((_, b)) if b <= z => {}
            _ => best = Some((i, z)),
        }
    }
    let Some((i, b)) = best else { return 0.0 };
    b * b * v[0] * (i + 1) as f64
}
/// It begins with an item, or without one.
#[grad]
fn from_first(v: &[f64], x: f64) -> f64 {
    let mut best = v.first();
    for z in v {
        if best.is_some_and(|b| b < z) {
            best = Some(z);
        }
        while best.is_none() {
            best = v.last();
        }
    }
    best.copied().unwrap_or(x) * x
}
/// Chosen in an arm.
#[grad]
fn chosen(v: &[f64], x: f64) -> f64 {
    let best = if x > 1.0 { v.first() } else { None };
    let other = if x < 2.0 { Some(&x) } else { v.last() };
    best.copied().unwrap_or(x) * *other.unwrap() + v[1]
}
/// A row in place of another.
#[grad]
fn rows(m: &[[f64; 2]], x: f64) -> f64 {
    let mut best = &m[0];
    let mut s = 0.0;
    for r in m {
        if r[0] * r[1] > best[0] * best[1] {
            best = r;
        }
        s += best[0] * r[1] * x;
    }
    let other = if x > 1.0 { &m[1] } else { best };
    s + other[0] * best[1]
}
/// Rows of other lengths; a slice of one, and then another.
#[grad]
fn lists(m: &[Vec<f64>], x: f64) -> f64 {
    let mut longest = &m[0];
    for r in &m[1..] {
        if r.len() > longest.len() {
            longest = r;
        }
    }
    let mut before = &m[m.len() - 1][..];
    let mut s = 0.0;
    for r in m.iter() {
        s += before.iter().zip(r).map(|(a, b)| a * b * x).sum::<f64>();
        before = r;
    }
    s * longest.iter().sum::<f64>() + before[0]
}
struct Planet {
    at: [f64; 2],
    mass: f64,
}
#[grad(wrt(x))]
fn constants(bodies: &[Planet], x: f64) -> f64 {
    let mut heavy = &bodies[0];
    for b in bodies {
        if b.mass > heavy.mass {
            heavy = b;
        }
    }
    heavy.at[0] * x * heavy.mass
}
#[derive(Differentiable, Clone)]
struct Point {
    at: [f64; 2],
    mass: f64,
}
#[grad(wrt(points))]
fn points(points: &[Point]) -> f64 {
    let mut heavy = &points[0];
    let mut s = 0.0;
    for p in points {
        if p.mass > heavy.mass {
            heavy = p;
        }
        s += heavy.mass * p.at[1];
    }
    heavy.at[0] * s
}
/// Two that change places.
#[grad]
fn pointer_pair(m: &[[f64; 2]]) -> f64 {
    let (mut a, mut b) = (&m[0], &m[1]);
    let mut s = 1.0;
    for i in 0..4 {
        s += a[0] * b[1] * s;
        (a, b) = (b, a);
        if i == 2 {
            a = &m[i];
        }
    }
    s
}
/// Two indices.
#[grad]
fn in_grid(m: &[[[f64; 2]; 2]], x: f64) -> f64 {
    let mut best = &m[0][0];
    for r in m {
        for c in r {
            if c[0] > best[0] {
                best = c;
            }
        }
    }
    best[1] * x * best[0]
}
/// The numbers of ranges, one by one: of other types, backwards, without an end.
#[grad]
fn numbers(n: usize, x: f64) -> f64 {
    let mut ids = 0..n;
    let mut s = x;
    while let Some(i) = ids.next() {
        s += x * i as f64 * s;
        if i > 1 {
            ids.next();
        }
    }
    let (mut back, mut small, mut on) = ((1..=n).rev(), -2..3_i32, 3..);
    s *= back.next().map_or(0.5, |i| i as f64) + f64::from(small.nth(1).unwrap());
    for k in small.by_ref() {
        if k > 0 {
            break;
        }
        s += f64::from(k) * x;
    }
    for _ in 0..3 {
        s += on.next().unwrap() as f64 * x;
    }
    s * small.map(f64::from).sum::<f64>() + back.sum::<usize>() as f64 * x
}
#[test]
fn references_move_along_arrays() {
    for n in 0..6 {
        let v: Vec<f64> = (0..n).map(|k| 0.2 + 0.37 * (k * 3 % 7) as f64).collect();
        check!(largest(&v.clone(), 0.7));
        check!(previous(&v.clone(), 0.7), first_only);
        check!(from_first(&v.clone(), 0.7), first_only);
    }
    for n in 0..6 {
        check!(numbers(=n, 0.3), first_only);
    }
    check!(with_index(&[0.6, 0.3, 0.9]), first_only);
    check!(chosen(&[0.6, 0.3, 0.9], 1.4), first_only);
    check!(chosen(&[0.6, 0.3, 0.9], 0.4), first_only);
    check!(chosen(&[0.6, 0.3, 0.9], 2.4), first_only);
    check!(rows(&[[0.3, 0.6], [0.8, 0.5], [0.2, 0.9]], 0.7), first_only);
    check!(rows(&[[0.3, 0.6], [0.8, 0.5], [0.2, 0.9]], 1.7), first_only);
    check!(lists(&[vec![0.3, 0.6], vec![0.8, 0.5, 0.4], vec![0.2]], 0.7), first_only);
    check!(pointer_pair(&[[0.3, 0.6], [0.8, 0.5], [0.2, 0.9]]), first_only);
    check!(in_grid(&[[[0.3, 0.6], [0.8, 0.5]], [[0.2, 0.9], [0.7, 0.1]]], 0.6), first_only);
    check!(constants(=&[Planet { at: [0.3, 0.4], mass: 0.5 }, Planet { at: [0.9, 0.4], mass: 0.8 }], 0.5), first_only);
    let p = [Point { at: [0.3, 0.4], mass: 0.5 }, Point { at: [0.9, 0.4], mass: 0.8 }];
    assert_eq!(points(&p), points::value_and_grad(&p).0);
    let g = points::grad(&p);
    let mut q = p.clone();
    q[1].mass += 1e-6;
    assert!(((points(&q) - points(&p)) / 1e-6 - g[1].mass).abs() < 1e-4);
    let mut q = p.clone();
    q[1].at[0] += 1e-6;
    assert!(((points(&q) - points(&p)) / 1e-6 - g[1].at[0]).abs() < 1e-4);
    let mut q = p.clone();
    q[0].mass += 1e-6;
    assert!(((points(&q) - points(&p)) / 1e-6 - g[0].mass).abs() < 1e-4);
}
