//! The rows of what is asked of square matrices, and of their factorisations: the inverse and the determinant.

use super::Float;
use super::products::{add_scaled, inner};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Maybe, Rule, Turn, Value};
use crate::__private::operators::{Determinant, Inverse, TryInverse};
use nalgebra::allocator::Allocator;
use nalgebra::{Cholesky, DefaultAllocator, Dim, DimMin, FullPivLU, LU, OMatrix};

/// A square matrix, or factors of one: its tangent is that of the matrix.
pub trait Square: Value<Tangent = OMatrix<Self::T, Self::D, Self::D>> + Sized
where
    DefaultAllocator: Allocator<Self::D, Self::D>,
{
    /// Its numbers.
    type T: Float;
    /// Its dimension.
    type D: Dim;

    /// Its inverse, if it has one.
    fn inverted(&self) -> Option<OMatrix<Self::T, Self::D, Self::D>>;
}

/// One that can be asked for its determinant.
pub(super) trait Determined: Square
where
    DefaultAllocator: Allocator<Self::D, Self::D>,
{
    /// The value, bit for bit that of the library.
    fn determined(&self) -> Self::T;
    /// The matrix, where the factors have none of its inverse.
    fn multiplied(&self) -> OMatrix<Self::T, Self::D, Self::D>;
}

macro_rules! square {
    ($([$($of:tt)*] $name:ty, [$($bounds:tt)*], |$m:ident| $inverted:expr;)*) => {$(
        impl<T: Float, $($of)*> Square for $name
        where
            DefaultAllocator: $($bounds)*,
        {
            type T = T;
            type D = D;
            #[inline]
            fn inverted(&self) -> Option<OMatrix<T, D, D>> {
                let $m = self;
                $inverted
            }
        }
    )*};
}

square! {
    [D: Dim] OMatrix<T, D, D>, [Allocator<D, D>], |m| m.clone_owned().try_inverse();
    [D: Dim] Cholesky<T, D>, [Allocator<D, D>], |m| Some(super::factors::inverse(m));
    [D: DimMin<D, Output = D>] LU<T, D, D>, [Allocator<D, D> + Allocator<D>], |m| m.try_inverse();
    [D: DimMin<D, Output = D>] FullPivLU<T, D, D>, [Allocator<D, D> + Allocator<D>], |m| m.try_inverse();
}

macro_rules! determined {
    ($([$($of:tt)*] $name:ty, [$($bounds:tt)*], |$m:ident| $multiplied:expr;)*) => {$(
        impl<T: Float, $($of)*> Determined for $name
        where
            DefaultAllocator: $($bounds)*,
        {
            #[inline]
            fn determined(&self) -> T {
                self.determinant()
            }
            #[cold]
            fn multiplied(&self) -> OMatrix<T, D, D> {
                let $m = self;
                $multiplied
            }
        }
    )*};
}

determined! {
    [D: DimMin<D, Output = D>] OMatrix<T, D, D>, [Allocator<D, D> + Allocator<D>], |m| m.clone();
    [D: Dim] Cholesky<T, D>, [Allocator<D, D>], |m| m.l() * m.l().transpose();
    [D: DimMin<D, Output = D>] LU<T, D, D>, [Allocator<D, D> + Allocator<D>], |m| {
        let mut product = m.l() * m.u();
        m.p().inv_permute_rows(&mut product);
        product
    };
    [D: DimMin<D, Output = D>] FullPivLU<T, D, D>, [Allocator<D, D> + Allocator<D>], |m| {
        let mut product = m.l() * m.u();
        m.p().inv_permute_rows(&mut product);
        m.q().inv_permute_columns(&mut product);
        product
    };
}

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

/// `y = m⁻¹ ⇒ m̄ −= yᵀ ȳ yᵀ`, under each name, and with each outcome.
macro_rules! inverses {
    ($($op:ident $outcome:ident [$($of:tt)*] $name:ty => $option:ty, [$($bounds:tt)*], |$m:ident| $value:expr;)*) => {$(
        impl<T: Float, $($of)*> Rule<$name, ()> for $op
        where
            DefaultAllocator: $($bounds)*,
        {
            type Y = OMatrix<T, D, D>;
            type Outcome = $outcome;
            type Memo = OMatrix<T, D, D>;

            #[inline]
            fn value($m: &$name, (): &()) -> $option {
                $value
            }
            #[inline]
            fn memo(_: &$name, (): &(), y: &Self::Y) -> Self::Memo {
                y.clone()
            }
            #[inline]
            fn push_left(_: &$name, (): &(), y: &Self::Memo, dot: &OMatrix<T, D, D>) -> Self::Y {
                -(y * dot * y)
            }
            #[inline]
            fn pull_left(_: &$name, (): &(), y: &Self::Memo, seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
                subtract_around(to, y, seed, y);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, $name, ()>, to: &mut OMatrix<T, D, D>) {
                let y = turn.memo;
                subtract_around(to, y, turn.seed_dot, y);
                if let Some(m_dot) = turn.a_dot {
                    let y_dot = Self::push_left(turn.a, &(), y, m_dot);
                    subtract_around(to, &y_dot, turn.seed, y);
                    subtract_around(to, y, turn.seed, &y_dot);
                }
            }
            no_second!($name);
        }
    )*};
}

inverses! {
    TryInverse Maybe [D: Dim] OMatrix<T, D, D> => Option<OMatrix<T, D, D>>, [Allocator<D, D>], |m| m.inverted();
    TryInverse Maybe [D: DimMin<D, Output = D>] LU<T, D, D> => Option<OMatrix<T, D, D>>,
        [Allocator<D, D> + Allocator<D>], |m| m.inverted();
    TryInverse Maybe [D: DimMin<D, Output = D>] FullPivLU<T, D, D> => Option<OMatrix<T, D, D>>,
        [Allocator<D, D> + Allocator<D>], |m| m.inverted();
    Inverse Always [D: Dim] Cholesky<T, D> => OMatrix<T, D, D>, [Allocator<D, D>], |m| m.inverse();
}

/// `y = det m ⇒ m̄ += ȳ C`, C the matrix of cofactors, `y m⁻ᵀ` where m is regular.
macro_rules! determinants {
    ($([$($of:tt)*] $name:ty, [$($bounds:tt)*];)*) => {$(
impl<T: Float, $($of)*> Rule<$name, ()> for Determinant
where
    DefaultAllocator: $($bounds)*,
{
    type Y = T;
    type Outcome = Always;
    type Memo = T;

    #[inline]
    fn value(m: &$name, (): &()) -> T {
        m.determined()
    }
    #[inline]
    fn memo(_: &$name, (): &(), y: &T) -> T {
        *y
    }
    #[inline]
    fn push_left(m: &$name, (): &(), y: &T, dot: &OMatrix<T, D, D>) -> T {
        match m.inverted() {
            Some(inverse) => *y * (inverse * dot).trace(),
            None => inner(cofactors(&m.multiplied()).as_slice(), dot.as_slice()),
        }
    }
    #[inline]
    fn pull_left(m: &$name, (): &(), y: &T, seed: &T, to: &mut OMatrix<T, D, D>) {
        match m.inverted() {
            Some(inverse) => add_scaled(to.as_mut_slice(), *seed * *y, inverse.transpose().as_slice()),
            None => add_scaled(to.as_mut_slice(), *seed, cofactors(&m.multiplied()).as_slice()),
        }
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, $name, ()>, to: &mut OMatrix<T, D, D>) {
        let (m, y) = (turn.a, *turn.memo);
        Self::pull_left(m, &(), &y, turn.seed_dot, to);
        let Some(m_dot) = turn.a_dot else { return };
        match m.inverted() {
            Some(inverse) => {
                let turned = &inverse * m_dot;
                let seed = *turn.seed * y;
                add_scaled(to.as_mut_slice(), seed * turned.trace(), inverse.transpose().as_slice());
                add_scaled(to.as_mut_slice(), -seed, (turned * &inverse).transpose().as_slice());
            }
            None => {
                add_scaled(to.as_mut_slice(), *turn.seed, cofactors_along(&m.multiplied(), m_dot).as_slice())
            }
        }
    }
    no_second!($name);
}
    )*};
}

determinants! {
    [D: DimMin<D, Output = D>] OMatrix<T, D, D>, [Allocator<D, D> + Allocator<D>];
    [D: Dim] Cholesky<T, D>, [Allocator<D, D>];
    [D: DimMin<D, Output = D>] LU<T, D, D>, [Allocator<D, D> + Allocator<D>];
    [D: DimMin<D, Output = D>] FullPivLU<T, D, D>, [Allocator<D, D> + Allocator<D>];
}

/// The determinant without the rows and columns at `rows` and `columns`.
fn minor<T: Float, D: Dim>(m: &OMatrix<T, D, D>, rows: &[usize], columns: &[usize]) -> T
where
    DefaultAllocator: Allocator<D, D>,
{
    let kept = |gone: &[usize]| (0..m.nrows()).filter(|k| !gone.contains(k)).collect::<Vec<_>>();
    let (rows, columns) = (kept(rows), kept(columns));
    nalgebra::DMatrix::from_fn(rows.len(), columns.len(), |i, j| m[(rows[i], columns[j])]).determinant()
}

fn sign<T: Float>(k: usize) -> T {
    if k.is_multiple_of(2) { T::one() } else { -T::one() }
}

/// The derivatives of the determinant of a singular matrix.
#[cold]
fn cofactors<T: Float, D: Dim>(m: &OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let (r, c) = m.shape_generic();
    OMatrix::from_fn_generic(r, c, |i, j| sign::<T>(i + j) * minor(m, &[i], &[j]))
}

/// Their derivative along a direction.
#[cold]
fn cofactors_along<T: Float, D: Dim>(m: &OMatrix<T, D, D>, dot: &OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let (r, c) = m.shape_generic();
    let n = r.value();
    OMatrix::from_fn_generic(r, c, |i, j| {
        let mut sum = T::zero();
        for k in (0..n).filter(|k| *k != i) {
            for l in (0..n).filter(|l| *l != j) {
                let at = k - usize::from(k > i) + l - usize::from(l > j);
                sum += sign::<T>(i + j + at) * minor(m, &[i, k], &[j, l]) * dot[(k, l)];
            }
        }
        sum
    })
}
