//! The rows of what gives an array another shape: a part of it, or its numbers in other places, or more often.

use super::Float;
use super::elementwise::gathered;
use super::linear::{constants, like, linear};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Fallible, Outcome, Rule, Turn, Value};
use crate::__private::operators::{Assigned, Flat, IndexAxis, IntoShape, OfFlat};
use core::marker::PhantomData;
use ndarray::{Array, Array1, ArrayRef, Axis, Dimension, IntoDimension, Ix1, RemoveAxis, ShapeError};

/// A shape, and how the library lays an array of it out.
#[derive(Debug)]
pub struct Layout<D> {
    lens: [usize; 8],
    /// Of an array without gaps: which axis runs slowest comes first, and whether it runs backwards.
    order: [(usize, bool); 8],
    count: usize,
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
    /// Of which the last axis runs fastest.
    fn of(dimension: &D) -> Self {
        let (mut lens, count) = ([0; 8], dimension.ndim());
        lens[..count].copy_from_slice(dimension.slice());
        Layout { lens, order: core::array::from_fn(|axis| (axis, false)), count, dimension: PhantomData }
    }

    fn dimension(&self) -> D {
        let mut dimension = D::zeros(self.count);
        dimension.slice_mut().copy_from_slice(&self.lens[..self.count]);
        dimension
    }

    fn zeros<T: Float>(&self) -> Array<T, D> {
        let order = &self.order[..self.count];
        if order.iter().enumerate().all(|(at, (axis, backwards))| at == *axis && !backwards) {
            return Array::zeros(self.dimension());
        }
        let mut dimension = D::zeros(self.count);
        let mut place = D::zeros(self.count);
        for (at, (axis, _)) in order.iter().enumerate() {
            dimension[at] = self.lens[*axis];
            place[*axis] = at;
        }
        let mut zeros = Array::zeros(dimension).permuted_axes(place);
        for (axis, _) in order.iter().filter(|(_, backwards)| *backwards) {
            zeros.invert_axis(Axis(*axis));
        }
        zeros
    }
}

/// That of an array.
#[inline]
pub fn layout<T, D: Dimension>(m: &ArrayRef<T, D>) -> Layout<D> {
    let mut layout = Layout::of(&m.raw_dim());
    if !m.is_standard_layout() && m.as_slice_memory_order().is_some() {
        let order = &mut layout.order[..layout.count];
        order.sort_by_key(|(axis, _)| core::cmp::Reverse(m.strides()[*axis].unsigned_abs()));
        for (axis, backwards) in order {
            *backwards = m.strides()[*axis] < 0;
        }
    }
    layout
}

/// The one that is asked for.
#[inline]
pub fn shape<S: IntoDimension>(shape: S) -> Layout<S::Dim> {
    Layout::of(&shape.into_dimension())
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

/// All elements, the last axis running fastest.
#[inline]
pub fn flat<T: Float, D: Dimension>(m: &ArrayRef<T, D>) -> Array1<T> {
    match m.as_slice() {
        Some(elements) => Array1::from_vec(elements.to_vec()),
        None => m.iter().copied().collect(),
    }
}

/// An array of these elements.
#[inline]
pub fn of_flat<T: Float, D: Dimension>(flat: &ArrayRef<T, Ix1>, to: Layout<D>) -> Array<T, D> {
    let mut y = to.zeros();
    y.iter_mut().zip(flat).for_each(|(y, x)| *y = *x);
    y
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
    Flat Always: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => Array1<T>,
        |m, _c| flat(m),
        |seed, _c, to| to.iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
    OfFlat Always: [T: Float, D: Dimension + 'static] ArrayRef<T, Ix1>, Layout<D> => Array<T, D>,
        |m, to| of_flat(m, *to),
        |seed, _c, to| to.iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
    IntoShape Reshaped: [T: Float, E: Dimension + 'static, D: Dimension + 'static] ArrayRef<T, E>, Layout<D> => Array<T, D>,
        |m, to| into_shape(m, *to),
        |seed, _c, to| to.iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
}
