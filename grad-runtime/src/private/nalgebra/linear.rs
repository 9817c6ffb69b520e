//! The rows of operations that are linear in the one matrix that they have.

use super::Float;
use super::products::add_scaled;
use crate::__private::matrix::{Bilinear, LinearIn};
use crate::__private::operators::{
    ColumnMean, ColumnSum, Coords, CrossMatrix, LowerTriangle, Mean, Neg, RowMean, RowSum, Sum, Trace,
    Transpose, UpperTriangle, Xy, Xyz,
};
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, Matrix3, OMatrix, SVector, U1, Vector2, Vector3};

/// Linear in the one operand: its value, and what is added to the operand's cotangent.
macro_rules! linear {
    ($($op:ident: [$($dims:ident)*] $m:ty => $y:ty, [$($bounds:tt)*], $value:expr, $pull:expr;)*) => {$(
        impl<T: Float, $($dims: Dim),*> LinearIn<$m> for $op where DefaultAllocator: $($bounds)* {}

        impl<T: Float, $($dims: Dim),*> Bilinear<$m, ()> for $op
        where
            DefaultAllocator: $($bounds)*,
        {
            type Y = $y;

            #[inline]
            fn value(m: &$m, (): &()) -> $y {
                let value: fn(&$m) -> $y = $value;
                value(m)
            }
            #[inline]
            fn left((): &(), seed: &$y, to: &mut $m) {
                let pull: fn(&$y, &mut $m) = $pull;
                pull(seed, to);
            }
            #[inline]
            fn right(_: &$m, _: &$y, (): &mut ()) {}
        }
    )*};
}

linear! {
    Neg: [R C] OMatrix<T, R, C> => OMatrix<T, R, C>, [Allocator<R, C>], |m| -m, |seed, to| {
        add_scaled(to.as_mut_slice(), -T::one(), seed.as_slice());
    };
    Coords: [R C] OMatrix<T, R, C> => OMatrix<T, R, C>, [Allocator<R, C>], |m| m.clone(), |seed, to| {
        add_scaled(to.as_mut_slice(), T::one(), seed.as_slice());
    };
    Transpose: [R C] OMatrix<T, R, C> => OMatrix<T, C, R>, [Allocator<R, C> + Allocator<C, R>],
        |m| m.transpose(), |seed, to| {
            for j in 0..to.ncols() {
                for i in 0..to.nrows() {
                    to[(i, j)] += seed[(j, i)];
                }
            }
        };
    Sum: [R C] OMatrix<T, R, C> => T, [Allocator<R, C>], |m| m.sum(), |seed, to| {
        to.as_mut_slice().iter_mut().for_each(|to| *to += *seed);
    };
    Mean: [R C] OMatrix<T, R, C> => T, [Allocator<R, C>], |m| m.mean(), |seed, to| {
        let each = *seed / T::__grad_number(to.len() as f64);
        to.as_mut_slice().iter_mut().for_each(|to| *to += each);
    };
    Trace: [D] OMatrix<T, D, D> => T, [Allocator<D, D>], |m| m.trace(), |seed, to| {
        for i in 0..to.nrows() {
            to[(i, i)] += *seed;
        }
    };
    RowSum: [R C] OMatrix<T, R, C> => OMatrix<T, U1, C>, [Allocator<R, C> + Allocator<U1, C>],
        |m| m.row_sum(), |seed, to| {
            for j in 0..to.ncols() {
                to.column_mut(j).iter_mut().for_each(|to| *to += seed[j]);
            }
        };
    ColumnSum: [R C] OMatrix<T, R, C> => OMatrix<T, R, U1>, [Allocator<R, C> + Allocator<R, U1>],
        |m| m.column_sum(), |seed, to| {
            for mut column in to.column_iter_mut() {
                column += seed;
            }
        };
    RowMean: [R C] OMatrix<T, R, C> => OMatrix<T, U1, C>, [Allocator<R, C> + Allocator<U1, C>],
        |m| m.row_mean(), |seed, to| {
            let count = T::__grad_number(to.nrows() as f64);
            for j in 0..to.ncols() {
                to.column_mut(j).iter_mut().for_each(|to| *to += seed[j] / count);
            }
        };
    ColumnMean: [R C] OMatrix<T, R, C> => OMatrix<T, R, U1>, [Allocator<R, C> + Allocator<R, U1>],
        |m| m.column_mean(), |seed, to| {
            let by = T::one() / T::__grad_number(to.ncols() as f64);
            for mut column in to.column_iter_mut() {
                column.axpy(by, seed, T::one());
            }
        };
    LowerTriangle: [R C] OMatrix<T, R, C> => OMatrix<T, R, C>, [Allocator<R, C>],
        |m| m.lower_triangle(), |seed, to| {
            for j in 0..to.ncols() {
                for i in j..to.nrows() {
                    to[(i, j)] += seed[(i, j)];
                }
            }
        };
    UpperTriangle: [R C] OMatrix<T, R, C> => OMatrix<T, R, C>, [Allocator<R, C>],
        |m| m.upper_triangle(), |seed, to| {
            for j in 0..to.ncols() {
                for i in 0..to.nrows().min(j + 1) {
                    to[(i, j)] += seed[(i, j)];
                }
            }
        };
}

/// The same of vectors, whose length is in their type.
macro_rules! of_vectors {
    ($($op:ident: [$($of:tt)*] $m:ty => $y:ty, $value:expr, $pull:expr;)*) => {$(
        impl<T: Float, $($of)*> LinearIn<$m> for $op {}

        impl<T: Float, $($of)*> Bilinear<$m, ()> for $op {
            type Y = $y;

            #[inline]
            fn value(m: &$m, (): &()) -> $y {
                let value: fn(&$m) -> $y = $value;
                value(m)
            }
            #[inline]
            fn left((): &(), seed: &$y, to: &mut $m) {
                let pull: fn(&$y, &mut $m) = $pull;
                pull(seed, to);
            }
            #[inline]
            fn right(_: &$m, _: &$y, (): &mut ()) {}
        }
    )*};
}

of_vectors! {
    Xy: [const D: usize] SVector<T, D> => Vector2<T>, |v| Vector2::new(v[0], v[1]), |seed, to| {
        to[0] += seed[0];
        to[1] += seed[1];
    };
    Xyz: [const D: usize] SVector<T, D> => Vector3<T>, |v| Vector3::new(v[0], v[1], v[2]), |seed, to| {
        to[0] += seed[0];
        to[1] += seed[1];
        to[2] += seed[2];
    };
    CrossMatrix: [] Vector3<T> => Matrix3<T>, |v| v.cross_matrix(), |seed, to| {
        to[0] += seed[(2, 1)] - seed[(1, 2)];
        to[1] += seed[(0, 2)] - seed[(2, 0)];
        to[2] += seed[(1, 0)] - seed[(0, 1)];
    };
}
