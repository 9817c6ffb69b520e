//! Constants beside numbers: names, and values of types that only rustc knows, in the tuples of a list that is followed.

use crate::support::check;
use grad::grad;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    Line,
    Square(f64),
}

/// Without a derivative: of a name, of a constant.
fn rate(name: &str) -> f64 {
    0.3 + name.len() as f64
}

fn spent(name: String) -> f64 {
    rate(&name) * 0.5
}

fn weight(kind: &Kind) -> f64 {
    if let Kind::Square(a) = kind { *a } else { 0.4 }
}

#[grad(second, wrt(x))]
fn of_kind(kind: Kind, x: f64) -> f64 {
    match kind {
        Kind::Line => x.sin(),
        Kind::Square(a) => a * x * x,
    }
}

#[grad(second, wrt(x))]
fn by_kind(kind: &Kind, x: f64) -> f64 {
    of_kind(*kind, x) * 1.5
}

#[grad(second)]
fn named(items: &[(String, f64)]) -> f64 {
    let mut s = items.iter().filter(|(name, _)| name != "b").map(|(name, x)| rate(name) * x * x).sum::<f64>();
    for (name, x) in items {
        s += rate(name) * x * s.sin();
    }
    s * rate(&items[0].0) * items[1].1
}

#[grad(second)]
fn owned(mut items: Vec<(String, f64)>) -> f64 {
    items[0].0.push('c');
    items[0].1 *= 3.0;
    let mut s = 1.0;
    for (name, x) in items {
        s += if x > 0.4 { spent(name) } else { 0.5 } * x * x;
    }
    s
}

/// Changed after they were read, in a loop around that.
#[grad(second)]
fn renamed(x: f64) -> f64 {
    let mut items = vec![("a".to_string(), x), ("bb".to_string(), x * x), ("".to_string(), 0.3)];
    let mut s = 1.0;
    for k in 0..3 {
        for (name, y) in &mut items {
            s += rate(name) * *y * s * 0.1;
            *y *= x;
            name.push('c');
        }
        items[k].0 = format!("{k}");
        items.swap(k, (k + 1) % 3);
    }
    let (first, y) = items.remove(0);
    let (last, z) = items.pop().unwrap();
    if items[0].0.len() > 1 {
        s *= rate(&items[0].0);
    }
    s + rate(&first) * y * x + spent(last) * z
}

#[grad(second, wrt(x))]
fn kinds(x: f64, kind: Kind) -> f64 {
    let mut list = vec![(kind, x * 2.0), (Kind::Line, x)];
    let mut s = 0.0;
    for (kind, w) in &list {
        s += of_kind(*kind, *w) * weight(kind);
    }
    list[1].0 = Kind::Square(0.7);
    list[1].1 *= s;
    for (kind, w) in &list {
        s += by_kind(kind, *w) * x;
    }
    list.swap(0, 1);
    let (kind, w) = list.remove(0);
    for (kind, w) in list {
        s += of_kind(kind, w);
    }
    of_kind(kind, w) * s
}

/// In arms, in closures, in arrays, and of more than two parts.
#[grad(second, wrt(x, given))]
fn parts(x: f64, given: [f64; 2], list: &[(f64, Kind)]) -> f64 {
    let held = [(Kind::Square(0.3), [x, x * x], 1_usize), (list[0].1, given, 0)];
    let at = |k: usize, y: f64| of_kind(held[k].0, y) * held[k].1[held[k].2];
    let mut s = at(0, x) + at(1, given[0]);
    let chosen = if s > 0.0 { vec![(Kind::Line, x)] } else { vec![(Kind::Square(1.1), x), (Kind::Line, s)] };
    for k in 0..chosen.len() {
        if weight(&chosen[k].0) > 0.5 {
            continue;
        }
        s += by_kind(&chosen[k].0, chosen[k].1)
            + chosen.iter().map(|part| weight(&part.0) * part.1).sum::<f64>();
    }
    let mut own = list.to_vec();
    own.push((s, Kind::Line));
    let (p, kind) = own.remove(1);
    of_kind(kind, s) * p
}

/// Read by reference, and at other places afterwards: a pullback gets what was there.
#[grad(second, wrt(x))]
fn reordered(x: f64, list: &[(f64, Kind)]) -> f64 {
    let mut own = list.to_vec();
    let mut s = x;
    for (w, kind) in &own {
        s += by_kind(kind, s) * w;
    }
    own.swap(0, 1);
    own[0].1 = Kind::Line;
    let first = &own[1].1;
    s *= by_kind(first, x);
    own[1].1 = Kind::Square(1.7);
    let scaled: Vec<(f64, Kind)> = own.iter().map(|(w, kind)| (w * x, *kind)).collect();
    for i in 0..2 {
        let kind = &scaled[i].1;
        s += match kind {
            Kind::Line => s.sin() * scaled[i].0,
            Kind::Square(a) => a * s * scaled[1 - i].0,
        };
    }
    s
}

/// Replaced: through a reference to the part, and by what is behind one.
#[grad(second, wrt(x))]
fn replaced(x: f64, to: &[(Kind, f64)]) -> f64 {
    let mut v = vec![(Kind::Line, x); 3];
    for (kind, y) in v.iter_mut() {
        *y *= 1.5;
        *kind = Kind::Square(0.3);
    }
    for (i, (kind, c)) in to.iter().enumerate() {
        v[i].1 *= c + x;
        if i == 1 {
            v[i].0 = *kind;
        }
    }
    let mut s = 0.0;
    for (kind, y) in &v {
        s += of_kind(*kind, *y) * y;
    }
    s
}

/// Their tangents are of another type than they are.
fn against_differences(f: impl Fn(f64, f64) -> f64, slopes: impl Fn(f64, f64) -> [f64; 4]) {
    for (x, y) in [(0.3, 0.7), (0.9, -0.4)] {
        let h = 1e-6;
        let along = [f(x + h, y) - f(x - h, y), f(x, y + h) - f(x, y - h)].map(|d| d / (2.0 * h));
        for (slope, wanted) in slopes(x, y).iter().zip(along.iter().cycle()) {
            assert!((slope - wanted).abs() < 1e-6 * wanted.abs().max(1.0), "{slope} against {wanted}");
        }
    }
}

#[test]
fn constants_beside_numbers_are_constants() {
    let items = |x: f64, y: f64| vec![("a".to_string(), x), ("b".to_string(), y)];
    against_differences(
        |x, y| named(&items(x, y)),
        |x, y| {
            let (value, by) = named::value_and_grad(&items(x, y));
            assert_eq!(value, named(&items(x, y)));
            let along = |d: [f64; 2]| named::jvp(&items(x, y), &d.map(|d| ((), d))).1;
            [by[0].1, by[1].1, along([1.0, 0.0]), along([0.0, 1.0])]
        },
    );
    against_differences(
        |x, y| owned(items(x, y)),
        |x, y| {
            let by = owned::grad(items(x, y));
            let along = |d: [f64; 2]| owned::jvp(items(x, y), d.map(|d| ((), d)).to_vec()).1;
            [by[0].1, by[1].1, along([1.0, 0.0]), along([0.0, 1.0])]
        },
    );
    check!(renamed(0.7));
    check!(replaced(0.7, =&[(Kind::Square(0.9), 0.3), (Kind::Line, 0.8)]));
    check!(kinds(0.7, =Kind::Square(0.4)));
    check!(reordered(0.7, =&[(0.3, Kind::Square(0.9)), (0.2, Kind::Square(0.4))]));
    check!(parts(0.7, [0.4, 0.9], =&[(0.3, Kind::Line), (0.2, Kind::Square(0.4))]));
}
