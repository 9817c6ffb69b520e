//! The mathematics of an operation.

use super::{Always, Outcome, Space, Straight, Value};
use core::borrow::Borrow;

/// The value of an operation, and its derivatives with respect to each operand.
pub trait Rule<A: Value + ?Sized, B: Value + ?Sized> {
    /// The result.
    type Y: Value;
    /// Whether there is always one.
    type Outcome: Outcome;
    /// What the derivatives read beside the operands.
    type Memo: Clone;

    /// The value, bit for bit that of the library.
    fn value(a: &A, b: &B) -> <Self::Outcome as Outcome>::Of<Self::Y>;
    /// The same of a first operand that was moved into the operation, and what is left of that for the derivatives: with respect to
    /// the second operand, too, or not.
    #[inline]
    fn value_of(a: A::Own, b: &B, right: bool) -> <Self::Outcome as Outcome>::Of<(Self::Y, A::Own)> {
        let _ = right;
        Self::Outcome::map(Self::value(a.borrow(), b), |y| (y, a))
    }
    /// See [`Rule::Memo`].
    fn memo(a: &A, b: &B, y: &Self::Y) -> Self::Memo;
    /// The tangent of the result along one of `a`.
    fn push_left(a: &A, b: &B, memo: &Self::Memo, dot: &A::Tangent) -> <Self::Y as Value>::Tangent;
    /// The same of `b`.
    fn push_right(a: &A, b: &B, memo: &Self::Memo, dot: &B::Tangent) -> <Self::Y as Value>::Tangent;
    /// Adds the cotangent of `a` of the result's.
    fn pull_left(a: &A, b: &B, memo: &Self::Memo, seed: &<Self::Y as Value>::Tangent, to: &mut A::Tangent);
    /// The same where nothing is there yet to add it to, by the last who needs the result's cotangent.
    #[inline]
    fn left_of(a: &A, b: &B, memo: &Self::Memo, seed: <Self::Y as Value>::Tangent) -> A::Tangent {
        let mut to = a.__grad_zeros_like();
        Self::pull_left(a, b, memo, &seed, &mut to);
        to
    }
    /// The same of `b`.
    fn pull_right(a: &A, b: &B, memo: &Self::Memo, seed: &<Self::Y as Value>::Tangent, to: &mut B::Tangent);
    /// Adds the tangent of what [`Rule::pull_left`] adds.
    fn turn_left(turn: &Turn<'_, Self, A, B>, to: &mut A::Tangent);
    /// The same of `b`.
    fn turn_right(turn: &Turn<'_, Self, A, B>, to: &mut B::Tangent);
}

/// Where the tangents of cotangents are asked for.
pub struct Turn<'t, Op: Rule<A, B> + ?Sized, A: Value + ?Sized, B: Value + ?Sized> {
    /// The first operand.
    pub a: &'t A,
    /// The second operand.
    pub b: &'t B,
    /// Of the rule.
    pub memo: &'t Op::Memo,
    /// The tangent of `a`, if it has one.
    pub a_dot: Option<&'t A::Tangent>,
    /// The tangent of `b`, if it has one.
    pub b_dot: Option<&'t B::Tangent>,
    /// The cotangent of the result.
    pub seed: &'t <Op::Y as Value>::Tangent,
    /// Its tangent.
    pub seed_dot: &'t <Op::Y as Value>::Tangent,
}

/// Linear in each operand: the derivative along one is the operation itself, and that of a cotangent follows. An operation with
/// one operand that is linear in it is one, with nothing as the second.
pub trait Bilinear<A: Straight + ?Sized, B: Straight + ?Sized> {
    /// The result.
    type Y: Space;

    /// The value.
    fn value(a: &A, b: &B) -> Self::Y;
    /// Adds the cotangent of `a`, which is linear in `b` and in the seed.
    fn left(b: &B, seed: &Self::Y, to: &mut A::Tangent);
    /// Adds the cotangent of `b`, which is linear in `a` and in the seed.
    fn right(a: &A, seed: &Self::Y, to: &mut B::Tangent);
    /// The cotangent of `a`, where nothing is there yet to add it to.
    #[inline]
    fn left_of(a: &A, b: &B, seed: &Self::Y) -> A::Tangent {
        let mut to = a.__grad_zeros_like();
        Self::left(b, seed, &mut to);
        to
    }
}

/// That the operation is linear in each operand where the first is an `A`. It is said by hand, so that rustc knows of which operands it
/// is not: there, a rule of its own may be for any float.
pub trait LinearIn<A: ?Sized> {}

impl<Op, A, B> Rule<A, B> for Op
where
    Op: Bilinear<A, B> + LinearIn<A>,
    A: Straight + ?Sized,
    B: Straight + ?Sized,
{
    type Y = Op::Y;
    type Outcome = Always;
    type Memo = ();

    #[inline]
    fn value(a: &A, b: &B) -> Op::Y {
        <Op as Bilinear<A, B>>::value(a, b)
    }
    #[inline]
    fn memo(_: &A, _: &B, _: &Op::Y) {}
    #[inline]
    fn push_left(_: &A, b: &B, (): &(), dot: &A::Tangent) -> Op::Y {
        <Op as Bilinear<A, B>>::value(A::of_tangent(dot), b)
    }
    #[inline]
    fn push_right(a: &A, _: &B, (): &(), dot: &B::Tangent) -> Op::Y {
        <Op as Bilinear<A, B>>::value(a, B::of_tangent(dot))
    }
    #[inline]
    fn pull_left(_: &A, b: &B, (): &(), seed: &Op::Y, to: &mut A::Tangent) {
        Op::left(b, seed, to);
    }
    #[inline]
    fn left_of(a: &A, b: &B, (): &(), seed: Op::Y) -> A::Tangent {
        <Op as Bilinear<A, B>>::left_of(a, b, &seed)
    }
    #[inline]
    fn pull_right(a: &A, _: &B, (): &(), seed: &Op::Y, to: &mut B::Tangent) {
        Op::right(a, seed, to);
    }
    #[inline]
    fn turn_left(turn: &Turn<'_, Op, A, B>, to: &mut A::Tangent) {
        Op::left(turn.b, turn.seed_dot, to);
        if let Some(b_dot) = turn.b_dot {
            Op::left(B::of_tangent(b_dot), turn.seed, to);
        }
    }
    #[inline]
    fn turn_right(turn: &Turn<'_, Op, A, B>, to: &mut B::Tangent) {
        Op::right(turn.a, turn.seed_dot, to);
        if let Some(a_dot) = turn.a_dot {
            Op::right(A::of_tangent(a_dot), turn.seed, to);
        }
    }
}
