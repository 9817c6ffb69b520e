//! What changes places: each value is what it was before the first place was written.

use crate::support::check;
use grad::grad;

/// Two arrays, two `Vec`s, three numbers, rows, and parts of a tuple behind a reference.
#[grad(second)]
fn assigned_together(x: f64, y: f64) -> f64 {
    let (mut a, mut b, mut c) = ([x, y], [y, x * y], [x * y, 1.0]);
    (a, b, c) = (b, c, a);
    [a, b] = [b, a];
    let (mut u, mut v) = (vec![x, y], vec![y]);
    let mut m = [[x, y], [y, x * y]];
    for i in 0..3 {
        (u, v) = (v, u);
        u[0] *= 2.0 + x;
        v.push(i as f64 * y);
        (m[0], m[1]) = (m[1], m[0]);
        (m[1], u[0]) = (a, m[1][0]);
    }
    let mut t = ([x, y], [y, x * x]);
    let r = &mut t;
    *r = (r.1, r.0);
    r.0[0] *= y;
    (a[0], c) = (c[1], a);
    a[0] * b[1] + c[0] * u[0] + v[1] * m[0][1] + t.0[0] * t.1[1]
}

/// Tuples with names and numbers, and an `Option`, in turn.
#[grad(second)]
fn swapped_and_replaced(x: f64, y: f64) -> f64 {
    let mut a = ("a", [x, y], Some(x));
    let mut b = ("bb", [y, x * y], None);
    let mut s = 0.0;
    for i in 0..3 {
        std::mem::swap(&mut a, &mut b);
        a.1[0] *= x;
        (a, b) = (b, a);
        std::mem::swap(&mut a.1, &mut b.1);
        std::mem::swap(&mut a.2, &mut b.2);
        let old = std::mem::replace(&mut a, ("ccc", [y * y, x + i as f64], Some(y)));
        s += old.1[0] * old.0.len() as f64 + old.2.unwrap_or(y) * a.1[1];
    }
    let o = std::mem::replace(&mut b.1, [s, x]);
    s * o[1] + a.1[0] * b.1[1] * b.0.len() as f64 + a.2.or(b.2).unwrap_or(s)
}

/// In memory, and through what is lent.
#[grad(second)]
fn exchanged_in_memory(x: f64, y: f64) -> f64 {
    let mut v = vec![(x, [x, y]), (y, [y, x])];
    let old = std::mem::replace(&mut v[0], (y * y, [1.0, y]));
    v[1] = (v[1].1[1], [v[0].0, v[1].0]);
    v.push((v[1].0, v[0].1));
    (v[0], v[2]) = (v[2], v[0]);
    let (mut p, mut q) = ((vec![x], 1), (vec![y, x], 2));
    if y > 0.1 {
        std::mem::swap(&mut p, &mut q);
        p.0[0] *= 2.0;
    }
    {
        let (p, q) = (&mut p.0, &mut q.0);
        (p[0], q[0]) = (q[0], p[0]);
        std::mem::swap(p, q);
    }
    let taken = std::mem::replace(&mut p, (vec![x, y * x], 5));
    old.0 * old.1[1] * v[0].1[0]
        + v[2].0 * v[1].1[1]
        + taken.0[0] * q.0[1] * f64::from(taken.1)
        + p.0[1] * f64::from(p.1 + q.1)
}

#[derive(Clone, Copy, grad::Differentiable)]
pub struct Body {
    x: f64,
    v: [f64; 2],
}

#[grad]
impl std::ops::Add for Body {
    type Output = Body;

    fn add(self, other: Body) -> Body {
        Body { x: self.x + other.x, v: [self.v[0] * other.v[1], self.v[1] + other.x] }
    }
}

#[grad(wrt(self, other))]
impl Body {
    fn meets(self, other: Body) -> f64 {
        self.v[0] * other.v[0] + self.x
    }
}

/// Operands and receivers, before what is beside them is evaluated.
#[grad]
fn written_beside(x: f64, y: f64) -> f64 {
    let mut p = Body { x, v: [x, y] };
    let q = p + {
        p.v[1] = 3.0 * x;
        p
    };
    let r = p.meets({
        p.v[0] = y * y;
        p
    });
    q.v[0] + q.v[1] * r
}

#[test]
fn what_changes_places_is_what_it_was() {
    check!(assigned_together(0.7, 0.4));
    check!(swapped_and_replaced(0.7, 0.4));
    check!(exchanged_in_memory(0.7, 0.4));
    check!(written_beside(0.7, 0.4), first_only);
}

/// What a fold starts from is not what it changes, in a tuple, either.
#[grad(second)]
fn folded_from_a_tuple(x: f64, y: f64) -> f64 {
    let start = [x, y, x * y];
    let pair = (y, [x, 1.0]);
    let (sum, last) = (0..3).fold((0.0, start), |(sum, mut a), i| {
        a[i] *= sum + y;
        (sum + a[i], a)
    });
    let (k, v) = (0..2).fold(pair, |mut pair, i| {
        pair.0 *= x;
        pair.1[i] += pair.0;
        pair
    });
    sum * last[1] * start[1] + start[2] * k * v[0] + pair.0 * pair.1[1]
}

#[test]
fn folds_start_from_values() {
    check!(folded_from_a_tuple(0.7, 0.4));
}
