//! GRAD0025: differentiated values in a field that is a constant of its type

use grad::{Differentiable, grad};

struct Options {
    scale: f64,
}

#[derive(Differentiable)]
struct Fit {
    slope: f64,
    #[grad(constant)]
    options: Options,
    #[grad(constant)]
    weight: f64,
}

#[grad(wrt(fit))]
fn loss(fit: &Fit) -> f64 {
    fit.slope * fit.options.scale
}

#[grad(wrt(fit, by))]
fn scaled(fit: &mut Fit, by: f64) -> f64 {
    fit.weight *= by;
    fit.weight * fit.slope
}

fn main() {
    let mut fit = Fit { slope: 1.0, options: Options { scale: 1.0 }, weight: 1.0 };
    println!("{} {}", loss(&fit), scaled(&mut fit, 2.0));
}
