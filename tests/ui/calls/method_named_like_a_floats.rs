//! GRAD0025: a type of the user's has a method with the name of one of floats, and a differentiated value goes into it

use grad::grad;
use std::cell::Cell;

struct Counter {
    k: f64,
}

impl Counter {
    fn new() -> Counter {
        Counter { k: 0.0 }
    }

    fn max(&mut self, x: f64) -> f64 {
        self.k += x;
        x
    }
}

struct Latest(Cell<f64>);

impl Latest {
    fn min(&self, x: f64) -> f64 {
        self.0.replace(x)
    }
}

fn latest() -> Latest {
    Latest(Cell::new(0.0))
}

#[grad]
fn not_used(x: f64) -> f64 {
    let mut c = Counter::new();
    let _m = c.max(x);
    c.k
}

#[grad]
fn used(x: f64) -> f64 {
    let mut c = Counter::new();
    let m = c.max(x);
    c.k + m
}

#[grad]
fn condition(x: f64) -> f64 {
    let mut c = Counter::new();
    if c.max(x) > 1.0 { c.k * x } else { x }
}

#[grad]
fn in_a_loop(x: f64, counters: &mut [Counter]) -> f64 {
    for c in counters.iter_mut() {
        let _m = c.max(x);
    }
    x
}

#[grad]
fn closure(x: f64) -> f64 {
    let last = latest();
    let note = |y: f64| last.min(y);
    let _m = note(x);
    last.0.get()
}

#[grad]
fn part(x: f64) -> f64 {
    let both = (latest(), 1.0);
    let _m = both.0.min(x);
    both.0.0.get()
}

fn bound() -> f64 {
    0.5
}

#[grad]
fn this_is_fine(x: f64) -> f64 {
    let limit = bound();
    limit.max(x)
}

fn main() {}
