//! GRAD0027: closures that are stored or passed on

use grad::grad;

#[grad]
fn stored(x: f64) -> f64 {
    let g = [|y: f64| y * x];
    (g[0])(x)
}

#[grad]
fn boxed(x: f64) -> f64 {
    let g: Box<dyn Fn(f64) -> f64> = Box::new(|y| y * x);
    g(x)
}

#[grad]
fn recursive(x: f64) -> f64 {
    fn apply(f: impl Fn(f64) -> f64, x: f64) -> f64 {
        f(x)
    }
    apply(|y| y * x, x)
}

#[grad]
fn iterated(v: &[f64]) -> f64 {
    let squares = v.iter().map(|x| x * x);
    total(squares)
}

fn total(v: impl Iterator<Item = f64>) -> f64 {
    v.sum()
}

fn main() {}
