//! How long is the step?

use super::Schedule;
use super::schedule::Watch;
use crate::Scalar;
use crate::descent::{RuleState, UpdateRule};

/// The end of a chain: `x₊ − x = −α(t) d`, with α from a [`Schedule`], t = 0, 1, …
#[derive(Clone, Debug, PartialEq)]
pub struct StepSize {
    schedule: Schedule,
    steps: u64,
    last: f64,
    /// Of a schedule that falls on plateaus.
    watch: Option<Watch>,
}

impl StepSize {
    /// The rule for a schedule; a number is a constant one.
    pub fn new(schedule: impl Into<Schedule>) -> Self {
        let schedule = schedule.into();
        let watch = schedule.on_plateau().map(Watch::new);
        StepSize { schedule, steps: 0, last: 0.0, watch }
    }
}

impl<S: Scalar> UpdateRule<S> for StepSize {
    fn start(&mut self, _: usize) {
        self.steps = 0;
        self.watch.iter_mut().for_each(Watch::start);
    }

    fn observe(&mut self, value: f64) {
        self.watch.iter_mut().for_each(|watch| watch.observe(value));
    }

    fn step_into(&mut self, _: &[S], gradient: &[S], step: &mut [S]) {
        self.last = self.schedule.at(self.steps);
        if let Some(watch) = &self.watch {
            // Relative to what the schedule begins with, which a warm-up may still be below.
            self.last = if self.last == self.schedule.highest() {
                watch.step_size
            } else {
                self.last * (watch.step_size / self.schedule.highest())
            };
        }
        self.steps += 1;
        let alpha = S::from_f64(self.last);
        for (step, &gradient) in step.iter_mut().zip(gradient) {
            *step = -(alpha * gradient);
        }
    }

    fn step_size(&self) -> f64 {
        self.last
    }

    fn state(&mut self, state: &mut dyn RuleState<S>) {
        self.schedule.settings(&mut |name, value| state.setting(name, value));
        state.count("steps", &mut self.steps);
        if let Some(watch) = &mut self.watch {
            watch.state(state);
        }
    }
}
