//! A method of the same name is another one: rather an error than the derivatives of the wrong one

use grad::{Differentiable, grad};
use std::ops::Deref;

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

#[grad(wrt(self, by))]
impl V2 {
    #[grad(wrt(by))]
    fn scaled(&self, by: f64) -> f64 {
        self.x * by
    }

    #[grad(wrt(self, by))]
    fn grow(&mut self, by: f64) -> bool {
        self.y *= by;
        self.y > 1.0
    }

    #[grad(skip)]
    fn reset(&mut self) {
        self.x = 0.0;
    }

    #[grad(wrt(self, by))]
    fn after_reset(&mut self, by: f64) -> f64 {
        self.reset();
        self.x * by
    }
}

struct Doubled(V2);

impl Deref for Doubled {
    type Target = V2;

    fn deref(&self) -> &V2 {
        &self.0
    }
}

impl Doubled {
    fn scaled(&self, by: f64) -> f64 {
        2.0 * self.0.scaled(by)
    }
}

#[grad(wrt(x))]
fn through_a_dereference(x: f64, v: &Doubled) -> f64 {
    v.scaled(x) * x
}

struct Pair(f64);

impl Pair {
    fn value(&self, x: f64) -> f64 {
        x
    }
}

trait Value {
    fn value(&self, x: f64) -> f64;
}

#[grad]
impl Value for Pair {
    fn value(&self, x: f64) -> f64 {
        self.0 * x
    }
}

#[derive(Clone, Copy, Differentiable)]
struct Counter {
    n: f64,
}

impl Counter {
    fn advance(&mut self) -> bool {
        self.n += 1.0;
        self.n > 2.0
    }
}

#[grad(wrt(c))]
fn changed_by_a_question(c: Counter) -> f64 {
    let mut c = c;
    if c.advance() { c.n * c.n } else { 3.0 * c.n }
}

fn main() {
    let v = V2 { x: 1.0, y: 2.0 };
    let mut w = v;
    println!("{} {}", through_a_dereference(1.0, &Doubled(v)), Pair(1.0).value(2.0));
    println!("{} {} {}", w.after_reset(1.0), w.grow(1.0), changed_by_a_question(Counter { n: 1.0 }));
}
