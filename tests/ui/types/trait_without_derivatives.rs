//! GRAD0047: an `impl` of an annotated trait lacks the attribute.

use grad::grad;

#[grad]
trait Potential {
    fn energy(&self, x: &[f64]) -> f64;
}

struct Spring(f64);

impl Potential for Spring {
    fn energy(&self, x: &[f64]) -> f64 {
        self.0 * x[0]
    }
}

#[grad(dyn)]
trait OfObjects {
    fn force(&self, x: f64) -> f64;
}

impl OfObjects for Spring {
    fn force(&self, x: f64) -> f64 {
        self.0 * x
    }
}

#[grad(second)]
trait Twice {
    fn curvature(&self, x: f64) -> f64;
}

#[grad]
impl Twice for Spring {
    fn curvature(&self, x: f64) -> f64 {
        self.0 * x * x
    }
}

fn main() {
    let _ = Spring(1.0).energy(&[2.0]);
}
