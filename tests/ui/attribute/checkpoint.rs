//! GRAD0041

use grad::grad;
use std::cell::Cell;

#[grad(checkpoint)]
fn no_loop(x: f64) -> f64 {
    x * x
}

#[grad(checkpoint)]
fn conditional_loop(x: f64) -> f64 {
    let mut y = x;
    while y < 100.0 {
        y *= y + 1.0;
    }
    y
}

#[grad(checkpoint)]
fn in_a_branch(x: f64, n: usize) -> f64 {
    let mut y = x;
    if n > 3 {
        for _ in 0..n {
            y = y.sin();
        }
    }
    y
}

#[grad(checkpoint)]
fn may_end_early(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        y = y * y;
        if y > 100.0 {
            break;
        }
    }
    y
}

#[grad(checkpoint)]
fn changes_a_constant(x: f64, n: usize, seen: &mut Vec<String>) -> f64 {
    let mut y = x;
    for k in 0..n {
        seen.push(k.to_string());
        y = y.sin();
    }
    y
}

#[grad(wrt(x), checkpoint)]
fn changes_a_cell(x: f64, n: usize, count: &Cell<usize>) -> f64 {
    let mut y = x;
    for _ in 0..n {
        count.set(count.get() + 1);
        y = y.sin();
    }
    y
}

fn dice() -> usize {
    4
}

#[grad(checkpoint)]
fn may_differ(x: f64, n: usize) -> f64 {
    let mut y = x;
    for _ in 0..n {
        let k: usize = dice();
        y = y.sin() * k as f64;
    }
    y
}

#[grad(checkpoint)]
fn number_behind_a_reference(x: f64, total: &mut f64, n: usize) {
    for _ in 0..n {
        *total = (*total * x).sin();
    }
}

#[grad(checkpoint, vjp = rule)]
fn with_a_rule(x: f64) -> f64 {
    x * x
}

fn rule(x: f64) -> (f64, impl FnOnce(f64) -> f64) {
    (x * x, move |seed| 2.0 * x * seed)
}

#[grad(checkpoint = 8)]
fn with_a_value(x: f64) -> f64 {
    x * x
}

fn main() {}
