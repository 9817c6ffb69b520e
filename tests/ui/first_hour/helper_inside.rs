use grad::grad;

#[grad]
fn f(x: f64) -> f64 {
    fn helper(x: f64) -> f64 {
        x * x
    }
    let y = helper(x); // here
    y + 1.0
}

fn main() {
    f::grad(1.0);
}
