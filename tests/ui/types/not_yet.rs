//! GRAD0023, GRAD0025: what is not followed of types of one's own

use grad::{Differentiable, grad};
use std::ops::{Add, Index};

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

#[derive(Differentiable)]
enum Shape {
    Circle {
        radius: f64,
        #[grad(constant)]
        weight: f64,
    },
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

#[grad(wrt(shape))]
fn constant_payload(shape: &Shape) -> f64 {
    match shape {
        Shape::Circle { radius, weight } => radius * weight,
        Shape::Square(side) => *side,
    }
}

#[grad(wrt(shape))]
fn by_its_name(shape: &Shape) -> f64 {
    use Shape::{Circle, Square};
    match shape {
        Circle { radius, .. } => *radius,
        Square(side) => *side,
    }
}

#[derive(Differentiable)]
struct Points {
    all: Vec<V2>,
    n: usize,
}

#[grad]
impl Index<usize> for Points {
    type Output = V2;

    fn index(&self, i: usize) -> &V2 {
        &self.all[i % self.n]
    }
}

#[grad(wrt(points))]
fn part_of_an_element(points: &mut Points) {
    if points.n > 1 {
        points[0].x *= 2.0;
    }
}

enum Bare {
    Circle { radius: f64 },
}

#[grad(wrt(bare))]
fn variant_without_derive(bare: &Bare) -> f64 {
    let Bare::Circle { radius } = bare;
    *radius
}

fn main() {
    let shape = Shape::Square(1.0);
    let v = V2 { x: 1.0, y: 2.0 };
    println!("{} {}", method(&v) + method_named_like_one_of_floats(&v), operator(v, v) + constant_payload(&shape) + by_its_name(&shape));
    part_of_an_element(&mut Points { all: vec![v], n: 1 });
    println!("{}", variant_without_derive(&Bare::Circle { radius: 1.0 }));
}
