//! One of some constants of a type of one's own, chosen as one likes: what is chosen is borrowed from an argument, and a pullback
//! finds it again by itself.

use crate::support::check;
use grad::grad;
use std::collections::HashMap;

/// Not `Clone`.
pub struct Table {
    n: usize,
    scale: f64,
    xs: Vec<f64>,
}

static DEFAULT: Table = Table { n: 0, scale: 0.5, xs: Vec::new() };

#[grad(second, wrt(x))]
fn look(t: &Table, x: f64) -> f64 {
    let mut s = t.scale * x;
    for v in &t.xs {
        s += (*v * x).sin();
    }
    s
}

fn pick(ts: &[Table], n: usize) -> &Table {
    &ts[n % ts.len()]
}

/// Straight, in an arm, in a condition of a loop, from calls and searches.
#[grad(second, wrt(x))]
fn chosen(x: f64, ts: &[Table], n: usize, name: &str) -> f64 {
    let by_if = if n > 1 { &ts[0] } else { &ts[1] };
    let by_name = match name {
        "last" => &ts[ts.len() - 1],
        _ => &DEFAULT,
    };
    let found = ts.iter().find(|t| t.n == n).unwrap_or(by_if);
    let largest = ts.iter().max_by_key(|t| t.n ^ n).unwrap();
    let mut best = &ts[0];
    for t in ts {
        if t.scale > best.scale {
            best = t;
        }
    }
    look(by_if, x) * look(by_name, x) + look(found, look(largest, x)) * look(best, x) + look(pick(ts, n), x)
}

/// In each pass another.
#[grad(second, wrt(x))]
fn in_turn(x: &[f64], ts: &[Table]) -> f64 {
    let mut s = 0.5;
    for (k, x) in x.iter().enumerate() {
        let t = ts.get(k).unwrap_or(&ts[0]);
        if k == 3 {
            continue;
        }
        s = look(t, s * x) * 0.5 + chosen(*x, ts, k, "last") * 0.1;
    }
    s
}

#[grad(wrt(x))]
fn failing(x: f64, ts: &[Table], n: usize) -> Option<f64> {
    let t = ts.iter().find(|t| t.n == n)?;
    if t.xs.is_empty() {
        return None;
    }
    Some(look(t, x) * x)
}

#[grad(wrt(x))]
fn of_failing(x: f64, ts: &[Table], n: usize) -> Option<f64> {
    let first = failing(x, ts, n)?;
    let t = ts.first()?;
    Some(failing(first, ts, 3)? * first * look(t, x))
}

/// Of other results, by matches, of maps.
#[grad(wrt(x))]
fn pair(x: &[f64], ts: &[Table], of_name: &HashMap<String, Table>, name: &str) -> [f64; 2] {
    let t = of_name.get(name).or_else(|| of_name.get("default")).expect("a default");
    let second = match ts.iter().find(|t| t.n > 4) {
        Some(t) => look(t, x[1]) * x[0],
        None => x[0],
    };
    [look(t, x[0]) * x[1], second]
}

#[grad(wrt(x))]
fn of_pair(x: &[f64], ts: &[Table], of_name: &HashMap<String, Table>, name: &str) -> f64 {
    let [a, b] = pair(x, ts, of_name, name);
    let Some(t) = ts.iter().rev().find(|t| t.n < 4) else { return a };
    a.sin() * b + look(t, a)
}

/// References that are sorted, filtered, found by what is differentiated; one after the other.
#[grad(wrt(x))]
fn ordered(x: f64, ts: &[Table], names: &[&str]) -> f64 {
    let mut order: Vec<&Table> = ts.iter().filter(|t| t.n > 2).collect();
    order.sort_by_key(|t| t.n);
    let mut s = x;
    for t in &order {
        s = look(t, s) * 0.5;
    }
    let nearest = ts.iter().min_by(|a, b| (a.scale - x).abs().total_cmp(&(b.scale - x).abs())).unwrap();
    let above = ts.iter().find(|t| t.scale > x).unwrap();
    let mut current = &ts[0];
    for _ in 0..4 {
        s = look(current, s) * 0.7 + look(nearest, x) * look(above, x);
        current = ts.iter().find(|t| t.n > current.n).unwrap_or(&ts[0]);
    }
    let name = names.get(1).copied().unwrap_or("none");
    println!("{}", current.n);
    s * named(name, x)
}

#[grad(wrt(x))]
fn named(name: &str, x: f64) -> f64 {
    match name {
        "sin" => x.sin(),
        "cos" => x.cos(),
        _ => x,
    }
}

/// Parts of constants.
#[grad(wrt(x))]
fn parts(x: f64, ts: &[Table], n: usize) -> f64 {
    let mut s = x;
    for (i, p) in ts.iter().enumerate() {
        for q in &ts[i + 1..] {
            s += look(p, x) * look(q, s) * 0.1;
        }
    }
    let products = ts[1..].iter().zip(&ts[..2]).map(|(p, q)| p.scale * q.scale * x);
    s += ts[..2].iter().map(|t| t.scale * x * x).sum::<f64>() + products.sum::<f64>();
    for t in ts[n..].iter().rev() {
        s = look(t, s) * 0.4 + t.scale * x;
    }
    s
}

/// With an output, and with what is moved away.
#[grad(wrt(x, w, out))]
fn filled(mut x: f64, w: Vec<f64>, ts: &[Table], out: &mut [f64]) -> f64 {
    let t = ts.last().unwrap();
    x *= out[0];
    out[0] = look(t, x);
    out[1] *= w[0];
    look(t, w[1]) * out[0] + out[1] * x
}

#[grad(wrt(x))]
fn of_filled(x: &[f64], ts: &[Table]) -> f64 {
    let mut out = [x[0] * x[1], 0.5];
    let a = filled(x[0], vec![x[1], x[0] * 0.3], ts, &mut out);
    let b = filled(a * 0.1, vec![out[0], a], ts, &mut out);
    a * b + out[0] * out[1]
}

fn tables() -> Vec<Table> {
    vec![
        Table { n: 3, scale: 1.0, xs: vec![1.0, 2.0] },
        Table { n: 7, scale: 2.0, xs: vec![0.3] },
        Table { n: 5, scale: -1.0, xs: vec![0.7, -0.2, 1.1] },
    ]
}

#[test]
fn one_of_some_is_chosen() {
    let ts = &tables()[..];
    for (n, name) in [(5, "last"), (0, "first")] {
        check!(chosen(0.7, =ts, =n, =name));
    }
}

#[test]
fn in_each_pass_another() {
    let ts = &tables()[..];
    check!(in_turn(&[0.3, 0.9, -0.4, 0.2, 0.6], =ts));
}

#[test]
fn through_what_fails() {
    let ts = &tables()[..];
    let at = |x: f64| of_failing(x, ts, 5).unwrap();
    let difference = (at(0.7 + 1e-6) - at(0.7 - 1e-6)) / 2e-6;
    assert!((of_failing::grad(0.7, ts, 5).unwrap() - difference).abs() < 1e-7);
    assert!((of_failing::jvp(0.7, ts, 5, 1.0).unwrap().1 - difference).abs() < 1e-7);
    assert!(of_failing::grad(0.7, ts, 9).is_none());
    let Some((value, pullback)) = of_failing::vjp(0.7, ts, 5) else { panic!("there is a value") };
    assert_eq!(value, at(0.7));
    assert!((pullback(2.0) - 2.0 * difference).abs() < 1e-6);
}

#[test]
fn in_order_and_one_after_the_other() {
    let ts = &tables()[..];
    check!(ordered(0.7, =ts, =&["sin", "cos"]), first_only);
}

#[test]
fn in_parts_of_constants() {
    let ts = &tables()[..];
    for n in [1, 3] {
        check!(parts(0.7, =ts, =n), first_only);
    }
}

#[test]
fn beside_outputs() {
    let ts = &tables()[..];
    check!(of_filled(&[0.7, -0.3], =ts), first_only);
}

#[test]
fn with_other_results() {
    let ts = &tables()[..];
    let of_name: HashMap<String, Table> =
        ["a", "default"].into_iter().map(String::from).zip(tables()).collect();
    for name in ["a", "b"] {
        check!(of_pair(&[0.7, -0.3], =ts, =&of_name, =name), first_only);
    }
}

/// A constant that is not one.
mod unsteady {
    use super::{Table, grad, look, tables};
    use std::sync::atomic::{AtomicUsize, Ordering};

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    fn another(ts: &[Table]) -> &Table {
        &ts[CALLS.fetch_add(1, Ordering::Relaxed) % 2]
    }

    #[grad(wrt(x))]
    fn of_another(x: f64, ts: &[Table]) -> f64 {
        look(another(ts), x)
    }

    #[test]
    #[should_panic(expected = "the function gave another value when its pullback ran it again")]
    fn is_noticed() {
        let ts = tables();
        of_another::vjp(0.7, &ts).1(1.0);
    }
}
