use grad::grad;

trait Twice {
    fn twice(self) -> f64;
}

impl Twice for f64 {
    fn twice(self) -> f64 {
        2.0 * self
    }
}

#[grad]
fn f(x: f64) -> f64 {
    x.twice() + 1.0 // here
}

fn main() {
    f::grad(1.0);
}
