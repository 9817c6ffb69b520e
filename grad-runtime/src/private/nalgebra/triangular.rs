//! The rows of systems of equations with a triangular matrix: half of it is read.

use super::Float;
use super::factors::{minus_product, subtract_outer};
use crate::__private::Accumulate;
use crate::__private::matrix::{Maybe, Rule, Turn};
use crate::__private::operators::{
    SolveLowerTriangular, SolveUpperTriangular, TrSolveLowerTriangular, TrSolveUpperTriangular,
};
use nalgebra::allocator::Allocator;
use nalgebra::constraint::{SameNumberOfRows, ShapeConstraint};
use nalgebra::{DefaultAllocator, Dim, OMatrix};

/// `y = m⁻¹ b, w = m⁻ᵀ ȳ ⇒ m̄ −= w yᵀ, b̄ += w`, of the half of the matrix that is read, or of its transpose.
macro_rules! triangular {
    ($($op:ident $method:ident, $back:ident, $half:ident, $transposed:literal;)*) => {$(
        impl<T: Float, D: Dim, R2: Dim, C2: Dim> Rule<OMatrix<T, D, D>, OMatrix<T, R2, C2>> for $op
        where
            DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
            ShapeConstraint: SameNumberOfRows<R2, D>,
        {
            type Y = OMatrix<T, R2, C2>;
            type Outcome = Maybe;
            type Memo = OMatrix<T, R2, C2>;

            #[inline]
            fn value(m: &OMatrix<T, D, D>, b: &OMatrix<T, R2, C2>) -> Option<Self::Y> {
                m.$method(b)
            }
            #[inline]
            fn memo(_: &OMatrix<T, D, D>, _: &OMatrix<T, R2, C2>, y: &Self::Y) -> Self::Memo {
                y.clone()
            }
            fn push_left(
                m: &OMatrix<T, D, D>,
                b: &OMatrix<T, R2, C2>,
                y: &Self::Memo,
                dot: &OMatrix<T, D, D>,
            ) -> Self::Y {
                let half = if $transposed { dot.$half().transpose() } else { dot.$half() };
                Self::push_right(m, b, y, &minus_product(&half, y))
            }
            #[inline]
            fn push_right(
                m: &OMatrix<T, D, D>,
                _: &OMatrix<T, R2, C2>,
                _: &Self::Memo,
                dot: &OMatrix<T, R2, C2>,
            ) -> Self::Y {
                m.$method(dot).expect("there is a solution of the same equations")
            }
            fn pull_left(
                m: &OMatrix<T, D, D>,
                _: &OMatrix<T, R2, C2>,
                y: &Self::Memo,
                seed: &Self::Y,
                to: &mut OMatrix<T, D, D>,
            ) {
                subtract::<$transposed, _, _, _, _>(to, &$back(m, seed), y, OMatrix::$half);
            }
            #[inline]
            fn pull_right(
                m: &OMatrix<T, D, D>,
                _: &OMatrix<T, R2, C2>,
                _: &Self::Memo,
                seed: &Self::Y,
                to: &mut OMatrix<T, R2, C2>,
            ) {
                to.__grad_accumulate(&$back(m, seed));
            }
            fn turn_left(
                turn: &Turn<'_, Self, OMatrix<T, D, D>, OMatrix<T, R2, C2>>,
                to: &mut OMatrix<T, D, D>,
            ) {
                let (m, b, y) = (turn.a, turn.b, turn.memo);
                let w = $back(m, turn.seed);
                let mut w_dot = turn.seed_dot.clone();
                let mut dots = [None, None];
                if let Some(m_dot) = turn.a_dot {
                    let half = if $transposed { m_dot.$half() } else { m_dot.$half().transpose() };
                    w_dot.__grad_accumulate(&minus_product(&half, &w));
                    dots[0] = Some(Self::push_left(m, b, y, m_dot));
                }
                if let Some(b_dot) = turn.b_dot {
                    dots[1] = Some(Self::push_right(m, b, y, b_dot));
                }
                subtract::<$transposed, _, _, _, _>(to, &$back(m, &w_dot), y, OMatrix::$half);
                for y_dot in dots.iter().flatten() {
                    subtract::<$transposed, _, _, _, _>(to, &w, y_dot, OMatrix::$half);
                }
            }
            fn turn_right(
                turn: &Turn<'_, Self, OMatrix<T, D, D>, OMatrix<T, R2, C2>>,
                to: &mut OMatrix<T, R2, C2>,
            ) {
                let mut w_dot = turn.seed_dot.clone();
                if let Some(m_dot) = turn.a_dot {
                    let half = if $transposed { m_dot.$half() } else { m_dot.$half().transpose() };
                    w_dot.__grad_accumulate(&minus_product(&half, &$back(turn.a, turn.seed)));
                }
                to.__grad_accumulate(&$back(turn.a, &w_dot));
            }
        }
    )*};
}

triangular! {
    SolveLowerTriangular solve_lower_triangular, back_of_lower, lower_triangle, false;
    SolveUpperTriangular solve_upper_triangular, back_of_upper, upper_triangle, false;
    TrSolveLowerTriangular tr_solve_lower_triangular, back_of_lower_transposed, lower_triangle, true;
    TrSolveUpperTriangular tr_solve_upper_triangular, back_of_upper_transposed, upper_triangle, true;
}

/// Where the cotangent of the right-hand side is a solution, too.
macro_rules! backs {
    ($($name:ident $method:ident;)*) => {$(
        #[inline]
        fn $name<T: Float, D: Dim, R2: Dim, C2: Dim>(
            m: &OMatrix<T, D, D>,
            seed: &OMatrix<T, R2, C2>,
        ) -> OMatrix<T, R2, C2>
        where
            DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
            ShapeConstraint: SameNumberOfRows<R2, D>,
        {
            m.$method(seed).expect("there is a solution of the transposed equations")
        }
    )*};
}

backs! {
    back_of_lower tr_solve_lower_triangular;
    back_of_upper tr_solve_upper_triangular;
    back_of_lower_transposed solve_lower_triangular;
    back_of_upper_transposed solve_upper_triangular;
}

/// Half of `to −= w yᵀ`, or of the transpose of that.
fn subtract<const TRANSPOSED: bool, T: Float, D: Dim, R2: Dim, C2: Dim>(
    to: &mut OMatrix<T, D, D>,
    w: &OMatrix<T, R2, C2>,
    y: &OMatrix<T, R2, C2>,
    half: impl FnOnce(&OMatrix<T, D, D>) -> OMatrix<T, D, D>,
) where
    DefaultAllocator: Allocator<D, D> + Allocator<R2, C2>,
{
    let (r, c) = to.shape_generic();
    let mut whole = OMatrix::zeros_generic(r, c);
    let (w, y) = if TRANSPOSED { (y, w) } else { (w, y) };
    subtract_outer(&mut whole, w, y);
    to.__grad_accumulate(&half(&whole));
}
