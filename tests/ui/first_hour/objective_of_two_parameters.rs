use grad::grad;

#[grad]
fn f(x: &[f64], y: &[f64]) -> f64 {
    x[0] * y[1]
}

fn main() {
    f::objective(); // here
}
