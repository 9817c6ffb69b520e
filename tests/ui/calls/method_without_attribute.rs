//! A method without the attribute, or whose parameter is a constant, is named where it is called

use grad::{Differentiable, grad};

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

impl V2 {
    fn turned(self) -> V2 {
        V2 { x: -self.y, y: self.x }
    }

    fn half(x: f64) -> f64 {
        0.5 * x
    }
}

#[grad]
impl V2 {
    fn scaled(&self, by: f64) -> f64 {
        self.x * by
    }

    #[grad(skip)]
    fn bent(&self, by: f64) -> f64 {
        by * by + self.y
    }

    fn sum(&self, by: f64) -> f64 {
        self.bent(by) + by
    }
}

#[derive(Clone, Copy, Differentiable)]
struct Spring {
    k: f64,
}

#[grad]
impl Spring {
    #[grad(wrt(self, x))]
    fn energy(&self, x: f64) -> f64 {
        0.5 * self.force(x) * x
    }

    fn force(&self, x: f64) -> f64 {
        self.k * Self::cube(x)
    }

    #[grad]
    fn sixth(x: f64) -> f64 {
        Self::cube(x) * x.powi(3)
    }

    fn cube(x: f64) -> f64 {
        x * x * x
    }
}

#[grad(wrt(v))]
fn method(v: &V2) -> f64 {
    v.turned().x * v.y
}

#[grad]
fn of_type(x: f64) -> f64 {
    V2::half(x) + x
}

#[grad(wrt(v))]
fn constant_self(v: &V2) -> f64 {
    v.scaled(2.0)
}

fn main() {
    let v = V2 { x: 1.0, y: 2.0 };
    println!("{} {} {} {}", method(&v), of_type(1.0), constant_self(&v), v.sum(1.0));
    println!("{} {}", Spring { k: 1.0 }.energy(1.0), Spring::sixth(1.0));
}
