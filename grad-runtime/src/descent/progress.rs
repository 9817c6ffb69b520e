//! How far is it?

use std::ops::ControlFlow;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Epoch, Iteration, Observer};
use crate::Scalar;

/// A progress bar on the terminal, for long runs: an [`Observer`] of a descent, or told of each epoch of a training.
/// It is drawn to the standard error, at most a few times a second, and not at all where that is no terminal.
///
/// ```
/// use grad_runtime::descent::{GradientDescent, Progress};
/// use grad_runtime::from_fn;
///
/// let descent = GradientDescent::new(0.25).max_iterations(100);
/// let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
/// let report = descent.minimize_with(&mut bowl, vec![8.0], Progress::iterations(100))?;
/// assert!(report.termination.converged());
/// # Ok::<(), grad_runtime::descent::DescentError>(())
/// ```
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for at most so many iterations.
    pub fn iterations(most: usize) -> Self {
        Progress::new(most, "iterations")
    }

    /// A bar for so many epochs.
    pub fn epochs(epochs: usize) -> Self {
        Progress::new(epochs, "epochs")
    }

    fn new(length: usize, what: &str) -> Self {
        let template = format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left, {{msg}}");
        let style = ProgressStyle::with_template(&template).expect("the template is right");
        Progress { bar: ProgressBar::new(length as u64).with_style(style) }
    }

    /// Shows an epoch.
    pub fn epoch<S: Scalar>(&self, epoch: &Epoch<'_, S>) {
        self.show(epoch.number, epoch.mean_value);
    }

    fn show(&self, position: usize, value: f64) {
        self.bar.set_position(position as u64);
        self.bar.set_message(format!("value {value:.6e}"));
    }

    /// Prints lines of the caller's above the bar.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// How far the bar is.
    pub fn position(&self) -> u64 {
        self.bar.position()
    }
}

impl Drop for Progress {
    /// Takes the bar off the terminal.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl<S: Scalar> Observer<S> for Progress {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        self.show(iteration.number, iteration.value.to_f64());
        ControlFlow::Continue(())
    }
}

impl<S: Scalar> Observer<S> for &mut Progress {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        (**self).observe(iteration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descent::{GradientDescent, Training, batches};
    use crate::from_fn;

    #[test]
    fn the_bar_follows_iterations_and_epochs() {
        let mut progress = Progress::iterations(100);
        let mut bowl = from_fn(|x: &[f64]| (x[0] * x[0], [2.0 * x[0]]));
        let descent = GradientDescent::new(0.25);
        let report = descent.minimize_with(&mut bowl, vec![8.0], &mut progress).unwrap();
        assert_eq!(progress.position(), report.iterations as u64);

        let progress = Progress::epochs(5);
        let mut slope = batches(4, |_: &[f64], _: &[usize], gradient: &mut [f64]| {
            gradient[0] = 1.0;
            0.0
        });
        descent.train(&mut slope, vec![0.0], &Training::new(5, 2), |epoch| progress.epoch(epoch)).unwrap();
        assert_eq!(progress.position(), 5);
    }
}
