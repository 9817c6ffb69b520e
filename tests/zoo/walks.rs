//! Slices in variables that are assigned one part of an array after the other.

use crate::support::{check, check_vjp};
use grad::grad;

/// Σ a² x, by patterns of what is left.
#[grad(second)]
fn by_patterns(v: &[f64], x: f64) -> f64 {
    let mut w = &v[..];
    let mut s = x;
    while let [a, rest @ ..] = w {
        s += a * a * x;
        w = rest;
    }
    s
}
#[grad(second)]
fn walking_parameter(mut w: &[f64], x: f64) -> f64 {
    let mut s = x;
    while let [a, b, rest @ .., z] = w {
        s += a * b * z * s;
        w = rest;
    }
    for z in w {
        s *= z;
    }
    s
}
/// Zero, one and two are left; `continue` in an arm.
#[grad]
fn sliced(v: &[f64], x: f64) -> f64 {
    let mut w = v;
    let mut s = x;
    while !w.is_empty() {
        if w[0] > 0.5 {
            s += w[0] * x;
            w = &w[1..];
            continue;
        }
        s *= w.iter().sum::<f64>();
        w = if w.len() >= 2 { &w[2..] } else { &w[1..] };
    }
    s
}
#[grad]
fn split_first(v: &[f64], x: f64) -> f64 {
    let mut w = v;
    let mut s = x;
    while let Some((first, rest)) = w.split_first() {
        s += first * s.sin();
        w = rest;
    }
    s
}
#[grad]
fn split_last(v: &[f64], x: f64) -> f64 {
    let mut w = v;
    let mut s = x;
    while let Some((last, rest)) = w.split_last() {
        s += last * s.sin();
        w = rest;
    }
    s
}
#[grad]
fn split_at(v: &[f64], k: usize) -> f64 {
    let mut w = v;
    let mut a;
    let mut s = 1.0;
    for i in 0..3 {
        (a, w) = w.split_at(k);
        s += a.iter().sum::<f64>() * s * i as f64;
    }
    s * w.iter().product::<f64>()
}
#[grad(second)]
fn helper(v: &[f64]) -> f64 {
    v.iter().map(|z| z * z).sum()
}
/// What is left is passed on; the function returns from the middle of a pass.
#[grad(second)]
fn calls(v: &[f64], x: f64) -> f64 {
    let mut w = v;
    let mut s = x;
    loop {
        s += helper(w) * s;
        let Some((_, rest)) = w.split_first() else { break };
        w = rest;
        if s > 5.0 {
            return s * x;
        }
    }
    s
}
/// Two that walk, one of them in each pass.
#[grad]
fn two(v: &[f64], u: &[f64]) -> f64 {
    let (mut a, mut b) = (v, u);
    let mut s = 0.0;
    while !a.is_empty() && !b.is_empty() {
        if a[0] < b[0] {
            s += a[0] * b[0];
            a = &a[1..];
        } else {
            s -= b[0] * b[0] * a[0];
            b = &b[1..];
        }
    }
    s + a.iter().sum::<f64>() * 2.0 + b.iter().sum::<f64>() * 3.0
}

/// Assigned in arms, and in the passes of a loop, without a value before.
#[grad]
fn unset(v: &[f64], c: usize, x: f64) -> f64 {
    let w;
    if c == 0 {
        w = &v[1..];
    } else if c == 1 {
        w = &v[..=1];
    } else {
        w = v;
    }
    let mut last;
    let mut s = 0.0;
    let mut i = 0;
    loop {
        last = &w[i..];
        s += last[0] * x;
        i += 1;
        if i == w.len() {
            break;
        }
    }
    s * last.iter().sum::<f64>()
}
/// Back to where it began, out of an arm, and one of two references to parts.
#[grad]
fn in_arms(v: &[f64], c: usize) -> f64 {
    let mut w = v;
    if c > 0 {
        w = &w[1..];
    }
    let old = w;
    match c {
        2 => w = &old[..2],
        3 => {
            w = &w[1..];
            return w[0] * old[0];
        }
        4 => {}
        _ => w = v,
    }
    let mut s = 0.0;
    for z in w {
        s += z * old[0];
    }
    let p = if c > 2 { &old[1..] } else { w };
    s * p[0]
}
/// What was taken of a slice before it walked on stays what it was.
#[grad]
fn snapshots(v: &[f64]) -> f64 {
    let mut w = v;
    let first = w.split_first();
    let it = w.iter();
    let old = w;
    let f = move || w[0] * 2.0;
    w = &w[2..];
    let (a, r) = first.unwrap();
    let b: f64 = it.map(|z| z * z).sum();
    a * r[0] * b * old[1] * w[0] * f()
}
#[grad]
fn moved_number(x: f64) -> f64 {
    let mut y = x;
    let f = move || y * 2.0;
    y = x * x;
    f() * y
}
/// Rows of arrays and of `Vec`s, and a row in a row.
#[grad]
fn rows(m: &[[f64; 2]], x: f64) -> f64 {
    let mut w = m;
    let mut s = x;
    while let [[a, b], rest @ ..] = w {
        s += a * b * s;
        w = rest;
    }
    let l: Vec<Vec<f64>> = m.iter().map(|r| r.to_vec()).collect();
    let mut p: &[Vec<f64>] = &l;
    while let Some((r, q)) = p.split_last() {
        let mut r: &[f64] = r;
        while r.len() > 1 {
            s += r[0] * r[r.len() - 1] * x;
            r = &r[..r.len() - 1];
        }
        p = q;
    }
    s
}
/// Two slices that are merged.
#[grad]
fn merge_sorted(v: &[f64], u: &[f64], x: f64) -> Vec<f64> {
    let (mut a, mut b) = (v, u);
    let mut out = Vec::new();
    loop {
        match (a, b) {
            ([p, ra @ ..], [q, rb @ ..]) => {
                if p < q {
                    out.push(p * x);
                    a = ra;
                } else {
                    out.push(q * q);
                    b = rb;
                }
            }
            ([p, ra @ ..], []) => {
                out.push(p * x);
                a = ra;
            }
            ([], [q, rb @ ..]) => {
                out.push(*q);
                b = rb;
            }
            ([], []) => break,
        }
    }
    out
}
#[grad]
fn binary(v: &[f64], t: f64) -> f64 {
    let mut w = v;
    while w.len() > 1 {
        let mid = w.len() / 2;
        let (l, r) = w.split_at(mid);
        w = if t < r[0] { l } else { r };
    }
    w[0] * w[0] * t
}
/// Out of two loops.
#[grad]
fn nested(v: &[f64]) -> f64 {
    let mut w = v;
    let mut s = 1.0;
    'o: while !w.is_empty() {
        for k in 0..3 {
            if w.len() <= k {
                break 'o;
            }
            if w[k] > 1.0 {
                w = &w[k + 1..];
                continue 'o;
            }
            s += w[k] * s;
        }
        w = &w[1..];
    }
    s
}
#[grad]
fn chunked(v: &[f64], x: f64) -> f64 {
    let mut rest = v;
    let mut s = 0.0;
    while !rest.is_empty() {
        let n = rest.len().min(3);
        let (head, tail) = rest.split_at(n);
        s += head.iter().map(|z| z * x).sum::<f64>() * s + head[0];
        rest = tail;
    }
    s
}
/// Of other floats, and of constants beside them.
#[grad]
fn in_single(v: &[f32], weights: &[i32]) -> f32 {
    let (mut w, mut k) = (v, weights);
    let mut s = 1.0;
    while let ([a, rest @ ..], [n, others @ ..]) = (w, k) {
        s += a * *n as f32 * s;
        (w, k) = (rest, others);
    }
    s
}

/// The same, of a part that an arm chooses.
#[grad]
fn panics_in_an_arm(v: &[f64], k: usize) -> f64 {
    let mut w = v;
    for _ in 0..1 {
        w = &w[..2];
    }
    let p = if k > 1 { &w[..k] } else { w };
    p[0] * w[1]
}

/// Passes are run again in blocks.
#[grad(checkpoint)]
fn in_blocks(v: &[f64], x: f64) -> f64 {
    let (mut w, mut s, mut best) = (v, x, &v[..1]);
    for _ in 0..v.len() {
        s = (s * w[0] + w.iter().sum::<f64>()).sin() * best[0];
        if w[0] > best[0] {
            best = w;
        }
        w = &w[1..];
    }
    s
}

/// A range beyond what is left, within the array: as the function panics, so do its derivatives.
#[grad]
fn panics(v: &[f64], k: usize) -> f64 {
    let mut w = &v[..2];
    let mut s = 0.0;
    for _ in 0..2 {
        s += w[0];
        w = &w[..k];
    }
    s
}
#[grad]
fn move_reference(v: &[f64]) -> f64 {
    let (a, b) = (v[0] * v[1], v[1] * v[1]);
    let mut r = &a;
    let f = move || *r * 2.0;
    let x = f();
    r = &b;
    f() * *r * x
}
/// A closure changes what it captures.
#[grad]
fn counted(v: &[f64]) -> f64 {
    let mut w = v;
    let mut take = || {
        let a = w[0];
        w = &w[1..];
        a
    };
    let mut s = 0.0;
    for _ in 0..2 {
        s += take() * take();
    }
    s
}
#[test]
fn ranges_beyond_what_is_left() {
    check!(panics_in_an_arm(&[0.4, 0.7, 0.9], =1), first_only);
    check!(panics_in_an_arm(&[0.4, 0.7, 0.9], =2), first_only);
    let beyond = std::panic::catch_unwind(|| panics_in_an_arm::grad(&[1.0, 2.0, 3.0], 3));
    assert!(beyond.is_err());
    let beyond = std::panic::catch_unwind(|| panics_in_an_arm::jvp(&[1.0, 2.0, 3.0], 3, &[1.0; 3]));
    assert!(beyond.is_err());
    assert!(std::panic::catch_unwind(|| panics(&[1.0, 2.0, 3.0], 3)).is_err());
    assert!(std::panic::catch_unwind(|| panics::value_and_grad(&[1.0, 2.0, 3.0], 3)).is_err());
    assert!(std::panic::catch_unwind(|| panics::jvp(&[1.0, 2.0, 3.0], 3, &[1.0, 2.0, 3.0])).is_err());
}
#[test]
fn slices_that_walk_in_arms_and_closures() {
    for c in 0..3 {
        check!(unset(&[0.3, 0.8, 1.4], =c, 0.6), first_only);
    }
    for c in 0..6 {
        check!(in_arms(&[0.3, 0.8, 1.4, 0.9], =c), first_only);
    }
    check!(move_reference(&[0.3, 0.8]), first_only);
    check!(counted(&[0.3, 0.8, 0.4, 0.7, 0.9]), first_only);
    check!(snapshots(&[0.3, 0.8, 1.4]), first_only);
    check!(moved_number(0.4), first_only);
    check!(rows(&[[0.3, 0.8], [1.4, 0.5]], 0.6), first_only);
    check!(binary(&[0.3, 0.8, 1.4, 1.9, 2.4], 1.7), first_only);
    check!(nested(&[0.3, 0.8, 1.4, 1.9, 0.4, 0.3, 0.4, 1.2]), first_only);
    check!(in_blocks(&[0.3, 0.8, 0.4, 1.2, 0.9, 0.35, 1.3, 0.5, 0.25, 0.7], 0.7), first_only);
    check!(chunked(&[0.3, 0.8, 1.4, 1.9, 0.4, 0.3, 0.4], 0.7), first_only);
    check!(in_single(&[0.3_f32, 0.8, 0.5], =&[1, -2, 1, 4]), first_only);
    check_vjp!(merge_sorted(&[0.3, 0.8, 1.4], &[0.5, 0.6], 0.7));
}
#[test]
fn slices_that_walk() {
    for n in 0..8 {
        let v: Vec<f64> = (0..n).map(|k| 0.2 + 0.37 * (k * k % 5) as f64).collect();
        check!(by_patterns(&v.clone(), 0.7));
        check!(walking_parameter(&v.clone(), 0.7));
        check!(sliced(&v.clone(), 0.7), first_only);
        check!(split_first(&v.clone(), 0.7), first_only);
        check!(split_last(&v.clone(), 0.7), first_only);
        check!(calls(&v.clone(), 0.7));
        let u: Vec<f64> = (0..n / 2).map(|k| 0.3 + 0.31 * (k * k % 3) as f64).collect();
        check!(two(&v.clone(), &u.clone()), first_only);
    }
    check!(split_at(&[0.3, 0.5, 0.7, 0.2, 0.9, 0.1, 0.8], =2), first_only);
    check!(split_at(&[0.3, 0.5, 0.7, 0.2, 0.9, 0.1, 0.8], =0), first_only);
}
