//! Where are the functions of floats that `core` lacks?
//!
//! In the standard library; without it, in the crate `libm`; and without that, nowhere: [`Elementary`] says so.

/// A function of a float, by the name that it has in the standard library.
#[cfg(feature = "std")]
macro_rules! function {
    ($float:ident, $name:ident) => {
        $float::$name
    };
}

#[cfg(all(not(feature = "std"), feature = "libm"))]
macro_rules! function {
    (f32, $name:ident) => {
        crate::math::single::$name
    };
    (f64, $name:ident) => {
        crate::math::double::$name
    };
}

#[cfg(any(feature = "std", feature = "libm"))]
pub(crate) use function;

/// What is asked of a float whose elementary functions are called where there are none.
#[cfg(not(any(feature = "std", feature = "libm")))]
#[diagnostic::on_unimplemented(
    message = "elementary functions of floats are not in `core`: turn on the feature `libm` of `grad-rs`",
    label = "no `{Self}` has this function here",
    note = "in `Cargo.toml`: `grad-rs = {{ version = \"…\", default-features = false, features = [\"libm\"] }}`"
)]
pub trait Elementary: Sized {
    /// Never called.
    #[doc(hidden)]
    fn missing(self) -> Self;
}

#[cfg(all(not(feature = "std"), feature = "libm"))]
macro_rules! of_libm {
    ($module:ident, $float:ident; $($name:ident($($arg:ident),*) = $function:ident;)*) => {
        /// The functions of the standard library, by its definitions where `libm` has none.
        pub(crate) mod $module {
            $(#[inline]
            pub(crate) fn $name($($arg: $float),*) -> $float {
                libm::$function($($arg),*)
            })*

            #[inline]
            pub(crate) fn sin_cos(x: $float) -> ($float, $float) {
                (sin(x), cos(x))
            }

            #[inline]
            pub(crate) fn log(x: $float, base: $float) -> $float {
                ln(x) / ln(base)
            }

            #[inline]
            pub(crate) fn fract(x: $float) -> $float {
                x - trunc(x)
            }

            #[inline]
            pub(crate) fn rem_euclid(x: $float, by: $float) -> $float {
                let rest = x % by;
                if rest < 0.0 { rest + by.abs() } else { rest }
            }

            #[inline]
            pub(crate) fn div_euclid(x: $float, by: $float) -> $float {
                let quotient = trunc(x / by);
                if x % by >= 0.0 {
                    quotient
                } else if by > 0.0 {
                    quotient - 1.0
                } else {
                    quotient + 1.0
                }
            }

            /// By squares, as the runtime of the compiler does it.
            #[inline]
            pub(crate) fn powi(x: $float, n: i32) -> $float {
                let (mut square, mut left, mut power) = (x, n.unsigned_abs(), 1.0);
                while left > 0 {
                    if left % 2 == 1 {
                        power *= square;
                    }
                    left /= 2;
                    square *= square;
                }
                if n < 0 { 1.0 / power } else { power }
            }
        }
    };
}

#[cfg(all(not(feature = "std"), feature = "libm"))]
of_libm! { double, f64;
    mul_add(x, y, z) = fma; floor(x) = floor; ceil(x) = ceil; round(x) = round; round_ties_even(x) = rint; trunc(x) = trunc;
    powf(x, p) = pow; sqrt(x) = sqrt; cbrt(x) = cbrt; exp(x) = exp; exp2(x) = exp2; exp_m1(x) = expm1; ln(x) = log;
    ln_1p(x) = log1p; log2(x) = log2; log10(x) = log10; sin(x) = sin; cos(x) = cos; tan(x) = tan; asin(x) = asin;
    acos(x) = acos; atan(x) = atan; atan2(y, x) = atan2; sinh(x) = sinh; cosh(x) = cosh; tanh(x) = tanh; asinh(x) = asinh;
    acosh(x) = acosh; atanh(x) = atanh; hypot(x, y) = hypot;
}

#[cfg(all(not(feature = "std"), feature = "libm"))]
of_libm! { single, f32;
    mul_add(x, y, z) = fmaf; floor(x) = floorf; ceil(x) = ceilf; round(x) = roundf; round_ties_even(x) = rintf; trunc(x) = truncf;
    powf(x, p) = powf; sqrt(x) = sqrtf; cbrt(x) = cbrtf; exp(x) = expf; exp2(x) = exp2f; exp_m1(x) = expm1f; ln(x) = logf;
    ln_1p(x) = log1pf; log2(x) = log2f; log10(x) = log10f; sin(x) = sinf; cos(x) = cosf; tan(x) = tanf; asin(x) = asinf;
    acos(x) = acosf; atan(x) = atanf; atan2(y, x) = atan2f; sinh(x) = sinhf; cosh(x) = coshf; tanh(x) = tanhf; asinh(x) = asinhf;
    acosh(x) = acoshf; atanh(x) = atanhf; hypot(x, y) = hypotf;
}

/// With `cargo test -p grad-runtime --no-default-features --features libm`.
#[cfg(all(test, not(feature = "std"), feature = "libm"))]
mod tests {
    #[test]
    fn the_functions_that_libm_lacks_are_those_of_the_standard_library() {
        for x in [-7.5_f64, -2.0, -0.5, 0.0, 0.5, 2.0, 7.5] {
            for by in [-3.0_f64, -2.0, 0.75, 2.0] {
                assert_eq!(super::double::rem_euclid(x, by), x.rem_euclid(by), "{x} {by}");
                assert_eq!(super::double::div_euclid(x, by), x.div_euclid(by), "{x} {by}");
            }
            for n in [i32::MIN, -3, -1, 0, 1, 2, 5, i32::MAX] {
                let (found, wanted) = (super::double::powi(x, n), x.powi(n));
                assert!(found == wanted || (found / wanted - 1.0).abs() < 1e-15, "{x} {n}: {found} {wanted}");
            }
            assert_eq!(super::double::fract(x), x.fract());
        }
        assert_eq!(super::single::powi(-1.5, 3), -3.375);
        assert_eq!(super::single::round_ties_even(2.5), 2.0);
        assert_eq!(super::double::round_ties_even(3.5), 4.0);
    }
}
