//! The rows of eigenvalues and eigenvectors of symmetric matrices, where the eigenvalues are distinct.

use super::Float;
use super::factors::{add_to_lower, symmetric};
use super::products::{add_left_factor, inner};
use crate::__private::matrix::{Always, Rule, Turn};
use crate::__private::operators::{
    Eigenvalues, Eigenvectors, SymmetricEigen as ToSymmetricEigen, SymmetricEigenvalues,
};
use crate::__private::{Accumulate, ZerosLike};
use nalgebra::allocator::Allocator;
use nalgebra::{DefaultAllocator, Dim, DimDiff, DimSub, OMatrix, OVector, SymmetricEigen, U1};

values! {
    [T: Float, D: Dim] SymmetricEigen<T, D> => OMatrix<T, D, D>, [DefaultAllocator: Allocator<D, D> + Allocator<D>,],
        |eigen| eigen.eigenvectors.__grad_zeros_like();
}

/// How eigenvalues and eigenvectors change with the matrix: `Q̇ = Q W, W = (Qᵀ ṁ Q) ∘ F`, with `1 / (λⱼ − λᵢ)` in F.
fn change<T: Float, D: Dim>(
    eigen: &SymmetricEigen<T, D>,
    m_dot: &OMatrix<T, D, D>,
) -> (OVector<T, D>, OMatrix<T, D, D>)
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    let (values, vectors) = (&eigen.eigenvalues, &eigen.eigenvectors);
    let mut turn = vectors.tr_mul(&(m_dot * vectors));
    let values_dot = turn.diagonal();
    over_differences(&mut turn, values);
    (values_dot, vectors * turn)
}

fn is_nothing<T: Float>(seed: &[T]) -> bool {
    seed.iter().all(|seed| *seed == T::zero())
}

/// `m ∘ F`
fn over_differences<T: Float, D: Dim>(m: &mut OMatrix<T, D, D>, values: &OVector<T, D>)
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    for j in 0..values.len() {
        for i in 0..values.len() {
            m[(i, j)] = if i == j { T::zero() } else { m[(i, j)] / (values[j] - values[i]) };
        }
    }
}

/// `to += a diag(s) bᵀ`
fn add_between<T: Float, D: Dim>(
    to: &mut OMatrix<T, D, D>,
    a: &OMatrix<T, D, D>,
    s: &OVector<T, D>,
    b: &OMatrix<T, D, D>,
) where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    let mut scaled = a.clone();
    for (mut column, s) in scaled.column_iter_mut().zip(s.iter()) {
        column *= *s;
    }
    let n = s.len();
    add_left_factor(to.as_mut_slice(), scaled.as_slice(), b.as_slice(), (n, n, n));
}

/// `m = Q diag(λ) Qᵀ ⇒ m̄ += Q diag(λ̄) Qᵀ`
impl<T: Float, D: Dim> Rule<SymmetricEigen<T, D>, ()> for Eigenvalues
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Y = OVector<T, D>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(eigen: &SymmetricEigen<T, D>, (): &()) -> Self::Y {
        eigen.eigenvalues.clone()
    }
    #[inline]
    fn memo(_: &SymmetricEigen<T, D>, (): &(), _: &Self::Y) {}
    fn push_left(eigen: &SymmetricEigen<T, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> Self::Y {
        let (n, turned) = (eigen.eigenvalues.len(), dot * &eigen.eigenvectors);
        let mut values_dot = eigen.eigenvalues.__grad_zeros_like();
        for k in 0..n {
            let column = k * n..(k + 1) * n;
            values_dot[k] = inner(&eigen.eigenvectors.as_slice()[column.clone()], &turned.as_slice()[column]);
        }
        values_dot
    }
    fn pull_left(eigen: &SymmetricEigen<T, D>, (): &(), (): &(), seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
        add_between(to, &eigen.eigenvectors, seed, &eigen.eigenvectors);
    }
    fn turn_left(turn: &Turn<'_, Self, SymmetricEigen<T, D>, ()>, to: &mut OMatrix<T, D, D>) {
        let vectors = &turn.a.eigenvectors;
        add_between(to, vectors, turn.seed_dot, vectors);
        if let Some(m_dot) = turn.a_dot
            && !is_nothing(turn.seed.as_slice())
        {
            let (_, vectors_dot) = change(turn.a, m_dot);
            add_between(to, &vectors_dot, turn.seed, vectors);
            add_between(to, vectors, turn.seed, &vectors_dot);
        }
    }
    no_second!(SymmetricEigen<T, D>);
}

/// `m = Q diag(λ) Qᵀ ⇒ m̄ += Q ((Qᵀ Q̄) ∘ F) Qᵀ`
impl<T: Float, D: Dim> Rule<SymmetricEigen<T, D>, ()> for Eigenvectors
where
    DefaultAllocator: Allocator<D, D> + Allocator<D>,
{
    type Y = OMatrix<T, D, D>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(eigen: &SymmetricEigen<T, D>, (): &()) -> Self::Y {
        eigen.eigenvectors.clone()
    }
    #[inline]
    fn memo(_: &SymmetricEigen<T, D>, (): &(), _: &Self::Y) {}
    fn push_left(eigen: &SymmetricEigen<T, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> Self::Y {
        change(eigen, dot).1
    }
    fn pull_left(eigen: &SymmetricEigen<T, D>, (): &(), (): &(), seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
        // Where no derivative flows, none is asked for of equal eigenvalues either.
        if is_nothing(seed.as_slice()) {
            return;
        }
        let vectors = &eigen.eigenvectors;
        let mut inside = vectors.tr_mul(seed);
        over_differences(&mut inside, &eigen.eigenvalues);
        to.__grad_accumulate(&(vectors * inside * vectors.transpose()));
    }
    fn turn_left(turn: &Turn<'_, Self, SymmetricEigen<T, D>, ()>, to: &mut OMatrix<T, D, D>) {
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
        let Some(m_dot) = turn.a_dot.filter(|_| !is_nothing(turn.seed.as_slice())) else { return };
        let (values, vectors) = (&turn.a.eigenvalues, &turn.a.eigenvectors);
        let (values_dot, vectors_dot) = change(turn.a, m_dot);
        let mut inside = vectors.tr_mul(turn.seed);
        over_differences(&mut inside, values);
        let mut inside_dot = vectors_dot.tr_mul(turn.seed);
        over_differences(&mut inside_dot, values);
        for j in 0..values.len() {
            for i in (0..values.len()).filter(|i| *i != j) {
                let apart = values_dot[j] - values_dot[i];
                inside_dot[(i, j)] -= inside[(i, j)] * apart / (values[j] - values[i]);
            }
        }
        to.__grad_accumulate(&(&vectors_dot * &inside * vectors.transpose()));
        to.__grad_accumulate(&(vectors * inside_dot * vectors.transpose()));
        to.__grad_accumulate(&(vectors * inside * vectors_dot.transpose()));
    }
    no_second!(SymmetricEigen<T, D>);
}

/// Of the matrix whose lower half is `m`.
impl<T: Float, D: DimSub<U1>> Rule<OMatrix<T, D, D>, ()> for ToSymmetricEigen
where
    DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
{
    type Y = SymmetricEigen<T, D>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &OMatrix<T, D, D>, (): &()) -> Self::Y {
        m.clone_owned().symmetric_eigen()
    }
    #[inline]
    fn memo(_: &OMatrix<T, D, D>, (): &(), _: &Self::Y) {}
    #[inline]
    fn push_left(_: &OMatrix<T, D, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> OMatrix<T, D, D> {
        symmetric(dot)
    }
    #[inline]
    fn pull_left(_: &OMatrix<T, D, D>, (): &(), (): &(), seed: &OMatrix<T, D, D>, to: &mut OMatrix<T, D, D>) {
        add_to_lower(to, seed);
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, D, D>, ()>, to: &mut OMatrix<T, D, D>) {
        add_to_lower(to, turn.seed_dot);
    }
    no_second!(OMatrix<T, D, D>);
}

/// The same, where the eigenvalues alone are asked for.
impl<T: Float, D: DimSub<U1>> Rule<OMatrix<T, D, D>, ()> for SymmetricEigenvalues
where
    DefaultAllocator: Allocator<D, D> + Allocator<D> + Allocator<DimDiff<D, U1>>,
{
    type Y = OVector<T, D>;
    type Outcome = Always;
    type Memo = SymmetricEigen<T, D>;

    #[inline]
    fn value(m: &OMatrix<T, D, D>, (): &()) -> Self::Y {
        m.symmetric_eigenvalues()
    }
    #[inline]
    fn memo(m: &OMatrix<T, D, D>, (): &(), _: &Self::Y) -> Self::Memo {
        m.clone_owned().symmetric_eigen()
    }
    fn push_left(_: &OMatrix<T, D, D>, (): &(), eigen: &Self::Memo, dot: &OMatrix<T, D, D>) -> Self::Y {
        Eigenvalues::push_left(eigen, &(), &(), &symmetric(dot))
    }
    fn pull_left(
        _: &OMatrix<T, D, D>,
        (): &(),
        eigen: &Self::Memo,
        seed: &Self::Y,
        to: &mut OMatrix<T, D, D>,
    ) {
        let mut of_both = eigen.__grad_zeros_like();
        Eigenvalues::pull_left(eigen, &(), &(), seed, &mut of_both);
        add_to_lower(to, &of_both);
    }
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, D, D>, ()>, to: &mut OMatrix<T, D, D>) {
        let eigen = turn.memo;
        let m_dot = turn.a_dot.map(symmetric);
        let mut of_both = eigen.__grad_zeros_like();
        let inner = Turn {
            a: eigen,
            b: &(),
            memo: &(),
            a_dot: m_dot.as_ref(),
            b_dot: None,
            seed: turn.seed,
            seed_dot: turn.seed_dot,
        };
        Eigenvalues::turn_left(&inner, &mut of_both);
        add_to_lower(to, &of_both);
    }
    no_second!(OMatrix<T, D, D>);
}
