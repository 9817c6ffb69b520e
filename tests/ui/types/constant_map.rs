//! GRAD0025: a field is read as a map, since a text is looked up in it

use grad::{Differentiable, grad};

struct Rates;

impl Rates {
    fn get(&self, name: &str) -> Option<f64> {
        name.parse().ok()
    }
}

#[derive(Differentiable)]
struct Model {
    k: f64,
    #[grad(constant)]
    rates: Rates,
}

#[grad(wrt(self))]
impl Model {
    fn scaled(&self, name: &str) -> f64 {
        self.k * self.rates.get(name).unwrap_or(1.0)
    }
}

fn main() {
    println!("{}", Model { k: 1.0, rates: Rates }.scaled("2"));
}
