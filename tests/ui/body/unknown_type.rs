//! GRAD0026: a type that nothing tells

use grad::grad;

fn load<T: Default>() -> T {
    T::default()
}

#[grad]
fn f(x: f64) -> f64 {
    let mut w = load();
    w = w * x;
    w
}

#[grad]
fn annotated(x: f64) -> f64 {
    let mut w: f64 = load();
    w = w + x;
    w
}

fn main() {}
