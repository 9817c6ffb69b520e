//! What generated code calls, and nothing else may: no stability is promised here.
//!
//! Three kinds of thing: the markers that tell a callee's derivative which cotangents are wanted
//! ([`Active`], [`Constant`]); operations on cotangents of any shape ([`zeros_like`], [`accumulate`],
//! [`clear`], [`sum`], [`merge`]); and the objectives behind `f::objective(..)`.

mod activity;
mod objective;
mod passing;
mod shapes;
mod trips;

pub use crate::real::Real;
pub use activity::{Active, Activity, Constant, ConstantArgument};
pub use objective::{objective, objective_of};
pub use passing::{Again, Gone, Kept, Lend, NoSeed, again, keep, lend, lend_kept, no_seed};
pub use shapes::{Accumulate, Clear, Merge, Sum, ZerosLike, accumulate, clear, merge, sum, zeros_like};
pub use trips::{Trips, index, index_reversed, index_reversed_inclusive, trips, trips_inclusive};
