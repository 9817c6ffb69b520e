use grad::grad;

#[grad(second)]
fn f(x: &[f64; 2]) -> [f64; 2] {
    [x[0] * x[1], x[0]]
}

fn main() {
    f::hessian(&[1.0, 2.0]); // here
}
