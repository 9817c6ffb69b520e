use grad::grad;

#[grad]
fn f(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {
    f::grad(1.0); // here
}
