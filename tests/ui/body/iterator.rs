//! GRAD0028: iterators that cannot be followed

use grad::grad;

#[grad]
fn looked_at(v: &[f64]) -> f64 {
    v.iter().try_rfold(0.0, |s, x| Some(s + x)).unwrap()
}

#[grad]
fn kept(v: &[f64]) -> f64 {
    let mut items = v.iter().filter(|x| **x > 0.0);
    let mut s = 0.0;
    while let Some(x) = items.next() {
        s += x;
    }
    s
}

#[grad]
fn sorted(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).collect::<std::collections::VecDeque<_>>()[0]
}

#[grad]
fn chosen(v: &[f64]) -> f64 {
    v.iter().filter(|x| **x > 0.0).cycle().take(9).sum()
}

#[derive(Clone, grad::Differentiable)]
struct Point {
    x: f64,
}

#[grad]
fn made(x: f64) -> f64 {
    total(std::array::from_fn(|_| Point { x }))
}

#[grad(wrt(points))]
fn total(points: [Point; 2]) -> f64 {
    points[0].x * points[1].x
}

#[grad]
fn of_what_may_be_missing(xs: &[f64]) -> f64 {
    let roots = xs.iter().map(|x| if *x > 0.0 { Some(x.sqrt()) } else { None });
    let product = roots.skip(1).product::<Option<f64>>().unwrap_or(1.0);
    let sum: Option<f64> = xs.iter().map(|x| if *x > 0.0 { Some(x.ln()) } else { None }).rev().sum();
    let all = xs.iter().map(|x| if *x > 0.0 { Ok(*x) } else { Err(()) }).rev().collect::<Result<Vec<f64>, ()>>();
    product + sum.unwrap_or(0.0) + all.map_or(0.0, |all| all[0])
}

fn main() {}
