//! `Option`s of what is differentiated, as parameters and in fields: every derivative against differences of the function, and
//! against each other.

#![deny(warnings)]
#![allow(
    for_loops_over_fallibles,
    clippy::complexity,
    clippy::pedantic,
    clippy::style,
    clippy::option_map_or_none,
    clippy::manual_map,
    clippy::unnecessary_unwrap,
    clippy::type_complexity
)]

use grad::{Differentiable, grad};
use points::{Derivatives, direction, of_point};

#[path = "support/differences.rs"]
#[allow(dead_code)]
mod differences;
#[macro_use]
#[path = "support/points.rs"]
mod points;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
struct Damper {
    c: f64,
    offset: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Spring {
    k: f64,
    damping: Option<f64>,
    rest: Option<Vec<f64>>,
    damper: Option<Damper>,
    point: Option<[f64; 2]>,
}

fn springs() -> [Spring; 3] {
    let damper = Damper { c: 0.6, offset: Some(-0.3) };
    [
        Spring { k: 1.5, damping: Some(0.7), rest: None, damper: Some(damper), point: None },
        Spring { k: 1.2, damping: None, rest: Some(vec![0.4, 0.9]), damper: None, point: Some([0.2, 0.8]) },
        Spring {
            k: 0.8,
            damping: Some(1.1),
            rest: Some(vec![1.3, 0.2, 0.5]),
            damper: Some(Damper { offset: None, ..damper }),
            point: Some([1.2, -0.4]),
        },
    ]
}

/// Every way to look into one.
#[grad(wrt(s), second)]
fn taken_apart(s: &Spring) -> f64 {
    let mut e = s.k;
    if let Some(c) = s.damping {
        e += c * c * s.k;
    }
    if let Some(rest) = &s.rest {
        for r in rest {
            e *= r + 2.0;
        }
    }
    e += match &s.damper {
        Some(damper) => damper.c * damper.c * damper.offset.unwrap_or(s.k),
        None => s.k.sin(),
    };
    let Some(p) = s.point else { return e * e };
    e * p[0] + p[1].exp()
}

#[grad(wrt(s), second)]
fn by_methods(s: &Spring) -> f64 {
    let a = s.damping.unwrap_or(2.0) * s.k;
    let b = s.damping.map(|c| c * c).unwrap_or(s.k);
    let c = s.rest.as_ref().map_or(0.5, |rest| rest[0] * rest[1] * s.k);
    let d = s.rest.as_ref().map(|rest| rest.iter().map(|r| r * r).sum::<f64>()).unwrap_or_default();
    let e = if s.damping.is_some() { s.damping.unwrap() * s.k } else { s.k.exp() };
    let f = s.point.unwrap_or_else(|| [s.k, 0.3])[0];
    let g = s.damping.map_or_else(|| s.k * 3.0, |c| c / s.k);
    let h = if s.rest.is_none() { 1.0 } else { s.rest.as_ref().expect("there is one")[1] };
    a * b + c * d + e * f + g * h
}

/// Conditions of several parts, tuples of several options, guards.
#[grad(wrt(s), second)]
fn several(s: &Spring) -> f64 {
    let mut e = match (s.damping, &s.rest) {
        (Some(c), Some(rest)) => c * rest[0],
        (Some(c), None) => c * c * s.k,
        (None, Some(rest)) => rest[0] * rest[1],
        (None, None) => 1.0,
    };
    if let Some(c) = s.damping
        && let Some(p) = s.point
        && c > 1.0
    {
        e *= p[0] * c;
    }
    match s.damping {
        Some(c) if c > 1.0 => e * c,
        Some(c) => e * c * c,
        None => e * s.k,
    }
}

/// Names for them, and copies.
#[grad(wrt(s), second)]
fn named(s: &Spring) -> f64 {
    let damping = s.damping;
    let rest = s.rest.as_ref();
    let damper = &s.damper;
    let mut e = damping.unwrap_or(0.5) * s.k;
    if let Some(rest) = rest {
        e += rest[0].sin();
    }
    if let Some(damper) = damper {
        e *= damper.c;
        if let Some(offset) = damper.offset {
            e += offset * offset * s.k;
        }
    }
    e
}

#[test]
fn fields() {
    for s in springs() {
        check!(taken_apart, ref s.clone());
        check!(by_methods, ref s.clone());
        check!(several, ref s.clone());
        check!(named, ref s.clone());
    }
}

#[grad(wrt(a), second)]
fn number(a: Option<f64>, b: f64) -> f64 {
    match a {
        Some(a) if a > 1.0 => a * b,
        Some(a) => a * a * a * b,
        None => b,
    }
}

#[grad(wrt(a), second)]
fn array(a: &Option<[f64; 2]>, b: f64) -> f64 {
    let Some(v) = a else { return b * b };
    v[0] * v[1] * v[1] * b
}

#[grad(wrt(a), second)]
fn vec(a: Option<Vec<f64>>, b: f64) -> f64 {
    let mut sum = b;
    if let Some(v) = a {
        for x in &v {
            sum += x * x * b;
        }
        sum *= v[0];
    }
    sum
}

#[grad(wrt(a), second)]
fn slice(a: &[Option<f64>], b: f64) -> f64 {
    let mut sum = 0.0;
    for x in a {
        if let Some(x) = x {
            sum += x * x * b;
        }
    }
    for i in 0..a.len() {
        sum *= a[i].unwrap_or(1.1);
    }
    sum
}

#[grad(wrt(a), second)]
fn of_own(a: &Option<Damper>, b: f64) -> f64 {
    a.as_ref().map_or(b, |damper| damper.c * damper.c * damper.offset.unwrap_or(b))
}

#[grad(wrt(a), second)]
fn tuple(a: &(Option<f64>, f64)) -> f64 {
    a.0.map_or(2.0, |x| x * x) * a.1 * a.1
}

#[grad(wrt(s))]
fn calls(s: &Spring) -> f64 {
    number(s.damping, 0.3) * array(&s.point, 0.8) + of_own(&s.damper, 1.4) * s.k + taken_apart(s)
}

#[test]
fn parameters() {
    for a in [Some(0.7), Some(1.4), None] {
        check!(number, val a, 1.3);
        check!(tuple, ref (a, 0.4));
    }
    for a in [Some([0.7, 1.4]), None] {
        check!(array, ref a, 1.3);
    }
    for a in [Some(vec![0.7, 1.4]), Some(vec![0.3]), None] {
        check!(vec, val a, 1.3);
    }
    check!(slice, ref vec![Some(0.7), None, Some(1.4)], 1.3);
    for s in springs() {
        check!(of_own, ref s.damper, 0.9);
        check!(calls, ref s.clone(); first_only);
    }
}

/// Items that are, or come out of, an `Option`.
#[grad(wrt(v), second)]
fn filtered(v: &[Option<f64>]) -> f64 {
    v.iter().filter_map(|x| *x).map(|x| x * x).sum::<f64>() * v.iter().flatten().map(|x| x.sin()).sum::<f64>()
}

#[grad(wrt(v), second)]
fn mapped(v: &[Option<f64>]) -> f64 {
    let mut sum = v.iter().map(|x| x.unwrap_or(2.0)).map(|x| x * x).sum::<f64>();
    for x in v.iter().filter(|x| x.is_some()) {
        sum *= x.unwrap();
    }
    for x in v {
        for x in x {
            sum += x * x * x;
        }
        sum += x.iter().map(|x| x * 0.5).sum::<f64>();
    }
    sum
}

#[grad(wrt(s), second)]
fn nested(s: &Option<Option<f64>>) -> f64 {
    let a = match s {
        Some(Some(x)) => x * x,
        Some(None) => 2.0,
        None => 1.0,
    };
    if let Some(x) = s { a * x.unwrap_or(1.0) } else { a }
}

#[grad(wrt(s), second)]
fn by_options(s: &Spring) -> f64 {
    let a = if s.damping.is_some_and(|c| c > 1.0) { s.k } else { s.k * s.k };
    let b = s.damping.and_then(|c| if c > 1.0 { Some(c * c) } else { None }).unwrap_or(s.k);
    let c = s.damping.or(Some(s.k * 2.0)).unwrap() + s.damping.filter(|c| *c > 1.0).unwrap_or(s.k);
    let d = s.damping.or_else(|| s.damper.and_then(|damper| damper.offset)).map_or(s.k, |x| x * x);
    let e = s.damper.and_then(|damper| damper.offset).unwrap_or(0.7);
    let f = if s.damping.is_none_or(|c| c < 1.0) { 1.0 } else { s.k };
    a * b + c * d + e * f
}

#[test]
fn items_and_options_of_options() {
    for v in [vec![Some(0.7), None, Some(1.4)], vec![None], vec![]] {
        check!(filtered, ref v.clone());
        check!(mapped, ref v);
    }
    for s in [Some(Some(1.3)), Some(None), None] {
        check!(nested, ref s);
    }
    for s in springs() {
        check!(by_options, ref s);
    }
}

/// In variables that change, and in what is made.
#[grad(wrt(v), second)]
fn best(v: &[f64]) -> f64 {
    let mut best: Option<f64> = None;
    for x in v {
        best = match best {
            Some(b) if b > *x => Some(b),
            _ => Some(*x * *x),
        };
    }
    best.unwrap_or(0.5)
}

#[grad(wrt(v), second)]
fn largest(v: &[f64]) -> f64 {
    let mut best = None;
    for x in v {
        if best.is_none() || best.unwrap() < *x {
            best = Some(*x);
        }
    }
    best.map_or(1.0, |x| x * x)
}

#[grad(wrt(v), second)]
fn branches(v: &[f64], c: bool) -> f64 {
    let o = if c { Some(v[0] * v[1]) } else { None };
    let p = if v[0] > 0.0 { Some([v[0], v[1]]) } else { None };
    let q = Some(v[1]);
    let mut sum = o.unwrap_or(v[0]);
    if let Some(p) = p {
        sum *= p[0] + p[1];
    }
    if let Some(q) = q { sum * q } else { 0.0 }
}

#[grad(wrt(v), second)]
fn made(v: &[f64]) -> f64 {
    let s = Spring {
        k: v[0],
        damping: Some(v[1] * v[0]),
        rest: Some(vec![v[0], v[1]]),
        damper: None,
        point: None,
    };
    by_methods(&s) * s.damping.unwrap_or(1.0)
}

#[grad(wrt(s), second)]
fn changed(mut s: Spring) -> f64 {
    if let Some(c) = &mut s.damping {
        *c *= s.k;
    }
    if let Some(rest) = s.rest.as_mut() {
        rest[0] *= rest[1] * s.k;
    }
    let before = s.damping.unwrap_or(0.3) + s.rest.as_ref().map_or(0.2, |rest| rest[0]);
    s.damping = Some(s.k * s.k);
    s.point = None;
    let scaled = s.damping.map(|c| c * before);
    s.damper = scaled.map(|c| Damper { c, offset: s.damping });
    s.damping = s.damping.map(|c| c * 2.0);
    s.rest = Some(vec![s.k, before]);
    before * s.damping.unwrap()
        + s.rest.map_or(0.0, |rest| rest[0] * rest[1])
        + s.point.map_or(1.0, |p| p[0])
        + s.damper.map_or(0.0, |damper| damper.c * damper.offset.unwrap())
}

/// Early in a loop, with what was there before.
#[grad(wrt(v), second)]
fn carried(v: &[f64]) -> f64 {
    let mut last: Option<f64> = None;
    let mut sum = 0.0;
    for x in v {
        if let Some(before) = last {
            sum += (x - before) * (x - before);
        }
        if *x > 0.0 {
            last = Some(*x);
        }
    }
    sum + last.unwrap_or(0.0)
}

#[grad(wrt(v), second)]
fn ends(v: &[f64], i: usize) -> f64 {
    let first = v.first();
    let a = v.get(i).copied();
    let b = v.last().copied().unwrap_or(0.3);
    first.map_or(0.4, |x| x * x) * a.unwrap_or(1.2) * b
}

/// What is taken out leaves `None`, what is replaced the new value: of variables, of fields, in loops and arms.
#[grad(wrt(s), second)]
fn taken_out(mut s: Spring, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        if let Some(damping) = s.damping.take() {
            sum += damping * s.k;
            if i < 2 {
                s.damping.replace(damping * s.k + 0.1);
            }
        }
    }
    let held = std::mem::take(&mut s.damping);
    sum * s.k + held.unwrap_or(s.k) + s.damping.unwrap_or(0.5)
}

#[grad(second)]
fn neighbours(v: &[f64]) -> f64 {
    let mut last: Option<f64> = None;
    let mut sum = 0.0;
    for x in v {
        if let Some(last) = last.replace(*x) {
            sum += last * x * x;
        }
    }
    for i in 0..v.len() {
        let Some((a, (b, k))) = v.get(i).zip(v.get(i + 1).zip(Some(i))) else { continue };
        sum += a * b.sin() + k as f64 * b;
    }
    let ends = v.first().zip(v.last()).map_or(0.5, |(a, b)| a * b);
    let other = v.get(9).copied().or(v.first().copied()).or(Some(ends));
    sum * last.take().unwrap_or(2.0)
        + last.map_or(1.0, |x| x * x)
        + last.zip(other).map_or(ends, |(a, _)| a) * other.unwrap_or(0.25)
}

#[test]
fn what_is_taken_out() {
    for s in springs() {
        for n in [0, 1, 4] {
            check!(taken_out, val s.clone(), n);
        }
    }
    for v in [vec![], vec![0.7], vec![0.7, 1.2, -0.4]] {
        check!(neighbours, ref v);
    }
}

#[test]
fn variables() {
    for v in [vec![0.7, 1.4, 0.9], vec![-0.3, 0.4], vec![1.2, -0.4, 0.2, 0.8]] {
        check!(best, ref v.clone());
        check!(largest, ref v.clone());
        check!(branches, ref v.clone(), true);
        check!(branches, ref v.clone(), false);
        check!(made, ref v.clone());
        check!(carried, ref v.clone());
        check!(ends, ref v.clone(), 1);
        check!(ends, ref v, 7);
    }
    check!(best, ref vec![]);
    check!(largest, ref vec![]);
    check!(ends, ref vec![], 0);
    for s in springs() {
        check!(changed, val s);
    }
}

#[grad(wrt(self), second)]
impl Spring {
    fn energy(&self, x: f64) -> f64 {
        self.k * x
            + self.damping.unwrap_or(0.5) * x * x
            + self.rest.as_ref().map_or(0.0, |r| r.iter().map(|r| r * x).sum())
    }

    fn damp(&self) -> f64 {
        if let Some(c) = self.damping { c * self.k } else { self.k }
    }
}

#[grad(wrt(springs))]
fn many(springs: &[Spring], x: f64) -> f64 {
    let mut e = 0.0;
    for s in springs {
        e += s.energy(x) * s.damp();
        if let Some(rest) = &s.rest {
            for r in rest {
                e += r * s.damping.unwrap_or(1.0);
            }
        }
    }
    e
}

#[grad(wrt(s))]
fn moved(s: Spring, x: f64) -> f64 {
    match s.rest {
        Some(rest) => rest[0] * x + s.k,
        None => s.k * x,
    }
}

/// The same one in every pass, there or not.
#[grad(wrt(s), second)]
fn in_loops(s: &Spring, xs: &[f64]) -> f64 {
    let mut sum = s.k;
    for x in xs {
        if let Some(c) = s.damping {
            sum += c.exp() * x * s.k;
        }
        if let Some(rest) = &s.rest {
            sum += rest[0] * x;
            for r in rest {
                sum += r * r * x;
            }
        }
        for _ in 0..2 {
            if let Some(damper) = &s.damper {
                sum += damper.c * x;
                if let Some(offset) = damper.offset {
                    sum += offset.sin() * x;
                }
            }
            sum += s.point.map_or(0.0, |p| p[0] * p[1] * x);
        }
    }
    sum
}

/// One of its own in every pass, that is carried.
#[grad(wrt(s), second)]
fn carried_in_loops(s: &Spring, xs: &[f64]) -> f64 {
    let mut state = s.damping;
    let mut shape = s.rest.clone();
    let mut sum = 0.0;
    for (k, x) in xs.iter().enumerate() {
        let next = match state {
            Some(c) if k % 2 == 0 => Some(c * s.k),
            Some(_) => None,
            None => Some(s.k * x),
        };
        sum += next.unwrap_or(0.3) * x;
        state = next;
        shape = match shape {
            Some(v) if v.len() > 1 => Some(vec![v[0] * v[1]]),
            Some(_) => None,
            None => Some(vec![s.k, *x]),
        };
        sum += shape.as_ref().map_or(0.0, |v| v.iter().sum());
    }
    sum + state.unwrap_or(s.k)
}

#[test]
fn loops() {
    for s in springs() {
        for xs in [&[][..], &[0.3], &[0.3, 0.9, -0.4, 0.7, 0.2]] {
            check!(in_loops, ref s.clone(), xs);
            check!(carried_in_loops, ref s.clone(), xs);
        }
    }
}

#[test]
fn methods_and_moves() {
    check!(many, ref springs().to_vec(), 0.4; first_only);
    for s in springs() {
        check!(moved, val s, 0.7; first_only);
    }
}

/// A constant one, and what borrows, which is a constant.
#[grad(wrt(x), second)]
fn beside(x: [f64; 1], a: Option<f64>, weights: Option<&[f64]>) -> f64 {
    let w = match weights {
        Some(w) => w[0] * x[0],
        None => 1.5,
    };
    x[0] * x[0] * a.unwrap_or(3.0) * w
}

#[grad(second)]
fn constants(x: [f64; 1]) -> f64 {
    let n: Option<f64> = None;
    both(None, x[0]) * both(Some(2.0), x[0]) * beside(x, None, None) * both(n, x[0] * x[0])
        + array_of(x[0], &None)
        + beside(x, Some(0.5), Some(&[2.0][..]))
}

#[grad(second)]
fn array_of(x: f64, a: &Option<[f64; 2]>) -> f64 {
    a.map_or(x * x, |a| a[0] * x)
}

/// What becomes of a constant one is followed.
#[grad(wrt(w), second)]
fn with_bias(w: &[f64], bias: Option<usize>, name: Result<usize, &str>) -> f64 {
    let mut s = bias.map(|i| w[i] * w[i]).unwrap_or(w[0]);
    s *= name.map_or(w[1], |i| w[i].sin());
    s += name.ok().map(|i| i + 1).map_or_else(|| 0.5, |i| w[i % 2] * s);
    s + bias.map_or(0.0, |i| w[i])
}

#[test]
fn constant_ones() {
    for bias in [Some(1), None] {
        check!(with_bias, ref vec![0.7, 0.4], bias, Ok(1));
        check!(with_bias, ref vec![0.7, 0.4], bias, Err("none"));
    }
    check!(beside, val[0.7], None, None);
    check!(beside, val[0.7], Some(0.4), Some(&[0.3, 0.4]));
    check!(constants, val[0.7]);
}

/// By default it is differentiated, as what it may hold is.
#[grad(second)]
fn both(a: Option<f64>, b: f64) -> f64 {
    a.map_or(b, |a| a * b)
}

#[grad(wrt(s))]
fn failing(s: &Spring) -> Option<f64> {
    let c = s.damping?;
    let p = s.point.map(|p| p[0] * p[1])?;
    Some(c * c * p + s.k)
}

#[grad(wrt(s))]
fn with_error(s: &Spring) -> Result<f64, String> {
    let c = s.damping.ok_or("no damping")?;
    let rest = s.rest.as_ref().ok_or_else(|| "no rest".to_string())?;
    Ok(c * rest[0] + s.k)
}

#[grad]
fn residuals(o: Option<f64>, x: f64) -> [f64; 2] {
    [o.unwrap_or(x), x * o.map_or(1.0, |o| o * o)]
}

#[grad]
fn pair(o: Option<f64>, x: f64) -> (f64, Option<f64>) {
    (o.map_or(x, |o| o * x), o.map(|o| o * o))
}

#[grad]
fn scaled(o: &mut Option<f64>, x: f64) {
    if let Some(o) = o {
        *o *= x;
    }
}

#[test]
fn forms() {
    assert_eq!(both::grad(Some(2.0), 3.0), (Some(3.0), 2.0));
    assert_eq!(both::grad(None, 3.0), (None, 1.0));
    assert_eq!(both::jvp(Some(2.0), 3.0, Some(1.0), 10.0), (6.0, 23.0));
    let [first, second, third] = springs();
    assert!(failing::grad(&first).is_none() && failing::grad(&second).is_none());
    let g = failing::grad(&third).unwrap();
    assert_eq!(
        (g.damping, g.point),
        (Some(2.0 * 1.1 * (1.2 * -0.4)), Some([1.1 * 1.1 * -0.4, 1.1 * 1.1 * 1.2]))
    );
    assert_eq!(with_error::grad(&first), Err("no rest".to_string()));
    assert_eq!(with_error::grad(&second), Err("no damping".to_string()));
    let g = with_error::grad(&third).unwrap();
    assert_eq!((g.k, g.damping, g.rest), (1.0, Some(1.3), Some(vec![1.1, 0.0, 0.0])));
    assert_eq!(residuals::jacobian(Some(2.0), 3.0), ([Some(1.0), Some(12.0)], [0.0, 4.0]));
    assert_eq!(residuals::jacobian(None, 3.0), ([None, None], [1.0, 1.0]));
    let (both, pullback) = pair::vjp(Some(2.0), 3.0);
    assert_eq!((both, pullback((1.0, Some(5.0)))), ((6.0, Some(4.0)), (Some(23.0), 2.0)));
    let mut o = Some(3.0);
    let mut o_bar = Some(1.0);
    let mut x_bar = 0.0;
    scaled::vjp_add(&mut o, 2.0, &mut o_bar, &mut x_bar);
    assert_eq!((o, o_bar, x_bar), (Some(6.0), Some(2.0), 3.0));
    // A tangent of another form is a mistake of the caller's.
    assert!(std::panic::catch_unwind(|| both::jvp(Some(2.0), 3.0, None, 1.0)).is_err());
}
