//! GRAD0023: methods on differentiated values that have no derivative

use grad::grad;

#[grad]
fn bits(x: f64) -> f64 {
    f64::from_bits(x.to_bits())
}

#[grad]
fn gamma(x: f64) -> f64 {
    x.next_up() * 2.0
}

#[grad]
fn of_slices(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
    w[1..].select_nth_unstable_by(0, f64::total_cmp);
    w[0] * w[1]
}

#[grad]
fn of_vecs(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.retain_mut(|z| *z > 0.0);
    w.dedup_by(|a: &mut f64, b: &mut f64| a == b);
    w[0]
}

#[grad]
fn of_queues(v: &[f64]) -> f64 {
    let mut q = std::collections::VecDeque::new();
    q.push_back(v[0]);
    q.remove(0);
    mean(&q)
}

fn main() {}
