//! The row of the determinant, of singular matrices, too.

use super::Float;
use super::products::{add_scaled, inner};
use crate::__private::ZerosLike;
use crate::__private::matrix::{Always, Rule, Turn};
use crate::__private::operators::Determinant;
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, DimMin, OMatrix};

/// `y = det m ⇒ m̄ += ȳ C`, C the matrix of cofactors, `y m⁻ᵀ` where m is regular.
impl<T: Float, D: DimMin<D, Output = D>> Rule<OMatrix<T, D, D>, ()> for Determinant
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Y = T;
    type Outcome = Always;
    type Memo = T;

    #[inline]
    fn value(m: &OMatrix<T, D, D>, (): &()) -> T {
        m.determinant()
    }
    #[inline]
    fn memo(_: &OMatrix<T, D, D>, (): &(), y: &T) -> T {
        *y
    }
    #[inline]
    fn push_left(m: &OMatrix<T, D, D>, (): &(), y: &T, dot: &OMatrix<T, D, D>) -> T {
        match m.clone_owned().try_inverse() {
            Some(inverse) => *y * (inverse * dot).trace(),
            None => inner(cofactors(m).as_slice(), dot.as_slice()),
        }
    }
    #[inline]
    fn pull_left(m: &OMatrix<T, D, D>, (): &(), y: &T, seed: &T, to: &mut OMatrix<T, D, D>) {
        match m.clone_owned().try_inverse() {
            Some(inverse) => add_scaled(to.as_mut_slice(), *seed * *y, inverse.transpose().as_slice()),
            None => add_scaled(to.as_mut_slice(), *seed, cofactors(m).as_slice()),
        }
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, D, D>, ()>, to: &mut OMatrix<T, D, D>) {
        let (m, y) = (turn.a, *turn.memo);
        Self::pull_left(m, &(), &y, turn.seed_dot, to);
        let Some(m_dot) = turn.a_dot else { return };
        match m.clone_owned().try_inverse() {
            Some(inverse) => {
                let turned = &inverse * m_dot;
                let seed = *turn.seed * y;
                add_scaled(to.as_mut_slice(), seed * turned.trace(), inverse.transpose().as_slice());
                add_scaled(to.as_mut_slice(), -seed, (turned * &inverse).transpose().as_slice());
            }
            None => add_scaled(to.as_mut_slice(), *turn.seed, cofactors_along(m, m_dot).as_slice()),
        }
    }
    no_second!(OMatrix<T, D, D>);
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
