//! The rows of arithmetic, element by element: what is computed with two numbers, where one or both of them are arrays of numbers.

use super::Float;
use crate::__private::matrix::{Always, Rule, Turn, Value};
use crate::__private::operators::{Add, Div, Mul, Sub};
use ndarray::{Array, ArrayRef, ArrayView, Axis, DimMax, Dimension, Ix1, Ix2, ShapeBuilder, Zip};

/// The derivatives of what is computed with two numbers.
trait Partials<T> {
    /// With respect to the first.
    fn left(a: T, b: T) -> T;
    /// With respect to the second.
    fn right(a: T, b: T) -> T;
    /// The tangent of `left`.
    fn left_dot(a: T, b: T, a_dot: T, b_dot: T) -> T;
    /// The tangent of `right`.
    fn right_dot(a: T, b: T, a_dot: T, b_dot: T) -> T;
}

macro_rules! partials {
    ($($op:ident: |$a:ident, $b:ident, $da:ident, $db:ident| $left:expr, $right:expr, $left_dot:expr, $right_dot:expr;)*) => {$(
        #[allow(unused_variables)]
        impl<T: Float> Partials<T> for $op {
            #[inline]
            fn left($a: T, $b: T) -> T { $left }
            #[inline]
            fn right($a: T, $b: T) -> T { $right }
            #[inline]
            fn left_dot($a: T, $b: T, $da: T, $db: T) -> T { $left_dot }
            #[inline]
            fn right_dot($a: T, $b: T, $da: T, $db: T) -> T { $right_dot }
        }
    )*};
}

partials! {
    Add: |a, b, da, db| T::one(), T::one(), T::zero(), T::zero();
    Sub: |a, b, da, db| T::one(), -T::one(), T::zero(), T::zero();
    Mul: |a, b, da, db| b, a, db, da;
    Div: |a, b, da, db| T::one() / b, -a / (b * b), -db / (b * b), (a * db / b + a * db / b - da) / (b * b);
}

/// What is an operand: a number, or an array of them.
trait Spread<T: Float> {
    /// Its tangent.
    type Dot: Spread<T>;
    /// As large as the result.
    fn spread<O: Dimension>(&self, to: O) -> ArrayView<'_, T, O>;
    /// Adds what `f` makes of each element of the operands, and of the cotangent.
    fn gather<O: Dimension>(to: &mut Self::Dot, from: [ArrayView<'_, T, O>; 3], f: impl Fn(T, T, T) -> T);
}

impl<T: Float> Spread<T> for T {
    type Dot = T;
    #[inline]
    fn spread<O: Dimension>(&self, to: O) -> ArrayView<'_, T, O> {
        let strides = O::zeros(to.ndim());
        match ArrayView::from_shape(to.clone().strides(strides), core::slice::from_ref(self)) {
            Ok(view) => view,
            // Of nothing: there is no first element either.
            Err(_) => ArrayView::from_shape(to, &[]).expect("no elements"),
        }
    }
    #[inline]
    fn gather<O: Dimension>(to: &mut T, [a, b, seed]: [ArrayView<'_, T, O>; 3], f: impl Fn(T, T, T) -> T) {
        *to += Zip::from(a).and(b).and(seed).fold(T::zero(), |sum, a, b, seed| sum + f(*a, *b, *seed));
    }
}

impl<T: Float, D: Dimension> Spread<T> for ArrayRef<T, D> {
    type Dot = Array<T, D>;
    #[inline]
    fn spread<O: Dimension>(&self, to: O) -> ArrayView<'_, T, O> {
        self.broadcast(to).expect("an operand that was broadcast")
    }
    #[inline]
    fn gather<O: Dimension>(to: &mut Array<T, D>, from: [ArrayView<'_, T, O>; 3], f: impl Fn(T, T, T) -> T) {
        <Array<T, D> as Spread<T>>::gather(to, from, f);
    }
}

impl<T: Float, D: Dimension> Spread<T> for Array<T, D> {
    type Dot = Array<T, D>;
    #[inline]
    fn spread<O: Dimension>(&self, to: O) -> ArrayView<'_, T, O> {
        (**self).spread(to)
    }
    fn gather<O: Dimension>(
        to: &mut Array<T, D>,
        [a, b, seed]: [ArrayView<'_, T, O>; 3],
        f: impl Fn(T, T, T) -> T,
    ) {
        if to.shape() == seed.shape() {
            let to = to.view_mut().into_dimensionality::<O>().expect("as many axes");
            Zip::from(to).and(a).and(b).and(seed).for_each(|to, a, b, seed| *to += f(*a, *b, *seed));
            return;
        }
        if to.ndim() == 1 && seed.ndim() == 2 && to.len() == seed.shape()[1] {
            gather_rows(to, [a, b, seed], f);
            return;
        }
        // What was repeated along an axis gets the sum along it.
        let mut from = Zip::from(a).and(b).and(seed).map_collect(|a, b, seed| f(*a, *b, *seed)).into_dyn();
        while from.ndim() > to.ndim() {
            from = from.sum_axis(Axis(0));
        }
        for axis in 0..to.ndim() {
            if to.shape()[axis] == 1 && from.shape()[axis] != 1 {
                from = from.sum_axis(Axis(axis)).insert_axis(Axis(axis));
            }
        }
        to.view_mut().into_dyn().zip_mut_with(&from, |to, from| *to += *from);
    }
}

/// What was repeated in every row gets the sum of the rows, one after the other.
fn gather_rows<T: Float, D: Dimension, O: Dimension>(
    to: &mut Array<T, D>,
    [a, b, seed]: [ArrayView<'_, T, O>; 3],
    f: impl Fn(T, T, T) -> T,
) {
    let mut to = to.view_mut().into_dimensionality::<Ix1>().expect("one axis");
    let [a, b, seed] = [a, b, seed].map(|of| of.into_dimensionality::<Ix2>().expect("two axes"));
    for ((a, b), seed) in a.rows().into_iter().zip(b.rows()).zip(seed.rows()) {
        Zip::from(&mut to).and(a).and(b).and(seed).for_each(|to, a, b, seed| *to += f(*a, *b, *seed));
    }
}

/// Adds the cotangent of what was repeated: the sum along the axes along which it was.
pub(super) fn gathered<T: Float, E: Dimension, D: Dimension>(to: &mut Array<T, E>, seed: &Array<T, D>) {
    <Array<T, E> as Spread<T>>::gather(to, [seed.view(), seed.view(), seed.view()], |_, _, seed| seed);
}

/// The tangents of an operation's partial derivative, where the operands have some.
fn partial_dot<T: Float, A: Spread<T> + ?Sized, B: Spread<T> + ?Sized, O: Dimension>(
    (a, b): (&A, &B),
    (a_dot, b_dot): (Option<&A::Dot>, Option<&B::Dot>),
    dim: &O,
    f: impl Fn(T, T, T, T) -> T,
) -> Array<T, O> {
    let zero = T::zero();
    let a_dot = a_dot.map_or_else(|| zero.spread(dim.clone()), |dot| dot.spread(dim.clone()));
    let b_dot = b_dot.map_or_else(|| zero.spread(dim.clone()), |dot| dot.spread(dim.clone()));
    let (a, b) = (a.spread(dim.clone()), b.spread(dim.clone()));
    Zip::from(a).and(b).and(a_dot).and(b_dot).map_collect(|a, b, a_dot, b_dot| f(*a, *b, *a_dot, *b_dot))
}

macro_rules! arithmetic {
    ($($op:ident $sign:tt;)*) => {$(
        arithmetic! { $op T [T: Float, D: Dimension + DimMax<E> + 'static, E: Dimension + 'static]
            ArrayRef<T, D>, ArrayRef<T, E> => <D as DimMax<E>>::Output, [<D as DimMax<E>>::Output: 'static],
            |a, b| a $sign b }
        arithmetic! { $op T [T: Float, D: Dimension + 'static] ArrayRef<T, D>, T => D, [], |a, b| a $sign *b }
        arithmetic! { $op f64 [D: Dimension + 'static] f64, ArrayRef<f64, D> => D, [], |a, b| *a $sign b }
        arithmetic! { $op f32 [D: Dimension + 'static] f32, ArrayRef<f32, D> => D, [], |a, b| *a $sign b }
    )*};
    ($op:ident $t:ident [$($of:tt)*] $a:ty, $b:ty => $o:ty, [$($bounds:tt)*], |$x:ident, $z:ident| $value:expr) => {
        impl<$($of)*> Rule<$a, $b> for $op
        where
            $($bounds)*
        {
            type Y = Array<$t, $o>;
            type Outcome = Always;
            /// The shape of the result.
            type Memo = $o;

            #[inline]
            fn value($x: &$a, $z: &$b) -> Self::Y {
                $value
            }
            #[inline]
            fn memo(_: &$a, _: &$b, y: &Self::Y) -> $o {
                y.raw_dim()
            }
            #[inline]
            fn push_left(a: &$a, b: &$b, dim: &$o, dot: &<$a as Value>::Tangent) -> Self::Y {
                let views = Zip::from(a.spread(dim.clone())).and(b.spread(dim.clone())).and(dot.spread(dim.clone()));
                views.map_collect(|a, b, dot| <$op as Partials<$t>>::left(*a, *b) * *dot)
            }
            #[inline]
            fn push_right(a: &$a, b: &$b, dim: &$o, dot: &<$b as Value>::Tangent) -> Self::Y {
                let views = Zip::from(a.spread(dim.clone())).and(b.spread(dim.clone())).and(dot.spread(dim.clone()));
                views.map_collect(|a, b, dot| <$op as Partials<$t>>::right(*a, *b) * *dot)
            }
            #[inline]
            fn pull_left(a: &$a, b: &$b, dim: &$o, seed: &Self::Y, to: &mut <$a as Value>::Tangent) {
                let views = [a.spread(dim.clone()), b.spread(dim.clone()), seed.view()];
                <$a as Spread<$t>>::gather(to, views, |a, b, seed| <$op as Partials<$t>>::left(a, b) * seed);
            }
            #[inline]
            fn pull_right(a: &$a, b: &$b, dim: &$o, seed: &Self::Y, to: &mut <$b as Value>::Tangent) {
                let views = [a.spread(dim.clone()), b.spread(dim.clone()), seed.view()];
                <$b as Spread<$t>>::gather(to, views, |a, b, seed| <$op as Partials<$t>>::right(a, b) * seed);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, $a, $b>, to: &mut <$a as Value>::Tangent) {
                Self::pull_left(turn.a, turn.b, turn.memo, turn.seed_dot, to);
                let dots = (turn.a_dot, turn.b_dot);
                let partial = partial_dot((turn.a, turn.b), dots, turn.memo, <$op as Partials<$t>>::left_dot);
                let views = [partial.view(), partial.view(), turn.seed.view()];
                <$a as Spread<$t>>::gather(to, views, |partial, _, seed| partial * seed);
            }
            #[inline]
            fn turn_right(turn: &Turn<'_, Self, $a, $b>, to: &mut <$b as Value>::Tangent) {
                Self::pull_right(turn.a, turn.b, turn.memo, turn.seed_dot, to);
                let dots = (turn.a_dot, turn.b_dot);
                let partial = partial_dot((turn.a, turn.b), dots, turn.memo, <$op as Partials<$t>>::right_dot);
                let views = [partial.view(), partial.view(), turn.seed.view()];
                <$b as Spread<$t>>::gather(to, views, |partial, _, seed| partial * seed);
            }
        }
    };
}

arithmetic! {
    Add +;
    Sub -;
    Mul *;
    Div /;
}
