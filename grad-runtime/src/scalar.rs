//! The numbers that descent loops compute with.

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`: what the parameters of an [`Objective`](crate::Objective) are made of.
///
/// Settings (step sizes, tolerances) and norms are `f64` for both, so that an `f32` objective does not lose
/// digits in its sums.
pub trait Scalar:
    sealed::Sealed
    + Copy
    + Debug
    + Default
    + Display
    + PartialOrd
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Send
    + Sync
    + 'static
{
    /// The difference between 1 and the next larger number.
    const EPSILON: f64;

    /// The nearest number of this type.
    fn from_f64(x: f64) -> Self;

    /// The same number; exact.
    fn to_f64(self) -> f64;

    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// The square root.
    #[must_use]
    fn sqrt(self) -> Self;
}

impl Scalar for f64 {
    const EPSILON: f64 = f64::EPSILON;

    #[inline]
    fn from_f64(x: f64) -> f64 {
        x
    }

    #[inline]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline]
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    #[inline]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
}

impl Scalar for f32 {
    const EPSILON: f64 = f32::EPSILON as f64;

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest f32 is what is asked for")]
    fn from_f64(x: f64) -> f32 {
        x as f32
    }

    #[inline]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn is_finite(self) -> bool {
        self.is_finite()
    }

    #[inline]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
}

/// ‖x‖∞, the largest magnitude; NaN if any coordinate is NaN.
pub(crate) fn max_norm<S: Scalar>(x: &[S]) -> f64 {
    x.iter().fold(0.0, |norm: f64, x| {
        let size = x.to_f64().abs();
        if size > norm || size.is_nan() { size } else { norm }
    })
}

/// Whether no coordinate is infinite or NaN.
pub(crate) fn all_finite<S: Scalar>(x: &[S]) -> bool {
    x.iter().all(|x| x.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_anywhere_makes_the_norm_nan() {
        assert_eq!(max_norm(&[1.0, -3.0, 2.0]), 3.0);
        assert!(max_norm(&[f64::NAN, 1.0]).is_nan());
        assert!(max_norm(&[1.0, f64::NAN]).is_nan());
        assert!(max_norm(&[f64::INFINITY, f64::NAN]).is_nan());
        assert_eq!(max_norm::<f32>(&[]), 0.0);
    }
}
