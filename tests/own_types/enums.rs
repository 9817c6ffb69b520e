//! Enums whose variants hold what is differentiated: taken apart, made, changed, replaced, passed on.

use crate::points::{Derivatives, direction, of_point};
use grad::{Differentiable, grad};

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Lj {
    epsilon: f64,
    sigma: f64,
}

#[grad(wrt(self, r), second)]
impl Lj {
    fn energy(&self, r: f64) -> f64 {
        let s6 = (self.sigma / r).powi(6);
        4.0 * self.epsilon * (s6 * s6 - s6)
    }
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Potential {
    Harmonic { k: f64, rest: f64 },
    Morse(f64, f64, f64),
    Lj(Lj),
    Table { values: Vec<f64>, scale: f64, step: usize },
    Fixed(#[grad(constant)] f64),
    None,
}

#[grad(wrt(self, r, by), second)]
impl Potential {
    fn energy(&self, r: f64) -> f64 {
        match self {
            Potential::Harmonic { k, rest } if *rest > r => 0.25 * k * (r - rest).powi(2),
            Potential::Harmonic { k, rest } => 0.5 * k * (r - rest).powi(2),
            Self::Morse(depth, a, at) => {
                let e = 1.0 - (-a * (r - at)).exp();
                depth * e * e
            }
            Self::Lj(lj) => lj.energy(r),
            Potential::Table { values, scale, step } => {
                let mut sum = 0.0;
                for (i, value) in values.iter().enumerate().step_by(*step) {
                    sum += value * (r * scale).powi(i as i32);
                }
                sum
            }
            Potential::Fixed(_) | Potential::None => 0.0,
        }
    }

    fn stiffness(&self) -> f64 {
        match *self {
            Self::Harmonic { k: by, .. } | Self::Morse(by, ..) | Self::Lj(Lj { epsilon: by, .. }) => by * by,
            _ => 1.0,
        }
    }

    fn scale(&mut self, by: f64) {
        match self {
            Potential::Harmonic { k, .. } => *k *= by,
            Potential::Morse(depth, _, at) => {
                *depth *= by;
                *at += by * *depth;
            }
            Potential::Table { values, scale, .. } => {
                for value in values.iter_mut() {
                    *value *= by * *scale;
                }
                values.push(by);
            }
            other => *other = Potential::Harmonic { k: by, rest: 1.0 },
        }
    }

    fn softened(self, by: f64) -> Potential {
        match self {
            Potential::Harmonic { k, rest } => Potential::Harmonic { k: k * by, rest },
            Potential::Morse(depth, a, at) => Potential::Morse(depth, a / by, at),
            Potential::Lj(lj) => Potential::Lj(Lj { sigma: lj.sigma + by, ..lj }),
            other => other,
        }
    }
}

#[grad(wrt(p), second)]
fn of_energy(p: &Potential, r: f64) -> f64 {
    p.energy(r) + 0.1 * p.stiffness()
}

#[grad(wrt(all), second)]
fn in_loops(all: &[Potential], rs: &[f64]) -> f64 {
    let mut sum = 0.0;
    let mut last = Potential::None;
    for (p, r) in all.iter().zip(rs) {
        if matches!(p, Potential::None) {
            continue;
        }
        let mut own = p.clone();
        own.scale(1.1 + 0.1 * r);
        sum += own.energy(*r) * last.stiffness() + p.clone().softened(0.9).energy(*r);
        last = own;
    }
    let Potential::Harmonic { k, .. } = &last else { return sum };
    sum + k * k
}

#[grad(wrt(x), second)]
fn made(x: &[f64], n: usize) -> f64 {
    let make = |k: f64| {
        if n == 1 {
            Potential::Morse(k, 1.0 + x[1], 0.5)
        } else {
            Potential::Lj(Lj { epsilon: k, sigma: x[1] })
        }
    };
    let mut all = vec![Potential::Harmonic { k: x[0], rest: x[1] * x[2] }, make(x[0] * x[1])];
    all.push(Potential::Table { values: x.to_vec(), scale: x[2], step: 1 });
    all[0].scale(x[2]);
    if n > 2 {
        all[0] = make(x[2]);
    }
    let chosen = match n {
        0 => Potential::Fixed(2.0),
        1 => all[0].clone(),
        _ => Potential::Harmonic { k: x[1], rest: 0.1 },
    };
    let mut sum = chosen.energy(1.5 + x[0]);
    for p in &all {
        sum += p.energy(1.3) * p.stiffness();
    }
    sum
}

/// One state follows another.
#[grad(wrt(start), second)]
fn states(start: &Potential, passes: usize) -> f64 {
    let mut state = start.clone();
    let mut sum = 0.0;
    for i in 0..passes {
        state = match &state {
            Potential::Harmonic { k, rest } if i % 2 == 0 => Potential::Morse(k * rest, *k, *rest),
            Potential::Harmonic { k, .. } => Potential::Table { values: vec![*k; i], scale: *k, step: 1 },
            Potential::Morse(depth, a, _) => {
                sum += depth * a;
                Potential::Harmonic { k: a * 0.7, rest: depth.sin() }
            }
            Potential::Table { scale, .. } => Potential::Harmonic { k: scale + 0.5, rest: *scale },
            _ => break,
        };
        if let Potential::Harmonic { rest, .. } = &mut state {
            *rest += 0.01 * sum;
        }
    }
    sum + state.energy(0.8)
}

/// Two at once, and what is inside of what is inside.
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Term {
    Pair(Potential, Potential),
    Weighted { by: Option<f64>, of: Potential },
}

#[grad(wrt(t), second)]
fn nested(t: &Term, u: &Term, r: f64) -> f64 {
    match (t, u) {
        (Term::Pair(Potential::Harmonic { k, rest }, other), Term::Pair(..)) => k * other.energy(r) + rest,
        (Term::Pair(a, b), _) => a.energy(r) - b.energy(2.0 * r),
        (Term::Weighted { by: Some(by), of: Potential::Morse(d, ..) }, _) => by * d * d,
        (Term::Weighted { by: Some(by), of }, _) => by * of.energy(r),
        (Term::Weighted { by: None, of }, _) => of.energy(r),
    }
}

fn some() -> Vec<Potential> {
    vec![
        Potential::Harmonic { k: 2.0, rest: 0.7 },
        Potential::Harmonic { k: 1.5, rest: 1.9 },
        Potential::Morse(1.2, 0.8, 0.6),
        Potential::Lj(Lj { epsilon: 0.7, sigma: 1.1 }),
        Potential::Table { values: vec![0.3, -0.2, 0.5], scale: 0.9, step: 2 },
        Potential::None,
        Potential::Fixed(3.0),
    ]
}

#[test]
fn taken_apart() {
    for p in some() {
        check!(of_energy, ref p.clone(), 1.2);
        check!(states, ref p.clone(), 0);
        check!(states, ref p, 5);
    }
    check!(in_loops, ref some(), &[1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7]);
    check!(in_loops, ref some()[..3].to_vec(), &[1.1, 1.2, 1.3]);
    check!(in_loops, ref vec![some()[1].clone()], &[1.1]);
    check!(in_loops, ref Vec::<Potential>::new(), &[]);
    let gradient = some()[0].energy_grad(1.2);
    assert_eq!(gradient.0, PotentialTangent::Harmonic { k: 0.125, rest: -1.0 });
}

#[test]
fn made_and_replaced() {
    for n in 0..4 {
        check!(made, ref vec![1.2, 0.8, 0.6], n);
    }
}

#[test]
fn inside_of_each_other() {
    let [a, b, c] = [some().swap_remove(0), some().swap_remove(2), some().swap_remove(3)];
    let pair = Term::Pair(a.clone(), b.clone());
    let single = Term::Weighted { by: None, of: c.clone() };
    for t in [
        pair.clone(),
        Term::Pair(b.clone(), a),
        single.clone(),
        Term::Weighted { by: Some(1.4), of: b },
        Term::Weighted { by: Some(1.4), of: c },
    ] {
        check!(nested, ref t.clone(), &pair, 1.3);
        check!(nested, ref t, &single, 1.3);
    }
}

/// A formula, each part of which is in a `Box`.
#[derive(Clone, Debug, PartialEq, Differentiable)]
enum Formula {
    Number(f64),
    X,
    Sum(Box<Formula>, Box<Formula>),
    Product { left: Box<Formula>, right: Box<Formula> },
    Sine(Box<Formula>),
    Scaled(Box<f64>, Box<Formula>),
}

#[grad(wrt(self, x), second)]
impl Formula {
    fn value(&self, x: f64) -> f64 {
        match self {
            Formula::Number(c) => *c,
            Formula::X => x,
            Formula::Sum(a, b) => (**a).value(x) + (**b).value(x),
            Formula::Product { left, right } => (**left).value(x) * (**right).value(x),
            Formula::Sine(a) => (**a).value(x).sin(),
            Formula::Scaled(by, a) => **by * (**a).value(x),
        }
    }
}

#[grad(wrt(f), second)]
fn of_formula(f: &Formula, x: f64) -> f64 {
    let mut g = f.clone();
    if let Formula::Scaled(by, _) = &mut g {
        **by *= x;
    }
    f.value(x) * g.value(0.5 * x)
}

#[derive(Clone, Debug, PartialEq, Differentiable)]
struct Boxed {
    lj: Box<Lj>,
    k: Box<f64>,
}

/// Boxes are made, changed, moved into others, and in numbers of passes.
#[grad(wrt(x), second)]
fn boxes(x: &[f64], n: usize) -> f64 {
    let mut b = Boxed { lj: Box::new(Lj { epsilon: x[0], sigma: x[1] * x[2] }), k: Box::new(x[1]) };
    let mut product = Box::new(x[0] * x[1]);
    *product += x[2];
    let mut formula = Formula::Number(*product);
    for i in 0..n {
        if i == 1 {
            *b.k *= x[2];
            b.lj.sigma = *b.k;
            continue;
        }
        formula = Formula::Sum(Box::new(formula), Box::new(Formula::Sine(Box::new(Formula::Number(*b.k)))));
    }
    formula.value(x[1]) * *b.k + b.lj.epsilon * b.lj.sigma + (*b.lj).energy(1.1)
}

#[test]
fn in_boxes() {
    check!(boxes, ref vec![0.7, 1.2, 0.9], 0);
    check!(boxes, ref vec![0.7, 1.2, 0.9], 4);
    let number = |c| Box::new(Formula::Number(c));
    let sine = Formula::Sine(Box::new(Formula::Product { left: number(0.7), right: Box::new(Formula::X) }));
    let sum = Formula::Sum(Box::new(sine.clone()), number(-0.2));
    check!(of_formula, ref sum.clone(), 0.8);
    check!(of_formula, ref Formula::Scaled(Box::new(1.3), Box::new(sum)), 0.8);
}
