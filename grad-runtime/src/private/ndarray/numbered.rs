//! Elements by their number, in the order of the library, row by row.

use super::Float;
use crate::__private::Numbered;
use core::cmp::Reverse;
use ndarray::{Array, ArrayBase, ArrayRef, Axis, Data, Dim, Dimension, IxDyn};

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

/// The order in which a fold goes over the elements of an array.
#[derive(Clone, Debug)]
pub enum Order {
    /// That of the library, row by row.
    Rows,
    /// Another one: the numbers of the elements.
    Numbers(Vec<usize>),
}

impl Order {
    /// The number of the element that comes then, row by row.
    #[inline]
    #[must_use]
    pub fn at(&self, k: usize) -> usize {
        match self {
            Order::Rows => k,
            Order::Numbers(numbers) => numbers[k],
        }
    }
}

/// The order of a fold: as the elements are in memory; of an array with gaps, or one that is repeated, the axis with the smallest stride
/// runs fastest.
#[inline]
pub fn order_of_fold<T, D: Dimension>(m: &ArrayRef<T, D>) -> Order {
    // Most arrays are in memory as they are written.
    if m.is_standard_layout() { Order::Rows } else { other_order(m) }
}

fn other_order<T, D: Dimension>(m: &ArrayRef<T, D>) -> Order {
    let numbers = Array::from_shape_vec(m.raw_dim(), (0..m.len()).collect()).expect("as many numbers");
    let mut numbers = numbers.into_dyn();
    let stride = |axis: usize| m.strides()[axis].unsigned_abs();
    let count = m.ndim();
    if m.as_slice_memory_order().is_some() {
        for axis in (0..count).filter(|axis| m.strides()[*axis] < 0) {
            numbers.invert_axis(Axis(axis));
        }
        let mut axes: Vec<usize> = (0..count).collect();
        // Where there is one element along an axis, its stride says nothing, and nothing depends on its place.
        axes.sort_by_key(|axis| Reverse(stride(*axis)));
        numbers = numbers.permuted_axes(axes);
    } else {
        let long = |axis: usize| m.len_of(Axis(axis)) > 1;
        let fastest = match count {
            0 | 1 => None,
            2 => (!long(1) || long(0) && stride(0) < stride(1)).then_some(0),
            _ => (0..count).filter(|axis| long(*axis)).min_by_key(|axis| stride(*axis)),
        };
        if let Some(fastest) = fastest {
            numbers.swap_axes(fastest, count - 1);
        }
    }
    Order::Numbers(numbers.iter().copied().collect())
}
