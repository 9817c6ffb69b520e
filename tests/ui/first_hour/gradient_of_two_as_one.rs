use grad::grad;

#[grad]
fn f(x: f64, y: f64) -> f64 {
    x * y
}

fn main() {
    let g: f64 = f::grad(1.0, 2.0); // here
    println!("{g}");
}
