//! An [`Objective`](crate::Objective) as the problem of another optimisation library.
//!
//! These libraries ask for value and gradient in two calls; the adapters remember the last point, so that both cost one
//! evaluation, with the gradient from one run of the function.
//!
//! * feature `argmin`: `ArgminProblem`
//! * feature `basin`: `BasinProblem`, and `BasinBounded` for its methods with bounds, L-BFGS-B above all

#[cfg(feature = "argmin")]
mod argmin;
#[cfg(feature = "basin")]
mod basin;
mod cache;

#[cfg(feature = "argmin")]
pub use argmin::ArgminProblem;
#[cfg(feature = "basin")]
pub use basin::{BasinBounded, BasinProblem};
