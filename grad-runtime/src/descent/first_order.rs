//! What the settings of all first-order methods have in common.

use super::checks::{not_negative, positive};
use super::rules::{Chain, ClipNorm, ClipValue, Schedule, StepSize, WeightDecay};
use super::{DescentError, UpdateRule};
use crate::Scalar;

/// What comes before and after the scaling of a gradient.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Common {
    step_size: Schedule,
    clip_value: Option<f64>,
    clip_norm: Option<f64>,
    weight_decay: f64,
}

impl Common {
    pub(crate) fn new(step_size: impl Into<Schedule>) -> Self {
        Common { step_size: step_size.into(), clip_value: None, clip_norm: None, weight_decay: 0.0 }
    }

    pub(crate) fn decay(self, weight_decay: f64) -> Self {
        Common { weight_decay, ..self }
    }

    pub(crate) fn clip_value(self, bound: f64) -> Self {
        Common { clip_value: Some(bound), ..self }
    }

    pub(crate) fn clip_norm(self, bound: f64) -> Self {
        Common { clip_norm: Some(bound), ..self }
    }

    /// The rule whose weight decay is part of the gradient.
    pub(crate) fn coupled<S: Scalar>(
        &self,
        scaling: impl UpdateRule<S> + Send + 'static,
    ) -> Result<Chain<S>, DescentError> {
        Ok(self.clipped()?.then_if(self.weight_decay()).then(scaling).then(self.step_size()))
    }

    /// The rule whose weight decay is not scaled.
    pub(crate) fn decoupled<S: Scalar>(
        &self,
        scaling: impl UpdateRule<S> + Send + 'static,
    ) -> Result<Chain<S>, DescentError> {
        Ok(self.clipped()?.then(scaling).then_if(self.weight_decay()).then(self.step_size()))
    }

    fn clipped<S: Scalar>(&self) -> Result<Chain<S>, DescentError> {
        self.step_size.check()?;
        not_negative("weight_decay", self.weight_decay)?;
        positive("clip_value", self.clip_value.unwrap_or(1.0))?;
        positive("clip_norm", self.clip_norm.unwrap_or(1.0))?;
        let (value, norm) = (self.clip_value.map(ClipValue::new), self.clip_norm.map(ClipNorm::new));
        Ok(Chain::new().then_if(value).then_if(norm))
    }

    fn weight_decay(&self) -> Option<WeightDecay> {
        (self.weight_decay > 0.0).then(|| WeightDecay::new(self.weight_decay))
    }

    fn step_size(&self) -> StepSize {
        StepSize::new(self.step_size.clone())
    }
}

/// Gives the settings of a first-order method what all have. They need the fields `common` and `stopping`, and
/// `fn rule<S: Scalar>(&self) -> Result<Chain<S>, DescentError>`, which checks them.
macro_rules! first_order {
    ($settings:ident, coupled) => {
        impl $settings {
            /// λ ≥ 0: adds λ x to the gradient, once it is clipped; the gradient of (λ/2)‖x‖². The test for
            /// convergence is that of the objective alone, so with λ > 0 end it another way. Default 0.
            #[must_use]
            pub fn weight_decay(self, lambda: f64) -> Self {
                $settings { common: self.common.decay(lambda), ..self }
            }
        }
        first_order!(@all $settings);
    };
    ($settings:ident, decoupled) => {
        impl $settings {
            /// The decoupled weight decay λ ≥ 0: each step adds −α λ x. The test for convergence is that of the
            /// objective alone, so with λ > 0 end it another way.
            #[must_use]
            pub fn weight_decay(self, lambda: f64) -> Self {
                $settings { common: self.common.decay(lambda), ..self }
            }
        }
        first_order!(@all $settings);
    };
    (@all $settings:ident) => {
        impl $settings {
            /// Clips each coordinate of the gradient to ±c, see [`ClipValue`](crate::descent::rules::ClipValue).
            /// Default: no bound.
            #[must_use]
            pub fn clip_value(self, bound: f64) -> Self {
                $settings { common: self.common.clip_value(bound), ..self }
            }

            /// Clips the length ‖g‖₂ of the gradient to c, see [`ClipNorm`](crate::descent::rules::ClipNorm), after
            /// its coordinates. Default: no bound.
            #[must_use]
            pub fn clip_norm(self, bound: f64) -> Self {
                $settings { common: self.common.clip_norm(bound), ..self }
            }

            /// Trains over mini-batches. `after_epoch` is called after each epoch; what it returns decides how to
            /// go on, see [`AfterEpoch`](crate::descent::AfterEpoch). Of the tests that end a descent none is made
            /// here: the gradient of one batch is no measure of convergence.
            pub fn train<B: $crate::descent::BatchObjective, A: $crate::descent::AfterEpoch>(
                &self,
                objective: &mut B,
                start: Vec<B::Scalar>,
                training: &$crate::descent::Training,
                after_epoch: impl FnMut(&$crate::descent::Epoch<'_, B::Scalar>) -> A,
            ) -> Result<$crate::descent::TrainingReport<B::Scalar>, DescentError> {
                training.run(objective, &mut self.rule()?, start, after_epoch)
            }

            /// Goes on with a descent (or an ascent) from a checkpoint, see
            /// [`Walk::resume`](crate::descent::Walk::resume).
            #[cfg(feature = "serde")]
            pub fn resume<O: Objective>(
                &self,
                objective: O,
                checkpoint: &$crate::descent::Checkpoint,
            ) -> Result<
                $crate::descent::Walk<O, $crate::descent::FirstOrder<Chain<O::Scalar>>>,
                DescentError,
            > {
                $crate::descent::Walk::resume(objective, self.rule()?, self.stopping.clone(), checkpoint)
            }

            fn method<S: Scalar>(&self) -> Result<$crate::descent::FirstOrder<Chain<S>>, DescentError> {
                Ok($crate::descent::FirstOrder::new(self.rule()?))
            }
        }

        $crate::descent::settings::descent_settings!(
            $settings,
            $crate::descent::FirstOrder<Chain<O::Scalar>>,
            Objective
        );
    };
}

pub(crate) use first_order;
