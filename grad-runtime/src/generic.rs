//! A bound for functions over either float.

use core::fmt::{Debug, Display};
use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! real {
    (
        constants { $($constant:ident)* }
        limits { $($limit:ident)* }
        methods { $($method:ident($($arg:ident: $ty:ty),*);)* }
        elementary { $($function:ident($($of:ident: $of_ty:ty),*);)* }
        tests { $($test:ident)* }
    ) => {
        /// `f32` or `f64`: the bound of a function that is written for both, where no other crate's is at hand.
        ///
        /// It has what floats have in the standard library, under the same names, and the numbers that such a function is made
        /// of: `T::one()`, `T::from_f64(0.5)`, `T::PI`.
        ///
        /// ```
        /// use grad_runtime::Real;
        ///
        /// fn gauss<T: Real>(x: T, sigma: T) -> T {
        ///     let z = x / sigma;
        ///     (T::from_f64(-0.5) * z * z).exp() / (sigma * T::TAU.sqrt())
        /// }
        ///
        /// assert_eq!(gauss(0.0_f32, 1.0), 1.0 / std::f32::consts::TAU.sqrt());
        /// ```
        pub trait Real:
            sealed::Sealed
            + crate::__private::GenericFloat
            + Copy
            + Debug
            + Default
            + Display
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
            + Sum
            + Product
            + for<'a> Sum<&'a Self>
            + for<'a> Product<&'a Self>
        {
            $(#[doc = concat!("See [`", stringify!($constant), "`](core::f64::consts::", stringify!($constant), ").")]
            const $constant: Self;)*
            $(#[doc = concat!("See [`f64::", stringify!($limit), "`].")]
            const $limit: Self;)*

            /// 0.
            #[must_use]
            fn zero() -> Self;
            /// 1.
            #[must_use]
            fn one() -> Self;
            /// The nearest number of this type.
            #[must_use]
            fn from_f64(x: f64) -> Self;
            /// The nearest number of this type.
            #[must_use]
            fn from_usize(n: usize) -> Self;
            /// The nearest number of this type.
            #[must_use]
            fn from_i32(n: i32) -> Self;
            /// The same number; exact.
            #[must_use]
            fn to_f64(self) -> f64;

            /// The sine and the cosine.
            #[cfg(any(feature = "std", feature = "libm"))]
            #[must_use]
            fn sin_cos(self) -> (Self, Self);

            $(#[doc = concat!("See [`f64::", stringify!($function), "`].")]
            #[cfg(any(feature = "std", feature = "libm"))]
            #[must_use]
            fn $function(self $(, $of: $of_ty)*) -> Self;

            #[doc = concat!("See [`f64::", stringify!($function), "`].")]
            #[cfg(not(any(feature = "std", feature = "libm")))]
            #[must_use]
            fn $function(self $(, $of: $of_ty)*) -> Self
            where
                Self: crate::math::Elementary,
            {
                $(let _ = $of;)*
                crate::math::Elementary::missing(self)
            })*

            $(#[doc = concat!("See [`f64::", stringify!($method), "`].")]
            #[must_use]
            fn $method(self $(, $arg: $ty)*) -> Self;)*

            $(#[doc = concat!("See [`f64::", stringify!($test), "`].")]
            #[must_use]
            fn $test(self) -> bool;)*
        }

        real! { @for f32 [$($constant)*] [$($limit)*] [$($method($($arg: $ty),*);)*] [$($function($($of: $of_ty),*);)*] [$($test)*] }
        real! { @for f64 [$($constant)*] [$($limit)*] [$($method($($arg: $ty),*);)*] [$($function($($of: $of_ty),*);)*] [$($test)*] }
    };
    (@for $float:ident [$($constant:ident)*] [$($limit:ident)*] [$($method:ident($($arg:ident: $ty:ty),*);)*] [$($function:ident($($of:ident: $of_ty:ty),*);)*] [$($test:ident)*]) => {
        #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, reason = "rounding to the nearest is what is asked for")]
        impl Real for $float {
            $(const $constant: $float = core::$float::consts::$constant;)*
            $(const $limit: $float = $float::$limit;)*

            #[inline]
            fn zero() -> $float {
                0.0
            }
            #[inline]
            fn one() -> $float {
                1.0
            }
            #[inline]
            fn from_f64(x: f64) -> $float {
                x as $float
            }
            #[inline]
            fn from_usize(n: usize) -> $float {
                n as $float
            }
            #[inline]
            fn from_i32(n: i32) -> $float {
                n as $float
            }
            #[inline]
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            #[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn sin_cos(self) -> ($float, $float) {
                crate::math::function!($float, sin_cos)(self)
            }
            $(#[cfg(any(feature = "std", feature = "libm"))]
            #[inline]
            fn $function(self $(, $of: $of_ty)*) -> $float {
                crate::math::function!($float, $function)(self $(, $of)*)
            })*
            $(#[inline]
            fn $method(self $(, $arg: $ty)*) -> $float {
                $float::$method(self $(, $arg)*)
            })*
            $(#[inline]
            fn $test(self) -> bool {
                $float::$test(self)
            })*
        }
    };
}

real! {
    constants {
        PI TAU E FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 FRAC_1_PI FRAC_2_PI FRAC_2_SQRT_PI FRAC_1_SQRT_2
        SQRT_2 LN_2 LN_10 LOG2_E LOG10_E LOG2_10 LOG10_2
    }
    limits { EPSILON INFINITY NEG_INFINITY NAN MAX MIN MIN_POSITIVE }
    methods {
        abs(); signum(); copysign(sign: Self); max(other: Self); midpoint(other: Self); min(other: Self); clamp(lo: Self, hi: Self);
        to_radians(); to_degrees(); recip();
    }
    elementary {
        mul_add(by: Self, and: Self); floor(); ceil(); round(); round_ties_even(); trunc(); fract();
        rem_euclid(by: Self); div_euclid(by: Self); powi(n: i32); powf(p: Self); sqrt(); cbrt(); exp(); exp2();
        exp_m1(); ln(); ln_1p(); log(base: Self); log2(); log10(); sin(); cos(); tan(); asin(); acos(); atan();
        atan2(other: Self); sinh(); cosh(); tanh(); asinh(); acosh(); atanh(); hypot(other: Self);
    }
    tests { is_nan is_finite is_infinite is_normal is_sign_negative is_sign_positive }
}
