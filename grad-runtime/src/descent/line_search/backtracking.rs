//! Shorter and shorter, until it is low enough.

use super::{Probe, Ray, check_between};
use crate::Objective;
use crate::descent::checks::at_least_one;
use crate::descent::{DescentError, Termination};

/// Armijo backtracking: the first of the trials with
///
/// ```text
/// φ(α) ≤ φ(0) + c₁·α·φ′(0)
/// ```
///
/// The next trial is the minimum of the parabola through φ(0), φ′(0) and φ(α), kept within a tenth and a half of
/// the last one.
///
/// Armijo, *Minimization of functions having Lipschitz continuous first partial derivatives*, 1966; the
/// interpolation is that of Dennis and Schnabel, *Numerical Methods for Unconstrained Optimization and Nonlinear
/// Equations*, 1983, section 6.3.2, and c₁ = 10⁻⁴ is theirs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backtracking {
    /// c₁, between 0 and 1. Default 10⁻⁴.
    pub sufficient_decrease: f64,
    /// How many finite trials. Default 40.
    pub max_trials: usize,
}

impl Default for Backtracking {
    fn default() -> Self {
        Backtracking { sufficient_decrease: 1e-4, max_trials: 40 }
    }
}

impl Backtracking {
    pub(super) fn check(&self) -> Result<(), DescentError> {
        at_least_one("max_trials", self.max_trials as u64)?;
        check_between("sufficient_decrease", self.sufficient_decrease, 0.0, 1.0)
    }

    pub(super) fn search<O: Objective>(
        &self,
        ray: &mut Ray<'_, O>,
        first: f64,
    ) -> Result<Option<Probe>, Termination> {
        let start = ray.start();
        let mut step = first;
        let mut trials = 0;
        while trials < self.max_trials {
            let Some(trial) = ray.probe(step)? else {
                return Ok(None);
            };
            if trial.value <= start.value + self.sufficient_decrease * step * start.slope {
                return Ok(Some(trial));
            }
            if !trial.is_finite() {
                step *= 0.25;
                continue;
            }
            trials += 1;
            let curvature = trial.value - start.value - step * start.slope;
            let minimum = -0.5 * start.slope * step * step / curvature;
            step = if minimum.is_finite() { minimum.clamp(0.1 * step, 0.5 * step) } else { 0.5 * step };
        }
        Ok(None)
    }
}
