//! Searches in constants, orders of constants, and orders of indices by differentiated keys.

use crate::support::check;
use grad::grad;

#[grad(wrt(ys), second)]
fn step(xs: &[f64], ys: &[f64], t: f64) -> f64 {
    let j = xs.partition_point(|&x| x <= t).saturating_sub(1);
    ys[j] * ys[j]
}
#[grad(wrt(y), second)]
fn least(xs: &[f64], y: f64) -> f64 {
    let mut sorted = xs.to_vec();
    sorted.sort_by(|a, b| a.total_cmp(b));
    y * sorted[0] * y
}
#[grad(second)]
fn active_key(xs: &[f64], t: f64) -> f64 {
    let j = xs.partition_point(|&x| x <= t).saturating_sub(1);
    xs[j] * t * t
}
#[grad(wrt(ys, t), second)]
fn spline(xs: &[f64], ys: &[f64], t: f64) -> f64 {
    let j = match xs.binary_search_by(|x| x.total_cmp(&t)) {
        Ok(j) => j,
        Err(j) => j.saturating_sub(1),
    };
    let j = if j + 1 < xs.len() { j } else { xs.len() - 2 };
    let w = (t - xs[j]) / (xs[j + 1] - xs[j]);
    ys[j] * (1.0 - w) + ys[j + 1] * w * w
}
#[grad(wrt(y), second)]
fn used_before_and_after(xs: &[f64], y: f64, limit: f64) -> f64 {
    let mut v = xs.to_vec();
    let mut s = y * v[0];
    v.sort_by(|a, b| b.total_cmp(a));
    s += y * v[0] * s;
    v.retain(|x| *x < limit);
    s *= y * v[0];
    v.reverse();
    s += y * v[0] * s;
    v.push(v[0]);
    v.dedup();
    v.rotate_left(1);
    for k in 0..3 {
        v.truncate(3 - k);
        v.sort_by(|a, b| if k == 1 { b.total_cmp(a) } else { a.total_cmp(b) });
        s = s * y * v[0] + v[v.len() - 1];
    }
    let mut w = [3.0, 1.0, 2.0];
    w.sort_by(|a: &f64, b| a.total_cmp(b));
    s + w[0] * y * y
}
#[grad(wrt(y), second)]
fn filled_in_a_loop(xs: &[f64], y: f64) -> f64 {
    let mut seen = Vec::new();
    let mut s = y;
    for x in xs {
        seen.push(*x);
        seen.sort_by(|a: &f64, b: &f64| a.total_cmp(b));
        s += y * seen[seen.len() / 2] * s;
    }
    let mut rows = vec![vec![2.0, 1.0], vec![4.0, 3.0]];
    rows[1].sort_by(|a: &f64, b| a.total_cmp(b));
    s * rows[1][0] * y + rows[0][0] * y
}
#[grad(second)]
fn order_of_frozen(x: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| grad::constant(x[a]).total_cmp(&grad::constant(x[b])));
    x[order[0]] * x[order[1]] * x[order[0]]
}
#[grad(second)]
fn order(x: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
    let mut s = 0.0;
    for (rank, &k) in order.iter().enumerate() {
        s += x[k] * x[k] * (rank + 1) as f64;
    }
    s
}
#[grad(second)]
fn order_of_computed(x: &[f64]) -> f64 {
    let y: Vec<f64> = x.iter().map(|v| v.sin()).collect();
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.sort_unstable_by(|&a, &b| y[b].partial_cmp(&y[a]).unwrap());
    order.retain(|&k| y[k] > 0.0);
    let mut s = 0.0;
    for k in order {
        s = s * 0.5 + y[k];
    }
    s
}

#[test]
fn of_constants_and_of_indices() {
    check!(step(=&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0], =1.5) => [0.0, 8.0, 0.0]);
    check!(least(=&[3.0, 2.0], 1.0) => [4.0]);
    check!(active_key(&[0.5, 1.0, 2.0], 1.5));
    for t in [0.3, 1.5, 2.7] {
        check!(spline(=&[0.0, 1.0, 2.0, 3.0], &[3.0, 4.0, 5.0, 2.0], t));
    }
    check!(used_before_and_after(=&[0.5, 0.9, 0.7, 2.5, 1.1], 0.7, =2.0));
    check!(filled_in_a_loop(=&[0.5, 0.2, 0.7], 0.7));
    for x in [[3.0, 1.0, 2.0], [0.3, 0.7, 0.5]] {
        check!(order_of_frozen(&x));
        check!(order(&x));
        check!(order_of_computed(&x));
    }
}
