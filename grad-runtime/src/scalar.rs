//! The numbers that descent loops compute with.

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

use crate::Differentiable;

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
    + Differentiable<Tangent = Self>
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
    #[cfg(feature = "std")]
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

    #[cfg(feature = "std")]
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

    #[cfg(feature = "std")]
    #[inline]
    fn sqrt(self) -> Self {
        self.sqrt()
    }
}
