use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    if x > 0.0 {
        let y = x * x;
    }
    y + x // here
}

fn main() {
    f::grad(1.0);
}
