//! GRAD0023: a method that moves differentiated values about

use grad::grad;

#[grad]
fn median(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap());
    w[w.len() / 2]
}

fn main() {}
