//! GRAD0001, GRAD0003, GRAD0004, GRAD0025: fields in `wrt`

use grad::{Differentiable, grad};

#[derive(Clone, Differentiable)]
struct Spring {
    k: f64,
    rest: f64,
    #[grad(constant)]
    dt: f64,
}

#[grad]
impl Spring {
    #[grad(wrt(self.stiffness, x))]
    fn unknown(&self, x: f64) -> f64 {
        self.k * x
    }

    #[grad(wrt(self.dt))]
    fn constant(&self, x: f64) -> f64 {
        self.k * self.dt * x
    }
}

#[grad(wrt(self.k))]
impl Spring {
    fn changed(&mut self, x: f64) -> f64 {
        self.rest = self.k * x;
        self.rest * self.k
    }
}

#[grad(wrt(self.k, self))]
impl Spring {
    fn twice(&self, x: f64) -> f64 {
        self.k * x
    }
}

#[grad(wrt(spring.k))]
fn free(spring: &Spring) -> f64 {
    spring.k * spring.rest
}

#[grad(wrt(self.k))]
trait Energy {
    fn energy(&self) -> f64;
}

fn main() {
    let mut spring = Spring { k: 1.0, rest: 1.0, dt: 0.1 };
    println!("{:?} {}", spring.unknown_grad(1.0), spring.constant_grad(1.0));
    println!("{} {} {}", spring.changed(1.0), spring.twice(1.0), free(&spring));
}
