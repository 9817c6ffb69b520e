//! Factorisations. Each is another form of a matrix, and its tangent is that of the matrix, so that to factorise costs a derivative
//! nothing: what is done with the factors has derivatives, in which they are used again.

use super::Float;
use super::backwards::backwards;
use super::products::{add_left_factor, add_product, add_scaled};
use super::square::Square;
use crate::__private::matrix::{Always, Maybe, Outcome, Rule, Turn};
use crate::__private::operators::{
    Cholesky as ToCholesky, FullPivLu as ToFullPivLu, LnDeterminant, Lower, Lu as ToLu, Solve,
};
use crate::__private::{Accumulate, ZerosLike};
use nalgebra::allocator::Allocator;
use nalgebra::constraint::{SameNumberOfRows, ShapeConstraint};
use nalgebra::{Cholesky, DefaultAllocator, Dim, DimMin, FullPivLU, LU, OMatrix};

values! {
    [T: Float, D: Dim] Cholesky<T, D> => OMatrix<T, D, D>, [DefaultAllocator: Allocator<D, D>,],
        |chol| chol.l_dirty().__grad_zeros_like();
    [T: Float, D: DimMin<D, Output = D>] LU<T, D, D> => OMatrix<T, D, D>,
        [DefaultAllocator: Allocator<D, D> + Allocator<D>,], |lu| lu.lu_internal().__grad_zeros_like();
    [T: Float, D: DimMin<D, Output = D>] FullPivLU<T, D, D> => OMatrix<T, D, D>,
        [DefaultAllocator: Allocator<D, D> + Allocator<D>,], |lu| lu.lu_internal().__grad_zeros_like();
}

/// A matrix of which the lower half is read, as the symmetric one.
pub(super) fn symmetric<T: Float, D: Dim>(m: &OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let (r, c) = m.shape_generic();
    OMatrix::from_fn_generic(r, c, |i, j| m[(i.max(j), i.min(j))])
}

/// The cotangent of that: to the lower half comes what both halves get.
pub(super) fn add_to_lower<T: Float, D: Dim>(to: &mut OMatrix<T, D, D>, seed: &OMatrix<T, D, D>)
where
    DefaultAllocator: Allocator<D, D>,
{
    for j in 0..to.ncols() {
        to[(j, j)] += seed[(j, j)];
        for i in j + 1..to.nrows() {
            to[(i, j)] += seed[(i, j)] + seed[(j, i)];
        }
    }
}

/// Of the matrix whose lower half is `m`: the tangent is symmetric.
impl<T: Float, D: Dim> Rule<OMatrix<T, D, D>, ()> for ToCholesky
where
    DefaultAllocator: Allocator<D, D>,
{
    type Y = Cholesky<T, D>;
    type Outcome = Maybe;
    type Memo = ();

    #[inline]
    fn value(m: &OMatrix<T, D, D>, (): &()) -> Option<Self::Y> {
        m.clone_owned().cholesky()
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

/// The factors in place of the matrix.
macro_rules! factorised {
    ($($op:ident $name:ident $method:ident;)*) => {$(
        impl<T: Float, D: DimMin<D, Output = D>> Rule<OMatrix<T, D, D>, ()> for $op
        where
            DefaultAllocator: Allocator<D, D> + Allocator<D>,
        {
            type Y = $name<T, D, D>;
            type Outcome = Always;
            type Memo = ();

            #[inline]
            fn value(m: &OMatrix<T, D, D>, (): &()) -> Self::Y {
                m.clone_owned().$method()
            }
            #[inline]
            fn memo(_: &OMatrix<T, D, D>, (): &(), _: &Self::Y) {}
            #[inline]
            fn push_left(_: &OMatrix<T, D, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> OMatrix<T, D, D> {
                dot.clone()
            }
            #[inline]
            fn pull_left(
                _: &OMatrix<T, D, D>,
                (): &(),
                (): &(),
                seed: &OMatrix<T, D, D>,
                to: &mut OMatrix<T, D, D>,
            ) {
                to.__grad_accumulate(seed);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, OMatrix<T, D, D>, ()>, to: &mut OMatrix<T, D, D>) {
                to.__grad_accumulate(turn.seed_dot);
            }
            no_second!(OMatrix<T, D, D>);
        }
    )*};
}

factorised! {
    ToLu LU lu;
    ToFullPivLu FullPivLU full_piv_lu;
}

/// What solves equations, of the matrix and of its transpose.
pub trait Solver: Square
where
    DefaultAllocator: Allocator<Self::D, Self::D>,
{
    /// Whether there is always a solution.
    type Outcome: Outcome;

    /// The value, bit for bit that of the library.
    fn solution<R2: Dim, C2: Dim>(
        &self,
        b: &OMatrix<Self::T, R2, C2>,
    ) -> <Self::Outcome as Outcome>::Of<OMatrix<Self::T, R2, C2>>
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, Self::D>;

    /// `b ← m⁻¹ b`
    fn solve_in_place<R2: Dim, C2: Dim>(&self, b: &mut OMatrix<Self::T, R2, C2>)
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, Self::D>;

    /// `b ← m⁻ᵀ b`
    fn solve_transposed<R2: Dim, C2: Dim>(&self, b: &mut OMatrix<Self::T, R2, C2>)
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, Self::D>;
}

impl<T: Float, D: Dim> Solver for Cholesky<T, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    type Outcome = Always;

    #[inline]
    fn solution<R2: Dim, C2: Dim>(&self, b: &OMatrix<T, R2, C2>) -> OMatrix<T, R2, C2>
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, D>,
    {
        self.solve(b)
    }
    #[inline]
    fn solve_in_place<R2: Dim, C2: Dim>(&self, b: &mut OMatrix<T, R2, C2>)
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, D>,
    {
        self.solve_mut(b);
    }
    #[inline]
    fn solve_transposed<R2: Dim, C2: Dim>(&self, b: &mut OMatrix<T, R2, C2>)
    where
        DefaultAllocator: Allocator<R2, C2>,
        ShapeConstraint: SameNumberOfRows<R2, D>,
    {
        self.solve_mut(b);
    }
}

/// `b ← Uᵀ⁻¹ b`, then `b ← Lᵀ⁻¹ b`
macro_rules! through_transposed_factors {
    ($lu:ident $b:ident) => {
        $lu.lu_internal().tr_solve_upper_triangular_unchecked_mut($b);
        // Those of L on the diagonal are not there: they are 1.
        $lu.l().tr_solve_lower_triangular_unchecked_mut($b);
    };
}

macro_rules! solvers {
    ($($name:ident |$lu:ident, $b:ident| $transposed:block;)*) => {$(
        impl<T: Float, D: DimMin<D, Output = D>> Solver for $name<T, D, D>
        where
            DefaultAllocator: Allocator<D, D> + Allocator<D>,
        {
            type Outcome = Maybe;

            #[inline]
            fn solution<R2: Dim, C2: Dim>(&self, b: &OMatrix<T, R2, C2>) -> Option<OMatrix<T, R2, C2>>
            where
                DefaultAllocator: Allocator<R2, C2>,
                ShapeConstraint: SameNumberOfRows<R2, D>,
            {
                self.solve(b)
            }
            #[inline]
            fn solve_in_place<R2: Dim, C2: Dim>(&self, b: &mut OMatrix<T, R2, C2>)
            where
                DefaultAllocator: Allocator<R2, C2>,
                ShapeConstraint: SameNumberOfRows<R2, D>,
            {
                self.solve_mut(b);
            }
            #[inline]
            fn solve_transposed<R2: Dim, C2: Dim>(&self, $b: &mut OMatrix<T, R2, C2>)
            where
                DefaultAllocator: Allocator<R2, C2>,
                ShapeConstraint: SameNumberOfRows<R2, D>,
            {
                let $lu = self;
                $transposed
            }
        }
    )*};
}

solvers! {
    LU |lu, b| {
        through_transposed_factors!(lu b);
        lu.p().inv_permute_rows(b);
    };
    FullPivLU |lu, b| {
        lu.q().permute_rows(b);
        through_transposed_factors!(lu b);
        lu.p().inv_permute_rows(b);
    };
}

/// `y = m⁻¹ b, w = m⁻ᵀ ȳ ⇒ m̄ −= w yᵀ, b̄ += w`
macro_rules! solves {
    ($([$($of:tt)*] $name:ty, [$($bounds:tt)*];)*) => {$(
impl<T: Float, $($of)*, R2: Dim, C2: Dim> Rule<$name, OMatrix<T, R2, C2>> for Solve
where
    DefaultAllocator: $($bounds)* + Allocator<R2, C2>,
    ShapeConstraint: SameNumberOfRows<R2, D>,
{
    type Y = OMatrix<T, R2, C2>;
    type Outcome = <$name as Solver>::Outcome;
    type Memo = OMatrix<T, R2, C2>;

    #[inline]
    fn value(m: &$name, b: &OMatrix<T, R2, C2>) -> <<$name as Solver>::Outcome as Outcome>::Of<Self::Y> {
        m.solution(b)
    }
    #[inline]
    fn memo(_: &$name, _: &OMatrix<T, R2, C2>, y: &Self::Y) -> Self::Memo {
        y.clone()
    }
    #[inline]
    fn push_left(m: &$name, _: &OMatrix<T, R2, C2>, y: &Self::Memo, dot: &OMatrix<T, D, D>) -> Self::Y {
        let mut y_dot = minus_product(dot, y);
        m.solve_in_place(&mut y_dot);
        y_dot
    }
    #[inline]
    fn push_right(m: &$name, _: &OMatrix<T, R2, C2>, _: &Self::Memo, dot: &OMatrix<T, R2, C2>) -> Self::Y {
        let mut y_dot = dot.clone();
        m.solve_in_place(&mut y_dot);
        y_dot
    }
    #[inline]
    fn pull_left(m: &$name, _: &OMatrix<T, R2, C2>, y: &Self::Memo, seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
        subtract_outer(to, &back(m, seed), y);
    }
    #[inline]
    fn pull_right(
        m: &$name,
        _: &OMatrix<T, R2, C2>,
        _: &Self::Memo,
        seed: &Self::Y,
        to: &mut OMatrix<T, R2, C2>,
    ) {
        to.__grad_accumulate(&back(m, seed));
    }
    fn turn_left(turn: &Turn<'_, Self, $name, OMatrix<T, R2, C2>>, to: &mut OMatrix<T, D, D>) {
        let (m, y) = (turn.a, turn.memo);
        subtract_outer(to, &back_along(turn.a, turn.a_dot, turn.seed, turn.seed_dot), y);
        let w = back(m, turn.seed);
        if let Some(m_dot) = turn.a_dot {
            subtract_outer(to, &w, &Self::push_left(m, turn.b, y, m_dot));
        }
        if let Some(b_dot) = turn.b_dot {
            subtract_outer(to, &w, &Self::push_right(m, turn.b, y, b_dot));
        }
    }
    fn turn_right(turn: &Turn<'_, Self, $name, OMatrix<T, R2, C2>>, to: &mut OMatrix<T, R2, C2>) {
        to.__grad_accumulate(&back_along(turn.a, turn.a_dot, turn.seed, turn.seed_dot));
    }
}
    )*};
}

solves! {
    [D: Dim] Cholesky<T, D>, [Allocator<D, D>];
    [D: DimMin<D, Output = D>] LU<T, D, D>, [Allocator<D, D> + Allocator<D>];
    [D: DimMin<D, Output = D>] FullPivLU<T, D, D>, [Allocator<D, D> + Allocator<D>];
}

/// `w = m⁻ᵀ ȳ`
fn back<M, T: Float, D: Dim, R2: Dim, C2: Dim>(m: &M, seed: &OMatrix<T, R2, C2>) -> OMatrix<T, R2, C2>
where
    M: Solver + Square<T = T, D = D>,
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
    ShapeConstraint: SameNumberOfRows<R2, D>,
{
    let mut w = seed.clone();
    m.solve_transposed(&mut w);
    w
}

/// Its tangent: `m⁻ᵀ (ȳ˙ − ṁᵀ w)`
fn back_along<M, T: Float, D: Dim, R2: Dim, C2: Dim>(
    m: &M,
    m_dot: Option<&OMatrix<T, D, D>>,
    seed: &OMatrix<T, R2, C2>,
    seed_dot: &OMatrix<T, R2, C2>,
) -> OMatrix<T, R2, C2>
where
    M: Solver + Square<T = T, D = D>,
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
    ShapeConstraint: SameNumberOfRows<R2, D>,
{
    let mut w_dot = seed_dot.clone();
    if let Some(m_dot) = m_dot {
        w_dot.__grad_accumulate(&minus_product(&m_dot.transpose(), &back(m, seed)));
    }
    m.solve_transposed(&mut w_dot);
    w_dot
}

/// `−m b`, in the dimensions of `b`.
pub(super) fn minus_product<T: Float, D: Dim, R2: Dim, C2: Dim>(
    m: &OMatrix<T, D, D>,
    b: &OMatrix<T, R2, C2>,
) -> OMatrix<T, R2, C2>
where
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
{
    let (r, c) = b.shape_generic();
    let mut y = OMatrix::zeros_generic(r, c);
    let dims = (m.nrows(), b.ncols(), m.ncols());
    add_product(y.as_mut_slice(), m.as_slice(), (-b).as_slice(), dims);
    y
}

/// `to −= w yᵀ`
pub(super) fn subtract_outer<T: Float, D: Dim, R2: Dim, C2: Dim>(
    to: &mut OMatrix<T, D, D>,
    w: &OMatrix<T, R2, C2>,
    y: &OMatrix<T, R2, C2>,
) where
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
{
    let dims = (to.nrows(), to.ncols(), w.ncols());
    add_left_factor(to.as_mut_slice(), (-w).as_slice(), y.as_slice(), dims);
}

/// `y = ln det m ⇒ m̄ += ȳ m⁻¹`, of a symmetric matrix.
impl<T: Float, D: Dim> Rule<Cholesky<T, D>, ()> for LnDeterminant
where
    DefaultAllocator: Allocator<D, D>,
{
    type Y = T;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &Cholesky<T, D>, (): &()) -> T {
        m.ln_determinant()
    }
    #[inline]
    fn memo(_: &Cholesky<T, D>, (): &(), _: &T) {}
    #[inline]
    fn push_left(m: &Cholesky<T, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> T {
        m.solve(dot).trace()
    }
    #[inline]
    fn pull_left(m: &Cholesky<T, D>, (): &(), (): &(), seed: &T, to: &mut OMatrix<T, D, D>) {
        add_scaled(to.as_mut_slice(), *seed, inverse(m).as_slice());
    }
    fn turn_left(turn: &Turn<'_, Self, Cholesky<T, D>, ()>, to: &mut OMatrix<T, D, D>) {
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            let inverse = inverse(turn.a);
            add_scaled(to.as_mut_slice(), -*turn.seed, (&inverse * m_dot * &inverse).as_slice());
        }
    }
    no_second!(Cholesky<T, D>);
}

/// The lower half, with half of the diagonal.
fn lower_and_half<T: Float, D: Dim>(mut m: OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    m.fill_upper_triangle(T::zero(), 1);
    for i in 0..m.nrows() {
        m[(i, i)] /= T::one() + T::one();
    }
    m
}

/// The inverse of the matrix, which is the derivative of the logarithm of its determinant: faster than that of the library.
pub(super) fn inverse<T: Float, D: Dim>(m: &Cholesky<T, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let l = m.l_dirty();
    let (n, two, (r, c)) = (l.nrows(), T::one() + T::one(), l.shape_generic());
    let mut inverse = OMatrix::zeros_generic(r, c);
    for i in 0..n {
        inverse[(i, i)] = two / l[(i, i)];
    }
    backwards(l.as_slice(), inverse.as_mut_slice(), n);
    // What comes to the half that is read comes from both halves.
    for j in 0..n {
        for i in j + 1..n {
            let half = inverse[(i, j)] / two;
            inverse[(i, j)] = half;
            inverse[(j, i)] = half;
        }
    }
    inverse
}

/// `l⁻ᵀ s l⁻¹`
fn between<T: Float, D: Dim>(l: &OMatrix<T, D, D>, mut s: OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    l.tr_solve_lower_triangular_unchecked_mut(&mut s);
    let mut s = s.transpose();
    l.tr_solve_lower_triangular_unchecked_mut(&mut s);
    s.transpose()
}

/// `l⁻¹ l̇` of `l l̇ᵀ + l̇ lᵀ = ṁ`: the lower half of `l⁻¹ ṁ l⁻ᵀ`, with half of the diagonal.
fn relative<T: Float, D: Dim>(l: &OMatrix<T, D, D>, m_dot: &OMatrix<T, D, D>) -> OMatrix<T, D, D>
where
    DefaultAllocator: Allocator<D, D>,
{
    let mut s = m_dot.clone();
    l.solve_lower_triangular_unchecked_mut(&mut s);
    let mut s = s.transpose();
    l.solve_lower_triangular_unchecked_mut(&mut s);
    lower_and_half(s.transpose())
}

/// `l lᵀ = m ⇒ m̄ += l⁻ᵀ Φ(lᵀ l̄) l⁻¹`, Φ the lower half, with half of the diagonal: what that adds to the half that is read.
impl<T: Float, D: Dim> Rule<Cholesky<T, D>, ()> for Lower
where
    DefaultAllocator: Allocator<D, D>,
{
    type Y = OMatrix<T, D, D>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &Cholesky<T, D>, (): &()) -> Self::Y {
        m.l()
    }
    #[inline]
    fn memo(_: &Cholesky<T, D>, (): &(), _: &Self::Y) {}
    fn push_left(m: &Cholesky<T, D>, (): &(), (): &(), dot: &OMatrix<T, D, D>) -> Self::Y {
        let l = m.l();
        &l * relative(&l, dot)
    }
    fn pull_left(m: &Cholesky<T, D>, (): &(), (): &(), seed: &Self::Y, to: &mut OMatrix<T, D, D>) {
        let (mut bar, n) = (seed.lower_triangle(), seed.nrows());
        backwards(m.l_dirty().as_slice(), bar.as_mut_slice(), n);
        to.__grad_accumulate(&bar);
    }
    fn turn_left(turn: &Turn<'_, Self, Cholesky<T, D>, ()>, to: &mut OMatrix<T, D, D>) {
        let l = turn.a.l();
        Self::pull_left(turn.a, &(), &(), turn.seed_dot, to);
        if let Some(m_dot) = turn.a_dot {
            let relative = relative(&l, m_dot);
            let seed = turn.seed.lower_triangle();
            let inner = lower_and_half(l.tr_mul(&seed));
            let inner_dot = lower_and_half((&l * &relative).tr_mul(&seed));
            let turned = inner_dot - relative.tr_mul(&inner) - inner * relative;
            to.__grad_accumulate(&between(&l, turned));
        }
    }
    no_second!(Cholesky<T, D>);
}
