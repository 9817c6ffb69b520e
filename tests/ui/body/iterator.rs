//! GRAD0028: iterators that cannot be followed

use grad::grad;

#[grad]
fn looked_at(v: &[f64]) -> f64 {
    v.iter().array_chunks::<2>().map(|[a, b]| a * b).sum()
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

fn main() {}
