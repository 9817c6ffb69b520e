//! Matrices of nalgebra: their shape, and the rows of their operations.

#[macro_use]
mod one_operand;
#[macro_use]
mod values;
mod backwards;
mod eigen;
mod factors;
mod geometry;
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

pub use geometry::IsometryTangent;

use super::GenericFloat;
use super::matrix::Space;
use nalgebra::RealField;

/// `f32` or `f64`.
pub trait Float:
    RealField
    + GenericFloat
    + crate::Scalar
    + Space
    + super::matrix::numbers::Num
    + super::matrix::coordinates::Coordinates<Self, 1>
{
}

impl Float for f32 {}
impl Float for f64 {}
