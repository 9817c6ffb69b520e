//! Gradient descent with a fixed step size.

use std::ops::ControlFlow;

use super::settings::descent_settings;
use super::{BatchObjective, DescentError, Epoch, FirstOrder, Momentum, Stopping, Training, TrainingReport};
use crate::{Objective, Scalar};

/// Gradient descent with a fixed step size and, if wanted, momentum: the formula is at [`Momentum`].
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
#[derive(Clone, Debug, PartialEq)]
pub struct GradientDescent {
    step_size: f64,
    momentum: f64,
    stopping: Stopping,
}

impl GradientDescent {
    /// Plain descent with the step size α > 0.
    pub fn new(step_size: f64) -> Self {
        GradientDescent { step_size, momentum: 0.0, stopping: Stopping::default() }
    }

    /// The momentum μ, 0 ≤ μ < 1. Default 0.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        GradientDescent { momentum, ..self }
    }

    /// Trains over mini-batches; `after_epoch` is called after each epoch and may stop the training. Of the
    /// tests that end a walk none is made here: the gradient of one batch is no measure of convergence.
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
    pub fn train<B: BatchObjective>(
        &self,
        objective: &mut B,
        start: Vec<B::Scalar>,
        training: &Training,
        after_epoch: impl FnMut(&Epoch<'_, B::Scalar>) -> ControlFlow<()>,
    ) -> Result<TrainingReport<B::Scalar>, DescentError> {
        training.run(objective, &mut self.rule()?, start, after_epoch)
    }

    fn method<S: Scalar>(&self) -> Result<FirstOrder<Momentum<S>>, DescentError> {
        Ok(FirstOrder::new(self.rule()?))
    }

    fn rule<S: Scalar>(&self) -> Result<Momentum<S>, DescentError> {
        let GradientDescent { step_size, momentum, .. } = *self;
        if !(step_size > 0.0 && step_size.is_finite()) {
            let expected = "finite and above 0";
            return Err(DescentError::InvalidSetting { name: "step_size", value: step_size, expected });
        }
        if !(0.0..1.0).contains(&momentum) {
            let expected = "at least 0 and below 1";
            return Err(DescentError::InvalidSetting { name: "momentum", value: momentum, expected });
        }
        Ok(Momentum::new(step_size, momentum))
    }
}

descent_settings!(GradientDescent, FirstOrder<Momentum<O::Scalar>>, Objective);
