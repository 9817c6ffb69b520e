use grad::grad;

#[grad]
fn f(x: f64) -> i32 { // here
    x as i32
}

fn main() {
    f::grad(1.0);
}
