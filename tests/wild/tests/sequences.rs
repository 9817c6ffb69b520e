//! Ranges that numbers are in, iterators that begin again, arrays as arguments, elements that are told only once, queues.

#![allow(clippy::pedantic, clippy::style)]

#[path = "../../support/mod.rs"]
mod support;

use crate::support::check;
use grad::grad;
use std::collections::VecDeque;

#[grad(second)]
fn weighted(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, x) in v.iter().enumerate() {
        s += (k as f64 + 1.0) * x * x + x;
    }
    s
}

// --- ranges ---

#[grad(second)]
fn smooth_window(x: f64, lo: f64, hi: f64) -> f64 {
    let inside = |z: f64| (lo..hi).contains(&z);
    let t = (x - lo) / (hi - lo);
    if inside(x) {
        t * t * (3.0 - 2.0 * t)
    } else if (..lo).contains(&x) {
        t * lo
    } else {
        hi * x
    }
}

#[grad(second)]
fn in_bands(v: &[f64], edges: &[f64], k: usize) -> f64 {
    let mut s = 0.0;
    let unit = 0.0..=1.0;
    for (i, x) in v.iter().enumerate() {
        if !(edges[0]..edges[1]).contains(&(x * x)) && (1..=k).contains(&i) {
            s += x.sin();
        }
        if unit.contains(x) {
            s *= 1.0 + x;
        }
    }
    s + v.iter().filter(|x| (edges[0]..).contains(*x)).map(|x| x * x * x).sum::<f64>()
}

// --- items that come again ---

#[grad(second)]
fn convolved(v: &[f64], w: &[f64]) -> f64 {
    v.iter().zip(w.iter().cycle()).map(|(a, b)| a * b * b).sum()
}

#[grad(second)]
fn around(v: &[f64]) -> f64 {
    v.iter().zip(v.iter().cycle().skip(1)).map(|(a, b)| (b - a) * (b + a * a)).sum()
}

#[grad(second)]
fn colours(v: &[f64], n: usize) -> f64 {
    let mut s = 1.0;
    for (i, (sign, x)) in [1.0, -0.5].into_iter().cycle().zip(v.iter().cycle().take(n)).enumerate() {
        s = s * 0.5 + sign * x * x + i as f64 * x;
    }
    s
}

#[grad(second)]
fn until_enough(v: &[f64], limit: f64) -> f64 {
    let mut s = 0.0;
    for x in v.iter().map(|x| x * x).cycle() {
        s += x;
        if s > limit {
            break;
        }
    }
    s * s + v.iter().chain(v.iter().cycle().step_by(2).take(3)).product::<f64>()
}

// --- arrays as arguments ---

#[grad(second)]
fn length(v: [f64; 3]) -> f64 {
    v.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[grad(second)]
fn dot(a: &[f64; 2], b: &[f64]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

#[grad(second)]
fn from_indices(x: f64, y: f64) -> f64 {
    let a = length(std::array::from_fn(|i| x * (i as f64 + y)));
    let b = dot(&std::array::from_fn(|i| y.powi(i as i32 + 1)), &std::array::from_fn::<f64, 2, _>(|_| x * y));
    let mut s = 0.0;
    for k in 0..3 {
        s = 0.5 * s + length(core::array::from_fn(|i| if i == k { x * a } else { y }));
    }
    a * b + s
}

#[grad(second)]
fn bilinear(m: [[f64; 2]; 3], order: [usize; 3], signs: [bool; 3]) -> f64 {
    let mut s = 0.0;
    for (i, at) in order.into_iter().enumerate() {
        s += m[at][0] * m[i][1] * if signs[i] { m[i][0] } else { 1.0 };
    }
    s
}

#[grad(second)]
fn of_rows(x: f64, y: f64) -> f64 {
    bilinear(
        std::array::from_fn(|i| [x * i as f64, y + x]),
        std::array::from_fn(|i| 2 - i),
        std::array::from_fn(|i| i % 2 == 0),
    )
}

#[grad(second)]
fn narrow(v: [f32; 4]) -> f32 {
    v.iter().map(|x| x * x).sum()
}

#[grad(second)]
fn of_narrow(x: f32) -> f32 {
    narrow(std::array::from_fn(|i| x * i as f32))
}

#[grad(second)]
fn gate<T: grad::Real>(x: T, low: T) -> T {
    if (low..T::one()).contains(&x) { x * x * low } else { x + low }
}

// --- once ---

#[grad(second)]
fn told_once(v: &[f64]) -> f64 {
    let mut u = v.to_vec();
    u.push(v[0]);
    u.sort_by(f64::total_cmp);
    u.dedup();
    let mut near = v.to_vec();
    near.dedup_by(|a, b| (*a - *b).abs() < 0.25);
    let mut rows: Vec<[f64; 2]> = v.iter().map(|x| [*x, x * x]).collect();
    rows.dedup_by_key(|row| (row[0] * 2.0).floor() as i64);
    weighted(&u) * weighted(&near) + rows.iter().map(|[a, b]| a * b).sum::<f64>()
}

// --- queues ---

#[grad(second)]
fn moving_average(v: &[f64], width: usize) -> f64 {
    let mut window = VecDeque::with_capacity(width);
    let mut sum = 0.0;
    let mut s = 0.0;
    for &x in v {
        if window.len() == width {
            sum -= window.pop_front().unwrap();
        }
        window.push_back(x);
        sum += x;
        s += sum / window.len() as f64 * x * x;
    }
    s
}

#[grad(second)]
fn comb(v: &[f64], delay: usize, feedback: f64) -> f64 {
    let mut line = VecDeque::from(vec![0.0; delay]);
    let mut energy = 0.0;
    for x in v {
        let old = line.pop_front().unwrap_or(0.0);
        let y = x + feedback * old;
        line.push_back(y);
        energy += y * y;
    }
    energy + line[0] * line.iter().product::<f64>()
}

/// The largest of each window.
#[grad(second)]
fn largest(v: &[f64], width: usize) -> f64 {
    let mut queue: VecDeque<(usize, f64)> = VecDeque::new();
    let mut s = 0.0;
    for (i, x) in v.iter().enumerate() {
        while let Some((_, last)) = queue.back() {
            if *last > *x {
                break;
            }
            queue.pop_back();
        }
        queue.push_back((i, *x));
        if let Some(&(first, _)) = queue.front() {
            if first + width <= i {
                queue.pop_front();
            }
        }
        s += queue.front().unwrap().1 * x;
    }
    s
}

/// The same of a `Vec` that is looked at before anything is in it.
#[grad(second)]
fn hull(v: &[f64]) -> f64 {
    let mut kept: Vec<(usize, f64)> = Vec::new();
    let mut points: Vec<[f64; 2]> = Vec::new();
    for (i, x) in v.iter().enumerate() {
        while let Some((_, last)) = kept.last() {
            if *last > *x {
                break;
            }
            kept.pop();
        }
        kept.push((i, *x));
        if points.last().is_none_or(|p| p[0] < *x) {
            points.push([*x, x * x]);
        }
    }
    kept.iter().map(|(i, x)| *i as f64 * x * x).sum::<f64>() + points.iter().map(|[a, b]| a * b).sum::<f64>()
}

#[grad(second)]
fn both_ends(v: &[f64]) -> f64 {
    let mut q: VecDeque<f64> = v.iter().map(|x| x * x).collect();
    let mut s = 0.0;
    while q.len() > 1 {
        let (a, b) = (q.pop_front().unwrap(), q.pop_back().unwrap());
        s = s * a + b;
        if s > 0.5 {
            q.push_front(s);
        }
        if let Some(x) = q.front_mut() {
            *x *= 1.5;
        }
    }
    q.extend(v);
    q.push_front(s);
    q.swap(0, 1);
    q.rotate_left(1);
    q[0] *= 0.5;
    weighted(q.make_contiguous())
        + q.iter().rev().map(|x| x.sin()).sum::<f64>()
        + q.get(9).copied().unwrap_or(s)
}

#[grad(second)]
fn breadth_first(v: &[f64], n: usize) -> f64 {
    let mut open = VecDeque::from([0_usize]);
    let mut next = VecDeque::new();
    next.push_back(1_usize);
    let mut s = 0.0;
    while let Some(i) = open.pop_front() {
        s = 0.5 * s + v[i] * v[i];
        for child in [2 * i + 1, 2 * i + 2] {
            if child < n {
                open.push_back(child);
            }
        }
        next.push_back(i);
    }
    s * next.len() as f64
}

#[test]
fn queues() {
    for width in [1, 2, 9] {
        check!(moving_average(&[0.3, 0.8, -1.2, 1.4], =width));
        check!(largest(&[0.3, 0.8, -1.2, 0.4, 0.2], =width));
    }
    check!(hull(&[0.3, 0.8, -1.2, 0.4, 0.2]));
    check!(comb(&[0.3, 0.8, -1.2, 1.4, 0.1], =2, 0.6));
    check!(both_ends(&[0.3, 0.8, -1.2, 1.4]));
    check!(both_ends(&[0.3, 0.8, -1.2]));
    check!(breadth_first(&[0.3, 0.8, -1.2, 1.4], =4));
    assert!(std::panic::catch_unwind(|| comb::grad(&[1.0], 0, 0.5)).is_ok());
}

#[test]
fn ranges() {
    for x in [0.1, 0.9, 2.5] {
        check!(smooth_window(x, 0.5, 2.0));
    }
    for k in [0, 2, 3] {
        check!(in_bands(&[0.3, 0.8, -1.2, 1.4], &[0.2, 1.3], =k));
    }
}

#[test]
fn ranges_of_other_numbers() {
    assert_eq!(gate::grad(0.5_f64, 0.25), (0.25, 0.25));
    assert_eq!(gate::grad(1.5_f32, 0.25), (1.0, 1.0));
}

#[test]
fn items_that_come_again() {
    check!(convolved(&[0.3, 0.8, -1.2, 1.4], &[0.2, 1.3, 0.7]));
    check!(convolved(&[0.3], &[0.2, 1.3, 0.7]));
    assert_eq!(convolved::grad(&[0.3], &[]), (vec![0.0], vec![]));
    check!(around(&[0.3, 0.8, -1.2, 1.4]));
    check!(around(&[0.3]));
    for n in [0, 1, 2, 5] {
        check!(colours(&[0.3, 0.8, -1.2], =n));
    }
    check!(until_enough(&[0.3, 0.8, -1.2], 5.0));
    check!(until_enough(&[3.0], 1.0));
}

#[test]
fn arrays_and_elements() {
    check!(from_indices(0.7, 1.3));
    check!(of_rows(0.7, 1.3));
    assert_eq!(of_narrow::grad(0.5), 14.0);
    check!(told_once(&[0.3, 0.4, 0.9, 0.35, 1.4]));
}
