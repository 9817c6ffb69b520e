//! How is an operand passed, and what does a pullback take and keep of it?

use super::{Outcome, Rule, Value};
use crate::__private::{Gone, ZerosLike};
use core::borrow::Borrow;
use core::marker::PhantomData;

/// How an operand is passed: by value or by reference.
pub trait Passed: 'static {
    /// What it is.
    type Of: Value + ?Sized;
    /// The argument.
    type Arg<'a>;
    /// What the pullback keeps of it.
    type Kept: Clone;
    /// What the pullback takes for it.
    type Again<'a>;
    /// The argument's tangent.
    type Dot<'a, D: Clone + 'static>;
    /// What the pullback keeps of the tangent.
    type KeptDot<D: Clone + 'static>: Clone;
    /// What the pullback takes for the tangent.
    type DotAgain<'a, D: Clone + 'static>;
    /// What the pullback returns, of a cotangent.
    type Returned<D>;

    /// The value of an operation of which it is the first operand, and what is left of that for the derivatives.
    #[allow(clippy::type_complexity, reason = "a value and an operand")]
    fn value<'a, Op: Rule<Self::Of, B>, B: Value + ?Sized>(
        arg: Self::Arg<'a>,
        other: &B,
        other_is_asked_for: bool,
    ) -> <Op::Outcome as Outcome>::Of<(Op::Y, Self::Arg<'a>)> {
        let _ = other_is_asked_for;
        Op::Outcome::map(Op::value(Self::given(&arg), other), |y| (y, arg))
    }
    /// The same, of which the operand is left as it was.
    #[inline]
    fn value_beside<Op: Rule<Self::Of, B>, B: Value + ?Sized>(
        arg: &Self::Arg<'_>,
        other: &B,
    ) -> <Op::Outcome as Outcome>::Of<Op::Y> {
        Op::value(Self::given(arg), other)
    }
    /// The operand in the call.
    fn given<'s>(arg: &'s Self::Arg<'_>) -> &'s Self::Of;
    /// Kept after the call.
    fn keep(arg: Self::Arg<'_>) -> Self::Kept;
    /// The operand in the pullback.
    fn again<'s>(kept: &'s Self::Kept, again: &'s Self::Again<'_>) -> &'s Self::Of;
    /// The tangent in the call.
    fn dot<'s, D: Clone + 'static>(dot: &'s Self::Dot<'_, D>) -> &'s D;
    /// Kept after the call.
    fn keep_dot<D: Clone + 'static>(dot: Self::Dot<'_, D>) -> Self::KeptDot<D>;
    /// The tangent in the pullback.
    fn dot_again<'s, D: Clone + 'static>(
        kept: Option<&'s Self::KeptDot<D>>,
        again: Option<&'s Self::DotAgain<'_, D>>,
    ) -> Option<&'s D>;
    /// Adds the cotangent that follows from the result's, which nothing else needs, to the slot, or returns it.
    fn pull<Op: Rule<Self::Of, B>, B: Value + ?Sized>(
        (a, b): (&Self::Of, &B),
        memo: &Op::Memo,
        seed: <Op::Y as Value>::Tangent,
        slot: Option<&mut <Self::Of as Value>::Tangent>,
        active: bool,
    ) -> Self::Returned<<Self::Of as Value>::Tangent> {
        match slot {
            // The first to put something there.
            Some(slot) if active && a.is_fresh(slot) => {
                *slot = Op::left_of(a, b, memo, seed);
                Self::give(None, || a.__grad_zeros_like(), |_| {}, false)
            }
            slot => {
                Self::give(slot, || a.__grad_zeros_like(), |to| Op::pull_left(a, b, memo, &seed, to), active)
            }
        }
    }
    /// The same of the second operand.
    fn pull_right<Op: Rule<A, Self::Of>, A: Value + ?Sized>(
        (a, b): (&A, &Self::Of),
        memo: &Op::Memo,
        seed: &<Op::Y as Value>::Tangent,
        slot: Option<&mut <Self::Of as Value>::Tangent>,
        active: bool,
    ) -> Self::Returned<<Self::Of as Value>::Tangent> {
        let slot = slot.map(|slot| {
            if active && b.is_fresh(slot) {
                *slot = b.__grad_zeros_like();
            }
            slot
        });
        Self::give(slot, || b.__grad_zeros_like(), |to| Op::pull_right(a, b, memo, seed, to), active)
    }
    /// Adds to the slot, or returns what would be added.
    fn give<D>(
        slot: Option<&mut D>,
        zero: impl FnOnce() -> D,
        add: impl FnOnce(&mut D),
        active: bool,
    ) -> Self::Returned<D>;
}

/// A matrix by reference.
#[derive(Debug)]
pub struct Ref<M: ?Sized>(PhantomData<M>);

impl<M: Value + ?Sized> Passed for Ref<M> {
    type Of = M;
    type Arg<'a> = &'a M;
    type Kept = ();
    type Again<'a> = &'a M;
    type Dot<'a, D: Clone + 'static> = &'a D;
    type KeptDot<D: Clone + 'static> = ();
    type DotAgain<'a, D: Clone + 'static> = &'a D;
    type Returned<D> = ();

    #[inline]
    fn given<'s>(arg: &'s &M) -> &'s M {
        arg
    }
    #[inline]
    fn keep(_: &M) {}
    #[inline]
    fn again<'s>((): &'s (), again: &'s &M) -> &'s M {
        again
    }
    #[inline]
    fn dot<'s, D: Clone + 'static>(dot: &'s &D) -> &'s D {
        dot
    }
    #[inline]
    fn keep_dot<D: Clone + 'static>(_: &D) {}
    #[inline]
    fn dot_again<'s, D: Clone + 'static>(_: Option<&'s ()>, again: Option<&'s &D>) -> Option<&'s D> {
        again.map(|dot| &**dot)
    }
    #[inline]
    fn give<D>(slot: Option<&mut D>, _: impl FnOnce() -> D, add: impl FnOnce(&mut D), active: bool) {
        if let Some(slot) = slot
            && active
        {
            add(slot);
        }
    }
}

/// A matrix by value, which is looked at as a `V`.
#[derive(Debug)]
pub struct Owned<M, V: ?Sized = M>(PhantomData<M>, PhantomData<V>);

impl<M: Borrow<V> + Clone + 'static, V: Value<Own = M> + ?Sized> Passed for Owned<M, V> {
    type Of = V;
    type Arg<'a> = M;
    type Kept = M;
    type Again<'a> = Gone;
    type Dot<'a, D: Clone + 'static> = D;
    type KeptDot<D: Clone + 'static> = D;
    type DotAgain<'a, D: Clone + 'static> = Gone;
    type Returned<D> = ();

    #[inline]
    fn value<'a, Op: Rule<V, B>, B: Value + ?Sized>(
        arg: Self::Arg<'a>,
        other: &B,
        other_is_asked_for: bool,
    ) -> <Op::Outcome as Outcome>::Of<(Op::Y, Self::Arg<'a>)> {
        Op::value_of(arg, other, other_is_asked_for)
    }
    #[inline]
    fn value_beside<Op: Rule<V, B>, B: Value + ?Sized>(
        arg: &M,
        other: &B,
    ) -> <Op::Outcome as Outcome>::Of<Op::Y> {
        Op::Outcome::map(Op::value_of(arg.clone(), other, false), |(y, _)| y)
    }
    #[inline]
    fn given(arg: &M) -> &V {
        arg.borrow()
    }
    #[inline]
    fn keep(arg: M) -> M {
        arg
    }
    #[inline]
    fn again<'s>(kept: &'s M, _: &'s Gone) -> &'s V {
        kept.borrow()
    }
    #[inline]
    fn dot<D: Clone + 'static>(dot: &D) -> &D {
        dot
    }
    #[inline]
    fn keep_dot<D: Clone + 'static>(dot: D) -> D {
        dot
    }
    #[inline]
    fn dot_again<'s, D: Clone + 'static>(kept: Option<&'s D>, _: Option<&'s Gone>) -> Option<&'s D> {
        kept
    }
    #[inline]
    fn give<D>(slot: Option<&mut D>, zero: impl FnOnce() -> D, add: impl FnOnce(&mut D), active: bool) {
        Ref::<V>::give(slot, zero, add, active);
    }
}

/// A number by value, or nothing.
#[derive(Debug)]
pub struct Number<F>(PhantomData<F>);

impl<F: Value + Copy> Passed for Number<F> {
    type Of = F;
    type Arg<'a> = F;
    type Kept = ();
    type Again<'a> = F;
    type Dot<'a, D: Clone + 'static> = D;
    type KeptDot<D: Clone + 'static> = ();
    type DotAgain<'a, D: Clone + 'static> = D;
    type Returned<D> = D;

    #[inline]
    fn given(arg: &F) -> &F {
        arg
    }
    #[inline]
    fn keep(_: F) {}
    #[inline]
    fn again<'s>((): &'s (), again: &'s F) -> &'s F {
        again
    }
    #[inline]
    fn dot<D: Clone + 'static>(dot: &D) -> &D {
        dot
    }
    #[inline]
    fn keep_dot<D: Clone + 'static>(_: D) {}
    #[inline]
    fn dot_again<'s, D: Clone + 'static>(_: Option<&'s ()>, again: Option<&'s D>) -> Option<&'s D> {
        again
    }
    #[inline]
    fn give<D>(_: Option<&mut D>, zero: impl FnOnce() -> D, add: impl FnOnce(&mut D), active: bool) -> D {
        let mut returned = zero();
        if active {
            add(&mut returned);
        }
        returned
    }
}

/// A number by reference.
#[derive(Debug)]
pub struct NumberRef<F>(PhantomData<F>);

impl<F: Value + Copy> Passed for NumberRef<F> {
    type Of = F;
    type Arg<'a> = &'a F;
    type Kept = ();
    type Again<'a> = &'a F;
    type Dot<'a, D: Clone + 'static> = &'a D;
    type KeptDot<D: Clone + 'static> = ();
    type DotAgain<'a, D: Clone + 'static> = &'a D;
    type Returned<D> = D;

    #[inline]
    fn given<'s>(arg: &'s &F) -> &'s F {
        arg
    }
    #[inline]
    fn keep(_: &F) {}
    #[inline]
    fn again<'s>((): &'s (), again: &'s &F) -> &'s F {
        again
    }
    #[inline]
    fn dot<'s, D: Clone + 'static>(dot: &'s &D) -> &'s D {
        dot
    }
    #[inline]
    fn keep_dot<D: Clone + 'static>(_: &D) {}
    #[inline]
    fn dot_again<'s, D: Clone + 'static>(_: Option<&'s ()>, again: Option<&'s &D>) -> Option<&'s D> {
        again.map(|dot| &**dot)
    }
    #[inline]
    fn give<D>(slot: Option<&mut D>, zero: impl FnOnce() -> D, add: impl FnOnce(&mut D), active: bool) -> D {
        Number::<F>::give(slot, zero, add, active)
    }
}
