use grad::grad;

#[grad]
fn f(x: Vec<f64>) -> f64 {
    let y = x;
    y[0] * x[0] // here
}

fn main() {
    f::grad(vec![1.0]);
}
