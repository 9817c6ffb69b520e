//! The rows of what is linear in one array, and knows constants beside it: axes, indices, shapes.

use super::Float;
use crate::__private::matrix::{Always, Maybe, Outcome, Rule, Turn, Value};
use crate::__private::operators::{
    Column, Diag, InsertAxis, Mean, MeanAxis, Neg, Row, Slice, Sum, SumAxis, Transpose,
};
use crate::__private::{Part, ZerosLike};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use ndarray::{
    Array, Array1, ArrayBase, ArrayRef, Axis, Dimension, Ix2, IxDyn, RemoveAxis, SliceArg, SliceInfo,
    ViewRepr,
};

/// What an operation knows beside an array, and nothing is asked with respect to.
macro_rules! constants {
    ($([$($of:tt)*] $ty:ty;)*) => {$(
        impl<$($of)*> Value for $ty {
            type Tangent = ();
            type Own = $ty;
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
pub(super) use constants;

constants! {
    [] Axis;
    [I: SliceElements, D: Dimension + 'static, E: Dimension + 'static] SliceInfo<I, D, E>;
}

impl Value for usize {
    type Tangent = ();
    type Own = usize;
    #[inline]
    fn lanes<const LANES: usize>(&self) {}
}

/// What `s![…]` gives for so many axes.
pub trait SliceElements: Copy + 'static {}

impl<const N: usize> SliceElements for [ndarray::SliceInfoElem; N] {}

/// A copy of a view that is laid out as the view: without gaps as it is, with gaps where it has some, its axes in the same order
/// and the same direction, so that sums and folds of its elements go the same way.
#[inline]
pub(super) fn like<T: Float, D: Dimension>(view: &ArrayRef<T, D>) -> Array<T, D> {
    if view.as_slice_memory_order().is_some() || view.is_empty() || view.ndim() == 0 {
        return view.to_owned();
    }
    with_gaps(view)
}

fn with_gaps<T: Float, D: Dimension>(view: &ArrayRef<T, D>) -> Array<T, D> {
    // The axes, that which runs fastest last; where there is one element along an axis, its stride says nothing.
    let mut axes: Vec<usize> = (0..view.ndim()).collect();
    axes.sort_by_key(|axis| match view.len_of(Axis(*axis)) {
        0 | 1 => Reverse(usize::MAX),
        _ => Reverse(view.strides()[*axis].unsigned_abs()),
    });
    let fastest = axes.len() - 1;
    let mut lens: Vec<usize> = axes.iter().map(|axis| view.len_of(Axis(*axis))).collect();
    let len = lens[fastest];
    let is_next = view.strides()[axes[fastest]].unsigned_abs() == 1;
    lens[fastest] = if is_next { len + 1 } else { 2 * len };
    let mut copy = Array::zeros(IxDyn(&lens));
    let (end, step) = if is_next { (-1, 1) } else { (dim_end(len), 2) };
    copy.slice_axis_inplace(Axis(fastest), ndarray::Slice::new(0, Some(end), step));
    let mut places = vec![0; axes.len()];
    axes.iter().enumerate().for_each(|(at, axis)| places[*axis] = at);
    let mut copy = copy.permuted_axes(places);
    for axis in 0..view.ndim() {
        if view.strides()[axis] < 0 {
            copy.invert_axis(Axis(axis));
        }
    }
    let mut copy = copy.into_dimensionality::<D>().expect("as many axes");
    copy.assign(view);
    copy
}

/// `m.insert_axis(axis)` of a copy.
#[inline]
#[track_caller]
pub fn insert_axis<T: Float, D: Dimension>(m: &ArrayRef<T, D>, axis: Axis) -> Array<T, D::Larger> {
    like(&m.view().insert_axis(axis))
}

fn dim_end(len: usize) -> isize {
    isize::try_from(2 * len).unwrap_or(isize::MAX)
}

/// The value, and what is added to the array's cotangent.
macro_rules! linear {
    ($($op:ident $outcome:ident: [$($of:tt)*] $a:ty, $b:ty => $y:ty $(where [$($bounds:tt)*])?, |$m:ident, $c:ident| $value:expr, |$s:ident, $k:ident, $to:ident| $pull:expr;)*) => {$(
        impl<$($of)*> Rule<$a, $b> for $op
        where
            $($($bounds)*)?
        {
            type Y = $y;
            type Outcome = $outcome;
            type Memo = ();

            #[inline]
            fn value($m: &$a, $c: &$b) -> <$outcome as Outcome>::Of<$y> {
                $value
            }
            #[inline]
            fn memo(_: &$a, _: &$b, _: &$y) {}
            #[inline]
            fn push_left(_: &$a, $c: &$b, (): &(), $m: &<$a as Value>::Tangent) -> $y {
                linear!(@ $outcome $m $value)
            }
            #[inline]
            fn push_right($m: &$a, $c: &$b, (): &(), (): &()) -> $y {
                let y: $y = linear!(@ $outcome $m $value);
                y.__grad_zeros_like()
            }
            #[inline]
            fn pull_left(_: &$a, $k: &$b, (): &(), $s: &$y, $to: &mut <$a as Value>::Tangent) {
                $pull
            }
            #[inline]
            fn pull_right(_: &$a, _: &$b, (): &(), _: &$y, (): &mut ()) {}
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, $a, $b>, to: &mut <$a as Value>::Tangent) {
                Self::pull_left(turn.a, turn.b, &(), turn.seed_dot, to);
            }
            #[inline]
            fn turn_right(_: &Turn<'_, Self, $a, $b>, (): &mut ()) {}
        }
    )*};
    (@ Always $m:ident $value:expr) => { $value };
    // A tangent has the shape of the array, which had a result.
    (@ Maybe $m:ident $value:expr) => { $value.expect("a result") };
    // It may be laid out otherwise than the array.
    (@ Reshaped $m:ident $value:expr) => {{
        let standard = $m.as_standard_layout();
        let $m = &*standard;
        $value.expect("a result")
    }};
}
pub(super) use linear;

#[inline]
fn count<T: Float>(count: usize) -> T {
    T::__grad_number(count as f64)
}

linear! {
    Neg Always: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => Array<T, D>, |m, _c| m.map(|x| -*x),
        |seed, _c, to| to.zip_mut_with(seed, |to, seed| *to -= *seed);
    Transpose Always: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => Array<T, D>, |m, _c| like(&m.t()),
        |seed, _c, to| to.zip_mut_with(&seed.t(), |to, seed| *to += *seed);
    Sum Always: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => T, |m, _c| m.sum(),
        |seed, _c, to| to.map_inplace(|to| *to += *seed);
    Mean Maybe: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => T, |m, _c| T::mean(m),
        |seed, _c, to| {
            let each = *seed / count(to.len());
            to.map_inplace(|to| *to += each);
        };
    SumAxis Always: [T: Float, D: RemoveAxis + 'static] ArrayRef<T, D>, Axis => Array<T, D::Smaller>,
        |m, axis| m.sum_axis(*axis),
        |seed, axis, to| to.axis_iter_mut(*axis).for_each(|mut to| to.zip_mut_with(seed, |to, seed| *to += *seed));
    MeanAxis Maybe: [T: Float, D: RemoveAxis + 'static] ArrayRef<T, D>, Axis => Array<T, D::Smaller>,
        |m, axis| T::mean_axis(m, *axis),
        |seed, axis, to| {
            let by = T::one() / count(to.len_of(*axis));
            to.axis_iter_mut(*axis).for_each(|mut to| to.zip_mut_with(seed, |to, seed| *to += by * *seed));
        };
    Row Always: [T: Float] ArrayRef<T, Ix2>, usize => Array1<T>, |m, i| like(&m.row(*i)),
        |seed, i, to| to.row_mut(*i).zip_mut_with(seed, |to, seed| *to += *seed);
    Column Always: [T: Float] ArrayRef<T, Ix2>, usize => Array1<T>, |m, j| like(&m.column(*j)),
        |seed, j, to| to.column_mut(*j).zip_mut_with(seed, |to, seed| *to += *seed);
    Diag Always: [T: Float, D: Dimension + 'static] ArrayRef<T, D>, () => Array1<T>, |m, _c| like(&m.diag()),
        |seed, _c, to| to.diag_mut().zip_mut_with(seed, |to, seed| *to += *seed);
    InsertAxis Always: [T: Float, D: Dimension<Larger: 'static> + 'static] ArrayRef<T, D>, Axis => Array<T, D::Larger>,
        |m, axis| insert_axis(m, *axis),
        |seed, axis, to| to.view_mut().insert_axis(*axis).zip_mut_with(seed, |to, seed| *to += *seed);
    Slice Always: [T: Float, I: SliceElements, D: Dimension + 'static, E: Dimension + 'static] ArrayRef<T, D>, SliceInfo<I, D, E> => Array<T, E>
        where [SliceInfo<I, D, E>: SliceArg<D, OutDim = E>],
        |m, info| like(&m.slice(*info)),
        |seed, info, to| to.slice_mut(*info).zip_mut_with(seed, |to, seed| *to += *seed);
}

impl<T: Float, D: Dimension> Part<ArrayBase<ViewRepr<&T>, D>> {
    /// A copy that is laid out as the view is.
    #[inline]
    pub fn owned(&self) -> Array<T, D> {
        like(&(**self).owned())
    }
}
