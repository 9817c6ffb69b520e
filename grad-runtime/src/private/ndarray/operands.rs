//! Which operations have rows, by the types of their operands.

use super::Float;
use super::linear::SliceElements;
use super::shaped::{Layout, Place};
use super::spread::Spread;
use super::windows::Window;
use crate::__private::matrix::{Number, NumberRef, Owned, Passed, Ref, Row, Row1};
use crate::__private::methods::MatrixMethods;
use crate::__private::{Operator, operators};
use ndarray::{Array, ArrayBase, ArrayRef, Axis, Data, Dimension, OwnedRepr, RawData, SliceInfo, ViewRepr};

/// How an array is passed by value.
pub trait Stored<D: Dimension>: Data<Elem: Float> {
    /// By value.
    type ByValue: Passed<Of = ArrayRef<Self::Elem, D>>;
}

impl<T: Float, D: Dimension + 'static> Stored<D> for OwnedRepr<T> {
    type ByValue = Owned<Array<T, D>, ArrayRef<T, D>>;
}

/// A view has the derivatives of what it is a copy of in generated code.
impl<T: Float, D: Dimension + 'static> Stored<D> for ViewRepr<&T> {
    type ByValue = Owned<Array<T, D>, ArrayRef<T, D>>;
}

type ByRef<S, D> = Ref<ArrayRef<<S as RawData>::Elem, D>>;
type ByValue<S, D> = <S as Stored<D>>::ByValue;

/// For arrays by value, by reference, and for references to what arrays and views are alike.
macro_rules! for_each_way {
    ($then:ident! { $($rest:tt)* }) => {
        $then! { $($rest)* [S: Stored<D>] ArrayBase<S, D>, ByValue<S, D> }
        $then! { $($rest)* [S: Stored<D>] &ArrayBase<S, D>, ByRef<S, D> }
        $then! { $($rest)* [T: Float] &ArrayRef<T, D>, Ref<ArrayRef<T, D>> }
    };
}

/// Operations of two arrays.
macro_rules! of_two {
    ($op:ident: [$($of:tt)*] $left:ty, $a:ty) => {
        of_two! { $op: [$($of)*] $left, $a; [S2: Stored<E>] ArrayBase<S2, E>, ByValue<S2, E> }
        of_two! { $op: [$($of)*] $left, $a; [S2: Stored<E>] &ArrayBase<S2, E>, ByRef<S2, E> }
        of_two! { $op: [$($of)*] $left, $a; [T2: Float] &ArrayRef<T2, E>, Ref<ArrayRef<T2, E>> }
    };
    ($op:ident: [$($of:tt)*] $left:ty, $a:ty; [$($of_right:tt)*] $right:ty, $b:ty) => {
        impl<$($of)*, $($of_right)*, D: Dimension + 'static, E: Dimension + 'static> Operator<operators::$op, $right> for $left {
            type Bearer = Row<operators::$op, $a, $b>;
            const BEARER: Self::Bearer = Row::ROW;
            const KNOWS_FRESH: bool = true;
        }
    };
}

for_each_way! { of_two! { Add: } }
for_each_way! { of_two! { Sub: } }
for_each_way! { of_two! { Mul: } }
for_each_way! { of_two! { Div: } }
for_each_way! { of_two! { Dot: } }

/// Operations of an array and a number, and of a number and an array.
macro_rules! with_number {
    ($($op:ident)*) => {$(
        with_number! { behind $op: T, Number<T> }
        with_number! { behind $op: &T, NumberRef<T> }
        with_number! { before $op: f32, f32, Number<f32> }
        with_number! { before $op: f32, &f32, NumberRef<f32> }
        with_number! { before $op: f64, f64, Number<f64> }
        with_number! { before $op: f64, &f64, NumberRef<f64> }
    )*};
    // Of any float: the element is the array's own, as rustc must see.
    (behind $op:ident: $number:ty, $k:ty) => {
        with_number! { @ $op: $number, $k; ArrayBase<OwnedRepr<T>, D>, ByValue<OwnedRepr<T>, D> }
        with_number! { @ $op: $number, $k; &ArrayBase<OwnedRepr<T>, D>, Ref<ArrayRef<T, D>> }
        with_number! { @ $op: $number, $k; ArrayBase<ViewRepr<&T>, D>, ByValue<OwnedRepr<T>, D> }
        with_number! { @ $op: $number, $k; &ArrayBase<ViewRepr<&T>, D>, Ref<ArrayRef<T, D>> }
        with_number! { @ $op: $number, $k; &ArrayRef<T, D>, Ref<ArrayRef<T, D>> }
    };
    (@ $op:ident: $number:ty, $k:ty; $array:ty, $a:ty) => {
        impl<T: Float, D: Dimension + 'static> Operator<operators::$op, $number> for $array {
            type Bearer = Row<operators::$op, $a, $k>;
            const BEARER: Self::Bearer = Row::ROW;
            const KNOWS_FRESH: bool = true;
        }
    };
    (before $op:ident: $t:ty, $number:ty, $k:ty) => {
        with_number! { @ before $op: $number, $k; [S: Stored<D, Elem = $t>] ArrayBase<S, D>, ByValue<S, D> }
        with_number! { @ before $op: $number, $k; [S: Stored<D, Elem = $t>] &ArrayBase<S, D>, ByRef<S, D> }
        with_number! { @ before $op: $number, $k; [] &ArrayRef<$t, D>, Ref<ArrayRef<$t, D>> }
    };
    (@ before $op:ident: $number:ty, $k:ty; [$($of:tt)*] $array:ty, $a:ty) => {
        impl<D: Dimension + 'static, $($of)*> Operator<operators::$op, $array> for $number {
            type Bearer = Row<operators::$op, $k, $a>;
            const BEARER: Self::Bearer = Row::ROW;
            const KNOWS_FRESH: bool = true;
        }
    };
}

with_number! { Add Sub Mul Div }
with_number! { behind Std: T, Number<T> }
with_number! { behind Std: &T, NumberRef<T> }
with_number! { behind Var: T, Number<T> }
with_number! { behind Var: &T, NumberRef<T> }

/// Operations of one array.
macro_rules! of_one {
    ($op:ident: [$($of:tt)*] $array:ty, $a:ty) => {
        impl<$($of)*, D: Dimension + 'static> Operator<operators::$op> for $array {
            type Bearer = Row1<operators::$op, $a>;
            const BEARER: Self::Bearer = Row1::ROW;
        }
    };
}

for_each_way! { of_one! { Neg: } }
for_each_way! { of_one! { Transpose: } }
for_each_way! { of_one! { Sum: } }
for_each_way! { of_one! { Mean: } }
for_each_way! { of_one! { Diag: } }
for_each_way! { of_one! { Flat: } }

/// Operations of an array and what is a constant beside it.
macro_rules! with_constant {
    ($op:ident [$($of_constant:tt)*] $constant:ty: [$($of:tt)*] $array:ty, $a:ty) => {
        impl<$($of)*, D: Dimension + 'static, $($of_constant)*> Operator<operators::$op, $constant> for $array {
            type Bearer = Row<operators::$op, $a, Number<$constant>>;
            const BEARER: Self::Bearer = Row::ROW;
        }
    };
}

for_each_way! { with_constant! { SumAxis [] Axis: } }
for_each_way! { with_constant! { MeanAxis [] Axis: } }
for_each_way! { with_constant! { InsertAxis [] Axis: } }
for_each_way! { with_constant! { IndexAxis [] Place: } }
for_each_way! { with_constant! { Assigned [E: Dimension + 'static] Layout<E>: } }
for_each_way! { with_constant! { OfFlat [E: Dimension + 'static] Layout<E>: } }
for_each_way! { with_constant! { IntoShape [E: Dimension + 'static] Layout<E>: } }
for_each_way! { with_constant! { Part [const N: usize, const R: usize] Window<N, R>: } }
for_each_way! { with_constant! { StdAxis [F: Float] Spread<F>: } }
for_each_way! { with_constant! { VarAxis [F: Float] Spread<F>: } }
for_each_way! { with_constant! { Row [] usize: } }
for_each_way! { with_constant! { Column [] usize: } }
for_each_way! { with_constant! { Slice [I: SliceElements, E: Dimension + 'static] SliceInfo<I, D, E>: } }

impl<S: Data, D: Dimension> MatrixMethods for ArrayBase<S, D> {}
impl<T, D: Dimension> MatrixMethods for ArrayRef<T, D> {}
