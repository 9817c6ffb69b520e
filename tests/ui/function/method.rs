//! GRAD0010

use grad::grad;

struct Spring {
    k: f64,
}

impl Spring {
    #[grad]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * x * x
    }
}

fn main() {
    println!("{}", Spring { k: 1.0 }.energy(2.0));
}
