//! Loops that walk downhill (or uphill) along the gradient, and say truthfully how the walk ended.
//!
//! * [`GradientDescent`]: fixed step size and momentum; [`minimize`](GradientDescent::minimize),
//!   [`maximize`](GradientDescent::maximize), [`walk`](GradientDescent::walk) for those who want to own the loop,
//!   and [`train`](GradientDescent::train) over mini-batches.
//! * [`Lbfgs`], [`Bfgs`], [`ConjugateGradient`], [`SteepestDescent`]: the step size from a [`LineSearch`];
//!   [`LbfgsB`] and [`ProjectedGradient`] within bounds; [`NewtonCg`] with products of the Hessian.
//!   A [`Preconditioner`] is what is known of the curvature beforehand.
//! * [`LevenbergMarquardt`], [`Dogleg`] (both within bounds, too), [`GaussNewton`]: sums of squares.
//! * [`UpdateRule`]: what a first-order method is; [`Walk`] and [`Training`] run any of them.
//! * [`Method`]: what any method is; [`Walk`] is the one loop for all, [`Stopping`] its tests, an [`Observer`]
//!   watches it, a [`Report`] says how it went.
//!
//! What all loops promise: they are bounded; a point where the value or the gradient is infinite or NaN is never
//! accepted; [`Termination::SmallGradient`] is said only where the test holds at the returned point; the same
//! input gives the same bits; nothing is allocated per iteration.

mod average;
mod batches;
mod bfgs;
mod bounds;
#[cfg(feature = "serde")]
mod checkpoint;
mod checks;
mod conjugate_gradient;
#[cfg(feature = "mpi")]
mod distributed;
mod epoch;
mod error;
mod evaluator;
mod first_order;
mod gradient_descent;
mod history;
mod lbfgs;
mod lbfgsb;
mod least_squares;
mod line_search;
mod log;
mod method;
mod newton_cg;
mod observer;
#[cfg(feature = "rayon")]
mod parallel;
#[cfg(feature = "plotters")]
pub mod plot;
mod point;
mod preconditioner;
#[cfg(feature = "indicatif")]
mod progress;
mod projected_gradient;
mod quasi_newton;
mod random;
mod report;
mod rule_state;
pub mod rules;
mod settings;
mod steepest_descent;
mod stopping;
mod termination;
mod training;
mod training_walk;
mod update_rule;
mod vector;
mod walk;

pub use average::Average;
pub use batches::{BatchFn, BatchObjective, FullBatch, batches, full_batch};
pub use bfgs::{Bfgs, BfgsState};
#[cfg(feature = "serde")]
pub use checkpoint::{Checkpoint, CheckpointError};
pub use conjugate_gradient::{ConjugateGradient, ConjugateGradientState};
#[cfg(feature = "mpi")]
pub use distributed::{Distributed, distributed, share};
pub use epoch::{AfterEpoch, Epoch, Evaluation};
pub use error::DescentError;
pub use evaluator::{Evaluations, Evaluator};
pub use gradient_descent::GradientDescent;
pub use history::{History, HistoryRow};
pub use lbfgs::{Lbfgs, LbfgsState};
pub use lbfgsb::{LbfgsB, LbfgsBState};
pub use least_squares::{
    Dogleg, Fit, GaussNewton, GaussNewtonState, LeastSquares, LevenbergMarquardt, Loss, TrustRegionState,
};
pub use line_search::{Backtracking, HagerZhang, LineSearch, StrongWolfe};
pub use log::Log;
pub use method::Method;
/// The crate of that name, in the version that [`distributed`] works with.
#[cfg(feature = "mpi")]
pub use mpi;
pub use newton_cg::{NewtonCg, NewtonCgState};
pub use observer::{Iteration, Observer};
#[cfg(feature = "rayon")]
pub use parallel::{ParallelBatches, parallel_batches};
pub use point::Point;
pub use preconditioner::Preconditioner;
#[cfg(feature = "indicatif")]
pub use progress::Progress;
pub use projected_gradient::{ProjectedGradient, ProjectedGradientState};
pub use random::Random;
pub use report::{Report, TrainingReport, Warning};
pub use rule_state::RuleState;
pub use rules::{AdaGrad, Adam, AdamW, AmsGrad, Lion, NAdam, RAdam, RmsProp, Schedule};
pub use steepest_descent::{SteepestDescent, SteepestDescentState};
pub use stopping::{Plateau, Stopping};
pub use termination::Termination;
pub use training::Training;
pub use training_walk::TrainingWalk;
pub use update_rule::{FirstOrder, UpdateRule};
pub use walk::Walk;
