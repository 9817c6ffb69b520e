//! The row of the inverse.

use super::Float;
use super::products::add_scaled;
use crate::__private::ZerosLike;
use crate::__private::matrix::{Maybe, Rule, Turn};
use crate::__private::operators::TryInverse;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix};

/// `to −= aᵀ s bᵀ`
fn subtract_around<T: Float, D: Dim>(
    to: &mut OMatrix<T, D, D>,
    a: &OMatrix<T, D, D>,
    s: &OMatrix<T, D, D>,
    b: &OMatrix<T, D, D>,
) where
    DefaultAllocator: Allocator<D, D>,
{
    add_scaled(to.as_mut_slice(), -T::one(), (a.tr_mul(s) * b.transpose()).as_slice());
}

/// `y = m⁻¹ ⇒ m̄ −= yᵀ ȳ yᵀ`
impl<T: Float, D: Dim> Rule<OMatrix<T, D, D>, ()> for TryInverse
where
    DefaultAllocator: Allocator<D, D>,
{
    type Y = OMatrix<T, D, D>;
    type Outcome = Maybe;
    type Memo = OMatrix<T, D, D>;

    #[inline]
    fn value(m: &OMatrix<T, D, D>, (): &()) -> Option<Self::Y> {
        m.clone_owned().try_inverse()
    }
    #[inline]
    fn memo(_: &OMatrix<T, D, D>, (): &(), y: &Self::Y) -> Self::Memo {
        y.clone()
    }
    #[inline]
    fn push_left(_: &OMatrix<T, D, D>, (): &(), y: &Self::Memo, dot: &OMatrix<T, D, D>) -> Self::Y {
        -(y * dot * y)
    }
    #[inline]
    fn pull_left(_: &OMatrix<T, D, D>, (): &(), y: &Self::Memo, seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
        subtract_around(to, y, seed, y);
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, D, D>, ()>, to: &mut OMatrix<T, D, D>) {
        let y = turn.memo;
        subtract_around(to, y, turn.seed_dot, y);
        if let Some(m_dot) = turn.a_dot {
            let y_dot = Self::push_left(turn.a, &(), y, m_dot);
            subtract_around(to, &y_dot, turn.seed, y);
            subtract_around(to, y, turn.seed, &y_dot);
        }
    }
    no_second!(OMatrix<T, D, D>);
}
