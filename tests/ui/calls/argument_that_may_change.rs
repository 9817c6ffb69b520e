//! GRAD0025: a function without a derivative may put a differentiated value into another argument

use grad::grad;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

fn note(last: &Cell<f64>, x: f64) -> usize {
    last.set(x);
    1
}

fn lock(last: &Mutex<f64>, x: f64) -> usize {
    *last.lock().unwrap() = x;
    1
}

fn share(last: Arc<Mutex<f64>>, x: f64) -> usize {
    *last.lock().unwrap() = x;
    1
}

fn store(last: &AtomicU64, x: f64) -> usize {
    last.store(x.to_bits(), Ordering::Relaxed);
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
fn locked(x: f64) -> f64 {
    let last = Mutex::new(1.0);
    let n: usize = lock(&last, x);
    let y: f64 = *last.lock().unwrap();
    y * n as f64
}

#[grad]
fn shared(x: f64) -> f64 {
    let last = Arc::new(Mutex::new(1.0));
    let n: usize = share(last.clone(), x);
    let y: f64 = *last.lock().unwrap();
    y * n as f64
}

#[grad]
fn stored(x: f64) -> f64 {
    let last = AtomicU64::new(0);
    let n: usize = store(&last, x);
    let y: f64 = f64::from_bits(last.load(Ordering::Relaxed));
    y * n as f64
}

#[grad]
fn this_is_fine(x: f64) -> f64 {
    let grid = grid();
    let k: usize = find(x, &grid);
    x * k as f64
}

fn main() {}
