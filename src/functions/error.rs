//! The error functions.

#[cfg(not(feature = "std"))]
use crate::Real;
use core::f64::consts::FRAC_2_SQRT_PI;

super::with_slope! {
    /// The error function 2/√π ∫₀ˣ e^(−t²) dt.
    ///
    /// The derivative is 2/√π e^(−x²).
    fn erf(x) = libm::erf(x), erf_rules: bell(x), -2.0 * x * bell(x);

    /// The complementary error function 1 − erf x, which does not cancel for large x.
    ///
    /// The derivative is −2/√π e^(−x²).
    fn erfc(x) = libm::erfc(x), erfc_rules: -bell(x), 2.0 * x * bell(x);
}

/// The slope of the error function.
fn bell(x: f64) -> f64 {
    FRAC_2_SQRT_PI * (-x * x).exp()
}
