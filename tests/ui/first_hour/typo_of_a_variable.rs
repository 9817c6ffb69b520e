use grad::grad;

#[grad]
fn f(stiffness: f64, x: f64) -> f64 {
    0.5 * stifness * x * x // here
}

fn main() {
    f::grad(1.0, 1.0);
}
