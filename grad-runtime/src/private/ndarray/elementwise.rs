//! The rows of arithmetic, element by element: what is computed with two numbers, where one or both of them are arrays of numbers.

use super::Float;
use super::shapes::{fresh, is_fresh};
use crate::__private::matrix::{Always, Rule, Turn, Value};
use crate::__private::operators::{Add, Div, Mul, Sub};
use core::borrow::Borrow;
use ndarray::{Array, ArrayRef, ArrayView, Axis, DimMax, Dimension, Ix1, Ix2, ShapeBuilder, Zip};

/// The derivatives of what is computed with two numbers.
trait Partials<T> {
    /// Whether it is linear in both: no derivative reads an operand.
    const LINEAR: bool;
    /// With respect to the first, which it does not depend on.
    fn left(b: T) -> T;
    /// With respect to the second.
    fn right(a: T, b: T) -> T;
    /// The tangent of `left`.
    fn left_dot(b: T, b_dot: T) -> T;
    /// The tangent of `right`.
    fn right_dot(a: T, b: T, a_dot: T, b_dot: T) -> T;
}

macro_rules! partials {
    ($($op:ident $linear:literal: |$a:ident, $b:ident, $da:ident, $db:ident| $left:expr, $right:expr, $left_dot:expr, $right_dot:expr;)*) => {$(
        #[allow(unused_variables)]
        impl<T: Float> Partials<T> for $op {
            const LINEAR: bool = $linear;
            #[inline]
            fn left($b: T) -> T { $left }
            #[inline]
            fn right($a: T, $b: T) -> T { $right }
            #[inline]
            fn left_dot($b: T, $db: T) -> T { $left_dot }
            #[inline]
            fn right_dot($a: T, $b: T, $da: T, $db: T) -> T { $right_dot }
        }
    )*};
}

partials! {
    Add true: |a, b, da, db| T::one(), T::one(), T::zero(), T::zero();
    Sub true: |a, b, da, db| T::one(), -T::one(), T::zero(), T::zero();
    Mul false: |a, b, da, db| b, a, db, da;
    Div false: |a, b, da, db| T::one() / b, -a / (b * b), -db / (b * b), (a * db / b + a * db / b - da) / (b * b);
}

/// What is an operand: a number, or an array of them.
trait Spread<T: Float> {
    /// Its tangent.
    type Dot: Borrow<Self>;
    /// As large as the result.
    fn spread<O: Dimension>(&self, to: O) -> ArrayView<'_, T, O>;
    /// Adds a multiple of the result's cotangent.
    fn add<O: Dimension>(to: &mut Self::Dot, by: T, seed: ArrayView<'_, T, O>);
    /// Zeros for its cotangent, where a result has those lengths. Of what was [moved](Rule::value_of) into one, nothing may be left.
    fn zeros<O: Dimension>(of: &Self, result: &O) -> Self::Dot;
    /// The result's cotangent, as what the operand's is where nothing is there yet.
    fn take<O: Dimension>(of: &Self, seed: Array<T, O>) -> Self::Dot;
    /// Adds what `f` makes of each element of the operands, and of the cotangent.
    fn gather<O: Dimension>(to: &mut Self::Dot, from: [ArrayView<'_, T, O>; 3], f: impl Fn(T, T, T) -> T);
}

impl<T: Float> Spread<T> for T {
    type Dot = T;
    #[inline]
    fn zeros<O: Dimension>(_: &T, _: &O) -> T {
        T::zero()
    }
    #[inline]
    fn take<O: Dimension>(_: &T, seed: Array<T, O>) -> T {
        seed.fold(T::zero(), |sum, seed| sum + *seed)
    }
    #[inline]
    fn add<O: Dimension>(to: &mut T, by: T, seed: ArrayView<'_, T, O>) {
        *to += seed.fold(T::zero(), |sum, seed| sum + by * *seed);
    }
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
    fn add<O: Dimension>(to: &mut Array<T, D>, by: T, seed: ArrayView<'_, T, O>) {
        if to.shape() == seed.shape() {
            let mut to = to.view_mut().into_dimensionality::<O>().expect("as many axes");
            to.zip_mut_with(&seed, |to, seed| *to += by * *seed);
        } else {
            Self::gather(to, [seed.clone(), seed.clone(), seed], |_, _, seed| by * seed);
        }
    }
    #[inline]
    fn zeros<O: Dimension>(of: &Self, result: &O) -> Array<T, D> {
        Array::zeros(if is_fresh(of) { lengths(result) } else { of.raw_dim() })
    }
    #[inline]
    fn take<O: Dimension>(of: &Self, seed: Array<T, O>) -> Array<T, D> {
        let is_as_long = of.shape() == seed.shape() || is_fresh(of);
        if is_as_long && seed.is_standard_layout() {
            return seed.into_dimensionality::<D>().expect("as many axes");
        }
        let mut sum = Self::zeros(of, &seed.raw_dim());
        Self::add(&mut sum, T::one(), seed.view());
        sum
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

/// The lengths of a result with as many axes.
fn lengths<D: Dimension, O: Dimension>(result: &O) -> D {
    let mut lengths = D::zeros(result.ndim());
    lengths.slice_mut().copy_from_slice(result.slice());
    lengths
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
    <ArrayRef<T, E> as Spread<T>>::add(to, T::one(), seed.view());
}

fn zero<T: Float>() -> T {
    T::zero()
}

fn one<T: Float>() -> T {
    T::one()
}

/// No tangent is one of zeros.
fn spread_dot<'a, T: Float, A: Spread<T> + ?Sized + 'a, O: Dimension>(
    dot: Option<&'a A::Dot>,
    zero: &'a T,
    dim: &O,
) -> ArrayView<'a, T, O> {
    dot.map_or_else(|| zero.spread(dim.clone()), |dot| dot.borrow().spread(dim.clone()))
}

macro_rules! arithmetic {
    ($($op:ident $sign:tt;)*) => {$(
        arithmetic! { $op array T [T: Float, D: Dimension + DimMax<E> + 'static, E: Dimension + 'static]
            ArrayRef<T, D>, ArrayRef<T, E> => <D as DimMax<E>>::Output, [<D as DimMax<E>>::Output: 'static],
            |a, b| a $sign b }
        arithmetic! { $op array T [T: Float, D: Dimension + 'static] ArrayRef<T, D>, T => D, [], |a, b| a $sign *b }
        arithmetic! { $op number f64 [D: Dimension + 'static] f64, ArrayRef<f64, D> => D, [], |a, b| *a $sign b }
        arithmetic! { $op number f32 [D: Dimension + 'static] f32, ArrayRef<f32, D> => D, [], |a, b| *a $sign b }
    )*};
    ($op:ident $how:ident $t:ident [$($of:tt)*] $a:ty, $b:ty => $o:ty, [$($bounds:tt)*], |$x:ident, $z:ident| $value:expr) => {
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
            arithmetic! { @ $how $a, $b, |$x, $z| $value, <$op as Partials<$t>>::LINEAR }
            #[inline]
            fn memo(_: &$a, _: &$b, y: &Self::Y) -> $o {
                y.raw_dim()
            }
            #[inline]
            fn push_left(_: &$a, b: &$b, dim: &$o, dot: &<$a as Value>::Tangent) -> Self::Y {
                let views = Zip::from(b.spread(dim.clone())).and(dot.spread(dim.clone()));
                views.map_collect(|b, dot| <$op as Partials<$t>>::left(*b) * *dot)
            }
            #[inline]
            fn push_right(a: &$a, b: &$b, dim: &$o, dot: &<$b as Value>::Tangent) -> Self::Y {
                let views = Zip::from(a.spread(dim.clone())).and(b.spread(dim.clone())).and(dot.spread(dim.clone()));
                views.map_collect(|a, b, dot| <$op as Partials<$t>>::right(*a, *b) * *dot)
            }
            #[inline]
            fn pull_left(_: &$a, b: &$b, dim: &$o, seed: &Self::Y, to: &mut <$a as Value>::Tangent) {
                if <$op as Partials<$t>>::LINEAR {
                    <$a as Spread<$t>>::add(to, one::<$t>(), seed.view());
                    return;
                }
                let b = b.spread(dim.clone());
                <$a as Spread<$t>>::gather(to, [b.clone(), b, seed.view()], |b, _, seed| <$op as Partials<$t>>::left(b) * seed);
            }
            #[inline]
            fn left_of(a: &$a, b: &$b, dim: &$o, seed: Self::Y) -> <$a as Value>::Tangent {
                if <$op as Partials<$t>>::LINEAR {
                    return <$a as Spread<$t>>::take(a, seed);
                }
                let mut to = <$a as Spread<$t>>::zeros(a, dim);
                Self::pull_left(a, b, dim, &seed, &mut to);
                to
            }
            #[inline]
            fn pull_right(a: &$a, b: &$b, dim: &$o, seed: &Self::Y, to: &mut <$b as Value>::Tangent) {
                if <$op as Partials<$t>>::LINEAR {
                    let by = <$op as Partials<$t>>::right(zero::<$t>(), zero::<$t>());
                    <$b as Spread<$t>>::add(to, by, seed.view());
                    return;
                }
                let views = [a.spread(dim.clone()), b.spread(dim.clone()), seed.view()];
                <$b as Spread<$t>>::gather(to, views, |a, b, seed| <$op as Partials<$t>>::right(a, b) * seed);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, $a, $b>, to: &mut <$a as Value>::Tangent) {
                Self::pull_left(turn.a, turn.b, turn.memo, turn.seed_dot, to);
                if let Some(b_dot) = turn.b_dot && !<$op as Partials<$t>>::LINEAR {
                    let dim = turn.memo;
                    let views = [turn.b.spread(dim.clone()), b_dot.spread(dim.clone()), turn.seed.view()];
                    <$a as Spread<$t>>::gather(to, views, |b, b_dot, seed| <$op as Partials<$t>>::left_dot(b, b_dot) * seed);
                }
            }
            #[inline]
            fn turn_right(turn: &Turn<'_, Self, $a, $b>, to: &mut <$b as Value>::Tangent) {
                Self::pull_right(turn.a, turn.b, turn.memo, turn.seed_dot, to);
                if <$op as Partials<$t>>::LINEAR {
                    return;
                }
                let (dim, zero) = (turn.memo, zero::<$t>());
                let [a, b] = [turn.a.spread(dim.clone()), turn.b.spread(dim.clone())];
                let [a_dot, b_dot] = [
                    spread_dot::<$t, $a, _>(turn.a_dot, &zero, dim),
                    spread_dot::<$t, $b, _>(turn.b_dot, &zero, dim),
                ];
                let partial = Zip::from(a).and(b).and(a_dot).and(b_dot);
                let partial = partial.map_collect(|a, b, a_dot, b_dot| <$op as Partials<$t>>::right_dot(*a, *b, *a_dot, *b_dot));
                let views = [partial.view(), partial.view(), turn.seed.view()];
                <$b as Spread<$t>>::gather(to, views, |partial, _, seed| partial * seed);
            }
        }
    };
    // The result is made of an array that was given away, if no derivative reads that.
    (@ array $a:ty, $b:ty, |$x:ident, $z:ident| $value:expr, $linear:expr) => {
        #[inline]
        fn value_of($x: <$a as Value>::Own, $z: &$b, right: bool) -> (Self::Y, <$a as Value>::Own) {
            if right && !$linear {
                // It is laid out as what was given away.
                let kept = $x.clone();
                ($value, kept)
            } else {
                let lengths = $x.raw_dim();
                let y = $value;
                let gone = (y.shape() == lengths.slice()).then(|| fresh(lengths.ndim())).flatten();
                (y, gone.unwrap_or_else(|| Array::zeros(lengths)))
            }
        }
    };
    (@ number $($rest:tt)*) => {};
}

arithmetic! {
    Add +;
    Sub -;
    Mul *;
    Div /;
}
