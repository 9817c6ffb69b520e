use grad::grad;

#[grad]
fn f(x: f64, y: f32) -> f64 {
    x * y // here
}

fn main() {
    f::grad(1.0, 1.0);
}
