//! Integers keep the types that the source tells: of annotations, lengths, ranges, and beside numbers.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn annotated(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..3 {
        let k: usize = i;
        s += v[k.saturating_sub(1)] * v[i];
    }
    s
}
#[grad(second)]
fn annotated_sum(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..2 {
        let k: usize = i + 1;
        s += v[k.saturating_sub(1)] * v[k.min(2)];
        let (a, b): (usize, usize) = (i, 2 - i);
        s += v[a.min(1)] * v[b.pow(2).min(2)];
        let mut c: usize = i;
        c = c.saturating_sub(1);
        s += v[c];
    }
    s
}
#[grad(second)]
fn annotated_mut(v: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut n = 0;
    while n < 3 {
        let k: usize = n;
        s += v[k.saturating_sub(1)] * v[n];
        n += 1;
    }
    let m: u8 = if s > 1.0 { 1 } else { 2 };
    let last: usize = match n {
        3 => 1,
        _ => 0,
    };
    s * v[usize::from(m.saturating_sub(1))] * v[last.saturating_sub(1)]
}
#[grad(second)]
fn skipped(c: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..3 {
        for j in (0..i).rev().skip(1) {
            s += c[j] * c[i];
        }
        for j in (0..i).skip(1).rev() {
            s += c[j] * c[i];
        }
        for j in (1..i + 1).rev().skip(1) {
            s += c[j - 1] * c[i] * c[j - 1];
        }
        for (j, k) in (0..i).zip(1..3) {
            s += c[j] * c[k];
        }
        for (j, k) in (0..i).enumerate() {
            s += c[j] * c[k];
        }
        for j in (0..i).take(2) {
            s += c[j] * c[i];
        }
        for j in (0..=i).rev().step_by(2) {
            s += c[j] * c[i];
        }
        for j in (0..i).chain(1..2) {
            s += c[j] * c[i];
        }
    }
    s
}
#[grad(second)]
fn counted(y: &[f64]) -> f64 {
    let mut c = [y[0], y[1], y[2]];
    let mut s = 0.0;
    for (i, z) in c.iter_mut().enumerate() {
        if let Some(j) = i.checked_sub(1) {
            s += *z * *z * j as f64;
        }
        *z *= 2.0;
    }
    for (i, z) in c.iter().enumerate().rev() {
        s += z * y[i.saturating_sub(1)];
    }
    for (i, z) in c.into_iter().enumerate().skip(1) {
        s += z * y[i.saturating_sub(1)];
    }
    s += c.iter().enumerate().map(|(i, z)| z * y[i.saturating_sub(1)]).sum::<f64>();
    s += c.iter().map(|z| z * z).enumerate().map(|(i, z)| z * y[i.wrapping_sub(1).min(1)]).sum::<f64>();
    s
}
#[grad(second)]
fn lengths(y: [f64; 3]) -> f64 {
    let n = y.len();
    let mut s = y[n.saturating_sub(2)] * y[y.len().saturating_sub(1)];
    s *= y[y.iter().count().saturating_sub(3)];
    s += y[y.iter().len().checked_sub(1).unwrap_or(0)] * s;
    for w in y.windows(n.min(2)) {
        s += w[0] * w[1];
    }
    for i in 0..y.len() {
        s += y[i.saturating_sub(1)] * y[i] / y.len() as f64;
    }
    if let Some(k) = y.iter().position(|z| *z > 0.6) {
        s *= y[k.saturating_sub(1)];
    }
    let k: usize = y.len() - 1;
    s * y[k.min(1)]
}
#[grad(second)]
fn signed(x: f64, n: i32) -> f64 {
    let mut s = x;
    for i in (1..n).rev().skip(1) {
        s += x.powi(i) * s;
    }
    for i in (-1..n).skip(1) {
        s += x.powi(i) * s;
    }
    for i in (-n..n).step_by(2) {
        s += x.powi(i);
    }
    for (k, i) in (1..n).enumerate() {
        s += x.powi(i) * k as f64;
    }
    for (i, j) in (1..n).zip(2..=n) {
        s += x.powi(i.pow(2)) * x.powi(j);
    }
    for i in (1..n).take(2) {
        s += x.powi(i.abs()) * s;
    }
    for i in (1..=n).rev().take(2) {
        s += x.powi(i.abs()) * s;
    }
    s += (1..n).map(|i| x.powi(i)).sum::<f64>();
    s += (1..n).rev().map(|i| x.powi(i)).zip(1..n).map(|(a, i)| a * x.powi(i)).sum::<f64>();
    for i in (1..n).chain(2..n) {
        s += x.powi(i);
    }
    let k: i32 = 2;
    for i in 0..k {
        s += x.powi(i.pow(2));
    }
    let m = 3_i32;
    for i in 0..m {
        s += x.powi(i.pow(2));
    }
    s
}
#[grad(second)]
fn small(x: f64, n: u8) -> f64 {
    let mut s = x;
    for i in (1..n).skip(1) {
        s += x * f64::from(i) * s;
    }
    for i in (0..n).rev().skip(1) {
        s += x * f64::from(i);
    }
    for i in (1..n).step_by(2) {
        s += x * f64::from(i.saturating_sub(1)) * s;
    }
    for i in (1..n).take(2) {
        s += x * f64::from(i) * s;
    }
    for (i, j) in (1..n).zip((1..n).rev()) {
        s += x * f64::from(i) * f64::from(j);
    }
    s
}

#[test]
fn of_lengths_ranges_and_annotations() {
    let y = [0.5, 0.7, 0.3];
    check!(annotated(&y));
    check!(annotated_sum(&y));
    check!(annotated_mut(&y));
    check!(skipped(&y));
    check!(counted(&y));
    check!(lengths(y));
    check!(signed(0.5, =3));
    check!(small(0.5, =4));
}

#[grad(second)]
fn first(v: &[f64]) -> (f64, usize) {
    (v[0] * v[0], 1)
}
#[grad(second)]
fn checked(x: f64) -> (f64, bool) {
    (x * x, x > 0.0)
}
#[grad(second)]
fn nested(v: &[f64], k: usize) -> ((f64, usize), [f64; 2], bool, Vec<f64>, [usize; 2]) {
    ((v[0] * v[1], k), [v[0], v[1]], v[0] > 1.0, v.to_vec(), [k, 1 - k])
}
#[grad(second)]
fn indexed(v: &[f64]) -> f64 {
    let (s, i) = first(v);
    s * v[i]
}
#[grad(second)]
fn conditional(x: f64) -> f64 {
    let (y, ok) = checked(x);
    if ok { y } else { 0.0 }
}
#[grad(second)]
fn by_field(v: &[f64]) -> f64 {
    let r = first(v);
    let t = nested(v, r.1);
    let mut s = r.0 * v[r.1] + t.0.0;
    if t.2 {
        s *= t.1[t.0.1];
    }
    s * t.3[t.4[0]]
}
#[grad(second)]
fn all_parts(v: &[f64]) -> f64 {
    let ((a, i), b, big, c, [p, q]) = nested(v, 1);
    let s = if big { a * b[i] } else { b[p] * b[q] };
    s * c[q] + a
}
#[grad(second)]
fn annotated_pair(v: &[f64]) -> f64 {
    let (s, i): (f64, usize) = first(v);
    let (y, ok): (f64, bool) = checked(s);
    if ok && i < v.len() { y * v[i] } else { s }
}
#[grad(second)]
fn in_loops(v: &[f64]) -> f64 {
    let mut s = 0.0;
    let mut at = 0;
    for x in v {
        let (y, ok) = checked(x - 0.6);
        if !ok {
            continue;
        }
        s += y * x;
        let (z, k) = first(&v[at..]);
        at = if k < v.len() { k } else { 0 };
        s += z * v[at];
    }
    let mut n = 0;
    loop {
        let (z, k) = first(v);
        s += z * s;
        n += k;
        if n > 2 {
            break;
        }
    }
    s
}
#[grad(second)]
fn in_closures(v: &[f64]) -> f64 {
    let f = |x: f64| checked(x * x);
    let (a, ok) = f(v[0]);
    let s: f64 = v.iter().map(|x| checked(*x)).map(|(y, ok)| if ok { y * a } else { 0.0 }).sum();
    if ok { s * a } else { s }
}
#[grad(second)]
fn updated(v: &[f64]) -> f64 {
    let mut t = first(v);
    for x in v {
        t.0 += x * x;
        t.1 = 1 - t.1;
    }
    t.0 * v[t.1]
}
#[grad(second)]
fn assigned(v: &[f64]) -> f64 {
    let (mut s, mut i) = (v[0], 0);
    let mut ok = false;
    for _ in 0..2 {
        (s, i) = first(&v[i..]);
        let r;
        (r, ok) = checked(s);
        s += r;
        i = 1 - i;
    }
    if ok { s * v[i] } else { s }
}
#[grad(second)]
fn arms(v: &[f64], c: bool) -> f64 {
    let (s, i) = if c { first(v) } else { (v[1], 0) };
    let (a, ok) = match i {
        0 => checked(s),
        _ => (s * s, true),
    };
    if ok { a * v[i] } else { s }
}
#[grad(second)]
fn passed_on(v: &[f64]) -> (f64, usize) {
    first(v)
}
#[grad(second)]
fn to_another(v: &[f64]) -> f64 {
    takes(first(v), v)
}
#[grad(second)]
fn takes(p: (f64, usize), v: &[f64]) -> f64 {
    p.0 * v[p.1]
}
#[grad(second)]
fn collected(v: &[f64]) -> f64 {
    let pairs: Vec<(f64, bool)> = v.iter().map(|x| checked(*x)).collect();
    let mut s = 0.0;
    for (y, ok) in &pairs {
        if *ok {
            s += y * y;
        }
    }
    let (y, ok) = pairs[0];
    if ok { s * y } else { s }
}

#[test]
fn beside_numbers_in_the_results_of_calls() {
    for v in [[0.7, 1.3], [1.2, 0.4]] {
        check!(indexed(&v));
        check!(conditional(v[0] - 1.0));
        check!(by_field(&v));
        check!(all_parts(&v));
        check!(annotated_pair(&v));
        check!(in_loops(&v));
        check!(in_closures(&v));
        check!(updated(&v));
        check!(assigned(&v));
        check!(arms(&v, =true));
        check!(arms(&v, =false));
        check!(to_another(&v));
        check!(collected(&v));
        assert_eq!(passed_on::vjp(&v).1((2.0, ())), [4.0 * v[0], 0.0]);
    }
}
