use grad::grad;

#[grad]
fn f(x: f64) -> f64 { // here
    x * x;
}

fn main() {
    f::grad(1.0);
}
