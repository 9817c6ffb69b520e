//! The gamma function, its logarithm, and the derivatives of this.

#[cfg(not(feature = "std"))]
use crate::Real;
use core::f64::consts::PI;

super::with_slope! {
    /// The gamma function Γ(x), with Γ(n + 1) = n!.
    ///
    /// The derivative is Γ(x) ψ(x): −∞ at 0, NaN at the other poles.
    fn tgamma(x) = libm::tgamma(x), tgamma_rules: tgamma(x) * psi(x), tgamma(x) * (psi(x) * psi(x) + trigamma(x));

    /// ln |Γ(x)|, which does not overflow where Γ does.
    ///
    /// The derivative is [`digamma`](fn@digamma).
    fn ln_gamma(x) = libm::lgamma(x), ln_gamma_rules: psi(x), trigamma(x);

    /// ψ(x), the derivative of [`ln_gamma`](fn@ln_gamma).
    ///
    /// −∞ at 0, the limit from the right; NaN at the other poles, where the two limits differ. Elsewhere exact to about
    /// 2·10⁻¹⁵, relative to the larger of 1 and |ψ|.
    ///
    /// Abramowitz and Stegun, Handbook of Mathematical Functions (1964): 6.3.5 and 6.3.7 take x to at least 10, where the
    /// asymptotic expansion 6.3.18 is exact to rounding.
    fn digamma(x) = psi(x), digamma_rules: trigamma(x), tetragamma(x);
}

fn is_pole(x: f64) -> bool {
    x <= 0.0 && x == x.round()
}

/// ψ
fn psi(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if is_pole(x) {
        return f64::NAN;
    }
    if x < 0.0 {
        // ψ(1 − x) − ψ(x) = π cot πx, which has the period 1.
        return psi(1.0 - x) - PI / (PI * (x - x.round())).tan();
    }
    // ψ(x + 1) = ψ(x) + 1/x
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / x;
        x += 1.0;
    }
    // ln x − 1/2x − Σ B₂ₖ/(2k x²ᵏ)
    let q = 1.0 / (x * x);
    let series = q
        * (1.0 / 12.0
            - q * (1.0 / 120.0
                - q * (1.0 / 252.0
                    - q * (1.0 / 240.0 - q * (1.0 / 132.0 - q * (691.0 / 32760.0 - q / 12.0))))));
    x.ln() - 0.5 / x - series - sum
}

/// ψ′: 6.4.6, 6.4.7 and 6.4.12.
fn trigamma(x: f64) -> f64 {
    if is_pole(x) {
        // It goes to ∞ from both sides.
        return f64::INFINITY;
    }
    if x < 0.0 {
        // ψ′(1 − x) + ψ′(x) = π²/sin² πx
        return (PI / (PI * (x - x.round())).sin()).powi(2) - trigamma(1.0 - x);
    }
    // ψ′(x + 1) = ψ′(x) − 1/x²
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    // 1/x + 1/2x² + Σ B₂ₖ/x²ᵏ⁺¹
    let q = 1.0 / (x * x);
    let series = q
        * (1.0 / 6.0
            - q * (1.0 / 30.0
                - q * (1.0 / 42.0
                    - q * (1.0 / 30.0 - q * (5.0 / 66.0 - q * (691.0 / 2730.0 - q * 7.0 / 6.0))))));
    (1.0 + series) / x + 0.5 * q + sum
}

/// ψ″: 6.4.6, 6.4.7 and 6.4.13. −∞ at 0, the limit from the right; NaN at the other poles, where the two limits differ.
fn tetragamma(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if is_pole(x) {
        return f64::NAN;
    }
    if x < 0.0 {
        // ψ″(1 − x) − ψ″(x) = 2π³ cos πx/sin³ πx, which has the period 1.
        let (sin, cos) = (PI * (x - x.round())).sin_cos();
        return tetragamma(1.0 - x) - 2.0 * (PI / sin).powi(3) * cos;
    }
    // ψ″(x + 1) = ψ″(x) + 2/x³
    let (mut x, mut sum) = (x, 0.0);
    while x < 10.0 {
        sum += 2.0 / (x * x * x);
        x += 1.0;
    }
    // −(1/x² + 1/x³ + Σ (2k + 1) B₂ₖ/x²ᵏ⁺²)
    let q = 1.0 / (x * x);
    let series = q
        * (0.5
            - q * (1.0 / 6.0
                - q * (1.0 / 6.0 - q * (0.3 - q * (5.0 / 6.0 - q * (691.0 / 210.0 - q * 17.5))))));
    -q * (1.0 + 1.0 / x + series) - sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const EULER: f64 = 0.577_215_664_901_532_9;

    #[track_caller]
    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 2e-15 * wanted.abs().max(1.0), "{found:e} instead of {wanted:e}");
    }

    /// Abramowitz and Stegun 6.3.2 to 6.3.4: at integers and halves ψ is rational but for γ and ln 2.
    #[test]
    fn digamma_at_integers_and_halves() {
        let mut harmonic = 0.0;
        for n in 1_u32..40 {
            close(psi(f64::from(n)), harmonic - EULER);
            harmonic += 1.0 / f64::from(n);
        }
        let mut odd = 0.0;
        for n in 0_u32..40 {
            close(psi(f64::from(n) + 0.5), 2.0 * odd - EULER - 2.0 * 2.0_f64.ln());
            // ψ(½ − n) = ψ(½ + n)
            close(psi(0.5 - f64::from(n)), 2.0 * odd - EULER - 2.0 * 2.0_f64.ln());
            odd += 1.0 / f64::from(2 * n + 1);
        }
    }

    /// Gauss's theorem at thirds and quarters.
    #[test]
    fn digamma_at_fractions() {
        close(psi(0.25), -EULER - PI / 2.0 - 3.0 * 2.0_f64.ln());
        close(psi(0.75), -EULER + PI / 2.0 - 3.0 * 2.0_f64.ln());
        close(psi(1.0 / 3.0), -EULER - PI / (2.0 * 3.0_f64.sqrt()) - 1.5 * 3.0_f64.ln());
    }

    #[test]
    fn trigamma_at_integers_and_halves() {
        let (mut at_integers, mut at_halves) = (PI * PI / 6.0, PI * PI / 2.0);
        for n in 1_u32..20 {
            let n = f64::from(n);
            close(trigamma(n), at_integers);
            close(trigamma(n - 0.5), at_halves);
            // ψ′(½ − m) = π² − ψ′(½ + m)
            close(trigamma(1.5 - n), PI * PI - at_halves);
            at_integers -= 1.0 / (n * n);
            at_halves -= 1.0 / ((n - 0.5) * (n - 0.5));
        }
    }

    /// ψ″(1) = −2ζ(3), ψ″(½) = −14ζ(3), and the recurrence from there.
    #[test]
    fn tetragamma_at_integers_and_halves() {
        const ZETA_3: f64 = 1.202_056_903_159_594_2;
        let (mut at_integers, mut at_halves) = (-2.0 * ZETA_3, -14.0 * ZETA_3);
        for n in 1_u32..20 {
            let n = f64::from(n);
            close(tetragamma(n), at_integers);
            // What is left of 14ζ(3) has its rounding.
            close(tetragamma(n - 0.5) / 16.0, at_halves / 16.0);
            // ψ″(½ − m) = ψ″(½ + m), as cos πx is 0 there.
            close(tetragamma(1.5 - n) / 16.0, at_halves / 16.0);
            at_integers += 2.0 / (n * n * n);
            at_halves += 2.0 / ((n - 0.5) * (n - 0.5) * (n - 0.5));
        }
    }

    /// Against the slope of ψ′, on both sides of the poles.
    #[test]
    fn tetragamma_between_the_poles() {
        for x in [-3.7, -3.2, -2.6, -2.3, -1.8, -1.4, -0.7, -0.3, 0.2, 0.8, 3.3] {
            let h = 1e-4;
            let difference = (8.0 * (trigamma(x + h) - trigamma(x - h))
                - (trigamma(x + 2.0 * h) - trigamma(x - 2.0 * h)))
                / (12.0 * h);
            assert!((tetragamma(x) - difference).abs() < 1e-8 * difference.abs().max(1.0), "{x}");
        }
    }

    #[test]
    fn poles() {
        assert_eq!(tetragamma(0.0), f64::NEG_INFINITY);
        assert!(tetragamma(-2.0).is_nan());
        assert_eq!(psi(0.0), f64::NEG_INFINITY);
        assert!(psi(-3.0).is_nan() && psi(f64::NAN).is_nan());
        assert_eq!(trigamma(-3.0), f64::INFINITY);
        assert_eq!(psi(f64::INFINITY), f64::INFINITY);
        close(trigamma(f64::INFINITY), 0.0);
    }
}
