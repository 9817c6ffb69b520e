//! GRAD0023, GRAD0025: what is not followed of types of one's own

use grad::{Differentiable, grad};
use std::ops::Add;

#[derive(Clone, Copy, Differentiable)]
struct V2 {
    x: f64,
    y: f64,
}

impl V2 {
    fn abs(self) -> f64 {
        self.x.hypot(self.y)
    }

    fn turned(self) -> V2 {
        V2 { x: -self.y, y: self.x }
    }
}

impl Add for V2 {
    type Output = V2;

    fn add(self, other: V2) -> V2 {
        V2 { x: self.x + other.x, y: self.y + other.y }
    }
}

enum Shape {
    Circle { radius: f64 },
    Square(f64),
}

#[grad(wrt(v))]
fn method(v: &V2) -> f64 {
    v.turned().x * v.y
}

#[grad(wrt(v))]
fn method_named_like_one_of_floats(v: &V2) -> f64 {
    v.abs() + v.x
}

#[grad(wrt(v, w))]
fn operator(v: V2, w: V2) -> f64 {
    let sum = v + w;
    sum.x * sum.y
}

#[grad]
fn variants(x: f64) -> f64 {
    let circle = Shape::Circle { radius: x };
    let square = Shape::Square(x);
    match (circle, square) {
        (Shape::Circle { radius }, Shape::Square(side)) => radius * side,
        _ => 0.0,
    }
}

fn main() {
    let v = V2 { x: 1.0, y: 2.0 };
    println!("{} {}", method(&v) + method_named_like_one_of_floats(&v), operator(v, v) + variants(1.0));
}
