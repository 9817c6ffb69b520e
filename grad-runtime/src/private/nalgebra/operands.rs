//! Which operations have rows, by the types of their operands.

use super::Float;
use crate::__private::matrix::{Number, NumberRef, Owned, Passed, Ref, Row, Row1};
use crate::__private::methods::MatrixMethods;
use crate::__private::{Operator, operators};
use nalgebra::allocator::Allocator;
use nalgebra::storage::RawStorage;
use nalgebra::{
    ArrayStorage, Cholesky, Const, DefaultAllocator, Dim, DimMin, Dyn, FullPivLU, LU, Matrix, OMatrix,
    SymmetricEigen, VecStorage, ViewStorage,
};

/// Where the numbers of a matrix are.
pub trait Stored<T: Float, R: Dim, C: Dim>: RawStorage<T, R, C> {
    /// The matrix by reference.
    type ByRef: Passed<Of = OMatrix<T, R, C>>
    where
        DefaultAllocator: Allocator<R, C>;
    /// The matrix by value.
    type ByValue: Passed<Of = OMatrix<T, R, C>>
    where
        DefaultAllocator: Allocator<R, C>;
}

impl<T: Float, const R: usize, const C: usize> Stored<T, Const<R>, Const<C>> for ArrayStorage<T, R, C> {
    type ByRef = Ref<OMatrix<T, Const<R>, Const<C>>>;
    type ByValue = Owned<OMatrix<T, Const<R>, Const<C>>>;
}

impl<T: Float, C: Dim> Stored<T, Dyn, C> for VecStorage<T, Dyn, C>
where
    DefaultAllocator: Allocator<Dyn, C>,
{
    type ByRef = Ref<OMatrix<T, Dyn, C>>;
    type ByValue = Owned<OMatrix<T, Dyn, C>>;
}

impl<T: Float, const R: usize> Stored<T, Const<R>, Dyn> for VecStorage<T, Const<R>, Dyn> {
    type ByRef = Ref<OMatrix<T, Const<R>, Dyn>>;
    type ByValue = Owned<OMatrix<T, Const<R>, Dyn>>;
}

/// A view has the derivatives of what it is a copy of in generated code.
impl<T: Float, R: Dim, C: Dim, RStride: Dim, CStride: Dim> Stored<T, R, C>
    for ViewStorage<'_, T, R, C, RStride, CStride>
where
    DefaultAllocator: Allocator<R, C>,
{
    type ByRef = Ref<OMatrix<T, R, C>>;
    type ByValue = Owned<OMatrix<T, R, C>>;
}

/// Operations of two matrices.
macro_rules! of_two {
    ($($op:ident)*) => {
        $(of_two! { $op: [] ByValue, [] ByValue; ['a] ByRef, [] ByValue; [] ByValue, ['b] ByRef; ['a] ByRef, ['b] ByRef; })*
    };
    ($op:ident: $([$($a:lifetime)?] $left:ident, [$($b:lifetime)?] $right:ident;)*) => {$(
        impl<$($a,)? $($b,)? T: Float, R: Dim, C: Dim, S, R2: Dim, C2: Dim, S2>
            Operator<operators::$op, $(&$b)? Matrix<T, R2, C2, S2>> for $(&$a)? Matrix<T, R, C, S>
        where
            S: Stored<T, R, C>,
            S2: Stored<T, R2, C2>,
            DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
        {
            type Bearer = Row<operators::$op, S::$left, S2::$right>;
            const BEARER: Self::Bearer = Row::ROW;
        }
    )*};
}

of_two! {
    Add Sub Mul Dot ComponentMul ComponentDiv Cross Kronecker TrMul
    SolveLowerTriangular SolveUpperTriangular TrSolveLowerTriangular TrSolveUpperTriangular
}

/// Operations of a matrix and a number.
macro_rules! with_number {
    ($($op:ident)*) => {
        $(with_number! { $op: [] ByValue, [] Number; ['a] ByRef, [] Number; [] ByValue, ['b] NumberRef; ['a] ByRef, ['b] NumberRef; })*
    };
    ($op:ident: $([$($a:lifetime)?] $left:ident, [$($b:lifetime)?] $right:ident;)*) => {$(
        impl<$($a,)? $($b,)? T: Float, R: Dim, C: Dim, S> Operator<operators::$op, $(&$b)? T> for $(&$a)? Matrix<T, R, C, S>
        where
            S: Stored<T, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type Bearer = Row<operators::$op, S::$left, $right<T>>;
            const BEARER: Self::Bearer = Row::ROW;
        }
    )*};
}

with_number! { Mul Div Scale Unscale AddScalar }

/// A number before a matrix.
macro_rules! number_first {
    ($($t:ident [$($a:lifetime)?] $left:ident, [$($b:lifetime)?] $right:ident;)*) => {$(
        impl<$($a,)? $($b,)? R: Dim, C: Dim, S> Operator<operators::Mul, $(&$b)? Matrix<$t, R, C, S>> for $(&$a)? $t
        where
            S: Stored<$t, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type Bearer = Row<operators::Mul, $left<$t>, S::$right>;
            const BEARER: Self::Bearer = Row::ROW;
        }
    )*};
}

number_first! {
    f32 [] Number, [] ByValue;
    f32 [] Number, ['b] ByRef;
    f64 [] Number, [] ByValue;
    f64 [] Number, ['b] ByRef;
}

/// Operations of one matrix.
macro_rules! of_one {
    ($($op:ident)*) => {$(
        impl<T: Float, R: Dim, C: Dim, S> Operator<operators::$op> for Matrix<T, R, C, S>
        where
            S: Stored<T, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type Bearer = Row1<operators::$op, S::ByValue>;
            const BEARER: Self::Bearer = Row1::ROW;
        }

        impl<T: Float, R: Dim, C: Dim, S> Operator<operators::$op> for &Matrix<T, R, C, S>
        where
            S: Stored<T, R, C>,
            DefaultAllocator: Allocator<R, C>,
        {
            type Bearer = Row1<operators::$op, S::ByRef>;
            const BEARER: Self::Bearer = Row1::ROW;
        }
    )*};
}

of_one! {
    Neg Transpose Sum Mean Trace NormSquared Norm Normalize Determinant TryInverse Cholesky Lu FullPivLu
    Abs Amax Amin ColumnMean ColumnSum CrossMatrix LowerTriangle Max Min RowMean RowSum SymmetricEigen SymmetricEigenvalues
    UpperTriangle Variance Xy Xyz
}

impl<T: Float, R: Dim, C: Dim, S> MatrixMethods for Matrix<T, R, C, S> {}

/// Operations of one value that is no matrix.
macro_rules! of_value {
    ($($op:ident)*: $of:tt $value:ty, $bounds:tt) => {
        $(of_value! { @ $op $of $value, $bounds })*
    };
    (@ $op:ident [$($of:tt)*] $value:ty, [$($bounds:tt)*]) => {
        impl<T: Float, $($of)*> Operator<operators::$op> for $value
        where
            DefaultAllocator: $($bounds)*,
        {
            type Bearer = Row1<operators::$op, Owned<$value>>;
            const BEARER: Self::Bearer = Row1::ROW;
        }

        impl<T: Float, $($of)*> Operator<operators::$op> for &$value
        where
            DefaultAllocator: $($bounds)*,
        {
            type Bearer = Row1<operators::$op, Ref<$value>>;
            const BEARER: Self::Bearer = Row1::ROW;
        }
    };
}

/// What has rows for itself, and solves equations.
macro_rules! factors {
    ($([$($of:tt)*] $value:ty, [$($bounds:tt)*]: $($op:ident)*;)*) => {$(
        impl<T: Float, $($of)*> MatrixMethods for $value where DefaultAllocator: $($bounds)* {}

        of_value! { $($op)*: [$($of)*] $value, [$($bounds)*] }

        impl<T: Float, $($of)*, R2: Dim, C2: Dim, S2> Operator<operators::Solve, &Matrix<T, R2, C2, S2>> for &$value
        where
            S2: Stored<T, R2, C2>,
            DefaultAllocator: $($bounds)* + Allocator<R2, C2>,
        {
            type Bearer = Row<operators::Solve, Ref<$value>, S2::ByRef>;
            const BEARER: Self::Bearer = Row::ROW;
        }
    )*};
}

factors! {
    [D: Dim] Cholesky<T, D>, [Allocator<D, D>]: Determinant Inverse LnDeterminant Lower;
    [D: DimMin<D, Output = D>] LU<T, D, D>, [Allocator<D, D> + Allocator<D>]: Determinant TryInverse;
    [D: DimMin<D, Output = D>] FullPivLU<T, D, D>, [Allocator<D, D> + Allocator<D>]: Determinant TryInverse;
}

impl<T: Float, D: Dim> MatrixMethods for SymmetricEigen<T, D> where
    DefaultAllocator: Allocator<D, D> + Allocator<D>
{
}

of_value! { Eigenvalues Eigenvectors: [D: Dim] SymmetricEigen<T, D>, [Allocator<D, D> + Allocator<D>] }
