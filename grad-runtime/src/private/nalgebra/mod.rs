//! Matrices of nalgebra: their shape, and the rows of their operations.

#[macro_use]
mod one_operand;
#[macro_use]
mod values;
mod factors;
mod linear;
mod norms;
mod operands;
mod products;
mod rows;
mod selections;
mod shapes;
mod square;
mod triangular;
pub mod zeros;

use super::GenericFloat;
use super::matrix::Space;
use nalgebra::RealField;

/// `f32` or `f64`.
pub trait Float: RealField + GenericFloat + crate::Scalar + Space {}

impl Float for f32 {}
impl Float for f64 {}
