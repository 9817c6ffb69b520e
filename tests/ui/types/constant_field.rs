//! GRAD0045: a field that is a constant of its type

use grad::{Differentiable, grad};

#[derive(Differentiable)]
struct Fit {
    slope: f64,
    #[grad(constant)]
    points: Vec<[f64; 2]>,
    #[grad(constant)]
    scale: f64,
}

#[grad(wrt(fit))]
fn loss(fit: &Fit) -> f64 {
    let mut sum = 0.0;
    for p in &fit.points {
        let r = fit.slope * p[0] - p[1];
        sum += r * r;
    }
    sum * fit.scale
}

fn main() {
    println!("{}", loss(&Fit { slope: 1.0, points: vec![[1.0, 2.0]], scale: 1.0 }));
}
