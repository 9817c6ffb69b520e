//! GRAD0025: a differentiated value goes into a constant that is beside numbers

use grad::grad;
use std::cell::Cell;

fn of(cell: &Cell<f64>) -> f64 {
    cell.get()
}

#[grad]
fn in_a_cell(x: f64) -> f64 {
    let list = vec![(Cell::new(0.5), x), (Cell::new(1.5), x * x)];
    list[0].0.set(x);
    list.iter().map(|(cell, y)| of(cell) * y).sum()
}

#[grad]
fn in_a_name(x: f64) -> f64 {
    let list = vec![(format!("{x}"), x)];
    let mut s = 0.0;
    for (name, y) in &list {
        s += name.parse::<f64>().unwrap() * y;
    }
    s
}

fn main() {}
