//! Where a descent may start: what the points of an objective look like to its user.

use crate::{Objective, Residuals, Scalar};
use alloc::vec::Vec;

/// A point in the form `X` is one that a descent of this objective can start from, and ends at: a flat `Vec` of floats, for
/// all objectives, and the parameters themselves, for one over parameters of a shape, [`Shaped`](crate::Shaped).
///
/// Methods compute with flat points. `How` says by which of the two ways a point is made flat, and rustc finds it out.
#[diagnostic::on_unimplemented(
    message = "no descent of this objective starts from a `{X}`",
    label = "the objective has points of another type",
    note = "a start is a flat `Vec` of floats, or the parameters in their owned form: `Vec` for a slice, a tuple of several parameters in the order of `wrt`, a struct (which must be `Clone`)"
)]
pub trait StartsAt<S: Scalar, X, How> {
    /// The floats of the start; the objective takes its shape from it.
    fn flat_start(&mut self, start: X) -> Vec<S>;

    /// The point with these floats.
    fn point(&self, x: Vec<S>) -> X;
}

/// How points of an [`Objective`] are made flat.
#[derive(Clone, Copy, Debug)]
pub struct OfObjective<How>(How);

/// How points of [`Residuals`] are made flat.
#[derive(Clone, Copy, Debug)]
pub struct OfResiduals<How>(How);

/// They are flat.
#[derive(Clone, Copy, Debug)]
pub struct AsTheyAre;

/// From the parameters, and back.
#[derive(Clone, Copy, Debug)]
pub struct InShape;

impl<O: Objective> StartsAt<O::Scalar, Vec<O::Scalar>, OfObjective<AsTheyAre>> for O {
    #[inline]
    fn flat_start(&mut self, start: Vec<O::Scalar>) -> Vec<O::Scalar> {
        start
    }

    #[inline]
    fn point(&self, x: Vec<O::Scalar>) -> Vec<O::Scalar> {
        x
    }
}

impl<R: Residuals> StartsAt<R::Scalar, Vec<R::Scalar>, OfResiduals<AsTheyAre>> for R {
    #[inline]
    fn flat_start(&mut self, start: Vec<R::Scalar>) -> Vec<R::Scalar> {
        start
    }

    #[inline]
    fn point(&self, x: Vec<R::Scalar>) -> Vec<R::Scalar> {
        x
    }
}

macro_rules! behind_references {
    ($($of:ident)*) => {$(
        impl<O: StartsAt<S, X, $of<InShape>>, S: Scalar, X> StartsAt<S, X, $of<InShape>> for &mut O {
            fn flat_start(&mut self, start: X) -> Vec<S> {
                (**self).flat_start(start)
            }

            fn point(&self, x: Vec<S>) -> X {
                (**self).point(x)
            }
        }
    )*};
}

behind_references! { OfObjective OfResiduals }
