//! Loops that walk downhill (or uphill) along the gradient, and say truthfully how the walk ended.
//!
//! * [`GradientDescent`]: fixed step size and momentum; [`minimize`](GradientDescent::minimize),
//!   [`maximize`](GradientDescent::maximize), [`walk`](GradientDescent::walk) for those who want to own the loop,
//!   and [`train`](GradientDescent::train) over mini-batches.
//! * [`Lbfgs`], [`Bfgs`], [`ConjugateGradient`], [`SteepestDescent`]: the step size from a [`LineSearch`];
//!   [`ProjectedGradient`] within bounds; [`NewtonCg`] with products of the Hessian.
//! * [`LevenbergMarquardt`], [`GaussNewton`]: sums of squares.
//! * [`UpdateRule`]: what a first-order method is; [`Walk`] and [`Training`] run any of them.
//! * [`Method`]: what any method is; [`Walk`] is the one loop for all, [`Stopping`] its tests, an [`Observer`]
//!   watches it, a [`Report`] says how it went.
//!
//! What all loops promise: they are bounded; a point where the value or the gradient is infinite or NaN is never
//! accepted; [`Termination::SmallGradient`] is said only where the test holds at the returned point; the same
//! input gives the same bits; nothing is allocated per iteration.

mod batches;
mod bfgs;
mod conjugate_gradient;
mod error;
mod evaluator;
mod gradient_descent;
mod lbfgs;
mod least_squares;
mod line_search;
mod method;
mod momentum;
mod newton_cg;
mod observer;
mod point;
mod projected_gradient;
mod quasi_newton;
mod random;
mod report;
mod settings;
mod steepest_descent;
mod stopping;
mod termination;
mod training;
mod update_rule;
mod vector;
mod walk;

pub use batches::{BatchFn, BatchObjective, batches};
pub use bfgs::{Bfgs, BfgsState};
pub use conjugate_gradient::{ConjugateGradient, ConjugateGradientState};
pub use error::DescentError;
pub use evaluator::{Evaluations, Evaluator};
pub use gradient_descent::GradientDescent;
pub use lbfgs::{Lbfgs, LbfgsState};
pub use least_squares::{
    GaussNewton, GaussNewtonState, LeastSquares, LevenbergMarquardt, LevenbergMarquardtState,
};
pub use line_search::{Backtracking, HagerZhang, LineSearch, StrongWolfe};
pub use method::Method;
pub use momentum::Momentum;
pub use newton_cg::{NewtonCg, NewtonCgState};
pub use observer::{Iteration, Observer};
pub use point::Point;
pub use projected_gradient::{ProjectedGradient, ProjectedGradientState};
pub use random::Random;
pub use report::{Report, TrainingReport};
pub use steepest_descent::{SteepestDescent, SteepestDescentState};
pub use stopping::{Plateau, Stopping};
pub use termination::Termination;
pub use training::{Epoch, Training};
pub use update_rule::{FirstOrder, UpdateRule};
pub use walk::Walk;
