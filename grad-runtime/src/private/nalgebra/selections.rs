//! The rows of what chooses among the elements of a matrix.

use super::Float;
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Rule, Turn};
use crate::__private::operators::{Abs, Amax, Amin, Max, Min};
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix};

/// `y = ± m[k] ⇒ m̄[k] ± = ȳ`: the first of those that are chosen.
macro_rules! extremes {
    ($($op:ident $method:ident $of:expr;)*) => {$(
        impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for $op
        where
            DefaultAllocator: Allocator<R, C>,
        {
            type Y = T;
            type Outcome = Always;
            type Memo = Option<(usize, T)>;

            #[inline]
            fn value(m: &OMatrix<T, R, C>, (): &()) -> T {
                m.$method()
            }
            #[inline]
            fn memo(m: &OMatrix<T, R, C>, (): &(), y: &T) -> Option<(usize, T)> {
                let of: fn(T) -> (T, T) = $of;
                let at = m.as_slice().iter().position(|x| of(*x).0 == *y)?;
                Some((at, of(m.as_slice()[at]).1))
            }
            #[inline]
            fn push_left(_: &OMatrix<T, R, C>, (): &(), at: &Option<(usize, T)>, dot: &OMatrix<T, R, C>) -> T {
                at.map_or_else(T::zero, |(at, sign)| sign * dot.as_slice()[at])
            }
            #[inline]
            fn pull_left(
                _: &OMatrix<T, R, C>,
                (): &(),
                at: &Option<(usize, T)>,
                seed: &T,
                to: &mut OMatrix<T, R, C>,
            ) {
                if let Some((at, sign)) = *at {
                    to.as_mut_slice()[at] += sign * *seed;
                }
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
                Self::pull_left(turn.a, &(), turn.memo, turn.seed_dot, to);
            }
            no_second!(OMatrix<T, R, C>);
        }
    )*};
}

extremes! {
    Amax amax |x| (x.abs(), sign(x));
    Amin amin |x| (x.abs(), sign(x));
    Max max |x| (x, T::one());
    Min min |x| (x, T::one());
}

/// The sign of an element, and 0 of zero.
#[inline]
fn sign<T: Float>(x: T) -> T {
    if x == T::zero() { x } else { T::one().copysign(x) }
}

/// `y = |m|`, element by element.
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for Abs
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = OMatrix<T, R, C>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &OMatrix<T, R, C>, (): &()) -> Self::Y {
        m.abs()
    }
    #[inline]
    fn memo(_: &OMatrix<T, R, C>, (): &(), _: &Self::Y) {}
    #[inline]
    fn push_left(m: &OMatrix<T, R, C>, (): &(), (): &(), dot: &OMatrix<T, R, C>) -> Self::Y {
        m.zip_map(dot, |x, dot| sign(x) * dot)
    }
    #[inline]
    fn pull_left(m: &OMatrix<T, R, C>, (): &(), (): &(), seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        to.zip_zip_apply(m, seed, |to, x, seed| *to += sign(x) * seed);
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
    }
    no_second!(OMatrix<T, R, C>);
}
