//! Elements by their number, in the order of the library, row by row.

use super::Float;
use crate::__private::Numbered;
use ndarray::{Array, ArrayBase, ArrayRef, Data, Dim, Dimension, IxDyn};

macro_rules! numbered {
    ($($rank:literal)*) => {$(
        impl<T> Numbered for ArrayRef<T, Dim<[usize; $rank]>> {
            type At = [usize; $rank];
            #[inline]
            fn nth(&self, mut k: usize) -> [usize; $rank] {
                let mut at = [0; $rank];
                for axis in (0..$rank).rev() {
                    let len = self.shape()[axis];
                    at[axis] = k % len;
                    k /= len;
                }
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
        for axis in (0..self.ndim()).rev() {
            let len = self.shape()[axis];
            at[axis] = k % len;
            k /= len;
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
    m.map(|_| T::zero())
}
