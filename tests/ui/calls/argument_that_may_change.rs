//! GRAD0025: a function without a derivative may put a differentiated value into another argument

use grad::grad;
use std::cell::Cell;

fn note(last: &Cell<f64>, x: f64) -> usize {
    last.set(x);
    1
}

fn find(x: f64, grid: &[f64]) -> usize {
    usize::from(x > grid[0])
}

fn grid() -> Vec<f64> {
    vec![1.0, 2.0]
}

#[grad]
fn f(x: f64) -> f64 {
    let last = Cell::new(1.0);
    let n: usize = note(&last, x);
    let y: f64 = last.get();
    y * n as f64
}

#[grad]
fn this_is_fine(x: f64) -> f64 {
    let grid = grid();
    let k: usize = find(x, &grid);
    x * k as f64
}

fn main() {}
