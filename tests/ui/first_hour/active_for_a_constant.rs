use grad::grad;

#[grad(wrt(x))]
fn helper(x: f64, c: f64) -> f64 {
    x * c
}

#[grad]
fn f(x: f64) -> f64 {
    helper(1.0 + x, x) + 1.0 // here
}

fn main() {
    f::grad(1.0);
}
