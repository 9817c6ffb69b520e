//! A method without a row is named, with the near one that has a row.

use grad::{Differentiable, grad};

#[derive(Clone, Differentiable)]
pub struct DMatrix<T>(Vec<T>);

impl DMatrix<f64> {
    pub fn norms(&self) -> f64 {
        self.0.iter().sum()
    }

    pub fn exp(&self) -> DMatrix<f64> {
        DMatrix(self.0.clone())
    }
}

#[grad]
fn near(m: &DMatrix<f64>) -> f64 {
    m.norms()
}

#[grad]
fn far(m: &DMatrix<f64>) -> f64 {
    let e = m.exp();
    e.norms()
}

fn main() {}
