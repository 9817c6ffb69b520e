//! The shape of a matrix: what generated code asks of every cotangent.

use super::Float;
use crate::__private::matrix::{Space, Value};
use crate::__private::{
    Accumulate, Again, Blank, Checked, Clear, EachLane, Entries, Followed, Gone, Inner, Keep, LanesLike,
    Merge, NoSeed, Numbered, Restore, Scale, Sum, Unread, ZerosLike, no_entry,
};
use crate::{Differentiable, Lanes, Scalar};
use nalgebra::allocator::Allocator;
use nalgebra::storage::{IsContiguous, RawStorage, RawStorageMut, Storage};
use nalgebra::{Const, DefaultAllocator, Dim, Matrix, OMatrix, Scalar as Element};

#[track_caller]
fn check_shapes(to: (usize, usize), from: (usize, usize)) {
    assert!(to == from, "shapes differ: a matrix of {} × {} and one of {} × {}", to.0, to.1, from.0, from.1);
}

/// A matrix of the same shape with an element made of each.
#[inline]
fn of_each<E, F, R: Dim, C: Dim, S>(m: &Matrix<E, R, C, S>, f: impl FnMut(&E) -> F) -> OMatrix<F, R, C>
where
    F: Element,
    S: RawStorage<E, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    let (r, c) = m.shape_generic();
    OMatrix::from_iterator_generic(r, c, m.iter().map(f))
}

/// The same element everywhere, as many of them as the type tells, and none where it does not.
#[inline]
fn without_lengths<E: Element, R: Dim, C: Dim>(element: E) -> OMatrix<E, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let (r, c) = (R::try_to_usize().unwrap_or(0), C::try_to_usize().unwrap_or(0));
    OMatrix::from_element_generic(R::from_usize(r), C::from_usize(c), element)
}

impl<E, R: Dim, C: Dim, S> ZerosLike for Matrix<E, R, C, S>
where
    E: ZerosLike<Zeros: Element>,
    S: RawStorage<E, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type Zeros = OMatrix<E::Zeros, R, C>;
    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        of_each(self, E::__grad_zeros_like)
    }
}

impl<E, R: Dim, C: Dim, S, const N: usize> LanesLike<N> for Matrix<E, R, C, S>
where
    E: LanesLike<N, Lanes: Element>,
    S: RawStorage<E, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type Lanes = OMatrix<E::Lanes, R, C>;
    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        of_each(self, E::__grad_lanes_like)
    }
}

impl<E, R: Dim, C: Dim, S> EachLane for Matrix<E, R, C, S>
where
    E: EachLane<One: Element>,
    S: RawStorageMut<E, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type One = OMatrix<E::One, R, C>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn lane(&self, lane: usize) -> Self::One {
        of_each(self, |element| element.lane(lane))
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Self::One) {
        check_shapes(self.shape(), one.shape());
        self.iter_mut().zip(one.iter()).for_each(|(element, one)| element.set_lane(lane, one));
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

impl<E, F, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2> Accumulate<Matrix<F, R2, C2, S2>> for Matrix<E, R, C, S>
where
    E: Accumulate<F>,
    S: RawStorageMut<E, R, C> + IsContiguous,
    S2: RawStorage<F, R2, C2> + IsContiguous,
{
    #[inline]
    #[track_caller]
    fn __grad_accumulate(&mut self, from: &Matrix<F, R2, C2, S2>) {
        check_shapes(self.shape(), from.shape());
        self.as_mut_slice().iter_mut().zip(from.as_slice()).for_each(|(to, from)| to.__grad_accumulate(from));
    }
}

impl<E, R: Dim, C: Dim, S> Merge<Matrix<E, R, C, S>> for Matrix<E, R, C, S>
where
    E: Accumulate<E>,
    S: RawStorageMut<E, R, C> + IsContiguous,
{
    #[inline]
    fn __grad_merge(&mut self, cotangent: Self) {
        self.__grad_accumulate(&cotangent);
    }
}

impl<E, R: Dim, C: Dim, S> Clear for Matrix<E, R, C, S>
where
    E: Clear,
    S: RawStorageMut<E, R, C>,
{
    #[inline]
    fn __grad_clear(&mut self) {
        self.iter_mut().for_each(E::__grad_clear);
    }
}

impl<E, R: Dim, C: Dim, S, By: Copy> Scale<By> for Matrix<E, R, C, S>
where
    E: Scale<By>,
    S: RawStorageMut<E, R, C>,
{
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.iter_mut().for_each(|element| element.__grad_scale(by));
    }
}

impl<E, F, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2> Inner<Matrix<F, R2, C2, S2>> for Matrix<E, R, C, S>
where
    E: Inner<F>,
    S: RawStorage<E, R, C>,
    S2: RawStorage<F, R2, C2>,
{
    #[inline]
    #[track_caller]
    fn __grad_inner(&self, other: &Matrix<F, R2, C2, S2>) -> f64 {
        check_shapes(self.shape(), other.shape());
        self.iter().zip(other.iter()).map(|(a, b)| a.__grad_inner(b)).sum()
    }
}

impl<E, R: Dim, C: Dim, S> Sum for Matrix<E, R, C, S>
where
    [E]: Sum,
    S: RawStorage<E, R, C> + IsContiguous,
{
    type Float = <[E] as Sum>::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        self.as_slice().__grad_sum()
    }
}

impl<E: Clone, R: Dim, C: Dim, S: Clone> Restore for Matrix<E, R, C, S>
where
    Self: Clone,
{
    #[inline]
    fn restore(&mut self, old: &Self) {
        self.clone_from(old);
    }
}

impl<E, R, C, S> Again for Matrix<E, R, C, S> {
    type Again = Gone;
    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<E, R, C, S> Keep<Matrix<E, R, C, S>> for Matrix<E, R, C, S>
where
    Self: Clone,
{
    #[inline]
    fn __grad_keep(x: &Self) -> Self {
        x.clone()
    }
}

impl<E: Element + Default, const R: usize, const C: usize> NoSeed
    for Matrix<E, Const<R>, Const<C>, nalgebra::ArrayStorage<E, R, C>>
{
    #[inline]
    fn no_seed() -> Self {
        without_lengths(E::default())
    }
}

impl<E, R: Dim, C: Dim, S> Blank for Matrix<E, R, C, S>
where
    E: Blank + Element,
    S: Storage<E, R, C>,
    DefaultAllocator: Allocator<R, C, Buffer<E> = S>,
{
    #[inline]
    fn __grad_blank() -> Self {
        without_lengths(E::__grad_blank())
    }
}

impl<E, R: Dim, C: Dim, S> Unread for Matrix<E, R, C, S>
where
    E: Unread + Element,
    S: Storage<E, R, C>,
    DefaultAllocator: Allocator<R, C, Buffer<E> = S>,
{
    #[inline]
    fn __grad_unread() -> Self {
        without_lengths(E::__grad_unread())
    }
}

impl<E, R, C, S> Checked for Matrix<E, R, C, S> {
    type It = Self;
    #[inline]
    fn checked(self) -> Self {
        self
    }
}

impl<E, R, C, S> Followed for Matrix<E, R, C, S> {}

impl<E, R, C, S> Numbered for Matrix<E, R, C, S> {
    type At = usize;
    #[inline]
    fn nth(&self, k: usize) -> usize {
        k
    }
}

impl<E, R: Dim, C: Dim, S> Entries for Matrix<E, R, C, S>
where
    Self: Clone,
    E: Entries,
    S: RawStorageMut<E, R, C>,
{
    /// In the order of the library, column by column.
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

impl<E, R: Dim, C: Dim, S> Differentiable for Matrix<E, R, C, S>
where
    E: Scalar + Element,
    S: RawStorageMut<E, R, C>,
    DefaultAllocator: Allocator<R, C>,
{
    type Tangent = OMatrix<E, R, C>;

    #[inline]
    fn zero_tangent(&self) -> Self::Tangent {
        of_each(self, |_| E::default())
    }

    #[inline]
    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        check_shapes(self.shape(), tangent.shape());
        self.iter_mut().zip(tangent.iter()).for_each(|(x, tangent)| x.add_scaled(scale, tangent));
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

impl<T: Float, R: Dim, C: Dim> Value for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Tangent = OMatrix<T, R, C>;
    type Own = Self;

    #[inline]
    fn lanes<const N: usize>(&self) -> OMatrix<Lanes<T, N>, R, C> {
        of_each(self, |_| Lanes::default())
    }
}

impl<T: Float, R: Dim, C: Dim> Space for OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    type Lanes<const N: usize> = OMatrix<Lanes<T, N>, R, C>;
}
