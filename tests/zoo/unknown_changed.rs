//! Constants of a type of one's own that are changed after a call that took them: the pullback is given them as they were.

use crate::support::check;
use grad::grad;

#[derive(Clone, Copy)]
pub enum Mode {
    Bend,
    Square,
    Halve,
}

impl Mode {
    fn next(self) -> Mode {
        match self {
            Mode::Bend => Mode::Square,
            Mode::Square => Mode::Halve,
            Mode::Halve => Mode::Bend,
        }
    }
}

#[derive(Clone)]
pub struct Count {
    k: f64,
    log: Vec<f64>,
}

impl Count {
    fn add(&mut self, x: f64) {
        self.k += x;
        self.log.push(x);
    }

    fn doubled(&mut self) -> usize {
        self.k *= 2.0;
        self.log.len()
    }
}

#[grad(second, wrt(x))]
fn step(mode: Mode, x: f64) -> f64 {
    match mode {
        Mode::Bend => x.sin(),
        Mode::Square => x * x,
        Mode::Halve => 0.5 * x,
    }
}

#[grad(second, wrt(x))]
fn step_by(mode: &Mode, x: f64) -> f64 {
    step(*mode, x)
}

#[grad(second, wrt(x))]
fn scaled(c: &Count, x: f64) -> f64 {
    let mut s = c.k * x * x;
    for l in &c.log {
        s += (*l * x).sin();
    }
    s
}

#[grad(second, wrt(x))]
fn horner(c: &[f64], x: f64) -> f64 {
    let mut s = 0.0;
    for c in c {
        s = s * x + *c;
    }
    s
}

#[grad(second, wrt(x))]
fn assigned(x: f64, c: bool) -> f64 {
    let mut mode = Mode::Bend;
    let a = step(mode, x);
    if c {
        mode = Mode::Square;
    }
    let b = step_by(&mode, a * x);
    mode = Mode::Halve;
    let mut s = step(mode, b) * a;
    for _ in 0..4 {
        s = step(mode, s) * 0.7 + step_by(&mode, x);
        mode = mode.next();
    }
    s
}

#[grad(second, wrt(x))]
fn changed(x: f64, n: usize) -> f64 {
    let mut c = Count { k: 0.5, log: vec![0.2] };
    let a = scaled(&c, x);
    let doubled = c.doubled() as f64;
    let mut s = scaled(&c, a) * doubled;
    for i in 0..n {
        s = scaled(&c, s) * 0.1 + horner(&c.log, x);
        c.add(0.3 * i as f64);
    }
    s
}

#[grad(second, wrt(x))]
fn in_turn(x: f64, modes: &[Mode]) -> f64 {
    let (mut a, mut b) = (Mode::Bend, Mode::Square);
    let mut s = x;
    let mut k = 0;
    while k < 5 {
        k += 1;
        if k == 2 {
            a = a.next();
            continue;
        }
        s = step(a, s) * 0.9 + x;
        std::mem::swap(&mut a, &mut b);
    }
    let mut stack = modes.to_vec();
    while let Some(mode) = stack.pop() {
        s = step(mode, s) + x;
        if s > 100.0 {
            stack.push(Mode::Halve);
        }
    }
    let mut order = modes.to_vec();
    for i in 0..order.len() {
        s = step(order[i], s) + x;
        order[i] = Mode::Halve;
    }
    for mode in &order {
        s = step(*mode, s);
    }
    s
}

#[grad(second, wrt(x))]
fn given(x: f64, mut mode: Mode) -> f64 {
    let mut s = x;
    {
        let mut turn = |z: f64| {
            let y = step(mode, z);
            mode = mode.next();
            y
        };
        s = turn(s) * x;
        s = turn(s) + x;
    }
    step(mode, s) * s
}

fn grown(c: &mut Count, by: f64) -> bool {
    c.add(by);
    true
}

macro_rules! raise {
    ($count:expr) => {
        $count.k += 1.0
    };
}

/// By values, conditions, scrutinees, functions and macros that change on the way; looked at in between.
#[grad(second, wrt(x))]
fn on_the_way(x: f64) -> f64 {
    let mut c = Count { k: 0.5, log: vec![0.2, 0.4] };
    let mut s = x;
    for i in 0..2 {
        s = scaled(&c, s) * 0.3;
        let n = 1 + c.doubled();
        s += n as f64 * 0.1 * x;
        if grown(&mut c, 0.1 * i as f64) {
            s = scaled(&c, s) + c.log.iter().sum::<f64>() * x;
        }
        match c.doubled() + i {
            3 => s *= x,
            _ => s += scaled(&c, x),
        }
        raise!(c);
    }
    while let Some(last) = c.log.pop() {
        s = scaled(&c, s) * 0.01 * last + x;
    }
    s
}

#[grad(wrt(x))]
fn of_another(x: f64, c: &mut Count) -> f64 {
    let a = scaled(&*c, x);
    c.add(0.3);
    a * scaled(&*c, a)
}

#[test]
fn those_of_others_too() {
    let count = || Count { k: 0.5, log: vec![0.2] };
    let at = |x: f64| of_another(x, &mut count());
    let difference = (at(0.7 + 1e-6) - at(0.7 - 1e-6)) / 2e-6;
    assert!((of_another::grad(0.7, &mut count()) - difference).abs() < 1e-7);
    let mut c = count();
    let (value, pullback) = of_another::vjp(0.7, &mut c);
    assert_eq!(value, at(0.7));
    assert!((pullback(1.0) - difference).abs() < 1e-7);
}

/// A type whose methods have the names of some that only look, elsewhere.
#[derive(Clone, Debug)]
struct Cache {
    v: Vec<f64>,
    hits: usize,
}

impl Cache {
    fn get(&mut self, i: usize) -> f64 {
        self.v[i] += 1.0;
        self.v[i]
    }
    fn first(&mut self) -> f64 {
        self.v[0] *= 1.5;
        self.v[0]
    }
    fn len(&mut self) -> usize {
        self.hits += 1;
        self.hits
    }
    fn iter(&mut self) -> std::slice::Iter<'_, f64> {
        self.v[0] += 0.5;
        self.v.iter()
    }
    fn to_vec(&mut self) -> Vec<f64> {
        self.v[1] += 0.5;
        self.v.clone()
    }
}

fn cache() -> Cache {
    Cache { v: vec![0.3, 0.4], hits: 0 }
}

fn hit(cache: &mut Cache, by: f64) -> f64 {
    cache.v[0] += by;
    cache.v[0]
}

#[grad(second, wrt(x))]
fn cached(c: &Cache, x: f64) -> f64 {
    let mut s = c.hits as f64 * x;
    for (i, w) in c.v.iter().enumerate() {
        s += (*w * x).sin() * weighted(&c.v[i..], x);
    }
    s
}

#[grad(second, wrt(x))]
fn weighted(w: &[f64], x: f64) -> f64 {
    w.iter().map(|w| (w * x).cos()).sum::<f64>() * x
}

#[grad(second, wrt(x))]
fn by_methods(x: f64) -> f64 {
    let mut c = cache();
    let mut s = cached(&c, x) * c.get(0);
    s += cached(&c, s) * c.first();
    s += cached(&c, x) * c.len() as f64;
    s += cached(&c, x) * c.iter().sum::<f64>();
    s += cached(&c, x) * c.to_vec()[1];
    for i in 0..2 {
        s = cached(&c, s) * 0.1 + x;
        s *= 0.1 * c.get(i);
        s += c.v.get(1).copied().unwrap_or(0.0) * x;
    }
    // Twice the same call, which gives another value.
    s * c.get(0) + s.sin() * c.get(0)
}

#[grad(second, wrt(x))]
fn by_patterns(x: f64) -> f64 {
    let mut c = cache();
    let mut s = cached(&c, x);
    let Cache { ref mut v, .. } = c;
    v[0] = 3.0;
    s *= cached(&c, x);
    match c {
        Cache { ref mut v, hits: 0 } => {
            v.push(0.2);
        }
        Cache { ref mut hits, .. } => {
            *hits += 1;
        }
    }
    s *= cached(&c, x);
    if let Cache { v, hits: 0 } = &mut c {
        v[1] = 2.0;
    }
    s * cached(&c, x)
}

#[grad(second, wrt(x))]
fn by_name(x: f64) -> f64 {
    let mut c = cache();
    let r = &mut c;
    let mut s = cached(&*r, x);
    s *= hit(r, 2.0);
    s *= cached(&*r, x);
    (*r).first();
    s * cached(&c, x)
}

#[grad(second, wrt(x))]
fn replaced(x: f64, n: usize) -> f64 {
    let mut mode = Mode::Bend;
    let mut c = Count { k: 0.5, log: vec![0.2] };
    let mut s = x;
    for i in 0..n {
        let old = std::mem::replace(&mut mode, if i % 2 == 0 { Mode::Square } else { Mode::Halve });
        s = step(old, s) * 0.5 + step(mode, x);
        let log = std::mem::replace(&mut c.log, vec![0.1; i]);
        s = scaled(&c, s) * 0.1 + log.len() as f64 * x;
    }
    s * step(mode, x)
}

#[test]
fn what_is_replaced_is_there() {
    check!(replaced(0.7, =3));
}

#[test]
fn what_a_method_does_its_name_does_not_say() {
    check!(by_methods(0.7));
    check!(by_patterns(0.7));
    check!(by_name(0.7));
}

#[test]
fn constants_are_given_back_as_they_were() {
    for c in [true, false] {
        check!(assigned(0.7, =c));
    }
    check!(changed(0.7, =3));
    check!(in_turn(0.7, =&[Mode::Square, Mode::Bend, Mode::Halve]));
    check!(given(0.7, =Mode::Bend));
    check!(on_the_way(0.7));
}
