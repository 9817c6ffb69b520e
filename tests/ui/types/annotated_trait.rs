//! GRAD0047

use grad::grad;

#[grad]
trait Kernel {
    fn k(&self, x: f64) -> f64;

    fn into(&self, x: &[f64], out: &mut [f64]);

    fn of(x: f64) -> f64;

    fn fails(&self, x: f64) -> Option<f64>;

    #[grad(skip)]
    fn left_out(&self, x: f64) -> f64 {
        x
    }
}

#[grad(wrt(x))]
trait Generic<T> {
    fn k(&self, x: &T) -> f64;
}

#[grad(third)]
trait Third {
    fn k(&self, x: f64) -> f64;
}

#[grad(second)]
trait Twice {
    fn k(&self, x: f64) -> f64;

    fn twice(&self, x: f64) -> f64 {
        2.0 * self.k(x)
    }
}

#[grad(wrt(y))]
trait Unknown {
    fn k(&self, x: f64) -> f64;
}

#[grad]
trait Nothing {
    fn name(&self) -> String;
}

#[grad(dyn, wrt(self, x))]
trait OfSelf {
    fn energy(&self, x: &[f64]) -> f64;
}

#[grad(dyn, second)]
trait OfObjects {
    fn energy(&self, x: &[f64]) -> f64;
}

#[grad(dyn)]
trait Of<'a> {
    fn energy(&self, x: f64) -> f64;
}

#[grad(dyn)]
fn no_trait(x: f64) -> f64 {
    x
}

fn main() {}
