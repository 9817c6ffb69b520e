//! Derivatives by hand, as good as we can write them, of those evaluations for which `grad-benches` has none: what the bench
//! compares with.

mod hand;
mod kmeans;
mod nested;

pub use hand::{HandByHand, jacobian_of_hand};
pub use kmeans::newton_step;
pub use nested::{particle, saddle};
