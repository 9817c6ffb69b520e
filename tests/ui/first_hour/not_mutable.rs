use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    let y = x;
    y *= 2.0; // here
    y
}

fn main() {
    f::grad(1.0);
}
