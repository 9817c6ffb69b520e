//! A body for a method that has one in its annotated trait

use grad::grad;

#[grad(wrt(x))]
trait Kernel {
    fn k(&self, x: f64) -> f64;

    fn twice(&self, x: f64) -> f64 {
        2.0 * self.k(x)
    }
}

struct Cube;

#[grad(wrt(x))]
impl Kernel for Cube {
    fn k(&self, x: f64) -> f64 {
        x.powi(3)
    }

    fn twice(&self, x: f64) -> f64 {
        x + x
    }
}

#[grad(wrt(x))]
fn f<K: Kernel>(kernel: &K, x: f64) -> f64 {
    kernel.twice(x)
}

fn main() {
    f::grad(&Cube, 1.0);
}
