//! GRAD0023: a method that moves differentiated values about

use grad::grad;

#[grad]
fn median(v: &[f64]) -> f64 {
    let mut w = v.to_vec();
    w.sort_by(|a, b| a.total_cmp(b));
    w[w.len() / 2]
}

fn main() {}
