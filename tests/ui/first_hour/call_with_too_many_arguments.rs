use grad::grad;

#[grad]
fn square(x: f64) -> f64 {
    x * x
}

#[grad]
fn f(x: f64) -> f64 {
    square(x, 1.0) // here
}

fn main() {
    f::grad(1.0);
    square::grad(1.0);
}
