use grad::grad;

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn f(x: &[f64]) -> f64 {
    let mut v = x.to_vec();
    let first = &v[0];
    v.push(1.0); // here
    square(*first)
}

fn main() {
    f::grad(&[1.0]);
}
