//! Matrices of nalgebra: their shape, and the rows of their operations.

#[macro_use]
mod one_operand;
mod determinant;
mod inverse;
mod norms;
mod operands;
mod products;
mod rows;
mod shapes;
pub mod zeros;

use super::GenericFloat;
use super::matrix::Space;
use nalgebra::RealField;

/// `f32` or `f64`.
pub trait Float: RealField + GenericFloat + crate::Scalar + Space {}

impl Float for f32 {}
impl Float for f64 {}
