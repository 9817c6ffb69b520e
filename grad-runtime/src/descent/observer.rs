//! Who watches a descent?

use std::ops::ControlFlow;
use std::time::Duration;

use super::Evaluations;

/// All that is known after an iteration.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Iteration<'a, S> {
    /// Steps taken: 0 at the start.
    pub number: usize,
    /// The current point.
    pub x: &'a [S],
    /// f(x).
    pub value: S,
    /// ∇f(x); in an ascent, of −f.
    pub gradient: &'a [S],
    /// The measure of the first-order test, ‖∇f(x)‖∞ usually.
    pub gradient_norm: f64,
    /// The step size α, see [`Method::advance`](super::Method::advance); 0 at the start.
    pub step_size: f64,
    /// ‖x₊ − x‖∞ of the step that led here; 0 at the start.
    pub step_norm: f64,
    /// So far.
    pub evaluations: Evaluations,
    /// Since the start.
    pub time: Duration,
}

/// Watches a descent, and may end it. Closures `|iteration: &Iteration<f64>| ControlFlow::Continue(())` are
/// observers; so is a tuple of two observers.
pub trait Observer<S> {
    /// Called at the start (iteration 0) and after each iteration. [`ControlFlow::Break`] ends the descent with
    /// [`Termination::Stopped`](super::Termination::Stopped).
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()>;
}

impl<S, F: FnMut(&Iteration<'_, S>) -> ControlFlow<()>> Observer<S> for F {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        self(iteration)
    }
}

impl<S, A: Observer<S>, B: Observer<S>> Observer<S> for (A, B) {
    fn observe(&mut self, iteration: &Iteration<'_, S>) -> ControlFlow<()> {
        // Both see every iteration.
        let (a, b) = (self.0.observe(iteration), self.1.observe(iteration));
        if a.is_break() { a } else { b }
    }
}
