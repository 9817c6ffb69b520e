//! What is made of exponentials, logarithms and sines.

macro_rules! elementary {
    ($float:ident) => {
        /// The logistic function 1/(1 + e⁻ˣ).
        ///
        /// The derivative is σ(x) (1 − σ(x)), and 0 at ±∞.
        #[grad_macro::grad(second, crate = crate)]
        pub fn sigmoid(x: $float) -> $float {
            if x > 0.0 {
                1.0 / (1.0 + (-x).exp())
            } else {
                let e = x.exp();
                e / (1.0 + e)
            }
        }

        /// ln σ(x) = −ln(1 + e⁻ˣ), the logarithm of the logistic function.
        ///
        /// The derivative is σ(−x): 1 at −∞, 0 at ∞.
        #[grad_macro::grad(second, crate = crate)]
        pub fn log_sigmoid(x: $float) -> $float {
            if x < 0.0 { x - x.exp().ln_1p() } else { -(-x).exp().ln_1p() }
        }

        /// ln(1 + eˣ).
        ///
        /// The derivative is σ(x): 0 at −∞, 1 at ∞.
        #[grad_macro::grad(second, crate = crate)]
        pub fn softplus(x: $float) -> $float {
            if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
        }

        /// ln Σ e^xᵢ.
        ///
        /// The derivative is e^xᵢ / Σ e^xⱼ. Where every xᵢ is −∞ the value is −∞, as that of no numbers at all, and the
        /// derivative 0. Where one is ∞, so is the value, and its derivative is NaN. NaN gives NaN.
        #[grad_macro::grad(second, crate = crate)]
        pub fn logsumexp(x: &[$float]) -> $float {
            let mut largest = <$float>::NEG_INFINITY;
            for &x in x {
                if x.is_nan() || x > largest {
                    largest = x;
                }
            }
            if largest == <$float>::NEG_INFINITY {
                return <$float>::NEG_INFINITY;
            }
            // The value is the same for every shift, and so is its derivative.
            let shift = if largest == <$float>::INFINITY { 0.0 } else { crate::constant(largest) };
            let mut sum = 0.0;
            for &x in x {
                sum += (x - shift).exp();
            }
            shift + sum.ln()
        }

        /// x ln y, and 0 where x is 0 and y is 0 or ∞.
        ///
        /// The derivatives are ln y and x/y. At (0, 0) they are those along the axes, −∞ and 0; at (0, ∞), ∞ and 0. For
        /// y < 0 everything is NaN.
        #[grad_macro::grad(second, crate = crate)]
        pub fn xlogy(x: $float, y: $float) -> $float {
            if x == 0.0 && (y == 0.0 || y == <$float>::INFINITY) {
                // A root is 0 at 0 and has the slope ∞. The sum makes 0 of −0.
                let root = (x + 0.0).sqrt();
                if y == 0.0 { 0.0 - root } else { root }
            } else {
                x * y.ln()
            }
        }

        /// sin(x)/x, and 1 at 0. (Not sin(πx)/πx, which some call by the same name.)
        ///
        /// The derivative is (cos x − sin(x)/x)/x, and 0 at 0.
        #[grad_macro::grad(second, crate = crate)]
        pub fn sinc(x: $float) -> $float {
            if x.abs() > 1.0 {
                x.sin() / x
            } else {
                // Σ (−1)ᵏ x²ᵏ/(2k + 1)!, which ends below the rounding: the derivative of the fraction would cancel.
                let q = x * x;
                let tail = 1.0 - q / 210.0 * (1.0 - q / 272.0 * (1.0 - q / 342.0));
                let middle = 1.0 - q / 72.0 * (1.0 - q / 110.0 * (1.0 - q / 156.0 * tail));
                1.0 - q / 6.0 * (1.0 - q / 20.0 * (1.0 - q / 42.0 * middle))
            }
        }

        /// max(x, 0). NaN stays NaN.
        ///
        /// The derivative is 1 for x > 0, else 0, also at 0.
        #[grad_macro::grad(second, crate = crate)]
        pub fn relu(x: $float) -> $float {
            if x <= 0.0 { 0.0 } else { x }
        }
    };
}

pub(super) mod double {
    #[cfg(not(feature = "std"))]
    use crate::Real;

    elementary!(f64);
}

/// The same functions of `f32`.
pub mod single {
    #[cfg(not(feature = "std"))]
    use crate::Real;

    elementary!(f32);
}
