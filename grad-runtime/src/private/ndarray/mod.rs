//! Arrays of ndarray: their shape, and the rows of their operations.
//!
//! An operation is one of [`ArrayRef`]s, which arrays and views are alike; its result and all cotangents are owned.

mod elements;
mod elementwise;
mod linear;
mod numbered;
mod operands;
mod products;
mod shaped;
mod shapes;
mod spread;
mod windows;

pub use elements::{Elements, ElementsMut, elements, elements_mut, elements_of_slot, of_one_shape};
pub use linear::insert_axis;
/// Views among parameters, and what they refer to, by the names that the library has.
pub use ndarray::{
    Array1, ArrayRef1, ArrayRef2, ArrayRef3, ArrayRef4, ArrayRef5, ArrayRef6, ArrayRefD, ArrayView1,
    ArrayView2, ArrayView3, ArrayView4, ArrayView5, ArrayView6, ArrayViewD, ArrayViewMut1, ArrayViewMut2,
    ArrayViewMut3, ArrayViewMut4, ArrayViewMut5, ArrayViewMut6, ArrayViewMutD, Axis,
};
pub use numbered::{Order, mapped, order_of_fold};
pub use shaped::{assigned, blank, flat, index_axis, into_shape, layout, of_flat, place, shape};
pub use spread::{Spread, spread, std_axis, var_axis};
pub use windows::{column, fit, index, part, range, row, view_mut, window, within, zeros};

use super::GenericFloat;
use super::matrix::Space;
use ndarray::{Array, ArrayRef, Dimension, NdFloat, RemoveAxis};

/// `f32` or `f64`.
pub trait Float: NdFloat + GenericFloat + crate::Scalar + Space {
    /// The mean of all elements, if there are any.
    fn mean<D: Dimension>(m: &ArrayRef<Self, D>) -> Option<Self>;
    /// The mean along an axis, if there is anything along it.
    fn mean_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis) -> Option<Array<Self, D::Smaller>>;
    /// The variance of all elements.
    fn var<D: Dimension>(m: &ArrayRef<Self, D>, less: Self) -> Self;
    /// Their standard deviation.
    fn std<D: Dimension>(m: &ArrayRef<Self, D>, less: Self) -> Self;
    /// The variance along an axis.
    fn var_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis, less: Self) -> Array<Self, D::Smaller>;
    /// The standard deviation along an axis.
    fn std_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis, less: Self) -> Array<Self, D::Smaller>;
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Float for $float {
            #[inline]
            fn mean<D: Dimension>(m: &ArrayRef<Self, D>) -> Option<Self> {
                m.mean()
            }
            #[inline]
            fn mean_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis) -> Option<Array<Self, D::Smaller>> {
                m.mean_axis(axis)
            }
            #[inline]
            fn var<D: Dimension>(m: &ArrayRef<Self, D>, less: Self) -> Self {
                m.var(less)
            }
            #[inline]
            fn std<D: Dimension>(m: &ArrayRef<Self, D>, less: Self) -> Self {
                m.std(less)
            }
            #[inline]
            fn var_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis, less: Self) -> Array<Self, D::Smaller> {
                m.var_axis(axis, less)
            }
            #[inline]
            fn std_axis<D: RemoveAxis>(m: &ArrayRef<Self, D>, axis: Axis, less: Self) -> Array<Self, D::Smaller> {
                m.std_axis(axis, less)
            }
        }
    )*};
}

floats! { f32 f64 }
