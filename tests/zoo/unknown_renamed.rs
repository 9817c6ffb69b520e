//! Constants under another name, of which one is changed afterwards: what was moved or copied stays what it was.

use crate::support::check;
use grad::grad;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum K {
    A,
    B(f64),
}
#[derive(Clone, Copy, Debug)]
pub struct P {
    k: f64,
    n: usize,
}
#[derive(Clone, Debug)]
pub struct T {
    k: f64,
    w: Vec<f64>,
}
#[grad(wrt(x))]
fn fk(k: K, x: f64) -> f64 {
    match k {
        K::A => x.sin(),
        K::B(b) => b * x * x,
    }
}
#[grad(wrt(x))]
fn fp(p: P, x: f64) -> f64 {
    p.k * x * x + p.n as f64 * x
}
#[grad(wrt(x))]
fn ft(t: &T, x: f64) -> f64 {
    let mut s = t.k * x * x;
    for w in &t.w {
        s += (*w * x).sin();
    }
    s
}
fn next(k: K) -> K {
    match k {
        K::A => K::B(0.5),
        K::B(b) if b > 1.0 => K::A,
        K::B(b) => K::B(b * 1.7),
    }
}
#[grad(wrt(x))]
fn chars(x: f64) -> f64 {
    let mut c = 'a';
    let old = c;
    c = 'b';
    let f = |k: char| if k == 'a' { 1.0 } else { 3.0 };
    x * x * f(old) + f(c) * x
}
#[grad(wrt(x))]
fn prev(x: f64) -> f64 {
    let mut mode = K::A;
    let mut s = x;
    for _ in 0..4 {
        let prev = mode;
        mode = next(mode);
        s = fk(prev, s) + fk(mode, x) * 0.3;
    }
    s
}
#[grad(wrt(x))]
fn swapped(x: f64) -> f64 {
    let mut a = K::A;
    let mut b = K::B(0.7);
    let t = a;
    a = b;
    b = t;
    fk(a, x) * x + fk(b, x * x)
}
#[grad(wrt(x))]
fn tuple(x: f64) -> f64 {
    let mut a = K::A;
    let mut b = K::B(0.7);
    (a, b) = (b, a);
    fk(a, x) * x + fk(b, x * x)
}
#[grad(wrt(x))]
fn fields(x: f64, p: P) -> f64 {
    let mut p = p;
    let q = p;
    p.k = 5.0;
    fp(q, x) * x + fp(p, x)
}
#[grad(wrt(x))]
fn refs(x: f64, ts: &[T]) -> f64 {
    let mut t = &ts[0];
    let mut s = x;
    for i in 0..3 {
        let prev = t;
        t = &ts[i % 2];
        s = ft(prev, s) * 0.3 + ft(t, x) * 0.1;
    }
    s
}
#[grad(wrt(x))]
fn best(x: f64, ps: &[P]) -> f64 {
    let mut best = ps[0];
    let mut second = ps[0];
    for p in ps {
        let cand = *p;
        if cand.k > best.k {
            let old = best;
            best = cand;
            second = old;
        }
    }
    fp(best, x) * x + fp(second, x)
}
#[grad(wrt(x))]
fn moved(x: f64) -> f64 {
    let mut t = T { k: 0.5, w: vec![0.2] };
    let old = t;
    t = T { k: 2.0, w: vec![] };
    ft(&old, x) * x + ft(&t, x)
}
#[grad(wrt(x))]
fn option(x: f64, n: usize) -> f64 {
    let mut last: Option<usize> = None;
    let mut s = x;
    for i in 0..n {
        let before = last;
        last = Some(i);
        s = s * 0.5 + x * before.map_or(2.0, |b| b as f64);
    }
    s
}
#[grad(wrt(x))]
fn rest(x: f64, ks: &[K]) -> f64 {
    let mut rest = ks;
    let mut s = x;
    while let Some((k, t)) = rest.split_first() {
        let cur = rest;
        rest = t;
        s = fk(*k, s) + cur.len() as f64 * x;
    }
    s
}
#[grad(wrt(x))]
fn pair(x: f64) -> f64 {
    let mut k = K::A;
    let p = (k, 1);
    k = K::B(2.0);
    fk(p.0, x) * x + fk(k, x) + p.1 as f64 * x
}
#[grad(wrt(x))]
fn destructured(x: f64) -> f64 {
    let mut pair = (P { k: 1.0, n: 2 }, 3);
    let (q, c) = pair;
    pair.0.k = 7.0;
    fp(q, x) * x + fp(pair.0, x) + c as f64 * x
}
#[grad(wrt(x))]
fn recursive(x: f64, p: P, n: usize) -> f64 {
    if n == 0 {
        return x * x;
    }
    let mut q = p;
    q.k += 1.0;
    recursive(x, q, n - 1) * p.k + x
}
#[grad(wrt(x))]
fn block(x: f64) -> f64 {
    let mut a = P { k: 0.4, n: 1 };
    let b = {
        let c = a;
        a.k = 3.0;
        c
    };
    fp(a, x) * fp(b, x)
}
#[grad(wrt(x))]
fn restore(x: f64) -> f64 {
    let mut m = K::A;
    let saved = m;
    m = K::B(3.0);
    let a = fk(m, x);
    m = saved;
    a * fk(m, x)
}
#[grad(wrt(x))]
fn strs(x: f64, w: &str) -> f64 {
    let mut s = w;
    let old = s;
    s = "b";
    let f = |k: &str| if k == "a" { 1.0 } else { 3.0 };
    f(old) * x * x + f(s) * x
}
#[grad(wrt(x))]
fn closure(x: f64) -> f64 {
    let mut p = P { k: 0.4, n: 1 };
    let f = move |z: f64| fp(p, z);
    p.k = 7.0;
    f(x) * x + fp(p, x)
}

/// Named late.
#[grad(wrt(x))]
fn late(x: f64) -> f64 {
    let mut c = K::A;
    let old;
    old = c;
    c = K::B(2.0);
    fk(old, x) * x + fk(c, x)
}

fn advanced(k: &mut K) -> K {
    let old = *k;
    *k = next(old);
    old
}

fn weight(k: K) -> f64 {
    match k {
        K::A => 1.5,
        K::B(b) => b,
    }
}

fn of_two(a: K, b: K) -> f64 {
    weight(a) + 10.0 * weight(b)
}

#[grad(wrt(x))]
fn two(k: K, l: K, x: f64) -> f64 {
    weight(k) * x * x + weight(l) * x
}

/// Operands are what they were when they were evaluated, from left to right.
#[grad(wrt(x))]
fn operands(x: f64) -> f64 {
    let mut c = K::A;
    let a = two(c, advanced(&mut c), x) * two(advanced(&mut c), c, x);
    let t = (
        c,
        {
            c = K::B(2.0);
            x
        },
        c,
    );
    let f = |k: K, z: f64| fk(k, z);
    let b = f(c, {
        c = K::A;
        x
    });
    let w = of_two(c, {
        c = K::B(0.7);
        c
    });
    a * fk(t.0, t.1) + fk(t.2, x) * b * w + fk(c, x)
}

/// A tuple that is assigned as a whole.
#[grad(wrt(x))]
fn turned(x: f64, mut c: (K, K)) -> f64 {
    let (a, b) = c;
    c = (b, a);
    fk(c.0, x) * fk(a, x) + fk(c.1, x) * x
}

#[test]
fn what_has_another_name_stays() {
    let ts = &[T { k: 0.3, w: vec![1.0] }, T { k: 1.3, w: vec![0.2, 0.4] }];
    let ps = &[P { k: 0.3, n: 1 }, P { k: 1.3, n: 2 }, P { k: 2.3, n: 0 }];
    check!(chars(0.7), first_only);
    check!(prev(0.7), first_only);
    check!(swapped(0.7), first_only);
    check!(tuple(0.7), first_only);
    check!(fields(0.7, =ps[0]), first_only);
    check!(refs(0.7, =ts), first_only);
    check!(best(0.7, =ps), first_only);
    check!(moved(0.7), first_only);
    check!(option(0.7, =3), first_only);
    check!(rest(0.7, =&[K::A, K::B(0.3), K::A]), first_only);
    check!(pair(0.7), first_only);
    check!(destructured(0.7), first_only);
    check!(recursive(0.7, =ps[1], =3), first_only);
    check!(block(0.7), first_only);
    check!(restore(0.7), first_only);
    check!(strs(0.7, ="a"), first_only);
    check!(closure(0.7), first_only);
    check!(late(0.7), first_only);
    check!(turned(0.7, =(K::A, K::B(0.2))), first_only);
    check!(operands(0.7), first_only);
}

/// The value is the function's own, bit for bit.
#[test]
fn values_are_those_of_the_function() {
    let by_hand = |x: f64| x * x + 3.0 * x;
    assert_eq!(chars::value_and_grad(0.7).0, by_hand(0.7));
    assert_eq!(restore::value_and_grad(0.7).0, 3.0 * 0.7 * 0.7 * 0.7_f64.sin());
}
