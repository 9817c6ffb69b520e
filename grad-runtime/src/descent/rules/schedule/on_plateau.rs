//! A step size that falls where the training stands still.

use crate::descent::checks::{fraction, not_negative, positive};
use crate::descent::{DescentError, RuleState};

/// The step size α, multiplied by a factor γ whenever the training has not improved for a while:
///
/// ```text
/// f is better than the best b so far if f < b·(1 − τ)
/// where it was not for more than p evaluations in a row: α ← max(γ·α, β), then c evaluations without counting
/// ```
///
/// An evaluation is the value after each step in a descent, and that after each epoch in a training, as
/// [`AfterEpoch`](crate::descent::AfterEpoch) says; NaN is no improvement. In an ascent, −f is looked at. As `PyTorch`'s
/// `ReduceLROnPlateau` (version 2.4.0, `mode='min'`, `threshold_mode='rel'`), with its defaults: γ = 0.1, p = 10, τ = 10⁻⁴,
/// c = 0, β = 0; a change of α by less than 10⁻⁸ is none.
///
/// ```
/// use grad_runtime::descent::{Adam, rules::OnPlateau};
///
/// let adam = Adam::new(OnPlateau::new(0.1).factor(0.5).patience(5).lowest(1e-4));
/// # let _ = adam;
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnPlateau {
    pub(super) step_size: f64,
    factor: f64,
    patience: u64,
    threshold: f64,
    cooldown: u64,
    lowest: f64,
}

/// The least change of a step size.
const LEAST_CHANGE: f64 = 1e-8;

impl OnPlateau {
    /// Begins with the step size α.
    pub fn new(step_size: f64) -> Self {
        OnPlateau { step_size, factor: 0.1, patience: 10, threshold: 1e-4, cooldown: 0, lowest: 0.0 }
    }

    /// γ, above 0 and below 1. Default 0.1.
    #[must_use]
    pub fn factor(self, factor: f64) -> Self {
        OnPlateau { factor, ..self }
    }

    /// p: how many evaluations in a row may bring no improvement. Default 10.
    #[must_use]
    pub fn patience(self, patience: u64) -> Self {
        OnPlateau { patience, ..self }
    }

    /// τ: the least improvement, relative to the best value; at least 0 and below 1. Default 10⁻⁴.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        OnPlateau { threshold, ..self }
    }

    /// c: how many evaluations after a fall of the step size do not count. Default 0.
    #[must_use]
    pub fn cooldown(self, cooldown: u64) -> Self {
        OnPlateau { cooldown, ..self }
    }

    /// β ≥ 0: the step size below which it does not fall. Default 0.
    #[must_use]
    pub fn lowest(self, lowest: f64) -> Self {
        OnPlateau { lowest, ..self }
    }

    pub(super) fn check(&self) -> Result<(), DescentError> {
        positive("factor", self.factor)?;
        fraction("factor", self.factor)?;
        fraction("threshold", self.threshold)?;
        not_negative("lowest", self.lowest)
    }

    pub(super) fn settings(&self, setting: &mut dyn FnMut(&'static str, f64)) {
        setting("plateau_factor", self.factor);
        setting("plateau_patience", self.patience as f64);
        setting("plateau_threshold", self.threshold);
        setting("plateau_cooldown", self.cooldown as f64);
        setting("plateau_lowest", self.lowest);
    }
}

/// What has been seen so far.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::descent::rules) struct Watch {
    settings: OnPlateau,
    /// α now.
    pub(in crate::descent::rules) step_size: f64,
    best: f64,
    /// Evaluations without improvement.
    stale: u64,
    /// Evaluations that do not count yet.
    cooling: u64,
}

impl Watch {
    pub(in crate::descent::rules) fn new(settings: OnPlateau) -> Self {
        Watch { settings, step_size: settings.step_size, best: f64::INFINITY, stale: 0, cooling: 0 }
    }

    pub(in crate::descent::rules) fn start(&mut self) {
        *self = Watch::new(self.settings);
    }

    pub(in crate::descent::rules) fn observe(&mut self, value: f64) {
        let OnPlateau { factor, patience, threshold, cooldown, lowest, .. } = self.settings;
        // The first value is better than none, whatever ∞·(1 − τ) is for a τ of 0 to 1.
        if value < self.best * (1.0 - threshold) {
            (self.best, self.stale) = (value, 0);
        } else {
            self.stale += 1;
        }
        if self.cooling > 0 {
            (self.cooling, self.stale) = (self.cooling - 1, 0);
        }
        if self.stale > patience {
            let smaller = (self.step_size * factor).max(lowest);
            if self.step_size - smaller > LEAST_CHANGE {
                self.step_size = smaller;
            }
            (self.cooling, self.stale) = (cooldown, 0);
        }
    }

    pub(in crate::descent::rules) fn state<S>(&mut self, state: &mut dyn RuleState<S>) {
        state.number("step size on the plateau", &mut self.step_size);
        state.number("best value", &mut self.best);
        state.count("evaluations without improvement", &mut self.stale);
        state.count("evaluations that do not count", &mut self.cooling);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::rules::StepSize;
    use crate::descent::{Adam, GradientDescent, Training, UpdateRule, batches};
    use crate::from_fn;

    /// What the recorded scheduler was told, over and over.
    const LOSSES: [f64; 30] = [
        1.0, 0.9, 0.8, 0.8, 0.8, 0.8, 0.79999, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.6, 0.61, 0.62, 0.63,
        0.64, 0.65, 0.66, 0.67, 0.68, 0.69, 0.70, 0.71, 0.72, 0.73, 0.74,
    ];

    #[test]
    fn the_step_sizes_are_pytorchs() {
        let recorded = include_str!("recorded.txt").lines().find_map(|line| line.strip_prefix("on_plateau "));
        let recorded: Vec<f64> =
            recorded.expect("it is recorded").split(' ').map(|word| word.parse().unwrap()).collect();
        assert_eq!(recorded.len(), 100);
        let schedule = OnPlateau::new(0.1).factor(0.5).patience(3).threshold(1e-3).cooldown(1).lowest(1e-3);
        let mut rule = StepSize::new(schedule);
        for _ in 0..2 {
            UpdateRule::<f64>::start(&mut rule, 1);
            for (t, &expected) in recorded.iter().enumerate() {
                let mut step = [0.0];
                rule.step_into(&[0.0], &[1.0], &mut step);
                assert_eq!((UpdateRule::<f64>::step_size(&rule), step[0]), (expected, -expected), "{t}");
                UpdateRule::<f64>::observe(&mut rule, LOSSES[t % 30]);
            }
        }
    }

    #[test]
    fn a_descent_tells_each_value_and_a_training_each_evaluation() {
        // |x| from 1: steps of 0.3 overshoot for ever, smaller ones come closer.
        let mut kink = from_fn(|x: &[f64]| (x[0].abs(), [x[0].signum()]));
        let descent = GradientDescent::new(OnPlateau::new(0.3).factor(0.5).patience(1)).max_iterations(80);
        let report = descent.minimize(&mut kink, vec![1.0]).unwrap();
        assert!(report.value < 1e-6, "{report}");
        let up = GradientDescent::new(OnPlateau::new(0.3).factor(0.5).patience(1)).max_iterations(80);
        let mut kink = from_fn(|x: &[f64]| (-x[0].abs(), [-x[0].signum()]));
        assert_eq!(up.maximize(&mut kink, vec![1.0]).unwrap().x, report.x);

        let mut line = batches(4, |_: &[f64], _: &[usize], gradient: &mut [f64]| {
            gradient[0] = 1.0;
            0.0
        });
        let adam = Adam::new(OnPlateau::new(0.1).factor(0.5).patience(0));
        let mut seen = Vec::new();
        adam.train(&mut line, vec![0.0], &Training::new(6, 2), |epoch| {
            seen.push(epoch.step_size);
            // Better, better, not evaluated, not better, better, …
            [Some(3.0), Some(2.0), None, Some(2.0), Some(1.0), None][epoch.number - 1]
        })
        .unwrap();
        assert_eq!(seen, [0.1, 0.1, 0.1, 0.1, 0.05, 0.05]);
    }

    #[test]
    fn settings_that_make_no_sense_are_errors() {
        let schedule = OnPlateau::new(0.1);
        for (name, schedule) in [
            ("step_size", OnPlateau::new(0.0)),
            ("factor", schedule.factor(0.0)),
            ("factor", schedule.factor(1.0)),
            ("threshold", schedule.threshold(1.0)),
            ("threshold", schedule.threshold(-0.1)),
            ("lowest", schedule.lowest(f64::NAN)),
        ] {
            let error = Adam::new(schedule).rule::<f64>().unwrap_err();
            assert!(matches!(error, DescentError::InvalidSetting { name: n, .. } if n == name), "{error}");
        }
    }
}
