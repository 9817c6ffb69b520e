//! Fields that are constants of their types, handed on to functions and methods as they are: whether they are, rustc knows alone.

use crate::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Differentiable)]
enum Way {
    Up,
    Down,
}

#[grad(wrt(self, x), second)]
impl Way {
    fn go(&self, x: f64) -> f64 {
        match self {
            Way::Up => x * x,
            Way::Down => -x,
        }
    }
}

/// What has no tangents.
#[derive(Clone, Debug)]
struct Table {
    knots: Vec<f64>,
}

#[grad(wrt(x), second)]
impl Table {
    fn at(&self, x: f64) -> f64 {
        self.knots.iter().map(|k| (x - k).sin()).sum()
    }
}

#[derive(Clone, Debug, Differentiable)]
struct Part {
    gain: f64,
    steps: usize,
    way: Way,
    at: Vec<usize>,
    #[grad(constant)]
    table: Table,
}

#[derive(Clone, Debug, Differentiable)]
struct Model {
    slope: f64,
    w: Vec<f64>,
    n: i32,
    way: Way,
    name: String,
    #[grad(constant)]
    dt: f64,
    #[grad(constant)]
    single: f32,
    #[grad(constant)]
    points: Vec<[f64; 2]>,
    #[grad(constant)]
    pair: (f64, [f64; 2]),
    #[grad(constant)]
    table: Table,
    at: Vec<usize>,
    limit: Option<usize>,
    parts: Vec<Part>,
}

fn model() -> Model {
    let table = || Table { knots: vec![0.1, -0.4] };
    let part = |gain, steps, way| Part { gain, steps, way, at: vec![1, 0, steps], table: table() };
    Model {
        slope: 0.8,
        w: vec![0.4, -0.2, 0.9],
        n: 2,
        way: Way::Up,
        name: "left".into(),
        dt: 0.3,
        single: 0.25,
        points: vec![[1.0, 2.0], [0.3, -0.5], [0.7, 0.1]],
        pair: (0.6, [0.2, 0.9]),
        table: table(),
        at: vec![2, 0],
        limit: Some(2),
        parts: vec![part(1.1, 2, Way::Down), part(0.6, 1, Way::Up)],
    }
}

// Callees that take constants, and such that would differentiate what they are given.
#[grad(wrt(x), second)]
fn power(x: f64, n: i32) -> f64 {
    x.powi(n)
}

#[grad(second)]
fn scaled(x: f64, by: f64) -> f64 {
    x * by * by
}

#[grad(second)]
fn mixed(x: f64, by: f32, (a, [b, _]): (f64, [f64; 2])) -> f64 {
    x * f64::from(by) + a * b * x.sin()
}

#[grad(wrt(x), second)]
fn named(x: f64, name: &str, limit: Option<usize>) -> f64 {
    if name == "left" && limit.is_some() { x.sin() } else { x }
}

#[grad(wrt(x), second)]
fn against(x: f64, points: &[[f64; 2]]) -> f64 {
    points.iter().map(|p| (x * p[0] - p[1]).powi(2)).sum()
}

#[grad(second)]
#[allow(clippy::ptr_arg, reason = "as people write it")]
fn against_all(x: &f64, points: &Vec<[f64; 2]>) -> f64 {
    points.iter().map(|p| (x * p[0] - p[1]).powi(3)).sum()
}

#[grad(wrt(w), second)]
fn chosen(w: &[f64], at: &[usize]) -> f64 {
    at.iter().map(|i| w[*i] * w[*i]).sum()
}

#[grad(wrt(x), second)]
fn turned(x: f64, way: Way) -> f64 {
    if way == Way::Up { x * x } else { x }
}

#[grad(wrt(m), second)]
fn by_value(m: &Model) -> f64 {
    let (n, dt) = (m.n, m.dt);
    let again = m.dt;
    power(m.slope, m.n) * scaled(m.w[0], m.dt)
        + power(m.w[1], n) * scaled(m.slope, dt)
        + scaled(again, m.slope)
        + mixed(m.slope, m.single, m.pair)
        + turned(m.w[2], m.way)
}

#[grad(wrt(m), second)]
fn by_reference(m: &Model) -> f64 {
    let (table, points) = (&m.table, &m.points);
    let s = named(m.slope, &m.name, m.limit) * against(m.slope, &m.points[1..]);
    s + against(m.w[1], points) * against_all(&m.slope, &m.points)
        + chosen(&m.w, &m.at)
        + m.table.at(m.slope) * table.at(s)
        + m.way.go(m.slope)
}

/// In loops and arms, of elements.
#[grad(wrt(models), second)]
fn in_loops(models: &[Model]) -> f64 {
    let mut s = 0.5;
    for (k, m) in models.iter().enumerate() {
        for part in &m.parts {
            let steps = part.steps;
            if s > 0.2 {
                s *= part.table.at(s) * part.gain + turned(m.w[k], part.way);
            } else {
                s += chosen(&m.w, &part.at) + power(s, steps as i32);
            }
            if steps == 1 {
                continue;
            }
            s += part.way.go(part.gain) * m.parts[0].table.at(m.slope);
        }
        while s.abs() < 3.0 {
            s = s * 1.5 + against(m.slope, &m.points) + 0.1;
        }
    }
    s * named(models[0].slope, &models[1].name, models[1].limit)
}

/// Of values of the function, that change beside their constants.
#[grad(wrt(m))]
fn of_locals(m: &Model) -> f64 {
    let mut own = m.clone();
    let mut s = 0.0_f64;
    for k in 0..2 {
        s += against(own.slope, &own.points) * 0.1;
        own.slope *= s.cos();
        own.w[k] += scaled(own.slope, own.dt);
    }
    s + turned(own.slope, own.way)
}

#[grad(wrt(self), second)]
impl Model {
    fn misfit(&self, k: usize) -> f64 {
        let Model { points, slope, dt, .. } = self;
        against(*slope, points) * self.parts[k].misfit(self.w[k], self.n) + scaled(self.w[2], *dt)
    }
}

#[grad(wrt(self, x), second)]
impl Part {
    fn misfit(&self, x: f64, n: i32) -> f64 {
        self.table.at(x * self.gain) * power(self.gain, n + self.steps as i32)
    }
}

#[grad(wrt(m), second)]
fn of_methods(m: &Model) -> f64 {
    m.misfit(0) * m.misfit(1)
}

/// Generic over its floats.
#[derive(Clone, Debug, Differentiable)]
struct Filter<T> {
    gain: T,
    order: usize,
    #[grad(constant)]
    dt: T,
    #[grad(constant)]
    samples: Vec<T>,
}

#[grad(second)]
fn smoothed<T: grad::Real>(x: T, dt: T, samples: &[T]) -> T {
    x * dt + samples[0] * x * x
}

#[grad(wrt(x), second)]
fn repeated<T: grad::Real>(x: T, order: usize) -> T {
    let mut s = x;
    for _ in 0..order {
        s *= x;
    }
    s
}

#[grad(wrt(filter), second)]
fn filtered(filter: &Filter<f64>) -> f64 {
    filter.step() * filter.gain
}

#[grad(wrt(self), second)]
impl<T: grad::Real> Filter<T> {
    fn step(&self) -> T {
        smoothed(self.gain, self.dt, &self.samples) + repeated(self.gain, self.order)
    }
}

/// Parts of tuples in them, and what is found in them by a text.
#[derive(Clone, Debug, Differentiable)]
struct Rig {
    k: [f64; 2],
    #[grad(constant)]
    points: Vec<([f64; 2], f64)>,
    #[grad(constant)]
    names: BTreeMap<String, usize>,
}

#[grad(wrt(self, p), second)]
impl Rig {
    fn project(&self, p: &[f64; 2]) -> f64 {
        self.k[0] * p[0] * p[0] + (self.k[1] * p[1]).sin()
    }

    fn cost(&self) -> f64 {
        let residuals: Vec<f64> = self.points.iter().map(|(p, wanted)| self.project(p) - wanted).collect();
        residuals.iter().map(|r| r * r).sum()
    }

    fn named(&self, name: &str) -> Option<f64> {
        let at = *self.names.get(name)?;
        let first = self.names.get("first").copied().unwrap_or(1);
        Some(self.k[at] * self.k[first].exp())
    }
}

#[grad(wrt(rig), second)]
fn of_rigs(rig: &Rig, name: &str) -> f64 {
    rig.cost() * rig.named(name).unwrap_or(rig.k[1])
}

/// A constant that a pattern has bound is returned, beside what is differentiated.
enum Joint {
    Turning { length: f64, offset: f64 },
    Sliding { length: f64, angle: f64 },
    Fixed([f64; 2]),
}

#[grad(wrt(q))]
impl Joint {
    fn place(&self, q: f64) -> [f64; 2] {
        let (length, angle) = match *self {
            Joint::Turning { length, offset } => (length, q + offset),
            Joint::Sliding { length, angle } => (length * q, angle),
            Joint::Fixed(place) => return place,
        };
        [length * angle.cos(), length * angle.sin()]
    }

    fn chosen(&self, q: f64) -> [f64; 2] {
        if let Joint::Fixed(place) = *self {
            return place;
        }
        [q, q * q]
    }
}

#[test]
fn constants_of_patterns_are_returned() {
    let fixed = Joint::Fixed([3.0, 4.0]);
    let place = |joint: &Joint| {
        let (place, pullback) = joint.place_vjp(0.5);
        assert_eq!(joint.place_jvp(0.5, 1.0).0, place);
        (place, pullback([1.0, 2.0]), joint.place_jvp(0.5, 1.0).1)
    };
    assert_eq!(place(&fixed), ([3.0, 4.0], 0.0, [0.0, 0.0]));
    assert_eq!(fixed.chosen_vjp(0.5).1([1.0, 2.0]), 0.0);
    let (_, bar, dot) = place(&Joint::Turning { length: 2.0, offset: 0.1 });
    assert_eq!(dot, [-2.0 * 0.6_f64.sin(), 2.0 * 0.6_f64.cos()]);
    assert!((bar - (dot[0] + 2.0 * dot[1])).abs() < 1e-14);
    let (_, bar, dot) = place(&Joint::Sliding { length: 2.0, angle: 0.1 });
    assert_eq!((bar, dot), (dot[0] + 2.0 * dot[1], [2.0 * 0.1_f64.cos(), 2.0 * 0.1_f64.sin()]));
}

#[test]
fn constants_are_handed_on() {
    check!(by_value, ref model());
    check!(by_reference, ref model());
    let others = || vec![model(), Model { slope: -0.4, name: "right".into(), way: Way::Down, ..model() }];
    check!(in_loops, ref others());
    check!(of_locals, ref model(); first_only);
    check!(of_methods, ref model());
    let rig = Rig {
        k: [0.7, -1.2],
        points: vec![([0.5, 0.2], 1.0), ([-0.3, 0.9], 0.1)],
        names: BTreeMap::from([("last".to_owned(), 1), ("first".to_owned(), 0)]),
    };
    check!(of_rigs, ref rig.clone(), "last");
    check!(of_rigs, ref rig, "none");
    check!(filtered, ref Filter { gain: 0.8, order: 2, dt: 0.1, samples: vec![0.7] });
}
