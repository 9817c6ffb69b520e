use grad::grad;

mod tools {
    pub fn helper(x: f64) -> f64 {
        x * x
    }
}

#[grad]
fn f(x: f64) -> f64 {
    let y = tools::helper(x); // here
    y + 1.0
}

fn main() {
    f::grad(1.0);
}
