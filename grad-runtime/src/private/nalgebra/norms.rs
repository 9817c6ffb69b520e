//! The rows of norms, and of what is made with them.

use super::Float;
use super::products::{add_scaled, inner};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Rule, Turn};
use crate::__private::operators::{Norm, NormSquared, Normalize, Variance};
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, OMatrix};

/// `y = ‖m‖² ⇒ m̄ += 2 ȳ m`
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for NormSquared
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = T;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &OMatrix<T, R, C>, (): &()) -> T {
        m.norm_squared()
    }
    #[inline]
    fn memo(_: &OMatrix<T, R, C>, (): &(), _: &T) {}
    #[inline]
    fn push_left(m: &OMatrix<T, R, C>, (): &(), (): &(), dot: &OMatrix<T, R, C>) -> T {
        let half = inner(m.as_slice(), dot.as_slice());
        half + half
    }
    #[inline]
    fn pull_left(m: &OMatrix<T, R, C>, (): &(), (): &(), seed: &T, to: &mut OMatrix<T, R, C>) {
        add_scaled(to.as_mut_slice(), *seed + *seed, m.as_slice());
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            Self::pull_left(m_dot, &(), &(), turn.seed, to);
        }
    }
    no_second!(OMatrix<T, R, C>);
}

/// `y = ‖m‖ ⇒ m̄ += ȳ m / y`
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for Norm
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = T;
    type Outcome = Always;
    type Memo = T;

    #[inline]
    fn value(m: &OMatrix<T, R, C>, (): &()) -> T {
        m.norm()
    }
    #[inline]
    fn memo(_: &OMatrix<T, R, C>, (): &(), y: &T) -> T {
        *y
    }
    #[inline]
    fn push_left(m: &OMatrix<T, R, C>, (): &(), y: &T, dot: &OMatrix<T, R, C>) -> T {
        inner(m.as_slice(), dot.as_slice()) / *y
    }
    #[inline]
    fn pull_left(m: &OMatrix<T, R, C>, (): &(), y: &T, seed: &T, to: &mut OMatrix<T, R, C>) {
        // Where no derivative flows, none is asked for at zero either.
        if *seed == T::zero() {
            return;
        }
        add_scaled(to.as_mut_slice(), *seed / *y, m.as_slice());
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
        let (m, y) = (turn.a, *turn.memo);
        Self::pull_left(m, &(), &y, turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            let y_dot = inner(m.as_slice(), m_dot.as_slice()) / y;
            Self::pull_left(m_dot, &(), &y, turn.seed, to);
            add_scaled(to.as_mut_slice(), -*turn.seed * y_dot / (y * y), m.as_slice());
        }
    }
    no_second!(OMatrix<T, R, C>);
}

/// `y = m / n, n = ‖m‖ ⇒ m̄ += (ȳ − ⟨y, ȳ⟩ y) / n`
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for Normalize
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = OMatrix<T, R, C>;
    type Outcome = Always;
    type Memo = (T, OMatrix<T, R, C>);

    #[inline]
    fn value(m: &OMatrix<T, R, C>, (): &()) -> Self::Y {
        m.normalize()
    }
    #[inline]
    fn memo(m: &OMatrix<T, R, C>, (): &(), y: &Self::Y) -> Self::Memo {
        (m.norm(), y.clone())
    }
    #[inline]
    fn push_left(m: &OMatrix<T, R, C>, (): &(), memo: &Self::Memo, dot: &OMatrix<T, R, C>) -> Self::Y {
        // The Jacobian is symmetric.
        let mut y_dot = m.__grad_zeros_like();
        Self::pull_left(m, &(), memo, dot, &mut y_dot);
        y_dot
    }
    #[inline]
    fn pull_left(
        _: &OMatrix<T, R, C>,
        (): &(),
        (n, y): &Self::Memo,
        seed: &Self::Y,
        to: &mut OMatrix<T, R, C>,
    ) {
        let along = inner(y.as_slice(), seed.as_slice());
        add_scaled(to.as_mut_slice(), T::one() / *n, seed.as_slice());
        add_scaled(to.as_mut_slice(), -along / *n, y.as_slice());
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
        let (n, y) = turn.memo;
        Self::pull_left(turn.a, &(), turn.memo, turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            let y_dot = Self::push_left(turn.a, &(), turn.memo, m_dot);
            let n_dot = inner(y.as_slice(), m_dot.as_slice());
            let along = inner(y.as_slice(), turn.seed.as_slice());
            let along_dot = inner(y_dot.as_slice(), turn.seed.as_slice());
            let to = to.as_mut_slice();
            add_scaled(to, -along_dot / *n, y.as_slice());
            add_scaled(to, -along / *n, y_dot.as_slice());
            add_scaled(to, -n_dot / (*n * *n), turn.seed.as_slice());
            add_scaled(to, n_dot * along / (*n * *n), y.as_slice());
        }
    }
    no_second!(OMatrix<T, R, C>);
}

/// `y = Σ (m − μ)² / n ⇒ m̄ += 2 ȳ (m − μ) / n`
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, ()> for Variance
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = T;
    type Outcome = Always;
    /// The mean.
    type Memo = T;

    #[inline]
    fn value(m: &OMatrix<T, R, C>, (): &()) -> T {
        m.variance()
    }
    #[inline]
    fn memo(m: &OMatrix<T, R, C>, (): &(), _: &T) -> T {
        m.mean()
    }
    #[inline]
    fn push_left(m: &OMatrix<T, R, C>, (): &(), mean: &T, dot: &OMatrix<T, R, C>) -> T {
        let terms = m.as_slice().iter().zip(dot.as_slice());
        terms.fold(T::zero(), |sum, (x, dot)| sum + (*x - *mean) * *dot) * twice_over(m)
    }
    #[inline]
    fn pull_left(m: &OMatrix<T, R, C>, (): &(), mean: &T, seed: &T, to: &mut OMatrix<T, R, C>) {
        let by = *seed * twice_over(m);
        to.zip_apply(m, |to, x| *to += by * (x - *mean));
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, ()>, to: &mut OMatrix<T, R, C>) {
        Self::pull_left(turn.a, &(), turn.memo, turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            Self::pull_left(m_dot, &(), &m_dot.mean(), turn.seed, to);
        }
    }
    no_second!(OMatrix<T, R, C>);
}

/// Of so many numbers, 2 / n.
#[inline]
fn twice_over<T: Float, R: Dim, C: Dim>(m: &OMatrix<T, R, C>) -> T
where
    DefaultAllocator: Allocator<R, C>,
{
    T::__grad_number(2.0) / T::__grad_number(m.len() as f64)
}
