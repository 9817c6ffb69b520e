//! Boxed slices of floats, in fields: their tangents are `Vec`s, as those of slices are.

use super::{Again, Gone, Keep, LanesLike, ZerosLike};
use crate::{Differentiable, Scalar};
use alloc::boxed::Box;
use alloc::vec::Vec;

impl<T: Differentiable> Differentiable for Box<[T]> {
    type Tangent = Vec<T::Tangent>;

    fn zero_tangent(&self) -> Self::Tangent {
        (**self).zero_tangent()
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        (**self).add_scaled(scale, tangent);
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        <[T]>::inner(a, b)
    }

    fn dim(&self) -> usize {
        (**self).dim()
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        (**self).flatten_into(flat)
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        (**self).unflatten_from(flat)
    }
}

impl<T: ZerosLike> ZerosLike for Box<[T]> {
    type Zeros = Vec<T::Zeros>;

    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        super::zeros_like(&**self)
    }
}

impl<T: LanesLike<N>, const N: usize> LanesLike<N> for Box<[T]> {
    type Lanes = Vec<T::Lanes>;

    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        (**self).__grad_lanes_like()
    }
}

impl<T> Again for Box<[T]> {
    type Again = Gone;

    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<T: Clone> Keep<Box<[T]>> for Box<[T]> {
    #[inline]
    fn __grad_keep(x: &Box<[T]>) -> Box<[T]> {
        x.clone()
    }
}
