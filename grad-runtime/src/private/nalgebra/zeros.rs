//! Zeros in the shape of a part of a matrix, for the part to be written into.

use super::Float;
use core::fmt::Debug;
use core::marker::PhantomData;
use nalgebra::allocator::Allocator;
use nalgebra::storage::RawStorage;
use nalgebra::{Const, DefaultAllocator, Dim, DimAdd, DimSum, Dyn, Matrix, OMatrix, OVector, SVector, U1};

/// The shape of a matrix, whose parts are asked for by the methods that give them.
pub struct Of<T, R, C>(R, C, PhantomData<T>);

impl<T, R, C> Debug for Of<T, R, C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Of")
    }
}

/// The shape of a matrix.
#[inline]
pub fn of<T: Float, R: Dim, C: Dim, S: RawStorage<T, R, C>>(m: &Matrix<T, R, C, S>) -> Of<T, R, C> {
    let (r, c) = m.shape_generic();
    Of(r, c, PhantomData)
}

/// A vector of so many numbers, for them to be written into.
#[inline]
pub fn vector<const N: usize, T: Float>() -> SVector<T, N> {
    SVector::zeros()
}

/// A vector that has one more element.
#[inline]
pub fn longer<T: Float, D: DimAdd<U1>, S: RawStorage<T, D>>(
    v: &Matrix<T, D, U1, S>,
) -> OVector<T, DimSum<D, U1>>
where
    DefaultAllocator: Allocator<DimSum<D, U1>>,
{
    OVector::zeros_generic(v.shape_generic().0.add(Const::<1>), Const::<1>)
}

/// A part of so many rows or columns that begins there, or an index, is inside of so many.
#[inline]
#[track_caller]
pub fn fit(start: usize, count: usize, all: usize) {
    assert!(start.checked_add(count).is_some_and(|end| end <= all), "Matrix slicing out of bounds.");
}

/// An index that is there.
#[inline]
#[track_caller]
#[must_use]
pub fn within(at: usize, len: usize) -> usize {
    assert!(at < len, "Matrix index out of bounds.");
    at
}

macro_rules! zeros {
    ($(#[$doc:meta] $name:ident [$($fixed:ident)*] ($this:ident $(, $n:ident)*) -> [$r:ty, $c:ty] = $rows:expr, $columns:expr;)*) => {
        impl<T: Float, R: Dim, C: Dim> Of<T, R, C> {
            $(
                #[$doc]
                #[inline]
                pub fn $name<$(const $fixed: usize),*>($this $(, $n: usize)*) -> OMatrix<T, $r, $c>
                where
                    DefaultAllocator: Allocator<$r, $c>,
                {
                    OMatrix::zeros_generic($rows, $columns)
                }
            )*
        }
    };
}

zeros! {
    /// Of a row.
    row [](self) -> [U1, C] = Const::<1>, self.1;
    /// Of a column.
    column [](self) -> [R, U1] = self.0, Const::<1>;
    /// Of so many rows.
    rows [](self, n) -> [Dyn, C] = Dyn(n), self.1;
    /// Of so many columns.
    columns [](self, n) -> [R, Dyn] = self.0, Dyn(n);
    /// Of so many rows.
    fixed_rows [N](self) -> [Const<N>, C] = Const::<N>, self.1;
    /// Of so many columns.
    fixed_columns [N](self) -> [R, Const<N>] = self.0, Const::<N>;
    /// Of so many rows and columns.
    view [](self, r, c) -> [Dyn, Dyn] = Dyn(r), Dyn(c);
    /// Of so many rows and columns.
    fixed_view [RN CN](self) -> [Const<RN>, Const<CN>] = Const::<RN>, Const::<CN>;
}

impl<T: Float, D: Dim> Of<T, D, D> {
    /// Of the diagonal.
    #[inline]
    pub fn diagonal(self) -> OVector<T, D>
    where
        DefaultAllocator: Allocator<D>,
    {
        OVector::zeros_generic(self.0, Const::<1>)
    }
}
