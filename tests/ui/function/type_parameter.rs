//! GRAD0012

use grad::grad;

#[grad]
fn generic<T: Into<f64>>(x: f64, t: T) -> f64 {
    x * t.into()
}

#[grad]
fn hidden(x: f64, y: impl Into<f64>) -> f64 {
    x * y.into()
}

#[grad]
fn numbers<T>(x: T, y: &[T]) -> T
where
    T: Copy + std::ops::Mul<Output = T>,
{
    let s = x * y[0];
    s * s
}

#[grad(scalar(U))]
fn declared<T: grad::Real>(x: T) -> T {
    x.sin()
}

trait Float: Copy + std::ops::Mul<Output = Self> {
    fn from<T>(x: T) -> Option<Self>;
}

#[grad]
fn not_taken_out<T: Float>(x: T, y: f64) -> Option<T> {
    let z: Option<T> = T::from(y);
    Some(x * z?)
}

fn main() {
    numbers::grad(1.0, &[2.0]);
}
