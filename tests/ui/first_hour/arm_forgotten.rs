use grad::grad;

#[grad]
fn f(x: f64, n: usize) -> f64 {
    match n { // here
        0 => x,
        1 => x * x,
    }
}

fn main() {
    f::grad(1.0, 1);
}
