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

#[grad(wrt(x))]
fn stepped(x: f64, by: f64) -> f64 {
    x * by
}

/// The other way round, all is well.
#[grad(wrt(fit))]
fn swapped(fit: &Fit) -> f64 {
    stepped(fit.slope, fit.weight) + stepped(fit.weight, fit.slope)
}

#[grad]
fn put(out: &mut f64, x: f64) {
    *out = x;
}

#[grad(wrt(fit))]
fn lent(fit: &mut Fit) -> f64 {
    put(&mut fit.weight, fit.slope);
    fit.weight
}

fn main() {
    let mut fit = Fit { slope: 1.0, options: Options { scale: 1.0 }, weight: 1.0 };
    println!("{} {} {} {}", loss(&fit), swapped(&fit), scaled(&mut fit, 2.0), lent(&mut fit));
}
