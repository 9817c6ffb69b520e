//! The rows of nalgebra's arithmetic: their values, and the mathematics of their cotangents.

use super::Float;
use super::products::{add_left_factor, add_product, add_right_factor, add_scaled, inner};
use crate::__private::matrix::{Always, Bilinear, LinearIn, Rule, Turn};
use crate::__private::operators::{
    Add, AddScalar, ComponentDiv, ComponentMul, Cross, Div, Dot, Kronecker, Mul, Scale, Sub, TrMul, Unscale,
};
use nalgebra::allocator::{Allocator, SameShapeAllocator, SameShapeC, SameShapeR};
use nalgebra::constraint::{AreMultipliable, DimEq, SameNumberOfColumns, SameNumberOfRows, ShapeConstraint};
use nalgebra::{DefaultAllocator, Dim, DimMul, DimProd, OMatrix};

/// A matrix of other dimensions with the same numbers.
#[inline]
fn reshaped<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim>(m: &OMatrix<T, R, C>, sign: T) -> OMatrix<T, R2, C2>
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
{
    let (r, c) = m.shape();
    OMatrix::from_iterator_generic(R2::from_usize(r), C2::from_usize(c), m.iter().map(|x| sign * *x))
}

/// Without elements, if its dimensions are no constants.
#[inline]
fn emptied<T: Float, R: Dim, C: Dim>() -> OMatrix<T, R, C>
where
    DefaultAllocator: Allocator<R, C>,
{
    let (r, c) = (R::try_to_usize().unwrap_or(0), C::try_to_usize().unwrap_or(0));
    OMatrix::zeros_generic(R::from_usize(r), C::from_usize(c))
}

/// Sums: the cotangent of both is that of the result, but for a sign.
macro_rules! sums {
    ($($op:ident $sign:tt $of_right:expr;)*) => {$(
        impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Rule<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for $op
        where
            DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + SameShapeAllocator<R, C, R2, C2>,
            ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
        {
            type Y = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;
            type Outcome = Always;
            type Memo = ();

            #[inline]
            fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
                a $sign b
            }
            #[inline]
            fn value_of(
                a: OMatrix<T, R, C>,
                b: &OMatrix<T, R2, C2>,
                _: bool,
            ) -> (Self::Y, OMatrix<T, R, C>) {
                (a $sign b, emptied())
            }
            #[inline]
            fn memo(_: &OMatrix<T, R, C>, _: &OMatrix<T, R2, C2>, _: &Self::Y) {}
            #[inline]
            fn push_left(
                _: &OMatrix<T, R, C>,
                _: &OMatrix<T, R2, C2>,
                (): &(),
                dot: &OMatrix<T, R, C>,
            ) -> Self::Y {
                reshaped(dot, T::one())
            }
            #[inline]
            fn push_right(
                _: &OMatrix<T, R, C>,
                _: &OMatrix<T, R2, C2>,
                (): &(),
                dot: &OMatrix<T, R2, C2>,
            ) -> Self::Y {
                reshaped(dot, $of_right)
            }
            #[inline]
            fn pull_left(
                _: &OMatrix<T, R, C>,
                _: &OMatrix<T, R2, C2>,
                (): &(),
                seed: &Self::Y,
                to: &mut OMatrix<T, R, C>,
            ) {
                add_scaled(to.as_mut_slice(), T::one(), seed.as_slice());
            }
            #[inline]
            fn pull_right(
                _: &OMatrix<T, R, C>,
                _: &OMatrix<T, R2, C2>,
                (): &(),
                seed: &Self::Y,
                to: &mut OMatrix<T, R2, C2>,
            ) {
                add_scaled(to.as_mut_slice(), $of_right, seed.as_slice());
            }
            #[inline]
            fn turn_left(
                turn: &Turn<'_, Self, OMatrix<T, R, C>, OMatrix<T, R2, C2>>,
                to: &mut OMatrix<T, R, C>,
            ) {
                Self::pull_left(turn.a, turn.b, &(), turn.seed_dot, to);
            }
            #[inline]
            fn turn_right(
                turn: &Turn<'_, Self, OMatrix<T, R, C>, OMatrix<T, R2, C2>>,
                to: &mut OMatrix<T, R2, C2>,
            ) {
                Self::pull_right(turn.a, turn.b, &(), turn.seed_dot, to);
            }
        }
    )*};
}

sums! {
    Add + T::one();
    Sub - -T::one();
}

/// These are linear in each operand, where a matrix is the first.
macro_rules! linear_in_matrices {
    ($($op:ident)*) => {$(
        impl<T: Float, R: Dim, C: Dim> LinearIn<OMatrix<T, R, C>> for $op where DefaultAllocator: Allocator<R, C> {}
    )*};
}

linear_in_matrices! { ComponentMul Cross Dot Kronecker Mul Scale TrMul }

impl<T: Float> LinearIn<T> for Mul {}

/// `y = a b ⇒ ā += ȳ bᵀ, b̄ += aᵀ ȳ`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for Mul
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<R, C2>,
    ShapeConstraint: AreMultipliable<R, C, R2, C2>,
{
    type Y = OMatrix<T, R, C2>;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a * b
    }
    #[inline]
    fn left(b: &OMatrix<T, R2, C2>, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        let dims = (seed.nrows(), b.nrows(), b.ncols());
        add_left_factor(to.as_mut_slice(), seed.as_slice(), b.as_slice(), dims);
    }
    #[inline]
    fn right(a: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut OMatrix<T, R2, C2>) {
        let dims = (a.nrows(), a.ncols(), seed.ncols());
        add_right_factor(to.as_mut_slice(), a.as_slice(), seed.as_slice(), dims);
    }
}

/// `y = aᵀ b ⇒ ā += b ȳᵀ, b̄ += a ȳ`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for TrMul
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<C, C2>,
    ShapeConstraint: SameNumberOfRows<R, R2>,
{
    type Y = OMatrix<T, C, C2>;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a.tr_mul(b)
    }
    #[inline]
    fn left(b: &OMatrix<T, R2, C2>, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        let dims = (b.nrows(), seed.nrows(), b.ncols());
        add_left_factor(to.as_mut_slice(), b.as_slice(), seed.as_slice(), dims);
    }
    #[inline]
    fn right(a: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut OMatrix<T, R2, C2>) {
        let dims = (a.nrows(), seed.ncols(), a.ncols());
        add_product(to.as_mut_slice(), a.as_slice(), seed.as_slice(), dims);
    }
}

/// `y = k m ⇒ m̄ += k ȳ, k̄ += ⟨m, ȳ⟩`, in either order, and as a method.
macro_rules! multiples {
    ($($op:ident)*) => {$(
        impl<T: Float, R: Dim, C: Dim> Bilinear<OMatrix<T, R, C>, T> for $op
        where
            DefaultAllocator: Allocator<R, C>,
        {
            type Y = OMatrix<T, R, C>;

            #[inline]
            fn value(m: &OMatrix<T, R, C>, k: &T) -> Self::Y {
                m * *k
            }
            #[inline]
            fn left(k: &T, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
                add_scaled(to.as_mut_slice(), *k, seed.as_slice());
            }
            #[inline]
            fn right(m: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut T) {
                *to += inner(m.as_slice(), seed.as_slice());
            }
        }
    )*};
}

multiples! { Mul Scale }

impl<T: Float, R: Dim, C: Dim> Bilinear<T, OMatrix<T, R, C>> for Mul
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = OMatrix<T, R, C>;

    #[inline]
    fn value(k: &T, m: &OMatrix<T, R, C>) -> Self::Y {
        m * *k
    }
    #[inline]
    fn left(m: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut T) {
        *to += inner(m.as_slice(), seed.as_slice());
    }
    #[inline]
    fn right(k: &T, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        add_scaled(to.as_mut_slice(), *k, seed.as_slice());
    }
}

/// `y = m / k ⇒ m̄ += ȳ / k, k̄ −= ⟨y, ȳ⟩ / k`
macro_rules! quotients {
    ($($op:ident)*) => {$(
        impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, T> for $op
        where
            DefaultAllocator: Allocator<R, C>,
        {
            type Y = OMatrix<T, R, C>;
            type Outcome = Always;
            type Memo = ();

            #[inline]
            fn value(m: &OMatrix<T, R, C>, k: &T) -> Self::Y {
                m / *k
            }
            #[inline]
            fn memo(_: &OMatrix<T, R, C>, _: &T, _: &Self::Y) {}
            #[inline]
            fn push_left(_: &OMatrix<T, R, C>, k: &T, (): &(), dot: &OMatrix<T, R, C>) -> Self::Y {
                dot / *k
            }
            #[inline]
            fn push_right(m: &OMatrix<T, R, C>, k: &T, (): &(), dot: &T) -> Self::Y {
                m * (-*dot / (*k * *k))
            }
            #[inline]
            fn pull_left(
                _: &OMatrix<T, R, C>,
                k: &T,
                (): &(),
                seed: &Self::Y,
                to: &mut OMatrix<T, R, C>,
            ) {
                add_scaled(to.as_mut_slice(), T::one() / *k, seed.as_slice());
            }
            #[inline]
            fn pull_right(m: &OMatrix<T, R, C>, k: &T, (): &(), seed: &Self::Y, to: &mut T) {
                *to -= inner(m.as_slice(), seed.as_slice()) / (*k * *k);
            }
            #[inline]
            fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, T>, to: &mut OMatrix<T, R, C>) {
                let k = *turn.b;
                add_scaled(to.as_mut_slice(), T::one() / k, turn.seed_dot.as_slice());
                if let Some(k_dot) = turn.b_dot {
                    add_scaled(to.as_mut_slice(), -*k_dot / (k * k), turn.seed.as_slice());
                }
            }
            #[inline]
            fn turn_right(turn: &Turn<'_, Self, OMatrix<T, R, C>, T>, to: &mut T) {
                let k = *turn.b;
                let (m, seed) = (turn.a.as_slice(), turn.seed.as_slice());
                *to -= inner(m, turn.seed_dot.as_slice()) / (k * k);
                if let Some(m_dot) = turn.a_dot {
                    *to -= inner(m_dot.as_slice(), seed) / (k * k);
                }
                if let Some(k_dot) = turn.b_dot {
                    *to += (*k_dot + *k_dot) * inner(m, seed) / (k * k * k);
                }
            }
        }
    )*};
}

quotients! { Div Unscale }

/// `y = m + k`, k added to every element: `m̄ += ȳ, k̄ += Σ ȳ`
impl<T: Float, R: Dim, C: Dim> Rule<OMatrix<T, R, C>, T> for AddScalar
where
    DefaultAllocator: Allocator<R, C>,
{
    type Y = OMatrix<T, R, C>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(m: &OMatrix<T, R, C>, k: &T) -> Self::Y {
        m.add_scalar(*k)
    }
    #[inline]
    fn memo(_: &OMatrix<T, R, C>, _: &T, _: &Self::Y) {}
    #[inline]
    fn push_left(_: &OMatrix<T, R, C>, _: &T, (): &(), dot: &OMatrix<T, R, C>) -> Self::Y {
        dot.clone()
    }
    #[inline]
    fn push_right(m: &OMatrix<T, R, C>, _: &T, (): &(), dot: &T) -> Self::Y {
        m.map(|_| *dot)
    }
    #[inline]
    fn pull_left(_: &OMatrix<T, R, C>, _: &T, (): &(), seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        add_scaled(to.as_mut_slice(), T::one(), seed.as_slice());
    }
    #[inline]
    fn pull_right(_: &OMatrix<T, R, C>, _: &T, (): &(), seed: &Self::Y, to: &mut T) {
        *to += seed.sum();
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, T>, to: &mut OMatrix<T, R, C>) {
        Self::pull_left(turn.a, turn.b, &(), turn.seed_dot, to);
    }
    #[inline]
    fn turn_right(turn: &Turn<'_, Self, OMatrix<T, R, C>, T>, to: &mut T) {
        Self::pull_right(turn.a, turn.b, &(), turn.seed_dot, to);
    }
}

/// `y = ⟨a, b⟩ ⇒ ā += ȳ b, b̄ += ȳ a`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for Dot
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2>,
    ShapeConstraint: DimEq<R, R2> + DimEq<C, C2>,
{
    type Y = T;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> T {
        a.dot(b)
    }
    #[inline]
    fn left(b: &OMatrix<T, R2, C2>, seed: &T, to: &mut OMatrix<T, R, C>) {
        add_scaled(to.as_mut_slice(), *seed, b.as_slice());
    }
    #[inline]
    fn right(a: &OMatrix<T, R, C>, seed: &T, to: &mut OMatrix<T, R2, C2>) {
        add_scaled(to.as_mut_slice(), *seed, a.as_slice());
    }
}

/// `to += a ∘ b`
#[inline]
fn add_components<T: Float>(to: &mut [T], a: &[T], b: &[T]) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to += *a * *b;
    }
}

/// `y = a ∘ b ⇒ ā += ȳ ∘ b, b̄ += ȳ ∘ a`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>>
    for ComponentMul
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + SameShapeAllocator<R, C, R2, C2>,
    ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
{
    type Y = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a.component_mul(b)
    }
    #[inline]
    fn left(b: &OMatrix<T, R2, C2>, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        add_components(to.as_mut_slice(), seed.as_slice(), b.as_slice());
    }
    #[inline]
    fn right(a: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut OMatrix<T, R2, C2>) {
        add_components(to.as_mut_slice(), seed.as_slice(), a.as_slice());
    }
}

/// `y = a ⊘ b ⇒ ā += ȳ ⊘ b, b̄ −= ȳ ∘ a ⊘ b²`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Rule<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for ComponentDiv
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + SameShapeAllocator<R, C, R2, C2>,
    ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
{
    type Y = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a.component_div(b)
    }
    #[inline]
    fn memo(_: &OMatrix<T, R, C>, _: &OMatrix<T, R2, C2>, _: &Self::Y) {}
    #[inline]
    fn push_left(_: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>, (): &(), dot: &OMatrix<T, R, C>) -> Self::Y {
        dot.component_div(b)
    }
    #[inline]
    fn push_right(
        a: &OMatrix<T, R, C>,
        b: &OMatrix<T, R2, C2>,
        (): &(),
        dot: &OMatrix<T, R2, C2>,
    ) -> Self::Y {
        let mut y_dot = a.component_div(b);
        for ((y_dot, b), dot) in y_dot.as_mut_slice().iter_mut().zip(b.as_slice()).zip(dot.as_slice()) {
            *y_dot *= -*dot / *b;
        }
        y_dot
    }
    #[inline]
    fn pull_left(
        _: &OMatrix<T, R, C>,
        b: &OMatrix<T, R2, C2>,
        (): &(),
        seed: &Self::Y,
        to: &mut OMatrix<T, R, C>,
    ) {
        for ((to, b), seed) in to.as_mut_slice().iter_mut().zip(b.as_slice()).zip(seed.as_slice()) {
            *to += *seed / *b;
        }
    }
    #[inline]
    fn pull_right(
        a: &OMatrix<T, R, C>,
        b: &OMatrix<T, R2, C2>,
        (): &(),
        seed: &Self::Y,
        to: &mut OMatrix<T, R2, C2>,
    ) {
        let operands = a.as_slice().iter().zip(b.as_slice());
        for ((to, (a, b)), seed) in to.as_mut_slice().iter_mut().zip(operands).zip(seed.as_slice()) {
            *to -= *seed * *a / (*b * *b);
        }
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Self, OMatrix<T, R, C>, OMatrix<T, R2, C2>>, to: &mut OMatrix<T, R, C>) {
        Self::pull_left(turn.a, turn.b, &(), turn.seed_dot, to);
        if let Some(b_dot) = turn.b_dot {
            for (k, to) in to.as_mut_slice().iter_mut().enumerate() {
                let b = turn.b.as_slice()[k];
                *to -= turn.seed.as_slice()[k] * b_dot.as_slice()[k] / (b * b);
            }
        }
    }
    #[inline]
    fn turn_right(turn: &Turn<'_, Self, OMatrix<T, R, C>, OMatrix<T, R2, C2>>, to: &mut OMatrix<T, R2, C2>) {
        Self::pull_right(turn.a, turn.b, &(), turn.seed_dot, to);
        if let Some(a_dot) = turn.a_dot {
            Self::pull_right(a_dot, turn.b, &(), turn.seed, to);
        }
        if let Some(b_dot) = turn.b_dot {
            for (k, to) in to.as_mut_slice().iter_mut().enumerate() {
                let (a, b) = (turn.a.as_slice()[k], turn.b.as_slice()[k]);
                let b_dot = b_dot.as_slice()[k];
                *to += (b_dot + b_dot) * turn.seed.as_slice()[k] * a / (b * b * b);
            }
        }
    }
}

/// `to += a × b`
#[inline]
fn add_cross<T: Float>(to: &mut [T], a: &[T], b: &[T]) {
    to[0] += a[1] * b[2] - a[2] * b[1];
    to[1] += a[2] * b[0] - a[0] * b[2];
    to[2] += a[0] * b[1] - a[1] * b[0];
}

/// `y = a × b ⇒ ā += b × ȳ, b̄ += ȳ × a`
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for Cross
where
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + SameShapeAllocator<R, C, R2, C2>,
    ShapeConstraint: SameNumberOfRows<R, R2> + SameNumberOfColumns<C, C2>,
{
    type Y = OMatrix<T, SameShapeR<R, R2>, SameShapeC<C, C2>>;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a.cross(b)
    }
    #[inline]
    fn left(b: &OMatrix<T, R2, C2>, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        add_cross(to.as_mut_slice(), b.as_slice(), seed.as_slice());
    }
    #[inline]
    fn right(a: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut OMatrix<T, R2, C2>) {
        add_cross(to.as_mut_slice(), seed.as_slice(), a.as_slice());
    }
}

/// `y = a ⊗ b`: of every element of one, its product with all of the other.
impl<T: Float, R: Dim, C: Dim, R2: Dim, C2: Dim> Bilinear<OMatrix<T, R, C>, OMatrix<T, R2, C2>> for Kronecker
where
    R: DimMul<R2>,
    C: DimMul<C2>,
    DefaultAllocator: Allocator<R, C> + Allocator<R2, C2> + Allocator<DimProd<R, R2>, DimProd<C, C2>>,
{
    type Y = OMatrix<T, DimProd<R, R2>, DimProd<C, C2>>;

    #[inline]
    fn value(a: &OMatrix<T, R, C>, b: &OMatrix<T, R2, C2>) -> Self::Y {
        a.kronecker(b)
    }
    fn left(b: &OMatrix<T, R2, C2>, seed: &Self::Y, to: &mut OMatrix<T, R, C>) {
        let (m, n) = b.shape();
        for (at, to) in to.as_mut_slice().iter_mut().enumerate() {
            let (i, j) = (at % (seed.nrows() / m), at / (seed.nrows() / m));
            let part = seed.view((i * m, j * n), (m, n));
            *to += part.iter().zip(b.iter()).fold(T::zero(), |sum, (seed, b)| sum + *seed * *b);
        }
    }
    fn right(a: &OMatrix<T, R, C>, seed: &Self::Y, to: &mut OMatrix<T, R2, C2>) {
        let (m, n) = to.shape();
        for j in 0..a.ncols() {
            for i in 0..a.nrows() {
                let (by, part) = (a[(i, j)], seed.view((i * m, j * n), (m, n)));
                to.iter_mut().zip(part.iter()).for_each(|(to, seed)| *to += by * *seed);
            }
        }
    }
}
