//! GRAD0009

use grad::grad;

#[grad]
struct Point {
    x: f64,
}

#[grad]
const HALF: f64 = 0.5;

#[grad]
mod inner {
    pub fn f(x: f64) -> f64 {
        x
    }
}

impl Point {
    fn x(&self) -> f64 {
        self.x
    }
}

trait Energy {
    #[grad]
    fn energy(x: f64) -> f64;
}

fn main() {
    let _ = (Point { x: HALF }.x(), inner::f(1.0));
}
