//! What gives an `Option` or a `Result` where a call stands at an end: closures, branches, methods that take closures.

use crate::support::check;
use grad::{Differentiable, grad};
use std::cell::Cell;

#[derive(Clone, Debug)]
enum Failure {
    Low,
    High { at: usize },
}

#[grad(second)]
fn logarithm(x: f64) -> Option<f64> {
    if x > 0.5 { Some(x.ln()) } else { None }
}

#[grad(second)]
fn square(x: f64) -> Result<f64, Failure> {
    if x > 0.5 {
        Ok(x * x)
    } else if x < -0.5 {
        Err(Failure::High { at: 3 })
    } else {
        Err(Failure::Low)
    }
}

#[grad(second)]
fn parts(x: f64) -> Option<(f64, [f64; 2])> {
    if x > 0.5 { Some((x, [x * x, 1.0 / x])) } else { None }
}

#[grad(second)]
fn powers(x: f64, n: usize) -> Option<Vec<f64>> {
    if x > 0.0 { Some((0..n).map(|k| x.powi(k as i32)).collect()) } else { None }
}

fn counted(calls: &Cell<usize>, k: usize) -> Option<usize> {
    calls.set(calls.get() + 1);
    if k > 1 { Some(k + calls.get()) } else { None }
}

#[derive(Clone, Copy, Debug, Differentiable)]
struct Point {
    a: f64,
    b: f64,
}

#[grad]
impl Point {
    #[grad(second, wrt(self, k))]
    fn level(&self, k: f64) -> Option<f64> {
        if self.a > 0.0 { Some(self.a * k + self.b) } else { None }
    }
}

#[grad(second)]
fn point(x: f64) -> Option<Point> {
    if x > 0.5 { Some(Point { a: x.sin(), b: x * x }) } else { None }
}

#[grad(second)]
fn closures_that_end_in_calls(x: f64) -> f64 {
    let one = logarithm(x).and_then(|v| logarithm(v + 1.0)).unwrap_or(x * 2.0);
    let two = square(x).and_then(|v| if v > 0.9 { square(v * 0.7) } else { Ok(v * x) }).unwrap_or(x * 3.0);
    let three = logarithm(x).or_else(|| logarithm(x + 1.0)).unwrap_or(x * x);
    let four = square(x).or_else(|_| square(x + 1.0)).map_or(x, |v| v * x);
    let five = logarithm(x).map(|v| v * 2.0).and_then(logarithm).unwrap_or(x);
    let six = parts(x).and_then(|(a, b)| logarithm(a + b[1])).unwrap_or(0.3 * x);
    let seven = powers(x, 3).and_then(|p| logarithm(p[2] + p[1])).unwrap_or(x);
    let eight = point(x).and_then(|p| p.level(x)).unwrap_or(x);
    one * two + three * four + five * six + seven * eight
}

#[grad(second)]
fn several_at_once(x: f64) -> f64 {
    let both = logarithm(x).zip(logarithm(x * 1.5)).map_or(x, |(a, b)| a * b);
    let one = logarithm(x).xor(logarithm(x + 1.0)).unwrap_or(x);
    let first = logarithm(x).or(logarithm(x + 2.0)).unwrap_or(0.5 * x);
    let kept = logarithm(x).filter(|v| *v > 0.2).and_then(|v| logarithm(v * 4.0)).unwrap_or(x * x);
    let said = if let Some(v) = logarithm(x).and_then(|v| logarithm(v + x)) { v * x } else { x };
    let matched = match square(x).and_then(|v| square(v - 0.4)) {
        Ok(v) => v,
        Err(_) => x,
    };
    let Some(last) = logarithm(x + 1.0).and_then(|v| logarithm(v + x)) else { return both * said };
    both * one + first * kept + said * matched + last
}

#[grad(second)]
fn branches_of_calls(x: f64) -> f64 {
    let r = if x > 1.0 { logarithm(x) } else { logarithm(x * 3.0) };
    let one = match r {
        Some(v) => v * x,
        None => x,
    };
    let r = match (x > 1.0, x > 0.0) {
        (true, _) => square(x),
        (false, true) => square(x * 3.0),
        _ => Ok(x * x * x),
    };
    let two = if r.is_ok() { r.unwrap() } else { 4.0 * x };
    let r = if x > 1.0 {
        parts(x)
    } else if x > 0.0 {
        Some((x, [x, 2.0]))
    } else {
        None
    };
    let three = r.map_or(x, |(a, b)| a * b[0] + b[1]);
    let mut s = x;
    let r = if x > 1.0 {
        s *= 2.0;
        logarithm(s)
    } else {
        s += 1.0;
        square(s).ok()
    };
    s += 3.0;
    let r = r.or_else(|| point(s).map(|p| p.a * p.b));
    let four = r.unwrap_or(s) * s;
    let r = {
        if x > 2.0 {
            return x * x * one;
        }
        powers(x, 3)
    };
    one * two + three * four + r.map_or(x, |p| p[1] * p[2])
}

#[grad(second)]
fn kept_closures(x: f64) -> f64 {
    let scaled = |y: f64| logarithm(y * x);
    let r = scaled(2.0);
    let one = r.unwrap_or(x) + scaled(1.5).unwrap_or(x);
    let guarded = |y: f64| {
        let z = y * x;
        if z > 4.0 {
            return None;
        }
        if z < 0.2 {
            return logarithm(z + 1.0);
        }
        logarithm(z)
    };
    let chosen = |y: f64| if y > 1.0 { guarded(y * x) } else { None };
    let two =
        guarded(2.0).map_or(x, |v| v * x) + chosen(x + 1.0).unwrap_or(x) + chosen(0.7).map_or(0.0, |v| v);
    let squared = |y: f64| square(y * x);
    let three = match squared(1.0) {
        Ok(v) => v * x,
        Err(Failure::High { at }) if at > 2 => x * 3.0,
        Err(Failure::High { .. } | Failure::Low) => x * 2.0,
    };
    let four = squared(2.0).unwrap_or_else(|e| if matches!(e, Failure::Low) { x } else { 2.0 * x });
    let p = Point { a: x, b: 2.0 * x };
    let level = |k: f64| p.level(k);
    let five = level(1.0).unwrap_or(x) * level(x).unwrap_or(2.0);
    let mut total = x;
    let mut add = |y: f64| {
        total += y * x;
        logarithm(total)
    };
    let (a, b) = (add(0.5), add(0.7));
    one * two + three * four + five + a.unwrap_or(x) * b.unwrap_or(2.0)
}

#[grad(second)]
fn questions_in_closures(x: f64) -> f64 {
    let one = |a: f64| -> Option<f64> {
        let mut s = 0.0;
        for k in 1..3 {
            s += logarithm(a * f64::from(k))? * x;
        }
        Some(s)
    };
    let both = |a: f64| -> Result<f64, Failure> {
        let u = square(a)?;
        let w = square(u - 0.1)?;
        Ok(u * w)
    };
    let side = |a: f64| Some(logarithm(a)? * logarithm(a + x)?);
    let v = [x, 0.2, 2.0 * x];
    let neighbours: f64 = (0..5)
        .filter_map(|k| {
            let a = v.get(k)?;
            let b = v.get(k + 1)?;
            Some(a * b)
        })
        .sum();
    let chained: f64 = [x, 1.0, 2.0 * x]
        .iter()
        .filter_map(|&a| {
            let l = logarithm(a)?;
            let m = square(l + 1.0).ok()?;
            Some(l * m)
        })
        .sum();
    let last = match both(1.2) {
        Ok(v) => v,
        Err(_) => 2.0,
    };
    let (kept, other) = (one(x), one(x + 0.5));
    one(x).unwrap_or(x) * one(1.0).unwrap_or(2.0)
        + kept.unwrap_or(1.0) * kept.map_or(x, |v| v * v) * other.unwrap_or(x)
        + both(x).unwrap_or(x) * last
        + side(x).or_else(|| side(x + 1.0)).unwrap_or(x)
        + neighbours
        + chained
}

#[grad(second)]
fn what_is_missing_is_left_out(x: f64) -> f64 {
    let v = vec![x, 2.0 * x, -x, 0.1];
    let one: f64 = v.iter().filter_map(|&v| if v > 1.0 { logarithm(v) } else { Some(v) }).sum();
    let two = v.iter().find_map(|a| if *a > 1.0 { logarithm(*a) } else { None }).unwrap_or(x);
    let three = v.iter().copied().filter_map(logarithm).fold(0.0, |a, b| a * x + b);
    let four: f64 =
        (1..4).filter_map(|k| parts(x * f64::from(k)).filter(|(a, _)| *a > 1.0).map(|(a, b)| a * b[0])).sum();
    let five: f64 = (1..4).filter_map(|k| powers(x, k)).map(|p| p.iter().sum::<f64>()).sum();
    let six = (1..4).map_while(|k| logarithm(x * f64::from(k))).sum::<f64>();
    let mut best: Option<f64> = None;
    for k in 1..5 {
        let c = logarithm(x * f64::from(k)).filter(|v| *v < 1.0);
        best = best.or(c);
    }
    one * two + three * four + five * six + best.unwrap_or(x)
}

/// Both sides of `or` are computed, and each closure as often as in the function.
#[grad(second)]
fn calls_that_count(x: f64) -> f64 {
    let calls = Cell::new(0);
    let g = |k: usize| counted(&calls, k);
    let a = g(2);
    let b = g(3);
    let one = x * a.unwrap_or(0) as f64 + x * x * b.unwrap_or(0) as f64 + calls.get() as f64 * x;
    let two: f64 = (0..4).filter_map(|k| counted(&calls, k)).map(|i| x * i as f64).sum();
    let three =
        counted(&calls, 1).or(counted(&calls, 5)).map_or(x, |v| x * v as f64) + x * calls.get() as f64;
    let four = counted(&calls, 3).or_else(|| counted(&calls, 5)).map_or(x, |v| x * v as f64);
    one * two + three * four * calls.get() as f64
}

#[grad(second)]
fn taken_by_a_question(x: f64) -> Option<f64> {
    let scaled = |y: f64| {
        let z = y + x;
        logarithm(z)
    };
    let r = if x > 1.0 { logarithm(x) } else { logarithm(x + 1.0) };
    Some(scaled(1.0)? * scaled(0.3)? + r? * x)
}

#[grad(second)]
fn left_with_an_error(x: f64) -> Result<f64, Failure> {
    let squared = |y: f64| square(y * x);
    let a = squared(1.0)?;
    let b = squared(2.0 + a)?;
    Ok(a * b)
}

#[grad(second)]
fn folded(x: f64) -> Result<f64, Failure> {
    let items = [x, 1.0, 2.0 * x];
    let sum = items.iter().try_fold(x, |s, v| square(*v).map(|q| q + s))?;
    let product = items
        .iter()
        .try_fold(1.0, |s, v| if *v > -1.0 { Ok(s * v) } else { Err(Failure::High { at: 7 }) })?;
    items.iter().try_fold(sum * product, |s, v| Ok(s + square(*v)? * x))
}

#[grad(second)]
fn instead(x: f64) -> Result<f64, Failure> {
    let r = square(x).or_else(|e| if matches!(e, Failure::Low) { Ok(x * 3.0) } else { Err(e) })?;
    square(r * x).or_else(|_| square(x + 1.0))
}

#[grad(second)]
fn of_what_may_fail(x: f64) -> f64 {
    taken_by_a_question(x).unwrap_or(x) * left_with_an_error(x).unwrap_or(0.3 * x)
        + folded(x).unwrap_or(x * x) * instead(x).unwrap_or(2.0)
}

#[test]
fn errors_are_those_of_the_function() {
    assert!(matches!(folded::grad(-0.6), Err(Failure::High { at: 3 })));
    assert!(matches!(folded::grad(0.1), Err(Failure::Low)));
    assert!(matches!(left_in_an_arm::grad(0.1), Err(Failure::High { at: 9 })));
    assert!(matches!(instead::grad(-3.0), Err(Failure::High { at: 3 })));
    assert!(matches!(left_with_an_error::grad(-1.0), Err(Failure::High { at: 3 })));
}

/// Values like others, wherever they are.
#[grad(second)]
fn as_values(x: f64) -> f64 {
    let mut log: Vec<(f64, Option<f64>)> = Vec::new();
    let mut last = None;
    let mut slope = 0.0;
    for k in 0..4 {
        let current = logarithm(x * f64::from(k));
        log.push((x + f64::from(k), current));
        if let (Some(a), Some(b)) = (last, current) {
            slope += (b - a) * x;
        }
        last = current;
    }
    let means = [logarithm(x), logarithm(x + 1.0), None];
    let mut kept = logarithm(x);
    if let Some(v) = kept.as_mut() {
        *v += x;
    }
    let taken = kept.take();
    let mut replaced = logarithm(x);
    if x > 1.0 {
        replaced = square(x).ok();
    }
    let chain = (0..4).map(|k| (k, logarithm(x * f64::from(k))));
    let of_chain: f64 = chain.map(|(k, r)| r.unwrap_or(x) * f64::from(k)).sum();
    log.iter()
        .map(|(t, o)| match o {
            Some(v) => t * v,
            None => *t,
        })
        .sum::<f64>()
        * slope
        + means.iter().map(|m| m.unwrap_or(0.5)).sum::<f64>() * means[1].map_or(x, |v| v * v)
        + taken.unwrap_or(x) * kept.unwrap_or(2.0 * x)
        + replaced.unwrap_or(x) * of_chain
}

#[grad(second)]
fn all_of_them(x: f64) -> f64 {
    let sum: Option<f64> = [x, x + 1.0].iter().map(|a| logarithm(*a)).sum();
    let product: Option<f64> =
        (1..4).map(|k| if k > 2 { logarithm(x * f64::from(k)) } else { Some(x) }).product();
    let list: Result<Vec<f64>, Failure> = [x, x + 1.0].iter().map(|a| square(*a)).collect();
    let list = match list {
        Ok(v) => v[0] * v[1],
        Err(_) => x,
    };
    let nested: Option<Vec<Vec<f64>>> =
        (1..3).map(|i| (0..i).map(|j| logarithm(x + f64::from(j))).collect::<Option<Vec<f64>>>()).collect();
    let chosen = if x > 1.0 { Ok(x) } else { Err(x) };
    let chosen = match chosen {
        Ok(z) => z * z,
        Err(_) => 0.5,
    };
    let mut made = 0;
    let counted: Option<f64> = [x, 2.0, x * 0.5]
        .iter()
        .map(|a| {
            made += 1;
            logarithm(*a)
        })
        .sum();
    sum.unwrap_or(x) * product.unwrap_or(2.0)
        + list * nested.map_or(x, |v| v[1][0] * v[1][1] + v[0][0])
        + counted.unwrap_or(x) * f64::from(made) * chosen
}

#[grad(second)]
fn a_second_call_at_the_end(x: f64) -> Option<f64> {
    let Some(v) = logarithm(x) else { return None };
    logarithm(v + 0.2)
}

#[grad(second)]
fn chosen_at_the_end(x: f64) -> Option<f64> {
    match logarithm(x) {
        Some(v) => logarithm(v + 0.2),
        None => None,
    }
}

#[grad(second)]
fn left_in_an_arm(x: f64) -> Result<f64, Failure> {
    let v = match square(x) {
        Ok(v) => v,
        Err(_) => return Err(Failure::High { at: 9 }),
    };
    square(v - 0.1)
}

#[grad(second)]
fn along_a_line(x: f64, d: f64) -> Option<f64> {
    let phi = |a: f64| -> Option<f64> {
        let v = logarithm(x + a * d)?;
        Some((v - 0.3) * (v - 0.3))
    };
    let before = phi(0.0)?;
    let after = phi(0.5)?;
    Some(before - after * x)
}

#[grad(second)]
fn of_these(x: f64) -> f64 {
    a_second_call_at_the_end(x).unwrap_or(x) * chosen_at_the_end(x).unwrap_or(0.4)
        + left_in_an_arm(x).unwrap_or(x * x) * along_a_line(x, 0.3).unwrap_or(x)
}

/// Whether there is something, and nothing of what it is.
#[grad(second)]
fn only_whether(x: f64) -> f64 {
    let one = if let Some(_) = logarithm(x).and_then(|b| logarithm(b + 1.0)) { x } else { x * x };
    let two = logarithm(x).zip(logarithm(x + 1.0)).is_some();
    let three = [0.3, 0.7, 1.9].iter().filter_map(|k| logarithm(k * x)).count();
    let four = match logarithm(x).and_then(point) {
        Some(_) => 2.0,
        None => x,
    };
    let Some(_) = logarithm(x).xor(logarithm(x * 2.0)) else { return one * x };
    let five = if let Some(_) = logarithm(x).map(|b| b + 1.0) { x } else { 1.0 };
    if two { one * four * five } else { one * three as f64 }
}

#[grad(second)]
fn behind_constants(x: f64) -> f64 {
    let scaled = |y: f64| logarithm(y).map(|v| v * x);
    let weights = std::collections::HashMap::from([("k", 2.0)]);
    weights.get("k").map_or(x, |w| w * x) * weights.get("none").map(|w| w * x).unwrap_or(x)
        + logarithm(0.2).or(logarithm(x)).unwrap_or(x)
        + logarithm(1.3).or_else(|| logarithm(x)).unwrap_or(x) * x
        + square(0.1).or_else(|_| square(x)).unwrap_or(2.0 * x)
        + square(1.5).ok().xor(logarithm(x)).unwrap_or(x)
        + (if x > 1.0 { logarithm(x) } else { None }).xor(logarithm(x + 1.0)).unwrap_or(x)
        + scaled(x).unwrap_or(x) * scaled(1.0 + x).map_or(2.0, |v| v + x)
}

#[test]
fn ends_are_taken_apart_where_they_are() {
    for x in [0.7, 0.32, 1.3, 2.2, -0.63] {
        check!(closures_that_end_in_calls(x));
        check!(several_at_once(x));
        check!(branches_of_calls(x));
        check!(kept_closures(x));
        check!(questions_in_closures(x));
        check!(what_is_missing_is_left_out(x));
        check!(calls_that_count(x));
        check!(of_what_may_fail(x));
        check!(as_values(x));
        check!(of_these(x));
        check!(only_whether(x));
        check!(behind_constants(x));
        check!(all_of_them(x));
    }
}
