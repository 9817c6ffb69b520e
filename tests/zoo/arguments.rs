//! Aggregates as arguments, by value, where a reference, a pattern or a part is what the caller has.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn area(x: [f64; 2]) -> f64 {
    x[0] * x[1].sin()
}

#[grad(second)]
fn energy(x: (f64, f64)) -> f64 {
    x.0 * x.1.exp()
}

#[grad(second)]
fn turned(x: [f64; 2]) -> [f64; 2] {
    [x[1] * x[0], x[0].cos()]
}

#[grad(second)]
fn mixed(x: (f64, [f64; 2])) -> f64 {
    x.0 * x.1[0] * x.1[1]
}

// What a loop lends.

#[grad(second)]
fn of_a_loop(v: &[(f64, f64)]) -> f64 {
    let mut s = 0.0_f64;
    for p in v {
        s += energy(*p) * s.cos();
    }
    s
}

#[grad(second)]
fn of_a_loop_over_iter(v: &[[f64; 2]]) -> f64 {
    let mut s = 1.0;
    for (k, p) in v.iter().enumerate() {
        s = s * 0.5 + area(*p) * k as f64;
        if k > 0 {
            s += area(turned(*p));
        }
    }
    s
}

#[grad(second)]
fn of_rows(v: &[Vec<[f64; 2]>]) -> f64 {
    let mut s = 0.0;
    for row in v {
        for p in row {
            s += area(*p) * area(*p);
        }
    }
    s
}

#[grad(second)]
fn of_a_local(x: f64, y: f64) -> f64 {
    let v = vec![[x, y], [y, x * y], [1.0, x]];
    let mut s = 0.0;
    for p in &v {
        s += area(*p);
    }
    for p in v.iter().rev() {
        s *= area(turned(*p));
    }
    s
}

#[test]
fn what_a_loop_lends_by_value() {
    check!(of_a_loop(&[(0.4, 0.9), (1.3, 0.2), (0.3, 0.7)]));
    check!(of_a_loop_over_iter(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
    check!(of_rows(&[vec![[0.4, 0.9]], vec![], vec![[1.3, 0.2], [0.3, 0.7]]]));
    check!(of_a_local(0.7, 0.4));
}

// What `let` binds.

#[grad(second)]
fn bound(v: &[[f64; 2]]) -> f64 {
    let p = &v[0];
    let q = &v[1];
    area(*p) + area(*q) * area(*p)
}

#[grad(second)]
fn bound_whole(v: &[f64; 2], w: &(f64, f64)) -> f64 {
    let p = v;
    let q = &*w;
    area(*p) * energy(*q) + area(*v) + energy(*w)
}

#[grad(second)]
fn bound_in_arms(v: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for k in 0..v.len() {
        if v[k][0] > 0.5 {
            let p = &v[k];
            s += area(*p);
        } else {
            let p = &v[v.len() - 1 - k];
            s -= area(*p) * v[k][1];
        }
    }
    s
}

#[grad(second)]
fn extremes(v: &[[f64; 2]]) -> f64 {
    let p = v.iter().min_by(|a, b| a[0].total_cmp(&b[0])).unwrap();
    let q = v.iter().max_by(|a, b| a[0].total_cmp(&b[0])).unwrap();
    let r = v.first().unwrap();
    let s = v.last().unwrap();
    area(*p) + area(*q) * area(*r) * area(*s)
}

#[grad(second)]
fn optional(v: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    if let Some(p) = v.get(1) {
        s += area(*p);
    }
    if let Some(p) = v.first() {
        s += area(*p) * s;
    }
    s
}

#[test]
fn what_let_binds_by_value() {
    check!(bound(&[[0.4, 0.9], [1.3, 0.2]]));
    check!(bound_whole(&[0.4, 0.9], &(1.3, 0.2)));
    check!(bound_in_arms(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
    check!(extremes(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
    check!(optional(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
}

// What a pattern binds.

#[grad(second)]
fn taken_apart(m: &[[f64; 2]; 2]) -> f64 {
    let [p, q] = m;
    area(*p) * area(*q)
}

#[grad(second)]
fn pairs(t: &[(f64, [f64; 2])]) -> f64 {
    let mut s = 0.0;
    for (x, a) in t {
        s += area(*a) * x;
    }
    for t in t {
        let (x, a) = t;
        s *= area(*a) + x;
    }
    s + mixed(t[0])
}

#[grad(second)]
fn nested_pairs(t: &[([f64; 2], (f64, f64))], w: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for ((a, b), c) in t.iter().zip(w) {
        s += area(*a) * energy(*b) + area(*c);
    }
    s
}

#[grad(second)]
fn windows(v: &[[f64; 2]]) -> f64 {
    let mut s = 0.0;
    for w in v.windows(2) {
        let [p, q] = w else { return 0.0 };
        s += area(*p) * area(*q);
    }
    s
}

#[test]
fn what_a_pattern_binds_by_value() {
    check!(taken_apart(&[[0.4, 0.9], [1.3, 0.2]]));
    check!(pairs(&[(0.8, [0.4, 0.9]), (0.6, [1.3, 0.2])]));
    check!(nested_pairs(&[([0.4, 0.9], (1.3, 0.2))], &[[0.3, 0.7]]));
    check!(windows(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
}

// What a closure takes.

#[grad(second)]
fn mapped(v: &[[f64; 2]]) -> f64 {
    v.iter().map(|p| area(*p)).sum::<f64>() + v.iter().map(|&p| area(p)).product::<f64>()
}

#[grad(second)]
fn folded(v: &[(f64, f64)]) -> f64 {
    v.iter().fold(1.0, |s, p| s * 0.5 + energy(*p))
}

#[grad(second)]
fn through_a_closure(v: &[[f64; 2]], k: f64) -> f64 {
    let of = |p: &[f64; 2]| area(*p) * k;
    of(&v[0]) + v.iter().map(|p| of(p)).sum::<f64>()
}

#[grad(second)]
fn collected(v: &[[f64; 2]]) -> f64 {
    let w: Vec<[f64; 2]> = v.iter().map(|p| turned(*p)).collect();
    w.iter().zip(v).map(|(p, q)| area(*p) * area(*q)).sum()
}

#[test]
fn what_a_closure_takes_by_value() {
    check!(mapped(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
    check!(folded(&[(0.4, 0.9), (1.3, 0.2), (0.3, 0.7)]));
    check!(through_a_closure(&[[0.4, 0.9], [1.3, 0.2]], 0.6));
    check!(collected(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
}

// What is borrowed mutably.

#[grad(second)]
fn element(x: f64) -> f64 {
    let mut a = vec![[x, 2.0 * x]];
    let r = &mut a[0];
    r[0] *= 2.0;
    let y = area(*r);
    r[1] += y;
    y * area(*r)
}

#[grad(second)]
fn elements(v: &[[f64; 2]]) -> f64 {
    let mut u = v.to_vec();
    let mut s = 0.0;
    for p in u.iter_mut() {
        s += area(*p);
        p[0] = s;
    }
    for p in &mut u {
        p[1] *= area(*p);
        *p = turned(*p);
    }
    s + u[0][0] + area(u[1])
}

#[grad(second)]
fn a_parameter(p: [f64; 2], k: f64) -> f64 {
    let mut p = p;
    bent(&mut p, k) * p[0] * p[1]
}

#[grad(second)]
fn bent(p: &mut [f64; 2], k: f64) -> f64 {
    let before = area(*p);
    p[0] *= k;
    before * area(*p)
}

#[test]
fn what_is_borrowed_mutably_by_value() {
    check!(element(0.7));
    check!(elements(&[[0.4, 0.9], [1.3, 0.2], [0.3, 0.7]]));
    check!(a_parameter([0.4, 0.9], 1.3));
}

// Parts, and the same more than once.

#[grad(second)]
fn parts(t: ([f64; 2], (f64, [f64; 2])), m: [[f64; 2]; 2]) -> f64 {
    let (a, b) = t;
    area(a) * mixed(b) + area(t.0) * area(t.1.1) + area(m[1]) * area(m[0]) + area(m[1])
}

#[grad(second)]
fn pair_of(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] + a[1] * b[0].sin()
}

#[grad(second)]
fn twice(v: &[[f64; 2]]) -> f64 {
    let p = &v[0];
    pair_of(*p, *p) + pair_of(v[0], v[1]) + v.iter().map(|q| pair_of(*q, *p)).sum::<f64>()
}

#[grad(second)]
fn owned_twice(v: &[f64]) -> f64 {
    let a = [v[0], v[1]];
    let r = &a;
    pair_of(a, *r) * area(a)
}

#[grad(second)]
fn norm(v: Vec<f64>) -> f64 {
    v.iter().map(|x| x * x).sum()
}

#[grad(second)]
fn cloned(v: &[Vec<f64>]) -> f64 {
    let mut s = 0.0;
    for row in v {
        s += norm(row.clone()) * norm(row.to_vec());
    }
    let first = &v[0];
    s * norm(first.clone())
}

#[test]
fn parts_and_the_same_twice() {
    check!(parts(([0.4, 0.9], (1.3, [0.2, 0.3])), [[0.7, 0.8], [0.6, 0.5]]));
    check!(twice(&[[0.4, 0.9], [1.3, 0.2]]));
    check!(owned_twice(&[0.4, 0.9]));
    check!(cloned(&[vec![0.4, 0.9], vec![1.3]]));
}
