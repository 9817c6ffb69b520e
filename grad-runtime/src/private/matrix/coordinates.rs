//! Values of a few coordinates: rules that are formulas of these.

use super::numbers::{Dual, Num};
use core::ops::AddAssign;

/// So many coordinates.
pub trait Coordinates<T, const N: usize> {
    /// They, in order.
    fn coordinates(&self) -> [T; N];
    /// Replaces them: whoever does so sees to what they must be.
    fn set_coordinates(&mut self, to: [T; N]);

    /// Adds to them.
    #[inline]
    fn add_coordinates(&mut self, more: [T; N])
    where
        T: AddAssign + Copy,
    {
        let mut sum = self.coordinates();
        sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        self.set_coordinates(sum);
    }
}

impl<T> Coordinates<T, 0> for () {
    #[inline]
    fn coordinates(&self) -> [T; 0] {
        []
    }
    #[inline]
    fn set_coordinates(&mut self, []: [T; 0]) {}
}

macro_rules! numbers {
    ($($float:ident)*) => {$(
        impl Coordinates<$float, 1> for $float {
            #[inline]
            fn coordinates(&self) -> [$float; 1] {
                [*self]
            }
            #[inline]
            fn set_coordinates(&mut self, [to]: [$float; 1]) {
                *self = to;
            }
        }
    )*};
}

numbers! { f32 f64 }

/// Coordinates with their tangents, none where there are none.
#[inline]
pub(crate) fn duals<T: Num, D: Coordinates<T, N>, const N: usize>(
    x: [T; N],
    dot: Option<&D>,
) -> [Dual<T>; N] {
    let dot = dot.map_or_else(|| [T::constant(0.0); N], D::coordinates);
    core::array::from_fn(|k| Dual::new(x[k], dot[k]))
}

/// The tangents of coordinates, as a tangent.
#[inline]
pub(crate) fn tangent<T, D: Coordinates<T, N> + Default, const N: usize>(y: [Dual<T>; N]) -> D {
    let mut tangent = D::default();
    tangent.set_coordinates(y.map(|y| y.dot));
    tangent
}

/// An operand passed in every way.
macro_rules! operands {
    (one $op:ident [$($of:tt)*] $a:ty, $b:ty) => {
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op> for $a {
            type Bearer = $crate::__private::matrix::Row1<$crate::__private::operators::$op, $crate::__private::matrix::Owned<$a>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row1::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op> for &$a {
            type Bearer = $crate::__private::matrix::Row1<$crate::__private::operators::$op, $crate::__private::matrix::Ref<$a>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row1::ROW;
        }
    };
    (of_number $op:ident [$($of:tt)*] $a:ty, $b:ty) => {
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op> for $a {
            type Bearer = $crate::__private::matrix::Row1<$crate::__private::operators::$op, $crate::__private::matrix::Number<$a>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row1::ROW;
        }
    };
    (number_first $op:ident [$($of:tt)*] $a:ty, $b:ty) => {
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, $b> for $a {
            type Bearer = $crate::__private::matrix::Row<
                $crate::__private::operators::$op,
                $crate::__private::matrix::Number<$a>,
                $crate::__private::matrix::Owned<$b>,
            >;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, &$b> for $a {
            type Bearer = $crate::__private::matrix::Row<
                $crate::__private::operators::$op,
                $crate::__private::matrix::Number<$a>,
                $crate::__private::matrix::Ref<$b>,
            >;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
    };
    (with_number $op:ident [$($of:tt)*] $a:ty, $b:ty) => {
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, $b> for $a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Owned<$a>, $crate::__private::matrix::Number<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, $b> for &$a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Ref<$a>, $crate::__private::matrix::Number<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
    };
    (two $op:ident [$($of:tt)*] $a:ty, $b:ty) => {
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, $b> for $a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Owned<$a>, $crate::__private::matrix::Owned<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, $b> for &$a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Ref<$a>, $crate::__private::matrix::Owned<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, &$b> for $a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Owned<$a>, $crate::__private::matrix::Ref<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
        impl<$($of)*> $crate::__private::Operator<$crate::__private::operators::$op, &$b> for &$a {
            type Bearer = $crate::__private::matrix::Row<$crate::__private::operators::$op, $crate::__private::matrix::Ref<$a>, $crate::__private::matrix::Ref<$b>>;
            const BEARER: Self::Bearer = $crate::__private::matrix::Row::ROW;
        }
    };
}

/// What formulas of coordinates say.
macro_rules! of_coordinates {
    ($($way:ident $op:ident [$($of:tt)*] $a:ty, $b:ty => $y:ty, $f:ty: |$x:pat_param, $z:pat_param| $value:expr;)*) => {$(
        impl<$($of)*> $crate::__private::matrix::Rule<$a, $b> for $crate::__private::operators::$op {
            type Y = $y;
            type Outcome = $crate::__private::matrix::Always;
            type Memo = ();

            #[inline]
            fn value($x: &$a, $z: &$b) -> $y {
                $value
            }
            #[inline]
            fn memo(_: &$a, _: &$b, _: &$y) {}
            #[inline]
            fn push_left(a: &$a, b: &$b, (): &(), dot: &<$a as $crate::__private::matrix::Value>::Tangent) -> <$y as $crate::__private::matrix::Value>::Tangent {
                let none: Option<&<$b as $crate::__private::matrix::Value>::Tangent> = None;
                $crate::__private::matrix::coordinates::tangent(<$f as $crate::__private::matrix::formulas::Formula<_, _, _>>::value($crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates(a), Some(dot)), $crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates(b), none)))
            }
            #[inline]
            fn push_right(a: &$a, b: &$b, (): &(), dot: &<$b as $crate::__private::matrix::Value>::Tangent) -> <$y as $crate::__private::matrix::Value>::Tangent {
                let none: Option<&<$a as $crate::__private::matrix::Value>::Tangent> = None;
                $crate::__private::matrix::coordinates::tangent(<$f as $crate::__private::matrix::formulas::Formula<_, _, _>>::value($crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates(a), none), $crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates(b), Some(dot))))
            }
            #[inline]
            fn pull_left(
                a: &$a,
                b: &$b,
                (): &(),
                seed: &<$y as $crate::__private::matrix::Value>::Tangent,
                to: &mut <$a as $crate::__private::matrix::Value>::Tangent,
            ) {
                $crate::__private::matrix::coordinates::Coordinates::add_coordinates(to, <$f as $crate::__private::matrix::formulas::Formula<_, _, _>>::pull($crate::__private::matrix::coordinates::Coordinates::coordinates(a), $crate::__private::matrix::coordinates::Coordinates::coordinates(b), $crate::__private::matrix::coordinates::Coordinates::coordinates(seed)).0);
            }
            #[inline]
            fn pull_right(
                a: &$a,
                b: &$b,
                (): &(),
                seed: &<$y as $crate::__private::matrix::Value>::Tangent,
                to: &mut <$b as $crate::__private::matrix::Value>::Tangent,
            ) {
                $crate::__private::matrix::coordinates::Coordinates::add_coordinates(to, <$f as $crate::__private::matrix::formulas::Formula<_, _, _>>::pull($crate::__private::matrix::coordinates::Coordinates::coordinates(a), $crate::__private::matrix::coordinates::Coordinates::coordinates(b), $crate::__private::matrix::coordinates::Coordinates::coordinates(seed)).1);
            }
            #[inline]
            fn turn_left(turn: &$crate::__private::matrix::Turn<'_, Self, $a, $b>, to: &mut <$a as $crate::__private::matrix::Value>::Tangent) {
                $crate::__private::matrix::coordinates::Coordinates::add_coordinates(to, $crate::__private::matrix::coordinates::of_coordinates!(@ turn, $f).0.map(|bar| bar.dot));
            }
            #[inline]
            fn turn_right(turn: &$crate::__private::matrix::Turn<'_, Self, $a, $b>, to: &mut <$b as $crate::__private::matrix::Value>::Tangent) {
                $crate::__private::matrix::coordinates::Coordinates::add_coordinates(to, $crate::__private::matrix::coordinates::of_coordinates!(@ turn, $f).1.map(|bar| bar.dot));
            }
        }

        $crate::__private::matrix::coordinates::operands! { $way $op [$($of)*] $a, $b }
    )*};
    (@ $turn:ident, $f:ty) => {
        <$f as $crate::__private::matrix::formulas::Formula<_, _, _>>::pull(
            $crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates($turn.a), $turn.a_dot),
            $crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates($turn.b), $turn.b_dot),
            $crate::__private::matrix::coordinates::duals($crate::__private::matrix::coordinates::Coordinates::coordinates($turn.seed), Some($turn.seed_dot)),
        )
    };
}

pub(crate) use {of_coordinates, operands};
