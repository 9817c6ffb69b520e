//! GRAD0028: iterators that cannot be followed

use grad::grad;

#[grad]
fn looked_at(v: &[f64]) -> f64 {
    v.iter().peekable().sum()
}

#[grad]
fn kept(v: &[f64]) -> f64 {
    let mut items = v.iter();
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

fn main() {}
