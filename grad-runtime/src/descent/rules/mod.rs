//! Small rules that first-order methods are chained of.
//!
//! A rule of this module changes the gradient on its way to becoming a step: clips it, adds to it, scales it,
//! remembers it. [`Chain`] puts them one after the other, and [`StepSize`] at the end turns uphill into downhill.
//! [`Adam`] and its kin are such chains with checked settings and loops of their own; for other combinations write
//! the chain, and give it to [`Walk::new`](super::Walk::new) or [`Training::run`](super::Training::run).
//!
//! | chain | is |
//! | --- | --- |
//! | [`StepSize`] | gradient descent |
//! | [`Momentum`] → [`StepSize`] | heavy ball |
//! | [`WeightDecay`] → [`AdamScaling`] → [`StepSize`] | Adam with L2 regularisation |
//! | [`AdamScaling`] → [`WeightDecay`] → [`StepSize`] | `AdamW` |
//! | [`ClipNorm`] → any of these | with clipped gradients |
//!
//! [`Groups`] gives parts of the point rules of their own, and [`Accumulate`] takes one step for several batches.

mod accumulate;
mod adagrad;
mod adam;
mod amsgrad;
mod chain;
mod clip_norm;
mod clip_value;
mod groups;
mod lion;
mod momentum;
mod nadam;
mod radam;
#[cfg(test)]
mod recorded;
mod rmsprop;
mod schedule;
mod step_size;
mod weight_decay;

pub use accumulate::Accumulate;
pub use adagrad::{AdaGrad, AdaGradScaling};
pub use adam::{Adam, AdamScaling, AdamW};
pub use amsgrad::{AmsGrad, AmsGradScaling};
pub use chain::Chain;
pub use clip_norm::ClipNorm;
pub use clip_value::ClipValue;
pub use groups::Groups;
pub use lion::{Lion, LionSign};
pub use momentum::{Momentum, Nesterov};
pub use nadam::{NAdam, NAdamScaling};
pub use radam::{RAdam, RAdamScaling};
pub use rmsprop::{RmsProp, RmsPropScaling};
pub use schedule::{OnPlateau, Schedule};
pub use step_size::StepSize;
pub use weight_decay::WeightDecay;
