//! Without the feature an array is a type without tangents: which feature that is, its name tells.

use grad::grad;

pub struct Array2<T>(Vec<T>);

impl Array2<f64> {
    pub fn sum(&self) -> f64 {
        self.0.iter().sum()
    }
}

#[grad]
fn total(m: &Array2<f64>) -> f64 {
    m.sum()
}

fn main() {}
