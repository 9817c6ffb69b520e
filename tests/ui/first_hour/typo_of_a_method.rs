use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    x.sinn() + 1.0 // here
}

fn main() {
    f::grad(1.0);
}
