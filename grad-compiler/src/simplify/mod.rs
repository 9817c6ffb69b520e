//! Rewrites that leave every value as it is, bit for bit.
//!
//! Needs: a verified `Func`. Guarantees: the same values, the same effects in the same order, and the same panics.

mod share;

pub use share::share;
