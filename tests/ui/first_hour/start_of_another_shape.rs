use grad::descent::Lbfgs;
use grad::grad;

#[grad]
fn f(x: &[f64]) -> f64 {
    x[0] * x[1]
}

fn main() {
    let _ = Lbfgs::default().minimize(&mut f::objective(), [1.0; 2]); // here
}
