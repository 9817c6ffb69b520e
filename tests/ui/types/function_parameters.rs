//! Functions as parameters, in forms that cannot be differentiated.

use grad::grad;

#[grad]
fn middle<F: Fn(f64) -> f64>(f: F, a: f64, b: f64) -> f64 {
    (b - a) * f(0.5 * (a + b))
}

#[grad]
fn dynamic(f: &dyn Fn(f64) -> f64, a: f64) -> f64 {
    f(a)
}

#[grad]
fn exclusive(f: &mut impl FnMut(f64) -> f64, a: f64) -> f64 {
    f(a)
}

#[grad]
fn writes(f: impl Fn(f64, &mut [f64]), a: f64) -> f64 {
    let mut y = [a];
    f(a, &mut y);
    y[0]
}

#[grad]
fn fails(f: impl Fn(f64) -> Option<f64>, a: f64) -> f64 {
    f(a).unwrap()
}

#[grad(third)]
fn third(f: impl Fn(f64) -> f64, a: f64) -> f64 {
    f(a)
}

#[grad]
fn often(mut f: impl FnMut(f64) -> f64, a: f64) -> f64 {
    f(a) + f(a)
}

#[grad]
fn changes(a: f64) -> f64 {
    let mut calls = 0.0;
    often(
        |x| {
            calls += 1.0;
            x * calls
        },
        a,
    )
}

#[grad]
fn handed_on(f: impl Fn(f64) -> f64, a: f64) -> f64 {
    middle(|x| f(x) * x, a, 1.0)
}

#[grad]
fn counted(k: f64) -> f64 {
    let mut sum = 0.0;
    for i in 0..3 {
        sum += middle(|x| x * k + i as f64, 0.0, k);
    }
    sum
}

#[grad]
fn two_meanings(p: f64) -> f64 {
    let mut k = p;
    let scaled = move |x: f64| k * x;
    k *= 2.0;
    middle(|x| scaled(x) * k, 0.0, p)
}

fn main() {}
