//! Differentiated values that leave through a back door: never a silent zero

use grad::grad;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Mutex;

static ALL: Mutex<Vec<f64>> = Mutex::new(Vec::new());

struct State {
    total: f64,
}

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
}

#[grad(wrt(x))]
fn through_a_cell(x: f64, cell: &Cell<f64>) -> f64 {
    cell.set(x * x);
    cell.get() * 2.0
}

#[grad]
fn through_a_thread_local(x: f64) -> f64 {
    LAST.set(x);
    LAST.get() * x
}

#[grad]
fn through_a_static(x: f64) -> f64 {
    ALL.lock().unwrap().push(x);
    ALL.lock().unwrap()[0]
}

#[grad]
fn through_a_map(x: f64) -> f64 {
    let mut map = HashMap::new();
    map.insert(1, x);
    map[&1] * 2.0
}

#[grad(wrt(x))]
fn through_a_map_entry(x: f64, map: &mut HashMap<u32, f64>) -> f64 {
    *map.entry(1).or_insert(0.0) += x;
    map[&1] * 2.0
}

#[grad(wrt(x))]
fn through_a_field(x: f64, state: &mut State) -> f64 {
    state.total = x * x;
    state.total
}

#[grad(wrt(x))]
fn through_a_dropped_result(x: f64, cell: &Cell<f64>) -> f64 {
    let _old = cell.replace(x);
    cell.get()
}

/// A record that no result depends on.
#[grad(wrt(x))]
fn recorded(x: f64, cell: &Cell<f64>) -> f64 {
    cell.set(grad::constant(x));
    x * x
}

#[grad]
fn through_a_pointer(mut x: f64) -> f64 {
    let p = &mut x as *mut f64;
    unsafe { *p = 3.0 };
    x
}

fn main() {}
