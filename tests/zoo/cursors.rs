//! Iterators in variables, of which items are taken one by one: what is left depends on what was taken. References in variables,
//! which become others.

use crate::support::check;
use grad::grad;

/// What takes items by `&mut` counts on: `next`, `nth`, `any`, `all`, `find`, `position`, a loop over what is lent.
#[grad(second)]
fn taken_by_one(x: f64, y: f64) -> f64 {
    let v = [x, 2.0 * y, x * y, 3.0, y, x];
    let mut it = v.iter();
    let difference = it.next().unwrap() - it.next().unwrap() * it.nth(1).unwrap();
    let mut searched = v.iter();
    let found = searched.any(|z| *z > 1.5);
    let mut behind = v.iter().map(|z| z * x);
    let small = behind.all(|z| z < 0.9);
    let mut third = v.into_iter();
    let large = third.find(|z| *z > 1.0).unwrap_or(x);
    let at = third.position(|z| z < 1.0).unwrap_or(7);
    let rest = searched.sum::<f64>() * large + behind.sum::<f64>() * at as f64 + third.sum::<f64>();
    difference * rest + it.len() as f64 * if found && !small { y } else { x * x }
}

/// A pass of a loop takes as many as it likes; zero, one and two are left.
#[grad]
fn taken_in_loops(v: &[f64], x: f64) -> f64 {
    let mut it = v.iter();
    let mut s = 0.0;
    for z in it.by_ref() {
        s += z * x;
        if *z > 1.0 {
            break;
        }
    }
    'pairs: while let Some(a) = it.next() {
        let Some(b) = it.next() else { break 'pairs };
        if a < b {
            continue;
        }
        s += a * b * x;
    }
    s + it.next().copied().unwrap_or(x)
}

#[grad]
fn looked_at_before(v: &[f64], x: f64) -> f64 {
    let mut it = v.iter().map(|z| z * x).peekable();
    let mut s = 0.0;
    while let Some(z) = it.next() {
        s += match it.peek() {
            Some(next) => z * *next,
            None => z * z,
        };
    }
    s
}

/// The closure changes the iterator that it captures.
#[grad]
fn taken_by_a_closure(x: f64) -> f64 {
    let v = [x, 2.0 * x, x * x, 3.0];
    let mut it = v.iter().rev();
    let mut take = || *it.next().unwrap();
    let (a, b) = (take(), take());
    let mut others = v.iter();
    let weighted: f64 = (0..3).map(|k| others.next().unwrap() * f64::from(k)).sum();
    a - b * take() + weighted * others.next().unwrap()
}

/// Clones are iterators of their own; so are those of a pair.
#[grad]
fn two_at_once(x: f64, y: f64) -> f64 {
    let v = [x, 2.0 * y, x * y, 3.0];
    let (mut front, mut back) = (v.iter(), v.iter().rev());
    let product = front.next().unwrap() * back.next().unwrap();
    let mut copy = front.clone();
    if x > y {
        front.next();
    }
    let pair = copy.next().unwrap() * front.next().unwrap();
    product - pair * back.next().unwrap() * copy.fold(y, |s, z| s * z)
}

#[grad]
fn changed_one_by_one(mut v: Vec<f64>, x: f64) -> f64 {
    let mut it = v.iter_mut();
    let first = it.next().unwrap();
    *first *= x;
    let second = it.next().unwrap();
    *second += *first;
    for z in it {
        *z *= 2.0 * x;
    }
    v.iter().product()
}

/// The number of the item before.
#[grad(second)]
fn differences(v: &[f64], x: f64) -> f64 {
    let Some(mut before) = v.first() else { return x };
    let (mut smallest, mut s) = (&v[0], 0.0);
    for z in v.iter().skip(1) {
        s += (z - before) * before * x;
        before = z;
        if z < smallest {
            smallest = z;
        }
    }
    s * smallest
}

/// Two references that change places, one of them chosen in an arm, kept over passes.
#[grad]
fn references_move_on(v: &[f64], x: f64) -> f64 {
    let y = x * x;
    let (mut a, mut b) = (&v[0], &y);
    let mut s = 0.0;
    for (i, z) in v.iter().enumerate() {
        s += a * b * z;
        a = b;
        b = if i % 2 == 0 { z } else { &x };
    }
    while *a < 2.0 {
        s += a * x;
        a = if s > 1.0 { &2.5 } else { b };
        b = &y;
        s += 1.0;
    }
    s * a
}

/// So many of what is left, all of them: at once, in passes, beyond the end.
#[grad(second)]
fn taken_in_parts(v: &[f64], k: usize, x: f64) -> f64 {
    let mut it = v.iter();
    let a: f64 = it.by_ref().take(k).sum();
    let b = it.by_ref().take(1).copied().map(|z| z * x).fold(x, |s, z| s + z * s);
    let mut s = a * b;
    for z in it.by_ref().take(2) {
        if *z > 1.0 {
            continue;
        }
        s += z * x;
    }
    let mut squares = v.iter().map(|z| z * z);
    for n in 0..3 {
        s += squares.by_ref().take(n).map(|z| z * x).sum::<f64>() * s;
    }
    let list: Vec<f64> = squares.by_ref().collect();
    s * (1.0 + it.sum::<f64>()) + list.iter().sum::<f64>() + squares.len() as f64
}

#[test]
fn iterators_in_variables() {
    for k in [0, 1, 2, 9] {
        check!(taken_in_parts(&[0.4, 1.2, 0.9, 0.7, 0.5], =k, 0.7));
        check!(taken_in_parts(&[0.4], =k, 0.7));
    }
    check!(taken_by_one(0.8, 0.6));
    check!(taken_in_loops(&[0.4], 0.7), first_only);
    check!(taken_in_loops(&[1.5], 0.7), first_only);
    check!(taken_in_loops(&[0.4, 1.2, 0.9, 0.7, 0.5], 0.7), first_only);
    check!(taken_in_loops(&[0.4, 1.2, 0.5, 0.7, 0.9, 0.2, 0.3], 0.7), first_only);
    check!(looked_at_before(&[0.4, 1.2, 0.9], 0.7), first_only);
    check!(taken_by_a_closure(0.7), first_only);
    check!(two_at_once(0.7, 0.4), first_only);
    check!(two_at_once(0.4, 0.7), first_only);
    check!(changed_one_by_one(vec![0.5, 0.8, 1.1, 0.3], 0.9), first_only);
}

#[test]
fn references_that_become_others() {
    check!(differences(&[0.9, 0.4, 1.3, 0.2], 0.7));
    check!(references_move_on(&[0.9, 0.4, 1.3], 0.7), first_only);
}
