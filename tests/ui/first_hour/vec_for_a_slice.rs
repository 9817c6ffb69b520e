use grad::grad;

#[grad]
fn f(x: &[f64]) -> f64 {
    x[0] * x[1]
}

fn main() {
    f::grad(vec![1.0, 2.0]); // here
}
