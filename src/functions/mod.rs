//! Functions whose obvious formula overflows, cancels, or divides zero by zero: with values and derivatives that do not.
//!
//! They are called in annotated functions like any other function with `#[grad]`, and have derivatives of their own:
//!
//! ```
//! use grad::functions::{logsumexp, sigmoid};
//! use grad::grad;
//!
//! #[grad]
//! fn loss(w: &[f64], x: f64) -> f64 {
//!     logsumexp(w) - w[0] * sigmoid(x)
//! }
//!
//! assert_eq!(sigmoid::grad(-1000.0), 0.0);
//! assert_eq!(loss::grad(&[1000.0], 0.0), (vec![0.5], -250.0));
//! ```
//!
//! Here they take `f64`; [`single`] has them for `f32`. All have second derivatives, too.
//!
//! With the feature `libm` there are the error functions, the gamma function and its logarithm, and the Bessel functions
//! of integer order, of `f64`. Their values are those of the crate `libm`.

#[cfg(feature = "libm")]
mod bessel;
mod elementary;
#[cfg(feature = "libm")]
mod error;
#[cfg(feature = "libm")]
mod gamma;

#[cfg(feature = "libm")]
pub use bessel::{j0, j1, jn, y0, y1, yn};
pub use elementary::double::*;
pub use elementary::single;
#[cfg(feature = "libm")]
pub use error::{erf, erfc};
#[cfg(feature = "libm")]
pub use gamma::{digamma, ln_gamma, ln_gamma as lgamma, tgamma};

/// Functions of one number whose derivatives have a formula: value, slope, and curvature.
#[cfg(feature = "libm")]
macro_rules! with_slope {
    ($(
        $(#[$attribute:meta])*
        fn $name:ident($([$n:ident: $int:ty])? $x:ident) = $value:expr, $rules:ident: $slope:expr, $curvature:expr;
    )*) => {$(
        $(#[$attribute])*
        #[grad_macro::grad(crate = crate, vjp = $rules::vjp, jvp = $rules::jvp, hvp = $rules::hvp)]
        pub fn $name($($n: $int,)? $x: f64) -> f64 {
            $value
        }

        mod $rules {
            #[allow(clippy::wildcard_imports, reason = "what the formula reads")]
            use super::*;

            pub(super) fn vjp($($n: $int,)? $x: f64) -> (f64, impl FnOnce(f64) -> f64) {
                ($name($($n,)? $x), move |bar| bar * $slope)
            }

            pub(super) fn jvp($($n: $int,)? $x: f64, dot: f64) -> (f64, f64) {
                ($name($($n,)? $x), dot * $slope)
            }

            pub(super) fn hvp($($n: $int,)? $x: f64, dot: f64) -> (f64, f64) {
                ($slope, dot * $curvature)
            }
        }
    )*};
}

#[cfg(feature = "libm")]
use with_slope;
