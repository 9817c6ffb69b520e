//! Geometry of nalgebra: points, rotations, translations and isometries.

mod formulas;
mod isometry;
pub(crate) mod numbers;
mod rules;
pub(crate) mod values;

pub use isometry::IsometryTangent;

use crate::__private::matrix::{Always, Rule, Value};

/// What an operation makes of one operand.
#[inline]
pub fn made<Op: Rule<V, (), Outcome = Always>, V: Value>(v: V) -> Op::Y {
    Op::value(&v, &())
}

/// What an operation reads of one operand.
#[inline]
pub fn read<Op: Rule<V, (), Outcome = Always>, V: Value>(v: &V) -> Op::Y {
    Op::value(v, &())
}
