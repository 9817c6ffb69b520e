//! The rows of how far numbers are apart: variances and standard deviations, of all elements and along an axis.

use super::Float;
use super::linear::constants;
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Rule, Turn, Value};
use crate::__private::operators::{Std, StdAxis, Var, VarAxis};
use ndarray::{Array, ArrayRef, Axis, Dimension, RemoveAxis};

/// An axis, and what is subtracted of the count along it.
#[derive(Clone, Copy, Debug)]
pub struct Spread<T> {
    axis: Axis,
    less: T,
}

/// That is asked for.
#[inline]
#[must_use]
pub fn spread<T>(axis: Axis, less: T) -> Spread<T> {
    Spread { axis, less }
}

constants! {
    [T: Float] Spread<T>;
}

/// `m.var_axis(axis, less)`
#[inline]
#[track_caller]
pub fn var_axis<T: Float, D: RemoveAxis>(m: &ArrayRef<T, D>, of: Spread<T>) -> Array<T, D::Smaller> {
    T::var_axis(m, of.axis, of.less)
}

/// `m.std_axis(axis, less)`
#[inline]
#[track_caller]
pub fn std_axis<T: Float, D: RemoveAxis>(m: &ArrayRef<T, D>, of: Spread<T>) -> Array<T, D::Smaller> {
    T::std_axis(m, of.axis, of.less)
}

/// One over the count, less what is subtracted of it.
#[inline]
fn over<T: Float>(count: usize, less: T) -> T {
    T::one() / (T::__grad_number(count as f64) - less)
}

/// How far the elements are from their mean.
#[inline]
fn apart<T: Float, D: Dimension>(m: &ArrayRef<T, D>) -> Array<T, D> {
    let mean = T::mean(m).unwrap_or_else(T::zero);
    m.map(|x| *x - mean)
}

/// The same along an axis.
#[inline]
fn apart_along<T: Float, D: RemoveAxis>(m: &ArrayRef<T, D>, axis: Axis) -> Array<T, D> {
    let mut apart = m.map(|x| *x);
    if let Some(mean) = T::mean_axis(m, axis) {
        apart.axis_iter_mut(axis).for_each(|mut part| part.zip_mut_with(&mean, |x, mean| *x -= *mean));
    }
    apart
}

/// Adds an array, by a factor.
#[inline]
fn add<T: Float, D: Dimension>(to: &mut Array<T, D>, by: T, from: &Array<T, D>) {
    to.zip_mut_with(from, |to, from| *to += by * *from);
}

/// The same, by a factor for each lane along an axis.
#[inline]
fn add_along<T: Float, D: RemoveAxis>(
    to: &mut Array<T, D>,
    axis: Axis,
    by: &Array<T, D::Smaller>,
    from: &Array<T, D>,
) {
    for (mut to, from) in to.axis_iter_mut(axis).zip(from.axis_iter(axis)) {
        ndarray::Zip::from(&mut to).and(by).and(&from).for_each(|to, by, from| *to += *by * *from);
    }
}

#[inline]
fn inner<T: Float, D: Dimension>(a: &Array<T, D>, b: &Array<T, D>) -> T {
    a.iter().zip(b).fold(T::zero(), |sum, (a, b)| sum + *a * *b)
}

#[inline]
fn inner_along<T: Float, D: RemoveAxis>(
    a: &Array<T, D>,
    b: &Array<T, D>,
    axis: Axis,
) -> Array<T, D::Smaller> {
    (a * b).sum_axis(axis)
}

/// `y = Σ (m − μ)² / (n − k)`, and its root: what the factor of `m − μ` is in the cotangent, and how it changes.
trait Factor<T> {
    /// By which `Σ (m − μ) ṁ` is ẏ, and `(m − μ) ȳ` is m̄.
    fn factor(y: T, over: T) -> T;
    /// Its tangent.
    fn factor_dot(y: T, y_dot: T, over: T) -> T;
    /// What the derivative by k is.
    fn by_less(y: T, over: T) -> T;
}

macro_rules! factors {
    ($($op:ident $along:ident $method:ident $axis:ident: $factor:expr, $factor_dot:expr, $by_less:expr;)*) => {$(
        impl<T: Float> Factor<T> for $op {
            #[inline]
            fn factor(y: T, over: T) -> T {
                let factor: fn(T, T) -> T = $factor;
                factor(y, over)
            }
            #[inline]
            fn factor_dot(y: T, y_dot: T, over: T) -> T {
                let factor: fn(T, T, T) -> T = $factor_dot;
                factor(y, y_dot, over)
            }
            #[inline]
            fn by_less(y: T, over: T) -> T {
                let by: fn(T, T) -> T = $by_less;
                by(y, over)
            }
        }

        impl<T: Float, D: Dimension + 'static> Rule<ArrayRef<T, D>, T> for $op {
            type Y = T;
            type Outcome = Always;
            /// The value.
            type Memo = T;

            #[inline]
            fn value(m: &ArrayRef<T, D>, less: &T) -> T {
                T::$method(m, *less)
            }
            #[inline]
            fn memo(_: &ArrayRef<T, D>, _: &T, y: &T) -> T {
                *y
            }
            #[inline]
            fn push_left(m: &ArrayRef<T, D>, less: &T, y: &T, dot: &Array<T, D>) -> T {
                Self::factor(*y, over(m.len(), *less)) * inner(&apart(m), dot)
            }
            #[inline]
            fn push_right(m: &ArrayRef<T, D>, less: &T, y: &T, dot: &T) -> T {
                Self::by_less(*y, over(m.len(), *less)) * *dot
            }
            #[inline]
            fn pull_left(m: &ArrayRef<T, D>, less: &T, y: &T, seed: &T, to: &mut Array<T, D>) {
                // Where no derivative flows, none is asked for at zero either.
                if *seed == T::zero() {
                    return;
                }
                add(to, *seed * Self::factor(*y, over(m.len(), *less)), &apart(m));
            }
            #[inline]
            fn pull_right(m: &ArrayRef<T, D>, less: &T, y: &T, seed: &T, to: &mut T) {
                *to += *seed * Self::by_less(*y, over(m.len(), *less));
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, ArrayRef<T, D>, T>, to: &mut Array<T, D>) {
                let (m, less, y) = (turn.a, turn.b, turn.memo);
                Self::pull_left(m, less, y, turn.seed_dot, to);
                let (over, apart_now) = (over(m.len(), *less), apart(m));
                let mut y_dot = T::zero();
                let mut factor_dot = T::zero();
                if let Some(m_dot) = turn.a_dot {
                    y_dot += Self::push_left(m, less, y, m_dot);
                    add(to, *turn.seed * Self::factor(*y, over), &apart(m_dot));
                }
                if let Some(less_dot) = turn.b_dot {
                    y_dot += Self::push_right(m, less, y, less_dot);
                    factor_dot += Self::factor(*y, over) * over * *less_dot;
                }
                factor_dot += Self::factor_dot(*y, y_dot, over);
                add(to, *turn.seed * factor_dot, &apart_now);
            }
            #[inline]
            fn turn_right(turn: &Turn<'_, Self, ArrayRef<T, D>, T>, to: &mut T) {
                let (m, less, y) = (turn.a, turn.b, turn.memo);
                Self::pull_right(m, less, y, turn.seed_dot, to);
                let over = over(m.len(), *less);
                let mut y_dot = T::zero();
                if let Some(m_dot) = turn.a_dot {
                    y_dot += Self::push_left(m, less, y, m_dot);
                }
                if let Some(less_dot) = turn.b_dot {
                    y_dot += Self::push_right(m, less, y, less_dot);
                    *to += *turn.seed * Self::by_less(*y, over) * over * *less_dot;
                }
                *to += *turn.seed * Self::by_less(y_dot, over);
            }
        }

        impl<T: Float, D: RemoveAxis + 'static> Rule<ArrayRef<T, D>, Spread<T>> for $along {
            type Y = Array<T, D::Smaller>;
            type Outcome = Always;
            /// The value.
            type Memo = Array<T, D::Smaller>;

            #[inline]
            fn value(m: &ArrayRef<T, D>, of: &Spread<T>) -> Self::Y {
                T::$axis(m, of.axis, of.less)
            }
            #[inline]
            fn memo(_: &ArrayRef<T, D>, _: &Spread<T>, y: &Self::Y) -> Self::Y {
                y.clone()
            }
            #[inline]
            fn push_left(m: &ArrayRef<T, D>, of: &Spread<T>, y: &Self::Y, dot: &Array<T, D>) -> Self::Y {
                let over = over(m.len_of(of.axis), of.less);
                let along = inner_along(&apart_along(m, of.axis), dot, of.axis);
                ndarray::Zip::from(y).and(&along).map_collect(|y, along| $op::factor(*y, over) * *along)
            }
            #[inline]
            fn push_right(_: &ArrayRef<T, D>, _: &Spread<T>, y: &Self::Y, (): &()) -> Self::Y {
                y.__grad_zeros_like()
            }
            #[inline]
            fn pull_left(
                m: &ArrayRef<T, D>,
                of: &Spread<T>,
                y: &Self::Y,
                seed: &Self::Y,
                to: &mut Array<T, D>,
            ) {
                let over = over(m.len_of(of.axis), of.less);
                let by = ndarray::Zip::from(y).and(seed).map_collect(|y, seed| {
                    if *seed == T::zero() { *seed } else { *seed * $op::factor(*y, over) }
                });
                add_along(to, of.axis, &by, &apart_along(m, of.axis));
            }
            #[inline]
            fn pull_right(_: &ArrayRef<T, D>, _: &Spread<T>, _: &Self::Y, _: &Self::Y, (): &mut ()) {}
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, ArrayRef<T, D>, Spread<T>>, to: &mut Array<T, D>) {
                let (m, of, y) = (turn.a, turn.b, turn.memo);
                Self::pull_left(m, of, y, turn.seed_dot, to);
                if let Some(m_dot) = turn.a_dot {
                    let over = over(m.len_of(of.axis), of.less);
                    let y_dot = Self::push_left(m, of, y, m_dot);
                    let by = ndarray::Zip::from(y).and(turn.seed).map_collect(|y, seed| *seed * $op::factor(*y, over));
                    add_along(to, of.axis, &by, &apart_along(m_dot, of.axis));
                    let by = ndarray::Zip::from(y).and(&y_dot).and(turn.seed).map_collect(|y, y_dot, seed| {
                        *seed * $op::factor_dot(*y, *y_dot, over)
                    });
                    add_along(to, of.axis, &by, &apart_along(m, of.axis));
                }
            }
            #[inline]
            fn turn_right(_: &Turn<'_, Self, ArrayRef<T, D>, Spread<T>>, (): &mut ()) {}
        }
    )*};
}

factors! {
    Var VarAxis var var_axis: |_, over| over + over, |_, _, _| T::zero(), |y, over| y * over;
    Std StdAxis std std_axis: |y, over| over / y, |y, y_dot, over| -(over * y_dot / (y * y)),
        |y, over| y * over / T::__grad_number(2.0);
}
