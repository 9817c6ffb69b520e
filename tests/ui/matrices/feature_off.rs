//! Without the feature a matrix is a type without tangents.

use grad::grad;

pub struct DMatrix<T>(Vec<T>);

impl DMatrix<f64> {
    pub fn sum(&self) -> f64 {
        self.0.iter().sum()
    }
}

#[grad]
fn total(m: &DMatrix<f64>) -> f64 {
    m.sum()
}

fn main() {}
