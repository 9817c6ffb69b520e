//! An operator of a type of one's own without the attribute is named where it is used, once

use grad::{Differentiable, grad};
use std::ops::{Add, Mul, Neg};

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

impl Add for V2 {
    type Output = V2;

    fn add(self, other: V2) -> V2 {
        V2 { x: self.x + other.x, y: self.y + other.y }
    }
}

#[grad]
impl Mul<f64> for V2 {
    type Output = V2;

    fn mul(self, by: f64) -> V2 {
        V2 { x: self.x * by, y: self.y * by }
    }
}

impl Neg for V2 {
    type Output = V2;

    fn neg(self) -> V2 {
        V2 { x: -self.x, y: -self.y }
    }
}

#[grad(wrt(v))]
fn sum(v: V2) -> f64 {
    (v + v * 2.0).x
}

#[grad(wrt(v))]
fn negated(v: &V2) -> f64 {
    let w = -*v;
    w.y
}

fn main() {
    let v = V2 { x: 1.0, y: 2.0 };
    println!("{} {}", sum(v), negated(&v));
}
