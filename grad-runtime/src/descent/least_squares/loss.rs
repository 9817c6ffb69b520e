//! How much does a residual count?

use crate::descent::DescentError;
use crate::descent::checks::positive;

/// A loss ρ, which makes ½·Σ δ²·ρ(rᵢ²/δ²) of ½·Σ rᵢ², so that large residuals count for less: those of outliers. δ > 0, in
/// the units of the residuals, is the size from which on a residual is large.
///
/// Triggs, `McLauchlan`, Hartley and Fitzgibbon, *Bundle adjustment: a modern synthesis*, 2000, section 4.3; the formulas are
/// those of `scipy`'s `least_squares` (Tukey's: of Ceres), whose `f_scale` is δ. The derivatives are brought into the
/// residuals and the Jacobian by the correction of Triggs: for a single residual, with s = r²/δ² and
/// d = max(1 + 2·s·ρ″(s)/ρ′(s), 0.1),
///
/// ```text
/// r ← √(ρ′(s)/d)·r        J ← √(ρ′(s)·d)·J
/// ```
///
/// so that Jᵀr is the gradient, and `JᵀJ` has the part of the Hessian that comes from ρ″, as far as it stays positive
/// definite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// ρ(s) = s: every residual counts as it is.
    #[default]
    Square,
    /// ρ(s) = s for s ≤ 1, 2·√s − 1 beyond: linear from δ on. Huber 1964.
    Huber(f64),
    /// ρ(s) = 2·(√(1 + s) − 1): a smooth Huber.
    SoftL1(f64),
    /// ρ(s) = ln(1 + s): outliers count hardly, but there may be more than one minimum.
    Cauchy(f64),
    /// ρ(s) = (1 − (1 − s)³)/3 for s ≤ 1, ⅓ beyond: from δ on a residual does not count at all. Beaton and Tukey 1974.
    Tukey(f64),
}

/// The least d.
const LEAST: f64 = 0.1;

impl Loss {
    pub(super) fn check(self) -> Result<(), DescentError> {
        self.scale().map_or(Ok(()), |scale| positive("loss", scale))
    }

    /// δ
    fn scale(self) -> Option<f64> {
        match self {
            Loss::Square => None,
            Loss::Huber(scale) | Loss::SoftL1(scale) | Loss::Cauchy(scale) | Loss::Tukey(scale) => {
                Some(scale)
            }
        }
    }

    /// δ²·ρ(r²/δ²)
    pub(super) fn of(self, r: f64) -> f64 {
        let Some(scale) = self.scale() else { return r * r };
        scale * scale * self.rho((r / scale).powi(2)).0
    }

    /// What residual and row of the Jacobian are to be multiplied with.
    pub(super) fn correction(self, r: f64) -> (f64, f64) {
        let Some(scale) = self.scale() else { return (1.0, 1.0) };
        let s = (r / scale).powi(2);
        let (_, first, second) = self.rho(s);
        if first <= 0.0 {
            return (0.0, 0.0);
        }
        let d = (1.0 + 2.0 * s * second / first).max(LEAST);
        ((first / d).sqrt(), (first * d).sqrt())
    }

    /// ρ(s), ρ′(s), ρ″(s)
    fn rho(self, s: f64) -> (f64, f64, f64) {
        match self {
            Loss::Square => (s, 1.0, 0.0),
            Loss::Huber(_) if s <= 1.0 => (s, 1.0, 0.0),
            Loss::Huber(_) => {
                let root = s.sqrt();
                (2.0 * root - 1.0, 1.0 / root, -0.5 / (s * root))
            }
            Loss::SoftL1(_) => {
                let root = (1.0 + s).sqrt();
                // 2·(√(1 + s) − 1) without a difference of numbers of one size.
                (2.0 * s / (root + 1.0), 1.0 / root, -0.5 / ((1.0 + s) * root))
            }
            Loss::Cauchy(_) => (s.ln_1p(), 1.0 / (1.0 + s), -(1.0 + s).powi(-2)),
            Loss::Tukey(_) if s <= 1.0 => {
                let rest = 1.0 - s;
                // (1 − (1 − s)³)/3, multiplied out.
                (s * (1.0 - s + s * s / 3.0), rest * rest, -2.0 * rest)
            }
            Loss::Tukey(_) => (1.0 / 3.0, 0.0, 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Loss; 5] =
        [Loss::Square, Loss::Huber(0.7), Loss::SoftL1(0.7), Loss::Cauchy(0.7), Loss::Tukey(0.7)];

    #[test]
    fn the_derivatives_are_those_of_the_loss() {
        for loss in ALL {
            for s in [0.0, 0.01, 0.3, 0.8, 1.3, 20.0] {
                let h = 1e-5;
                let (_, first, second) = loss.rho(s + h);
                let slope =
                    |k: fn((f64, f64, f64)) -> f64| (k(loss.rho(s + 2.0 * h)) - k(loss.rho(s))) / (2.0 * h);
                assert!((slope(|rho| rho.0) - first).abs() < 1e-8, "{loss:?} {s}");
                assert!((slope(|rho| rho.1) - second).abs() < 1e-8, "{loss:?} {s}");
            }
        }
    }

    #[test]
    fn small_residuals_count_as_they_are_and_the_correction_keeps_the_gradient() {
        for loss in ALL {
            assert!((loss.of(1e-4) / 1e-8 - 1.0).abs() < 1e-6, "{loss:?}");
            for r in [-3.0, -0.5, 0.2, 0.69, 1.0] {
                // r̃·J̃ = ½·d/dr (δ²·ρ(r²/δ²)), for J = 1.
                let (of_r, of_j) = loss.correction(r);
                let h = 1e-6;
                let slope = (loss.of(r + h) - loss.of(r - h)) / (4.0 * h);
                assert!((of_r * r * of_j - slope).abs() < 1e-9, "{loss:?} {r}");
            }
        }
    }
}
