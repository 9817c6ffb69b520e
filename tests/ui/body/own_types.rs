//! GRAD0025: differentiated values in types of one's own

use grad::grad;

struct Pair(f64, f64);

impl Pair {
    fn new(x: f64) -> Pair {
        Pair(x, x)
    }
}

fn wrap(x: f64) -> Pair {
    Pair(x, x)
}

#[grad]
fn tuple_struct(x: f64) -> f64 {
    let pair = Pair(x, 2.0);
    pair.0 * pair.1
}

#[grad]
fn failing(x: f64) -> f64 {
    let y: Result<f64, ()> = Ok(x * x);
    y.unwrap_or(0.0)
}

#[grad]
fn boxed(x: f64) -> f64 {
    let y = std::rc::Rc::new(x);
    *y * *y
}

#[grad]
fn constructor(x: f64) -> f64 {
    let pair = Pair::new(x);
    pair.0
}

#[grad]
fn collection(v: &[f64]) -> f64 {
    let set: std::collections::HashSet<u64> = v.iter().map(|x| *x as u64).collect();
    set.len() as f64 * v[0]
}

#[grad]
fn part_of_the_result(x: f64) -> (f64, Pair) {
    (x, Pair(x, x))
}

fn main() {
    println!("{}", wrap(tuple_struct(1.0)).0);
}
