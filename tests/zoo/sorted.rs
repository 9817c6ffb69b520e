//! Elements that are sorted, chosen, taken out and joined.

use crate::support::check;
use grad::grad;

#[grad(second)]
fn weighted(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for (k, x) in v.iter().enumerate() {
        s += (k as f64 + 1.0) * x * x + x;
    }
    s
}

// --- sorted ---

#[grad(second)]
fn median(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.sort_by(f64::total_cmp);
    let n = v.len();
    if n % 2 == 1 { v[n / 2] * v[0] } else { 0.5 * (v[n / 2 - 1] + v[n / 2]) * v[0] }
}

/// The mean of the worst.
#[grad(second)]
fn shortfall(x: &[f64], count: usize) -> f64 {
    let mut losses: Vec<f64> = x.iter().map(|x| x * x - x).collect();
    losses.sort_by(|a, b| b.partial_cmp(a).unwrap());
    losses[..count].iter().sum::<f64>() / count as f64 * losses[0]
}

#[grad(second)]
fn integral(x: &[f64], y: &[f64]) -> f64 {
    let mut points: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.windows(2).map(|w| (w[1].0 - w[0].0) * (w[1].1 + w[0].1) / 2.0).sum()
}

#[grad(second)]
fn rows(x: &[f64]) -> f64 {
    let mut rows = vec![vec![x[0], x[1]], vec![x[2]], vec![x[1], x[2], x[0]]];
    rows.sort_by_key(|row| std::cmp::Reverse(row.len()));
    let mut s = 0.0;
    for (k, row) in rows.iter().enumerate() {
        s += (k as f64 + 1.0) * weighted(row);
    }
    s
}

/// By what is differentiated itself, a part of an array, in a loop and in an arm.
#[grad(second)]
fn again(x: &[f64], up: bool) -> f64 {
    let center = x[0] * 0.5;
    let mut a = [x[0], x[1], x[2]];
    for k in 0..3 {
        a[1..].sort_by(|p, q| (p - center).abs().total_cmp(&(q - center).abs()));
        a[k] *= a[2];
        if up {
            a.sort_unstable_by(f64::total_cmp);
        } else {
            a.sort_unstable_by(|p, q| q.total_cmp(p));
        }
    }
    weighted(&a)
}

#[grad(second)]
fn in_place(out: &mut [f64], x: f64) -> f64 {
    out[0] *= x;
    out.sort_by(|a, b| a.total_cmp(b));
    weighted(out) * x
}

#[test]
fn sorted() {
    check!(median(&[0.7, -0.4, 1.3]));
    check!(median(&[0.7, -0.4, 1.3, 0.2]));
    check!(shortfall(&[0.7, -0.4, 1.3, 0.2], =2));
    check!(integral(&[0.7, -0.4, 1.3], &[0.3, 0.9, -0.6]));
    check!(rows(&[0.7, -0.4, 1.3]));
    check!(again(&[0.7, -0.4, 1.3], =true));
    check!(again(&[0.7, -0.4, 1.3], =false));
    let mut out = [1.3, 0.2, -0.7];
    let (mut out_bar, mut x_bar) = ([0.0; 3], 0.0);
    let f = in_place::vjp_add(&mut out, 0.5, 1.0, &mut out_bar, &mut x_bar);
    assert_eq!(out, [-0.7, 0.2, 0.65]);
    let inside = |k: f64, x: f64| 2.0 * k * x + 1.0;
    let wanted = [0.5 * 0.5 * inside(3.0, 0.65), 0.5 * inside(2.0, 0.2), 0.5 * inside(1.0, -0.7)];
    assert!(out_bar.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 1e-15));
    assert!((x_bar - (f / 0.5 + 0.5 * 1.3 * inside(3.0, 0.65))).abs() < 1e-15);
}

#[test]
fn what_is_equal_keeps_its_order() {
    assert_eq!(median::grad(&[1.0, 1.0, 1.0]), [1.0, 1.0, 0.0]);
}

// --- chosen, taken out, joined ---

#[grad(second)]
fn retained(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let mut s = 0.0;
    while v.len() > 1 {
        let limit = v[0] * 0.9;
        s += weighted(&v);
        v.retain(|z| *z < limit);
    }
    s + v.iter().product::<f64>()
}

#[grad(second)]
fn drained(x: &[f64], from: usize, to: usize) -> f64 {
    let mut v = x.to_vec();
    let mut s = 0.0_f64;
    for z in v.drain(from..to) {
        s += z * z * s.cos();
    }
    s *= weighted(&v);
    s += v.drain(..=0).map(|z| z * z).sum::<f64>();
    let rest: Vec<f64> = v.drain(..).collect();
    v.push(s);
    weighted(&v) + rest.iter().product::<f64>()
}

#[grad(second)]
fn joined(x: &[f64]) -> f64 {
    let a = [&x[1..], &x[..2]].concat();
    let m = vec![vec![x[0] * x[1], x[2]], vec![x[1]], Vec::new()];
    let mut b = m.concat();
    let mut c = vec![x[2], x[0] * x[0]];
    b.append(&mut c);
    c.push(x[1]);
    weighted(&a) * weighted(&b) + c.len() as f64 * c[0]
}

#[grad(second)]
fn parted(x: &[f64], limit: f64) -> f64 {
    let (low, high): (Vec<f64>, Vec<f64>) = x.iter().partition(|z| **z < limit);
    let (even, odd): (Vec<f64>, Vec<f64>) = x.iter().map(|z| z * z).partition(|z| *z > 0.3);
    weighted(&low) * weighted(&high) + weighted(&even) * odd.iter().sum::<f64>()
}

#[grad(second)]
fn ends(x: &[f64], at: usize) -> f64 {
    let mut v = x.to_vec();
    if let Some(z) = v.last_mut() {
        *z *= x[0];
    }
    *v.first_mut().unwrap() += x[1] * x[1];
    match v.get_mut(at) {
        Some(z) => *z = z.sin() * x[0],
        None => v.push(x[0] * x[0]),
    }
    let mut few = [x[0], 2.0];
    if let Some(z) = few.last_mut() {
        *z *= v[0];
    }
    weighted(&v) + weighted(&few)
}

#[grad(second)]
fn printed(x: &[f64]) -> f64 {
    let y = dbg!(x[0] * x[1]) + dbg!(x)[0];
    y * dbg!(y)
}

#[test]
fn chosen_taken_out_and_joined() {
    check!(retained(&[0.9, 0.4, 0.7, 0.2]));
    check!(drained(&[0.9, 0.4, 0.7, 0.2, 0.5], =1, =3));
    check!(drained(&[0.9, 0.4, 0.7, 0.2, 0.5], =0, =0));
    check!(joined(&[0.9, 0.4, 0.7]));
    check!(parted(&[0.9, 0.4, 0.7, 0.2], 0.5));
    check!(ends(&[0.9, 0.4, 0.7], =1));
    check!(ends(&[0.9, 0.4, 0.7], =3));
    check!(printed(&[0.9, 0.4, 0.7]));
}
