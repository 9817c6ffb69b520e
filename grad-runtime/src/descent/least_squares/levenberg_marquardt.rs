//! Levenberg–Marquardt: Gauss and Newton's step, no longer than it can be trusted.

use super::settings::{TrustRegion, trust_region_settings};
use super::trust_region::Path;

/// Levenberg–Marquardt, for sums of squares: minimises f(x) = ½·‖r(x)‖².
///
/// ```text
/// x₊ = x + p        p minimises ‖J·p + r‖² over ‖D·p‖ ≤ Δ, that is (JᵀJ + λ·D²)·p = −Jᵀr for a λ ≥ 0
/// ```
///
/// D has the largest norms so far of the columns of J, so that the scale of the variables does not matter. The step is
/// taken if f falls by at least 10⁻⁴ of what the linear model promises. The radius Δ is 0.1·‖D·x‖ at the start (0.1 if
/// that is 0); it shrinks where less than a quarter of the promise is kept, and becomes 2·‖D·p‖ where three quarters
/// are, or λ = 0. The equations are solved by QR with column pivoting, never by forming `JᵀJ`; the Jacobian is computed
/// at accepted points only.
///
/// Converged where r is orthogonal to the columns of J, maxⱼ |Jⱼᵀ·r| / (‖Jⱼ‖·‖r‖) ≤ `gradient_tolerance`, 10⁻⁸ by
/// default: this cosine is the gradient norm of its report, and knows no scale of the residuals or the variables. Also
/// where the residuals are as good as zero, [`Termination::SmallResiduals`](crate::descent::Termination::SmallResiduals).
///
/// With [bounds](Self::bounds) on the variables, those at a bound to which −∇f pulls them stay there, and the step is that of
/// the others; where it leads out of the bounds, the variables that leave go to their bound and the rest is solved again (or,
/// if the model likes that better, all is projected). The cosine of a variable is then at most the one that its way to the
/// bound leaves. No point out of bounds is evaluated; a start out of bounds is projected.
///
/// Moré, *The Levenberg–Marquardt algorithm: implementation and theory*, in *Numerical Analysis*, 1978, with the
/// constants of MINPACK's `lmder` (Moré, Garbow and Hillstrom, *User guide for MINPACK-1*, 1980) but for the first radius,
/// which is 100 there; of the range that the guide recommends, the lower end is the one that solves all of NIST's problems. Bounds: the
/// projected method of Kanzow, Yamashita and Fukushima, *Levenberg–Marquardt methods with strong local convergence properties
/// for solving nonlinear equations with convex constraints*, J. Comput. Appl. Math. 172, 2004, with the reduced step of
/// Voglis and Lagaris, *A rectangular trust region dogleg approach for unconstrained and bound constrained nonlinear
/// optimization*, 2004, which `scipy`'s `dogbox` takes as well.
///
/// ```
/// use grad_runtime::descent::LevenbergMarquardt;
/// use grad_runtime::from_residuals;
///
/// let mut rosenbrock = from_residuals(
///     2,
///     |x: &[f64], r: &mut [f64]| r.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]),
///     |x: &[f64], jacobian: &mut [f64]| jacobian.copy_from_slice(&[-20.0 * x[0], 10.0, -1.0, 0.0]),
/// );
/// let report = LevenbergMarquardt::default().minimize(&mut rosenbrock, vec![-1.2, 1.0])?;
/// assert!(report.termination.converged());
/// assert!((report.x[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LevenbergMarquardt {
    common: TrustRegion,
}

impl Default for LevenbergMarquardt {
    fn default() -> Self {
        LevenbergMarquardt { common: TrustRegion::new(Path::Damped) }
    }
}

trust_region_settings!(LevenbergMarquardt);
