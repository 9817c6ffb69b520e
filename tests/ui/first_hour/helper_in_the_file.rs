use grad::grad;

fn helper(x: f64) -> f64 {
    x * x
}

#[grad]
fn f(x: f64) -> f64 {
    helper(x) + 1.0 // here
}

fn main() {
    f::grad(1.0);
}
