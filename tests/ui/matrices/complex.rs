//! Complex numbers are not followed, in matrices neither.

use grad::grad;

pub struct Complex<T>(T, T);

pub struct DMatrix<T>(Vec<T>);

#[grad]
fn total(m: &DMatrix<Complex<f64>>) -> f64 {
    m.0.iter().map(|z| z.0).sum()
}

fn main() {}
