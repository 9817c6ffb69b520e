use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    let y = x * x // here
    y + 1.0
}

fn main() {
    f::grad(1.0);
}
