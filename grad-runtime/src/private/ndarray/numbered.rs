//! Elements by their number, in the order of the library, row by row.

use super::Float;
use crate::__private::Numbered;
use crate::__private::matrix::{Always, Rule, Turn};
use crate::__private::operators::InMemory;
use ndarray::{Array, Array1, ArrayBase, ArrayRef, Axis, Data, Dim, Dimension, IxDyn, RawData};

macro_rules! numbered {
    ($($rank:literal)*) => {$(
        impl<T> Numbered for ArrayRef<T, Dim<[usize; $rank]>> {
            type At = [usize; $rank];
            #[inline]
            fn nth(&self, mut k: usize) -> [usize; $rank] {
                let mut at = [0; $rank];
                for axis in (1..$rank).rev() {
                    // Of what has no elements, none is looked at.
                    let len = self.shape()[axis].max(1);
                    at[axis] = k % len;
                    k /= len;
                }
                // One beyond the last is nowhere.
                at[0] = k;
                at
            }
        }
    )*};
}

numbered! { 2 3 4 5 6 }

impl<T> Numbered for ArrayRef<T, Dim<[usize; 1]>> {
    type At = usize;
    #[inline]
    fn nth(&self, k: usize) -> usize {
        k
    }
}

impl<T> Numbered for ArrayRef<T, IxDyn> {
    type At = IxDyn;
    #[inline]
    fn nth(&self, mut k: usize) -> IxDyn {
        let mut at = IxDyn::zeros(self.ndim());
        for axis in (1..self.ndim()).rev() {
            let len = self.shape()[axis].max(1);
            at[axis] = k % len;
            k /= len;
        }
        if self.ndim() > 0 {
            at[0] = k;
        }
        at
    }
}

impl<T, S: Data<Elem = T>, D: Dimension> Numbered for ArrayBase<S, D>
where
    ArrayRef<T, D>: Numbered,
{
    type At = <ArrayRef<T, D> as Numbered>::At;
    #[inline]
    fn nth(&self, k: usize) -> Self::At {
        (**self).nth(k)
    }
}

/// An array for what is made of each element, laid out as the library does that.
#[inline]
pub fn mapped<T: Float, D: Dimension>(m: &ArrayRef<T, D>) -> Array<T, D> {
    if m.is_standard_layout() { Array::zeros(m.raw_dim()) } else { m.map(|_| T::zero()) }
}

/// All elements as they are in memory, which is the order of a fold; of an array with gaps, in that of its axes.
#[inline]
pub fn in_memory<T: Float, D: Dimension>(m: &ArrayRef<T, D>) -> Array1<T> {
    match m.as_slice_memory_order() {
        Some(elements) => Array1::from_vec(elements.to_vec()),
        None => m.iter().copied().collect(),
    }
}

/// See [`in_memory`].
impl<T: Float, D: Dimension + 'static> Rule<ArrayRef<T, D>, ()> for InMemory {
    type Y = Array1<T>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &ArrayRef<T, D>, (): &()) -> Array1<T> {
        in_memory(m)
    }
    #[inline]
    fn memo(_: &ArrayRef<T, D>, (): &(), _: &Array1<T>) {}
    #[inline]
    fn push_left(m: &ArrayRef<T, D>, (): &(), (): &(), dot: &Array<T, D>) -> Array1<T> {
        as_in_memory(m, dot.view()).iter().copied().collect()
    }
    #[inline]
    fn push_right(m: &ArrayRef<T, D>, (): &(), (): &(), (): &()) -> Array1<T> {
        Array1::zeros(m.len())
    }
    #[inline]
    fn pull_left(m: &ArrayRef<T, D>, (): &(), (): &(), seed: &Array1<T>, to: &mut Array<T, D>) {
        // Most arrays are in memory as they are written.
        if m.is_standard_layout()
            && let Some(to) = to.as_slice_mut()
        {
            to.iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
            return;
        }
        as_in_memory(m, to.view_mut()).iter_mut().zip(seed).for_each(|(to, seed)| *to += *seed);
    }
    #[inline]
    fn pull_right(_: &ArrayRef<T, D>, (): &(), (): &(), _: &Array1<T>, (): &mut ()) {}
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, ArrayRef<T, D>, ()>, to: &mut Array<T, D>) {
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
    }
    #[inline]
    fn turn_right(_: &Turn<'_, Self, ArrayRef<T, D>, ()>, (): &mut ()) {}
}

/// An array of the same shape, of which the order of axes is that in which the elements of `m` are in memory.
fn as_in_memory<T, S: RawData, D: Dimension>(
    m: &ArrayRef<T, D>,
    other: ArrayBase<S, D>,
) -> ArrayBase<S, IxDyn> {
    let mut other = other.into_dyn();
    if m.as_slice_memory_order().is_none() {
        return other;
    }
    for (axis, stride) in m.strides().iter().enumerate() {
        if *stride < 0 {
            other.invert_axis(Axis(axis));
        }
    }
    let mut axes: Vec<usize> = (0..m.ndim()).collect();
    // Where there is one element along an axis, its stride says nothing, and nothing depends on its place.
    axes.sort_by_key(|axis| std::cmp::Reverse(m.strides()[*axis].unsigned_abs()));
    other.permuted_axes(axes)
}
