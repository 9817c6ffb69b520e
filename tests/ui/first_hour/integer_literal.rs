use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    2 * x // here
}

fn main() {
    f::grad(1.0);
}
