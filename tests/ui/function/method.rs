//! GRAD0010: derivatives of methods have no place

use grad::grad;

struct Spring {
    k: f64,
}

impl Spring {
    #[grad]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.k * x * x
    }

    #[grad]
    fn square(x: f64) -> f64 {
        Self::HALF * x * x
    }

    const HALF: f64 = 0.5;
}

trait Potential {
    fn energy(&self, x: f64) -> f64;
}

#[grad]
impl<T: Copy> Potential for T {
    fn energy(&self, x: f64) -> f64 {
        x * x
    }
}

trait Norm {
    fn norm(&self, x: f64) -> f64;
}

#[grad]
impl Norm for [f64; 3] {
    fn norm(&self, x: f64) -> f64 {
        x * self[0]
    }
}

struct Boxed;

#[grad]
impl Boxed {
    fn energy(self: Box<Self>, x: f64) -> f64 {
        x * x
    }
}

struct Idle {
    n: usize,
}

#[grad]
impl Idle {
    fn count(&self) -> usize {
        self.n
    }
}

struct Names;

#[grad(name = other)]
impl Names {
    fn one(&self, x: f64) -> f64 {
        x
    }

    fn two(&self, x: f64) -> f64 {
        x
    }
}

#[grad(wrt(y))]
impl Idle {
    fn scaled(&self, x: f64) -> f64 {
        x
    }
}

fn main() {
    println!("{}", Spring { k: 1.0 }.energy(2.0));
}
