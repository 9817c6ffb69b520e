//! Parts of arrays that are changed: where they are, and the row of a copy of one.

use super::Float;
use super::linear::{constants, like, linear};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Outcome, Rule, Turn, Value};
use crate::__private::operators::Part;
use ndarray::{
    Array, ArrayRef, ArrayView, ArrayViewMut, Axis, Dim, Dimension, IxDyn, Slice, SliceInfoElem, Zip,
};

/// A part of an array, with `R` axes: what is taken of each axis of the array.
#[derive(Clone, Copy, Debug)]
pub struct Window<const N: usize, const R: usize> {
    axes: [(usize, Option<usize>); N],
}

/// Of each axis one index, or from where on how many.
#[inline]
#[must_use]
pub fn window<const N: usize, const R: usize>(axes: [(usize, Option<usize>); N]) -> Window<N, R> {
    Window { axes }
}

impl<const N: usize, const R: usize> Window<N, R>
where
    Dim<[usize; R]>: Dimension,
{
    fn slices(&self) -> impl Iterator<Item = (Axis, usize, Option<Slice>)> {
        self.axes.iter().enumerate().rev().map(|(axis, (start, len))| {
            let slice = len.map(|len| Slice::from(*start..*start + len));
            (Axis(axis), *start, slice)
        })
    }

    fn of<'a, T, D: Dimension>(&self, m: &'a ArrayRef<T, D>) -> ArrayView<'a, T, Dim<[usize; R]>> {
        let mut view: ArrayView<'a, T, IxDyn> = m.view().into_dyn();
        for (axis, start, slice) in self.slices() {
            match slice {
                Some(slice) => view.slice_axis_inplace(axis, slice),
                None => view = view.index_axis_move(axis, start),
            }
        }
        view.into_dimensionality().expect("so many axes")
    }

    fn of_mut<'a, T, D: Dimension>(&self, m: &'a mut ArrayRef<T, D>) -> ArrayViewMut<'a, T, Dim<[usize; R]>> {
        let mut view: ArrayViewMut<'a, T, IxDyn> = m.view_mut().into_dyn();
        for (axis, start, slice) in self.slices() {
            match slice {
                Some(slice) => view.slice_axis_inplace(axis, slice),
                None => view = view.index_axis_move(axis, start),
            }
        }
        view.into_dimensionality().expect("so many axes")
    }
}

constants! {
    [const N: usize, const R: usize] Window<N, R>;
}

/// A copy of a part.
#[inline]
pub fn part<T: Float, D: Dimension, const N: usize, const R: usize>(
    m: &ArrayRef<T, D>,
    at: Window<N, R>,
) -> Array<T, Dim<[usize; R]>>
where
    Dim<[usize; R]>: Dimension,
{
    like(&at.of(m))
}

linear! {
    Part Always: [T: Float, D: Dimension + 'static, const N: usize, const R: usize] ArrayRef<T, D>, Window<N, R> => Array<T, Dim<[usize; R]>>
        where [Dim<[usize; R]>: Dimension],
        |m, at| part(m, *at),
        |seed, at, to| at.of_mut(to).zip_mut_with(seed, |to, seed| *to += *seed);
}

/// `m.row(i)`
#[inline]
pub fn row<T: Float>(m: &ArrayRef<T, ndarray::Ix2>, i: usize) -> Array<T, ndarray::Ix1> {
    like(&m.row(i))
}

/// `m.column(j)`
#[inline]
pub fn column<T: Float>(m: &ArrayRef<T, ndarray::Ix2>, j: usize) -> Array<T, ndarray::Ix1> {
    like(&m.column(j))
}

/// A view of all that is changed.
#[inline]
pub fn view_mut<T, D: Dimension>(m: &mut ArrayRef<T, D>) -> ArrayViewMut<'_, T, D> {
    m.view_mut()
}

/// Where a range of an axis begins, and how long it is; a number below zero is counted from the end.
#[inline]
#[track_caller]
#[must_use]
pub fn range(of: impl Into<SliceInfoElem>, len: usize) -> (usize, usize) {
    let SliceInfoElem::Slice { start, end, step: 1 } = of.into() else {
        unreachable!("a range without a step");
    };
    // The library says what is wrong.
    let of = ndarray::aview0(&());
    let whole = of.broadcast(len).expect("one number is as many");
    let count = whole.slice_axis(Axis(0), Slice::new(start, end, 1)).len();
    (if start < 0 { len.wrapping_add_signed(start) } else { start.unsigned_abs() }, count)
}

/// An index of an axis; one below zero is counted from the end.
#[inline]
#[track_caller]
#[must_use]
pub fn index(of: impl Into<SliceInfoElem>, len: usize) -> usize {
    let SliceInfoElem::Index(at) = of.into() else { unreachable!("an index") };
    let at = if at < 0 { len.wrapping_add_signed(at) } else { at.unsigned_abs() };
    within(at, len)
}

/// An index that is there.
#[inline]
#[track_caller]
#[must_use]
pub fn within(at: usize, len: usize) -> usize {
    assert!(at < len, "ndarray: index {at} is out of bounds for array of length {len}");
    at
}

/// Shapes fit each other, or the library says so.
#[inline]
#[track_caller]
pub fn fit<const N: usize>(one: [usize; N], other: [usize; N]) {
    if one != other {
        let of = ndarray::aview0(&());
        let [one, other] =
            [&one, &other].map(|shape| of.broadcast(IxDyn(shape)).expect("one number is as many"));
        Zip::from(one).and(other).for_each(|(), ()| {});
    }
}

/// So many zeros.
#[inline]
#[must_use]
pub fn zeros<T: Float>(count: usize) -> Array<T, ndarray::Ix1> {
    Array::zeros(count)
}
