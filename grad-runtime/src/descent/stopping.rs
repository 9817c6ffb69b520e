//! When does a descent stop?

use std::time::Duration;

use super::DescentError;

/// The tests that end a descent. The number of iterations is always bounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Stopping {
    /// Converged where ‖∇f(x)‖∞ is at most this. Default 10⁻⁶.
    pub gradient_tolerance: f64,
    /// Default 10 000.
    pub max_iterations: usize,
    /// Looked at after each iteration. Default: no limit.
    pub max_time: Option<Duration>,
}

impl Default for Stopping {
    fn default() -> Self {
        Stopping { gradient_tolerance: 1e-6, max_iterations: 10_000, max_time: None }
    }
}

impl Stopping {
    pub(crate) fn check(&self) -> Result<(), DescentError> {
        let value = self.gradient_tolerance;
        if value >= 0.0 && value.is_finite() {
            Ok(())
        } else {
            let expected = "finite and not negative";
            Err(DescentError::InvalidSetting { name: "gradient_tolerance", value, expected })
        }
    }
}
