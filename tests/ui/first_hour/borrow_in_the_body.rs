use grad::grad;

#[grad]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let first = &v[0];
    v.push(1.0); // here
    *first * x[0]
}

fn main() {
    f::grad(&[1.0]);
}
