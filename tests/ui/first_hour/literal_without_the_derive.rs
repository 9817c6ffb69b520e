use grad::grad;

struct Point {
    x: f64,
    y: f64,
}

#[grad]
fn f(x: f64) -> Point { // here
    Point { x, y: x * x }
}

fn main() {
    f::vjp(1.0);
}
