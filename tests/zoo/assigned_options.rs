//! `Option`s that are assigned what is computed of others, or of themselves.

use crate::support::check;
use grad::{Differentiable, grad};

#[derive(Clone, Copy, Differentiable)]
struct Cached {
    value: Option<f64>,
    rate: f64,
}

#[grad(second)]
fn or_twice(o: Option<f64>, x: f64) -> f64 {
    o.map_or(x * 2.0, |z| z * x)
}

#[grad(second)]
fn push_square(v: &mut Vec<f64>, o: Option<f64>) {
    if let Some(z) = o {
        v.push(z * z);
    }
}

#[grad(second)]
fn of_itself(x: f64) -> f64 {
    let mut o: Option<f64> = Some(x);
    o = o.map(|z| z * 2.0);
    let mut p = o.map(|z| z * x);
    for _ in 0..3 {
        o = o.map(|z| z * 2.0).filter(|z| *z < 6.0);
        p = p.map(|z| z + x).or(o.map(|z| z * 3.0));
    }
    if x > 0.5 {
        o = o.filter(|z| *z < 0.0).or(p.map(|z| z * 2.0));
    }
    let mut n = 0;
    let mut q = Some(x);
    while let Some(z) = q {
        n += 1;
        q = (z < 8.0).then(|| z * 2.0 + 1.0);
    }
    o.unwrap_or(7.0 * x) + p.unwrap_or(8.0) + f64::from(n) * x
}

/// What a closure changes is changed where there is an item, and only there.
#[grad(second)]
fn with_effects(x: f64) -> f64 {
    let v = [x, 2.0];
    let mut k = 1.0;
    let mut o: Option<f64> = None;
    for i in 0..4 {
        o = v.get(i).map(|z| {
            k += x;
            z * k
        });
    }
    let mut s = k * o.unwrap_or(x);
    if x > 0.5 {
        o = v.get(1).map(|z| {
            k += x;
            z * k
        });
    }
    for _ in 0..3 {
        o = o
            .map(|z| {
                k *= x;
                z * 2.0
            })
            .filter(|z| *z < 9.0);
    }
    s += or_twice(
        v.get(3).map(|z| {
            k += x;
            z * k
        }),
        x,
    );
    s += or_twice(
        v.first().map(|z| {
            k += x;
            z * k
        }),
        x,
    );
    let mut list = vec![k];
    push_square(&mut list, o.map(|z| z * 2.0));
    push_square(&mut list, o.filter(|z| *z > 1.0));
    s * k + o.unwrap_or(k) + list.iter().sum::<f64>() * list.len() as f64
}

/// In tuples, fields and elements; of arrays and `Vec`s.
#[grad(second)]
fn in_parts(x: f64) -> f64 {
    let mut t = (Some(x), x);
    t.0 = t.0.map(|z| z * t.1);
    t.1 = 2.0;
    t.0 = t.0.map(|z| z + t.1).filter(|z| *z > 1.0);
    let mut cached = Cached { value: Some(x), rate: x };
    let rate = cached.rate;
    cached.value = cached.value.map(|z| z * rate);
    cached.rate = 3.0;
    let mut a = [Some(x), None, Some(x * x)];
    for i in 0..3 {
        a[i] = a[i].map(|z| z * (i + 1) as f64);
    }
    a[1] = a[0].zip(a[2]).map(|(p, q)| p * q);
    let mut list = Some(vec![x, 2.0]);
    list = list.map(|mut v| {
        v.push(x * x);
        v
    });
    if let Some(v) = &mut list {
        v[0] *= 3.0;
    }
    let mut pair = Some([x, 2.0]);
    for i in 0..2 {
        pair = pair.map(|a| [a[1] * x, a[0] + f64::from(i)]);
    }
    let [p, q] = pair.unwrap();
    let (mut one, mut other) = (Some(x), Some(x * x));
    std::mem::swap(&mut one, &mut other);
    let taken = one.take();
    one = other.map(|z| z + 1.0);
    other = taken.map(|z| z * 2.0);
    t.0.unwrap_or(x * x)
        + cached.value.map_or(x, |z| z * cached.rate)
        + a.iter().flatten().sum::<f64>()
        + list.unwrap().iter().sum::<f64>()
        + p * q
        + one.unwrap() * other.unwrap()
}

#[test]
fn options_become_what_they_are_assigned() {
    for x in [0.7, 0.32, 1.3] {
        check!(of_itself(x));
        check!(with_effects(x));
        check!(in_parts(x));
    }
}
