//! What is a type parameter that stands for a float?
//!
//! The functions that `#[grad]` makes of a function over `T: Float` have the user's bounds and this one. The user's own
//! tokens are among them, so that nothing that they may say may mean something of this trait, too: with a second `sin`,
//! `x.sin()` would mean neither. Hence every item is called `__grad_…`. What shapes ask of their numbers are traits of their
//! own: those that can be, are implemented for whatever is a [`GenericFloat`], so that a bound does not name them.

use super::{
    Accumulate, Again, Blank, Clear, Inner, Keep, Merge, NoSeed, Number, Restore, Scale, Sum, Unread,
    ZerosLike,
};

use crate::Differentiable;
use crate::real::Real;
use core::fmt::Debug;
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

/// Declares the trait and implements it for a float: of each method, the name here and that of what it does.
macro_rules! generic_float {
    (
        core { $($hidden:ident = $of:ident::$name:ident($($arg:ident: $ty:ty),*);)* }
        elementary { $($function:ident = $from:ident::$called:ident($($given:ident: $given_ty:ty),*);)* }
    ) => {
        /// `f32` or `f64`, under a name that stands for either.
        #[diagnostic::on_unimplemented(
            message = "a function over a generic float is differentiated for `f32` and `f64`, and not for `{Self}`",
            label = "the float is a `{Self}` here",
            note = "call it with numbers of the types `f32` or `f64`"
        )]
        pub trait GenericFloat:
            Copy
            + Debug
            + Default
            + PartialOrd
            + Send
            + Sync
            + 'static
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
            + Rem<Output = Self>
            + Neg<Output = Self>
            + AddAssign
            + SubAssign
            + MulAssign
            + DivAssign
            + RemAssign
            + ZerosLike<Zeros = Self>
            + Accumulate<Self>
            + Clear
            + Inner<Self>
            + Sum<Float = Self>
            + Number<Of = Self>
            + Scale<Self>
            + Scale<f32>
            + Scale<f64>
            + Merge<Self>
            + Again<Again = Self>
            + Keep<Self>
            + Differentiable<Tangent = Self>
            + Blank
            + Unread
        {
            /// The nearest number of this type.
            fn __grad_number(x: f64) -> Self;

            /// The number, exactly.
            fn __grad_to_f64(self) -> f64;

            $(#[allow(missing_docs, reason = "as its namesake does")]
            #[must_use]
            fn $hidden(self $(, $arg: $ty)*) -> Self;)*

            $(#[allow(missing_docs, reason = "as its namesake does")]
            #[cfg(any(feature = "std", feature = "libm"))]
            #[must_use]
            fn $function(self $(, $given: $given_ty)*) -> Self;

            #[allow(missing_docs, reason = "as its namesake does")]
            #[cfg(not(any(feature = "std", feature = "libm")))]
            #[must_use]
            fn $function(self $(, $given: $given_ty)*) -> Self
            where
                Self: crate::math::Elementary,
            {
                $(let _ = $given;)*
                crate::math::Elementary::missing(self)
            })*
        }

        generic_float! { @for f32 [$($hidden = $of::$name($($arg: $ty),*);)*] [$($function = $from::$called($($given: $given_ty),*);)*] }
        generic_float! { @for f64 [$($hidden = $of::$name($($arg: $ty),*);)*] [$($function = $from::$called($($given: $given_ty),*);)*] }
    };
    (
        @for $float:ident [$($hidden:ident = $of:ident::$name:ident($($arg:ident: $ty:ty),*);)*]
        [$($function:ident = $from:ident::$called:ident($($given:ident: $given_ty:ty),*);)*]
    ) => {
        impl GenericFloat for $float {
            #[inline]
            #[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what is asked for")]
            fn __grad_number(x: f64) -> $float {
                x as $float
            }

            #[inline]
            fn __grad_to_f64(self) -> f64 {
                f64::from(self)
            }

            $(#[inline]
            fn $hidden(self $(, $arg: $ty)*) -> $float {
                generic_float!(@call $of $float $name)(self $(, $arg)*)
            })*

            $(#[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn $function(self $(, $given: $given_ty)*) -> $float {
                generic_float!(@call $from $float $called)(self $(, $given)*)
            })*
        }
    };
    (@call Float $float:ident $name:ident) => { <$float as crate::Real>::$name };
    (@call Real $float:ident $name:ident) => { <$float as Real>::$name };
}

generic_float! {
    core {
        __grad_abs = Float::abs();
        __grad_signum = Float::signum();
        __grad_copysign = Float::copysign(sign: Self);
        __grad_max = Float::max(other: Self);
        __grad_midpoint = Float::midpoint(other: Self);
        __grad_min = Float::min(other: Self);
        __grad_clamp = Float::clamp(lo: Self, hi: Self);
        __grad_to_radians = Float::to_radians();
        __grad_to_degrees = Float::to_degrees();
        __grad_recip = Float::recip();
        __grad_sign = Real::sign();
        __grad_max_weight = Real::max_weight(other: Self);
        __grad_min_weight = Real::min_weight(other: Self);
        __grad_above = Real::above(bound: Self);
        __grad_below = Real::below(bound: Self);
        __grad_clamp_x = Real::clamp_x(lo: Self, hi: Self);
        __grad_clamp_lo = Real::clamp_lo(lo: Self, hi: Self);
        __grad_clamp_hi = Real::clamp_hi(lo: Self, hi: Self);
        __grad_recip_positive = Real::recip_positive();
        __grad_div_or_zero = Real::div_or_zero(by: Self);
        __grad_over_norm2 = Real::over_norm2(other: Self);
    }
    elementary {
        __grad_mul_add = Float::mul_add(by: Self, and: Self);
        __grad_floor = Float::floor();
        __grad_ceil = Float::ceil();
        __grad_round = Float::round();
        __grad_round_ties_even = Float::round_ties_even();
        __grad_trunc = Float::trunc();
        __grad_fract = Float::fract();
        __grad_rem_euclid = Float::rem_euclid(by: Self);
        __grad_div_euclid = Float::div_euclid(by: Self);
        __grad_powi = Float::powi(n: i32);
        __grad_powf = Float::powf(p: Self);
        __grad_sqrt = Float::sqrt();
        __grad_cbrt = Float::cbrt();
        __grad_exp = Float::exp();
        __grad_exp2 = Float::exp2();
        __grad_exp_m1 = Float::exp_m1();
        __grad_ln = Float::ln();
        __grad_ln_1p = Float::ln_1p();
        __grad_log = Float::log(base: Self);
        __grad_log2 = Float::log2();
        __grad_log10 = Float::log10();
        __grad_sin = Float::sin();
        __grad_cos = Float::cos();
        __grad_tan = Float::tan();
        __grad_asin = Float::asin();
        __grad_acos = Float::acos();
        __grad_atan = Float::atan();
        __grad_atan2 = Float::atan2(other: Self);
        __grad_sinh = Float::sinh();
        __grad_cosh = Float::cosh();
        __grad_tanh = Float::tanh();
        __grad_asinh = Float::asinh();
        __grad_acosh = Float::acosh();
        __grad_atanh = Float::atanh();
        __grad_hypot = Float::hypot(other: Self);
        __grad_powi_nth = Real::powi_nth(n: i32, k: i32);
        __grad_powf_dx = Real::powf_dx(p: Self, y: Self);
        __grad_powf_ln = Real::powf_ln(p: Self, k: i32, y: Self);
    }
}

/// A number of a generic type.
#[inline]
pub fn float<F: GenericFloat>(x: f64) -> F {
    F::__grad_number(x)
}

/// A number of the type of another, which rustc knows.
#[inline]
pub fn number_like<F: GenericFloat>(_: F, x: f64) -> F {
    F::__grad_number(x)
}

/// `as`, between floats of which at least one is generic.
#[inline]
pub fn cast_generic<From: GenericFloat, To: GenericFloat>(x: From) -> To {
    To::__grad_number(x.__grad_to_f64())
}

/// Whether a derivative flows: whether the number is not 0.
#[inline]
pub fn flows<F: GenericFloat>(x: F) -> bool {
    x != F::default()
}

impl<F: GenericFloat> Sum for [F] {
    type Float = F;
    #[inline]
    fn __grad_sum(&self) -> F {
        self.iter().fold(F::default(), |sum, x| sum + *x)
    }
}

impl<F: GenericFloat> Restore for F {
    #[inline]
    fn restore(&mut self, old: &F) {
        *self = *old;
    }
}

impl<F: GenericFloat> NoSeed for F {
    #[inline]
    fn no_seed() -> F {
        F::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lanes;

    fn flow<F: GenericFloat>(x: F) -> [F; 3] {
        let wide = Lanes([x, F::default()]) * x;
        assert!(wide.flows() && flows(x) && !flows(wide[1]));
        let mut sum = x.__grad_zeros_like();
        sum.__grad_accumulate(&wide[0]);
        sum.__grad_scale(number_like(x, 2.0));
        [sum, x.__grad_powi(2), cast_generic::<F, f32>(x).__grad_number_of()]
    }

    trait NumberOf<F> {
        fn __grad_number_of(self) -> F;
    }

    impl<F: GenericFloat> NumberOf<F> for f32 {
        fn __grad_number_of(self) -> F {
            cast_generic(self)
        }
    }

    #[test]
    fn a_generic_float_is_the_float_it_stands_for() {
        assert_eq!(flow(1.5_f64), [4.5, 2.25, 1.5]);
        assert_eq!(flow(1.5_f32), [4.5, 2.25, 1.5]);
        assert_eq!(cast_generic::<f64, f32>(0.1), 0.1_f32);
    }
}
