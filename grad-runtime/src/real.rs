//! Derivatives of float functions that are more than a formula.
//!
//! A partial that has to be right at a kink, a pole or the edge of a domain is a method of [`Real`].
//! The rule: differentiable: the gradient; a convex or concave kink: the sub- or supergradient of
//! least norm; else by continuity, infinities included; else NaN.

#[cfg(any(feature = "std", feature = "libm"))]
use crate::math::function;

/// `f32` and `f64`, as generated code sees them.
#[diagnostic::on_unimplemented(
    message = "GRAD0019: a `{Self}` stands where the macro takes it for a float",
    label = "only rustc knows of which type this is",
    note = "write the type in front of where it is used: `let z: {Self} = …;`"
)]
pub trait Real: Copy {
    /// ∂|x|/∂x: ±1, and 0 at ±0.
    #[must_use]
    fn sign(self) -> Self;

    /// ∂max(x, y)/∂x: half at a tie; a NaN argument loses; NaN if both are.
    #[must_use]
    fn max_weight(self, other: Self) -> Self;

    /// ∂min(x, y)/∂x: half at a tie; a NaN argument loses; NaN if both are.
    #[must_use]
    fn min_weight(self, other: Self) -> Self;

    /// 1 where `self > bound`, else 0.
    #[must_use]
    fn above(self, bound: Self) -> Self;

    /// 1 where `self < bound`, else 0.
    #[must_use]
    fn below(self, bound: Self) -> Self;

    /// ∂clamp(x, lo, hi)/∂x: 1 strictly between the bounds, 0 at them and outside.
    #[must_use]
    fn clamp_x(self, lo: Self, hi: Self) -> Self;

    /// ∂clamp(x, lo, hi)/∂lo: 1 where `x <= lo`.
    #[must_use]
    fn clamp_lo(self, lo: Self, hi: Self) -> Self;

    /// ∂clamp(x, lo, hi)/∂hi: 1 where `x >= hi`, except where the lower bound has it.
    #[must_use]
    fn clamp_hi(self, lo: Self, hi: Self) -> Self;

    /// `1 / x` for x > 0, ∞ at ±0, NaN below: the derivative of a logarithm.
    #[must_use]
    fn recip_positive(self) -> Self;

    /// `x / y`, and 0 where `y = 0`: the derivative of a length, where `y` is the length.
    #[must_use]
    fn div_or_zero(self, y: Self) -> Self;

    /// `x / (x² + y²)`, and 0 at 0, 0.
    #[must_use]
    fn over_norm2(self, y: Self) -> Self;

    /// The k-th derivative of xⁿ: `n·(n-1)⋯(n-k+1) · xⁿ⁻ᵏ`, and 0 where that product is, also at x = 0 and ∞.
    #[cfg(any(feature = "std", feature = "libm"))]
    #[must_use]
    fn powi_nth(self, n: i32, k: i32) -> Self;

    /// ∂xᵖ/∂x = p·xᵖ⁻¹, where `y = xᵖ`.
    #[cfg(any(feature = "std", feature = "libm"))]
    #[must_use]
    fn powf_dx(self, p: Self, y: Self) -> Self;

    /// xᵖ·lnᵏx, where `y = xᵖ`; with k = 1, ∂xᵖ/∂p. At x = 0: 0 for p ≥ 0, else NaN. NaN for x < 0.
    #[cfg(any(feature = "std", feature = "libm"))]
    #[must_use]
    fn powf_ln(self, p: Self, k: i32, y: Self) -> Self;
}

macro_rules! real {
    ($($float:ident)*) => {$(
        impl Real for $float {
            #[inline]
            fn sign(self) -> Self {
                if self == 0.0 { 0.0 } else { self.signum() }
            }

            #[inline]
            fn max_weight(self, other: Self) -> Self {
                // Selects in place of branches, so that a loop of maxima still vectorises.
                let lost = if other.is_nan() { self } else { 0.0 };
                let unordered = if self.is_nan() { lost } else { 1.0 };
                let tie = if self == other { 0.5 } else { unordered };
                let not_more = if self < other { 0.0 } else { tie };
                if self > other { 1.0 } else { not_more }
            }

            #[inline]
            fn min_weight(self, other: Self) -> Self {
                // min(x, y) = -max(-x, -y)
                (-self).max_weight(-other)
            }

            #[inline]
            fn above(self, bound: Self) -> Self {
                if self > bound { 1.0 } else { 0.0 }
            }

            #[inline]
            fn below(self, bound: Self) -> Self {
                if self < bound { 1.0 } else { 0.0 }
            }

            #[inline]
            fn clamp_x(self, lo: Self, hi: Self) -> Self {
                let outside = if self.is_nan() { self } else { 0.0 };
                if self > lo && self < hi { 1.0 } else { outside }
            }

            #[inline]
            fn clamp_lo(self, lo: Self, _: Self) -> Self {
                if self <= lo { 1.0 } else { 0.0 }
            }

            #[inline]
            fn clamp_hi(self, lo: Self, hi: Self) -> Self {
                if self >= hi && self > lo { 1.0 } else { 0.0 }
            }

            #[inline]
            fn recip_positive(self) -> Self {
                if self < 0.0 { Self::NAN } else { 1.0 / self.abs() }
            }

            #[inline]
            fn div_or_zero(self, y: Self) -> Self {
                if y == 0.0 { 0.0 } else { self / y }
            }

            #[inline]
            fn over_norm2(self, y: Self) -> Self {
                let norm2 = self * self + y * y;
                if norm2.is_normal() {
                    return self / norm2;
                }
                // The squares over- or underflow, or an argument is 0 or not finite.
                let scale = self.abs().max(y.abs());
                if scale == 0.0 {
                    return 0.0;
                }
                let (x, y) = (self / scale, y / scale);
                x / (x * x + y * y) / scale
            }

            // `f32` has no `From<i32>`.
            #[allow(clippy::cast_lossless)]
            #[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn powi_nth(self, n: i32, k: i32) -> Self {
                let mut factor = 1.0;
                for j in 0..k {
                    factor *= n as Self - j as Self;
                }
                if factor == 0.0 { 0.0 } else { factor * function!($float, powi)(self, n.saturating_sub(k)) }
            }

            #[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn powf_dx(self, p: Self, y: Self) -> Self {
                if self.is_normal() && y.is_normal() {
                    // No second power where the first tells enough.
                    p * (y / self)
                } else if p == 0.0 {
                    0.0
                } else {
                    p * function!($float, powf)(self, p - 1.0)
                }
            }

            #[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn powf_ln(self, p: Self, k: i32, y: Self) -> Self {
                if self > 0.0 {
                    y * function!($float, powi)(function!($float, ln)(self), k)
                } else if self == 0.0 && p >= 0.0 {
                    0.0
                } else {
                    Self::NAN
                }
            }
        }
    )*};
}

real!(f32 f64);

#[cfg(test)]
mod tests {
    use super::Real;

    #[test]
    fn a_maximum_is_shared_at_a_tie_and_ignores_nan() {
        assert_eq!(1.0_f32.max_weight(1.0), 0.5);
        assert_eq!(1.0_f32.max_weight(f32::NAN), 1.0);
        assert_eq!(f32::NAN.max_weight(1.0), 0.0);
        assert!(f32::NAN.max_weight(f32::NAN).is_nan());
        assert_eq!(1.0_f64.min_weight(2.0), 1.0);
        assert_eq!(2.0_f64.min_weight(1.0), 0.0);
    }

    #[test]
    fn a_logarithm_has_no_derivative_below_zero() {
        assert_eq!((-0.0_f64).recip_positive(), f64::INFINITY);
        assert!((-1.0_f32).recip_positive().is_nan());
        assert_eq!(4.0_f32.recip_positive(), 0.25);
    }

    #[test]
    fn a_power_is_differentiated_as_often_as_asked() {
        assert_eq!(2.0_f64.powi_nth(3, 1), 12.0);
        assert_eq!(2.0_f64.powi_nth(3, 3), 6.0);
        assert_eq!(0.0_f64.powi_nth(2, 3), 0.0);
        assert_eq!(0.0_f64.powi_nth(0, 1), 0.0);
        assert_eq!(2.0_f32.powi_nth(-1, 1), -0.25);
        assert_eq!(1.0_f64.powi_nth(i32::MIN, 1), f64::from(i32::MIN));
    }

    #[test]
    fn squares_that_underflow_or_overflow_do_not_hide_a_quotient() {
        assert_eq!(1e-200_f64.over_norm2(0.0), 1.0 / 1e-200);
        assert_eq!(1e200_f64.over_norm2(0.0), 1.0 / 1e200);
        assert_eq!(0.0_f64.over_norm2(0.0), 0.0);
        assert_eq!(3.0_f64.over_norm2(4.0), 3.0 / 25.0);
        assert_eq!(1e-200_f64.powf_dx(2.0, 0.0), 2e-200);
    }
}
