use grad::grad;

#[grad]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    v.rotate_left(1);
    v.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap()); // here
    v.retain_mut(|z| *z > 0.0); // here
    v[0] * x[0]
}

fn main() {
    f::grad(&[1.0]);
}
