//! Differentiated values that leave through a back door: never a silent zero

use grad::grad;

use std::cell::Cell;

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
}

#[grad]
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
fn through_a_pointer(mut x: f64) -> f64 {
    let p = &mut x as *mut f64;
    unsafe { *p = 3.0 };
    x
}

fn main() {}
