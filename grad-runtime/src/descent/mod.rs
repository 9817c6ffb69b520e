//! Loops that walk downhill (or uphill) along the gradient, and say truthfully how the walk ended.
//!
//! * [`GradientDescent`]: fixed step size and momentum; [`minimize`](GradientDescent::minimize),
//!   [`maximize`](GradientDescent::maximize), [`walk`](GradientDescent::walk) for those who want to own the loop,
//!   and [`train`](GradientDescent::train) over mini-batches.
//! * [`UpdateRule`]: what a first-order method is; [`Walk`] and [`Training`] run any of them.
//!
//! What all loops promise: they are bounded; a point where the value or the gradient is infinite or NaN is never
//! accepted; [`Termination::SmallGradient`] is said only where the test holds at the returned point; the same
//! input gives the same bits; nothing is allocated per iteration.

mod batches;
mod error;
mod gradient_descent;
mod momentum;
mod random;
mod report;
mod stopping;
mod termination;
mod training;
mod walk;

pub use batches::{BatchFn, BatchObjective, batches};
pub use error::DescentError;
pub use gradient_descent::GradientDescent;
pub use momentum::Momentum;
pub use random::Random;
pub use report::{Report, TrainingReport};
pub use stopping::Stopping;
pub use termination::Termination;
pub use training::{Epoch, Training};
pub use walk::{UpdateRule, Walk};
