//! The shape of an array: what generated code asks of every cotangent.

use super::Float;
use crate::__private::matrix::{Space, Straight, Value};
use crate::__private::{
    Accumulate, Again, Blank, Checked, Clear, EachLane, Entries, Followed, Gone, Inner, Keep, LanesLike,
    Merge, Restore, Scale, Sum, Unread, ZerosLike, no_entry,
};
use crate::{Differentiable, Lanes, Scalar};
use alloc::vec::Vec;
use ndarray::{Array, ArrayBase, ArrayRef, Data, DataMut, Dimension, ShapeBuilder};

#[track_caller]
pub(super) fn check_shapes(to: &[usize], from: &[usize]) {
    assert!(to == from, "shapes differ: an array of {to:?} and one of {from:?}");
}

/// The same element everywhere, as many of them as the type tells: none, but for arrays without axes.
#[inline]
pub(super) fn without_lengths<E: Clone, D: Dimension>(element: E) -> Array<E, D> {
    Array::from_elem(D::zeros(D::NDIM.unwrap_or(1)), element)
}

/// The stride of what is fresh, or of which nothing is left: an array without elements, as nobody makes one.
const FRESH: usize = 0x00F8_E5B1;

/// Of so many axes, if there are some.
pub(super) fn fresh<E, D: Dimension>(axes: usize) -> Option<Array<E, D>> {
    let mut strides = D::zeros(axes);
    strides.slice_mut().fill(FRESH);
    Array::from_shape_vec(D::zeros(axes).strides(strides), Vec::new()).ok()
}

pub(super) fn is_fresh<E, D: Dimension>(array: &ArrayRef<E, D>) -> bool {
    let is_marked = |stride: &isize| usize::try_from(*stride) == Ok(FRESH);
    array.is_empty() && array.strides().iter().all(is_marked)
}

impl<E: ZerosLike, D: Dimension> ZerosLike for ArrayRef<E, D> {
    type Zeros = Array<E::Zeros, D>;
    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        // Of numbers, one allocation of zeroed memory.
        if let Some(elements) = self.as_slice() {
            let zeros = E::__grad_zeros_like_each(elements);
            return Array::from_shape_vec(self.raw_dim(), zeros).expect("as many elements");
        }
        self.map(E::__grad_zeros_like)
    }
    #[inline]
    fn __grad_fresh(&self) -> Self::Zeros {
        fresh(self.ndim()).unwrap_or_else(|| self.__grad_zeros_like())
    }
}

impl<E: ZerosLike, S: Data<Elem = E>, D: Dimension> ZerosLike for ArrayBase<S, D> {
    type Zeros = Array<E::Zeros, D>;
    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        (**self).__grad_zeros_like()
    }
    #[inline]
    fn __grad_fresh(&self) -> Self::Zeros {
        (**self).__grad_fresh()
    }
}

impl<E: LanesLike<N>, D: Dimension, const N: usize> LanesLike<N> for ArrayRef<E, D> {
    type Lanes = Array<E::Lanes, D>;
    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        self.map(E::__grad_lanes_like)
    }
}

impl<E: LanesLike<N>, S: Data<Elem = E>, D: Dimension, const N: usize> LanesLike<N> for ArrayBase<S, D> {
    type Lanes = Array<E::Lanes, D>;
    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        (**self).__grad_lanes_like()
    }
}

impl<E: EachLane, S: DataMut<Elem = E>, D: Dimension> EachLane for ArrayBase<S, D> {
    type One = Array<E::One, D>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn lane(&self, lane: usize) -> Self::One {
        self.map(|element| element.lane(lane))
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Self::One) {
        check_shapes(self.shape(), one.shape());
        self.zip_mut_with(one, |element, one| element.set_lane(lane, one));
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        let count = self.len();
        if let Some(element) = self.iter_mut().nth(at) {
            element.set_entry(0, lane, value);
        }
        count
    }
}

impl<E, F, S, S2, D> Accumulate<ArrayBase<S2, D>> for ArrayBase<S, D>
where
    E: Accumulate<F>,
    S: DataMut<Elem = E>,
    S2: Data<Elem = F>,
    D: Dimension,
{
    #[inline]
    #[track_caller]
    fn __grad_accumulate(&mut self, from: &ArrayBase<S2, D>) {
        check_shapes(self.shape(), from.shape());
        self.zip_mut_with(from, E::__grad_accumulate);
    }
}

impl<E: Accumulate<E>, D: Dimension> Merge<Array<E, D>> for Array<E, D> {
    #[inline]
    fn __grad_merge(&mut self, cotangent: Self) {
        self.__grad_accumulate(&cotangent);
    }
}

impl<E: Clear, S: DataMut<Elem = E>, D: Dimension> Clear for ArrayBase<S, D> {
    #[inline]
    fn __grad_clear(&mut self) {
        self.map_inplace(E::__grad_clear);
    }
}

impl<E: Scale<By>, S: DataMut<Elem = E>, D: Dimension, By: Copy> Scale<By> for ArrayBase<S, D> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.map_inplace(|element| element.__grad_scale(by));
    }
}

impl<E, F, S, S2, D> Inner<ArrayBase<S2, D>> for ArrayBase<S, D>
where
    E: Inner<F>,
    S: Data<Elem = E>,
    S2: Data<Elem = F>,
    D: Dimension,
{
    #[inline]
    #[track_caller]
    fn __grad_inner(&self, other: &ArrayBase<S2, D>) -> f64 {
        check_shapes(self.shape(), other.shape());
        self.iter().zip(other.iter()).map(|(a, b)| a.__grad_inner(b)).sum()
    }
}

/// Of an array without gaps, as the cotangent of one is.
impl<E, D: Dimension> Sum for Array<E, D>
where
    [E]: Sum,
    E: Clone,
{
    type Float = <[E] as Sum>::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        match self.as_slice() {
            Some(elements) => elements.__grad_sum(),
            None => self.iter().cloned().collect::<Vec<E>>()[..].__grad_sum(),
        }
    }
}

impl<E: Clone, D: Dimension> Restore for Array<E, D> {
    #[inline]
    fn restore(&mut self, old: &Self) {
        self.clone_from(old);
    }
}

impl<E: Clone, D: Dimension> Restore for ArrayRef<E, D> {
    #[inline]
    fn restore(&mut self, old: &Self) {
        self.assign(old);
    }
}

impl<S: ndarray::RawData, D> Again for ArrayBase<S, D> {
    type Again = Gone;
    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<E: Clone, S: Data<Elem = E>, D: Dimension> Keep<ArrayBase<S, D>> for Array<E, D> {
    #[inline]
    fn __grad_keep(x: &ArrayBase<S, D>) -> Self {
        x.to_owned()
    }
}

impl<E: Clone, D: Dimension> Keep<ArrayRef<E, D>> for Array<E, D> {
    #[inline]
    fn __grad_keep(x: &ArrayRef<E, D>) -> Self {
        x.to_owned()
    }
}

impl<E: Blank + Clone, D: Dimension> Blank for Array<E, D> {
    #[inline]
    fn __grad_blank() -> Self {
        without_lengths(E::__grad_blank())
    }
}

impl<E: Unread + Clone, D: Dimension> Unread for Array<E, D> {
    #[inline]
    fn __grad_unread() -> Self {
        without_lengths(E::__grad_unread())
    }
}

impl<S: ndarray::RawData, D> Checked for ArrayBase<S, D> {
    type It = Self;
    #[inline]
    fn checked(self) -> Self {
        self
    }
}

impl<S: ndarray::RawData, D> Followed for ArrayBase<S, D> {}

impl<E: Entries + Clone, D: Dimension> Entries for Array<E, D> {
    /// In the order of the library, row by row.
    type Rows<G> = Vec<E::Rows<G>>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn count(&self) -> usize {
        self.len()
    }
    #[inline]
    fn entry(&self, at: usize) -> f64 {
        self.iter().nth(at).unwrap_or_else(|| no_entry(at)).entry(0)
    }
    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        self.iter_mut().nth(at).unwrap_or_else(|| no_entry(at)).set_entry(0, value);
    }
    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Vec<E::Rows<G>> {
        self.iter().map(|element| element.rows(row)).collect()
    }
    #[inline]
    fn count_rows<G>(rows: &Vec<E::Rows<G>>) -> usize {
        rows.len()
    }
    #[inline]
    fn row<G>(rows: &mut Vec<E::Rows<G>>, at: usize) -> &mut G {
        E::row(rows.get_mut(at).unwrap_or_else(|| no_entry(at)), 0)
    }
}

impl<E: Scalar, D: Dimension> Differentiable for Array<E, D> {
    type Tangent = Array<E, D>;

    #[inline]
    fn zero_tangent(&self) -> Self::Tangent {
        self.map(|_| E::default())
    }

    #[inline]
    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        check_shapes(self.shape(), tangent.shape());
        self.zip_mut_with(tangent, |x, tangent| x.add_scaled(scale, tangent));
    }

    #[inline]
    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        check_shapes(a.shape(), b.shape());
        a.iter().zip(b.iter()).fold(0.0, |sum, (a, b)| sum + E::inner(a, b))
    }

    #[inline]
    fn dim(&self) -> usize {
        self.len()
    }

    #[inline]
    fn flatten_into<X: Scalar>(&self, flat: &mut [X]) -> usize {
        self.iter().fold(0, |done, x| done + x.flatten_into(&mut flat[done..]))
    }

    #[inline]
    fn unflatten_from<X: Scalar>(&mut self, flat: &[X]) -> usize {
        self.iter_mut().fold(0, |done, x| done + x.unflatten_from(&flat[done..]))
    }
}

impl<T: Float, D: Dimension + 'static> Value for Array<T, D> {
    type Tangent = Array<T, D>;
    type Own = Self;
    #[inline]
    fn lanes<const N: usize>(&self) -> Array<Lanes<T, N>, D> {
        self.map(|_| Lanes::default())
    }
    #[inline]
    fn is_fresh(&self, cotangent: &Array<T, D>) -> bool {
        is_fresh(cotangent)
    }
}

impl<T: Float, D: Dimension + 'static> Space for Array<T, D> {
    type Lanes<const N: usize> = Array<Lanes<T, N>, D>;
}

impl<T: Float, D: Dimension + 'static> Value for ArrayRef<T, D> {
    type Tangent = Array<T, D>;
    type Own = Array<T, D>;
    #[inline]
    fn lanes<const N: usize>(&self) -> Array<Lanes<T, N>, D> {
        self.map(|_| Lanes::default())
    }
    #[inline]
    fn is_fresh(&self, cotangent: &Array<T, D>) -> bool {
        is_fresh(cotangent)
    }
}

impl<T: Float, D: Dimension + 'static> Straight for ArrayRef<T, D> {
    #[inline]
    fn of_tangent(tangent: &Array<T, D>) -> &Self {
        tangent
    }
}
