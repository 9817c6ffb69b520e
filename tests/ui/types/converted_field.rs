//! GRAD0026: a float in a field is converted before its type is known

use grad::{Differentiable, grad};

#[derive(Clone, Differentiable)]
struct Sample {
    count: u32,
    weight: f32,
}

#[grad(wrt(s))]
fn scaled(s: &Sample) -> f64 {
    s.count as f64 * s.weight as f64
}

#[grad(wrt(s))]
fn bound(s: &Sample) -> f64 {
    let weight: f32 = s.weight;
    f64::from(s.count) * f64::from(weight)
}

fn main() {
    let s = Sample { count: 1, weight: 0.5 };
    println!("{} {}", scaled(&s), bound(&s));
}
