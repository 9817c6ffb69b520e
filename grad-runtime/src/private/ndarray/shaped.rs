//! The rows of what gives an array another shape: a part of it, or its numbers in other places, or more often.

use super::Float;
use super::elementwise::gathered;
use super::linear::{like, linear};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Fallible, Outcome, Rule, Turn, Value};
use crate::__private::operators::{Assigned, IndexAxis, IntoShape};
use core::marker::PhantomData;
use ndarray::{Array, ArrayRef, Axis, Dimension, IntoDimension, RemoveAxis, ShapeBuilder, ShapeError};

/// A shape, and in which order the library has the elements of an array of it.
#[derive(Debug)]
pub struct Layout<D> {
    lens: [usize; 8],
    count: usize,
    by_columns: bool,
    dimension: PhantomData<fn() -> D>,
}

impl<D> Clone for Layout<D> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Layout<D> {}

impl<D: Dimension> Layout<D> {
    fn of(dimension: &D, by_columns: bool) -> Self {
        let mut lens = [0; 8];
        let count = dimension.ndim();
        lens[..count].copy_from_slice(dimension.slice());
        Layout { lens, count, by_columns, dimension: PhantomData }
    }

    fn dimension(&self) -> D {
        let mut dimension = D::zeros(self.count);
        dimension.slice_mut().copy_from_slice(&self.lens[..self.count]);
        dimension
    }

    fn zeros<T: Float>(&self) -> Array<T, D> {
        Array::zeros(self.dimension().set_f(self.by_columns))
    }
}

/// That of an array.
#[inline]
pub fn layout<T, D: Dimension>(m: &ArrayRef<T, D>) -> Layout<D> {
    Layout::of(&m.raw_dim(), !m.is_standard_layout() && m.t().is_standard_layout())
}

/// The one that is asked for.
#[inline]
pub fn shape<S: IntoDimension>(shape: S) -> Layout<S::Dim> {
    Layout::of(&shape.into_dimension(), false)
}

/// A place along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    axis: Axis,
    index: usize,
}

/// The place that is asked for.
#[inline]
#[must_use]
pub fn place(axis: Axis, index: usize) -> Place {
    Place { axis, index }
}

macro_rules! constants {
    ($([$($of:tt)*] $ty:ty;)*) => {$(
        impl<$($of)*> Value for $ty {
            type Tangent = ();
            #[inline]
            fn lanes<const LANES: usize>(&self) {}
        }

        impl<$($of)*> ZerosLike for $ty {
            type Zeros = ();
            #[inline]
            fn __grad_zeros_like(&self) {}
        }
    )*};
}

constants! {
    [] Place;
    [D: Dimension + 'static] Layout<D>;
}

/// `m.index_axis(axis, index)`
#[inline]
#[track_caller]
pub fn index_axis<T: Float, D: RemoveAxis>(m: &ArrayRef<T, D>, at: Place) -> Array<T, D::Smaller> {
    like(&m.index_axis(at.axis, at.index))
}

/// What an array of this layout is after `assign`.
#[inline]
#[track_caller]
pub fn assigned<T: Float, E: Dimension, D: Dimension>(m: &ArrayRef<T, E>, to: Layout<D>) -> Array<T, D> {
    let mut y = to.zeros();
    y.assign(m);
    y
}

/// `m.into_shape_with_order(shape)`
#[inline]
pub fn into_shape<T: Float, E: Dimension, D: Dimension>(
    m: &ArrayRef<T, E>,
    to: Layout<D>,
) -> Result<Array<T, D>, ShapeError> {
    m.view().into_shape_with_order(to.dimension()).map(|view| view.to_owned())
}

/// An array of the same shape and layout, for other numbers.
#[inline]
pub fn blank<T: Float, D: Dimension>(m: &ArrayRef<T, D>) -> Array<T, D> {
    m.map(|_| T::zero())
}

/// Shapes may not fit.
type Reshaped = Fallible<ShapeError>;

linear! {
    IndexAxis Always: [T: Float, D: RemoveAxis + 'static] ArrayRef<T, D>, Place => Array<T, D::Smaller>,
        |m, at| index_axis(m, *at),
        |seed, at, to| to.index_axis_mut(at.axis, at.index).zip_mut_with(seed, |to, seed| *to += *seed);
    Assigned Always: [T: Float, E: Dimension + 'static, D: Dimension + 'static] ArrayRef<T, E>, Layout<D> => Array<T, D>,
        |m, to| assigned(m, *to),
        |seed, _c, to| gathered(to, seed);
    IntoShape Reshaped: [T: Float, E: Dimension + 'static, D: Dimension + 'static] ArrayRef<T, E>, Layout<D> => Array<T, D>,
        |m, to| into_shape(m, *to),
        |seed, _c, to| to.iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
}
