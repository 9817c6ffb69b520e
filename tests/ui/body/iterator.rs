//! GRAD0028: iterators that cannot be followed

use grad::grad;

#[grad]
fn endless(v: &[f64]) -> f64 {
    v.iter().cycle().take(9).sum()
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

fn main() {}
