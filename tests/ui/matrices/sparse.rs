//! Sparse matrices are not followed.

use grad::grad;

pub struct CsrMatrix<T>(Vec<T>);

#[grad]
fn total(m: &CsrMatrix<f64>) -> f64 {
    m.0.iter().sum()
}

fn main() {}
