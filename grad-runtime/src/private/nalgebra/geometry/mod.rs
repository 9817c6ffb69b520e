//! Geometry of nalgebra: points, rotations, translations and isometries.

mod isometry;
mod rules;
pub(crate) mod values;

pub use isometry::IsometryTangent;
