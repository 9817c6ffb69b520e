//! Gradient descent with a fixed step size.

use super::checks::fraction;
use super::first_order::{Common, first_order};
use super::rules::{Chain, Momentum, Nesterov, Schedule};
use super::{DescentError, Stopping};
use crate::{Objective, Scalar};

/// Gradient descent with a fixed or scheduled step size and, if wanted, momentum:
///
/// ```text
/// x₊ = x − α ∇f(x)
/// ```
///
/// with ∇f(x) replaced by the velocity of [`Momentum`](super::rules::Momentum) or
/// [`Nesterov`](super::rules::Nesterov). Cauchy, *Méthode générale pour la résolution des systèmes d'équations
/// simultanées*, 1847.
///
/// On a function whose curvature is at most L, plain descent converges for step sizes below 2/L: it creeps far
/// below 1/L, oscillates at 2/L, and runs away above ([`Termination::Diverged`](super::Termination::Diverged)).
///
/// ```
/// use grad_runtime::descent::GradientDescent;
/// use grad_runtime::from_fn;
///
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0] + 2.0 * x[1] * x[1], [2.0 * x[0], 4.0 * x[1]]));
/// let report = GradientDescent::new(0.1).momentum(0.5).minimize(&mut bowl, vec![3.0, -1.0])?;
/// assert!(report.termination.converged());
/// assert!(report.value < 1e-12);
/// println!("{report}");
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
///
/// Over mini-batches:
///
/// ```
/// use std::ops::ControlFlow;
/// use grad_runtime::descent::{GradientDescent, Training, batches};
///
/// // The mean of the samples, as the minimum of the mean of (w − s)²/2.
/// let samples = [1.0, 2.0, 3.0, 6.0];
/// let mut fit = batches(samples.len(), |w: &[f64], batch: &[usize], gradient: &mut [f64]| {
///     let n = batch.len() as f64;
///     gradient[0] = batch.iter().map(|&k| w[0] - samples[k]).sum::<f64>() / n;
///     batch.iter().map(|&k| 0.5 * (w[0] - samples[k]).powi(2)).sum::<f64>() / n
/// });
/// let training = Training::new(400, 2).seed(1);
/// let report = GradientDescent::new(0.01).train(&mut fit, vec![0.0], &training, |epoch| {
///     if epoch.mean_value < 1e-3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
/// })?;
/// assert!((report.x[0] - 3.0).abs() < 0.1);
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct GradientDescent {
    common: Common,
    momentum: f64,
    nesterov: bool,
    stopping: Stopping,
}

impl GradientDescent {
    /// Plain descent with the step size α > 0, a number or a [`Schedule`].
    pub fn new(step_size: impl Into<Schedule>) -> Self {
        let (common, stopping) = (Common::new(step_size), Stopping::default());
        GradientDescent { common, momentum: 0.0, nesterov: false, stopping }
    }

    /// The momentum μ of the heavy ball, 0 ≤ μ < 1. Default 0.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        GradientDescent { momentum, nesterov: false, ..self }
    }

    /// Nesterov's momentum μ, 0 ≤ μ < 1, in place of the heavy ball's.
    #[must_use]
    pub fn nesterov(self, momentum: f64) -> Self {
        GradientDescent { momentum, nesterov: true, ..self }
    }

    /// The rule, for a loop of your own.
    pub fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        fraction("momentum", self.momentum)?;
        let (moves, mu) = (self.momentum > 0.0, self.momentum);
        let heavy = (moves && !self.nesterov).then(|| Momentum::new(mu));
        let nesterov = (moves && self.nesterov).then(|| Nesterov::new(mu));
        self.common.coupled(Chain::new().then_if(heavy).then_if(nesterov))
    }
}

first_order!(GradientDescent, coupled);
