//! GRAD0043: types that no step can be taken in

use grad::Differentiable;

#[derive(Differentiable)]
struct Model<'a> {
    scale: f64,
    data: &'a [f64],
}

#[derive(Differentiable)]
struct Rates {
    each: [fn(f64) -> f64; 2],
}

#[derive(Differentiable)]
union Bits {
    float: f64,
    bits: u64,
}

#[derive(Differentiable)]
enum Never {}

fn main() {
    let model = Model { scale: 1.0, data: &[1.0] };
    println!("{} {}", model.scale, model.data[0]);
}
