//! The derivatives of operations with one operand that may have no result: `None` instead of the whole answer.

use super::{ManyOf, ManyY, Number, Of, Passed, Rule, Space, Turn, Y, add_each, push, push_n};
use crate::__private::{Activity, EachLane, ZerosLike};
use core::marker::PhantomData;

/// The value of such an operation: its rule is asked for derivatives where there is one.
pub trait Attempt<A: Space>: Rule<A, ()> {
    /// The value, bit for bit that of the library.
    fn attempt(a: &A) -> Option<Self::Y>;
}

/// The derivatives of an operation that may have no result.
pub struct Failing<Op, A>(PhantomData<(Op, A)>);

super::forms!(Failing<Op, A>);

type Y1<Op, A> = Y<Op, A, Number<()>>;

#[allow(clippy::type_complexity)]
impl<Op, A> Failing<Op, A>
where
    Op: Attempt<Of<A>> + 'static,
    A: Passed,
{
    /// Whatever is differentiated.
    #[inline]
    pub fn takes<M: Activity>(self, _: M) {}

    /// Both sweeps.
    #[inline]
    pub fn at_once<M: Activity>(
        self,
        a: A::Arg<'_>,
        _: M,
        seed: Y1<Op, A>,
        a_bar: Option<&mut Of<A>>,
    ) -> Option<(Y1<Op, A>, (A::Returned<Of<A>>,))> {
        let a = A::given(&a);
        let y = Op::attempt(a)?;
        let memo = Op::memo(a, &(), &y);
        let pull = |to: &mut Of<A>| Op::pull_left(a, &(), &memo, &seed, to);
        let returned = A::give(a_bar, || a.__grad_zeros_like(), pull, M::ACTIVE);
        Some((y, (returned,)))
    }

    /// Value and pullback.
    #[inline]
    pub fn forward<'a, M: Activity>(
        self,
        a: A::Arg<'a>,
        _: M,
    ) -> Option<(
        Y1<Op, A>,
        impl FnOnce(A::Again<'_>, Y1<Op, A>, Option<&mut Of<A>>) -> (A::Returned<Of<A>>,) + Clone + use<Op, A, M>,
    )> {
        let y = Op::attempt(A::given(&a))?;
        let memo: <Op as Rule<Of<A>, ()>>::Memo = Op::memo(A::given(&a), &(), &y);
        let kept = A::keep(a);
        let pullback = move |a: A::Again<'_>, seed: Y1<Op, A>, a_bar: Option<&mut Of<A>>| {
            let a = A::again(&kept, &a);
            let pull = |to: &mut Of<A>| Op::pull_left(a, &(), &memo, &seed, to);
            (A::give(a_bar, || a.__grad_zeros_like(), pull, M::ACTIVE),)
        };
        Some((y, pullback))
    }

    /// Value and tangent.
    #[inline]
    pub fn tangent(self, a: A::Arg<'_>, a_dot: Option<A::Dot<'_, Of<A>>>) -> Option<(Y1<Op, A>, Y1<Op, A>)> {
        let a = A::given(&a);
        let y = Op::attempt(a)?;
        let memo = Op::memo(a, &(), &y);
        let y_dot = push::<Op, _, _>((a, &()), (&y, &memo), a_dot.as_ref().map(A::dot), None);
        Some((y, y_dot))
    }

    /// Value and tangents side by side.
    #[inline]
    pub fn tangent_n<const N: usize>(
        self,
        a: A::Arg<'_>,
        a_dot: Option<A::Dot<'_, ManyOf<A, N>>>,
    ) -> Option<(Y1<Op, A>, ManyY<Op, A, Number<()>, N>)> {
        let a = A::given(&a);
        let y = Op::attempt(a)?;
        let memo = Op::memo(a, &(), &y);
        let y_dot = push_n::<Op, _, _, N>((a, &()), (&y, &memo), a_dot.as_ref().map(A::dot), None);
        Some((y, y_dot))
    }

    /// Value, tangent and the pullback of both.
    #[inline]
    pub fn forward_2<'a, M: Activity>(
        self,
        a: A::Arg<'a>,
        a_dot: Option<A::Dot<'a, Of<A>>>,
        _: M,
    ) -> Option<(
        Y1<Op, A>,
        Y1<Op, A>,
        impl FnOnce(
            A::Again<'_>,
            Option<A::DotAgain<'_, Of<A>>>,
            Y1<Op, A>,
            Y1<Op, A>,
            Option<&mut Of<A>>,
            Option<&mut Of<A>>,
        ) -> ((A::Returned<Of<A>>,), (A::Returned<Of<A>>,))
        + Clone
        + use<Op, A, M>,
    )> {
        let x = A::given(&a);
        let y = Op::attempt(x)?;
        let memo: <Op as Rule<Of<A>, ()>>::Memo = Op::memo(x, &(), &y);
        let y_dot = push::<Op, _, _>((x, &()), (&y, &memo), a_dot.as_ref().map(A::dot), None);
        let (kept, kept_dot) = (A::keep(a), a_dot.map(A::keep_dot));
        let pullback = move |a: A::Again<'_>,
                             a_dot: Option<A::DotAgain<'_, Of<A>>>,
                             seed: Y1<Op, A>,
                             seed_dot: Y1<Op, A>,
                             a_bar: Option<&mut Of<A>>,
                             a_bar_dot: Option<&mut Of<A>>| {
            let a = A::again(&kept, &a);
            let a_dot = A::dot_again(kept_dot.as_ref(), a_dot.as_ref());
            let turn = Turn { a, b: &(), memo: &memo, a_dot, b_dot: None, seed: &seed, seed_dot: &seed_dot };
            let pull = |to: &mut Of<A>| Op::pull_left(a, &(), &memo, &seed, to);
            let returned = A::give(a_bar, || a.__grad_zeros_like(), pull, M::ACTIVE);
            let turned =
                A::give(a_bar_dot, || a.__grad_zeros_like(), |to| Op::turn_left(&turn, to), M::ACTIVE);
            ((returned,), (turned,))
        };
        Some((y, y_dot, pullback))
    }

    /// Value, tangents side by side, and the pullback of all.
    #[inline]
    pub fn forward_2_n<'a, M: Activity, const N: usize>(
        self,
        a: A::Arg<'a>,
        a_dot: Option<A::Dot<'a, ManyOf<A, N>>>,
        _: M,
    ) -> Option<(
        Y1<Op, A>,
        ManyY<Op, A, Number<()>, N>,
        impl FnOnce(
            A::Again<'_>,
            Option<A::DotAgain<'_, ManyOf<A, N>>>,
            Y1<Op, A>,
            ManyY<Op, A, Number<()>, N>,
            Option<&mut Of<A>>,
            Option<&mut ManyOf<A, N>>,
        ) -> ((A::Returned<Of<A>>,), (A::Returned<ManyOf<A, N>>,))
        + Clone
        + use<Op, A, M, N>,
    )> {
        let x = A::given(&a);
        let y = Op::attempt(x)?;
        let memo: <Op as Rule<Of<A>, ()>>::Memo = Op::memo(x, &(), &y);
        let y_dot = push_n::<Op, _, _, N>((x, &()), (&y, &memo), a_dot.as_ref().map(A::dot), None);
        let (kept, kept_dot) = (A::keep(a), a_dot.map(A::keep_dot));
        let pullback = move |a: A::Again<'_>,
                             a_dot: Option<A::DotAgain<'_, ManyOf<A, N>>>,
                             seed: Y1<Op, A>,
                             seed_dot: ManyY<Op, A, Number<()>, N>,
                             a_bar: Option<&mut Of<A>>,
                             a_bar_dot: Option<&mut ManyOf<A, N>>| {
            let a = A::again(&kept, &a);
            let a_dot = A::dot_again(kept_dot.as_ref(), a_dot.as_ref());
            let turn_each = |to: &mut ManyOf<A, N>| {
                add_each::<_, N>(to, |k, one| {
                    let a_dot = a_dot.map(|dot| dot.lane(k));
                    let seed_dot = seed_dot.lane(k);
                    let turn = Turn {
                        a,
                        b: &(),
                        memo: &memo,
                        a_dot: a_dot.as_ref(),
                        b_dot: None,
                        seed: &seed,
                        seed_dot: &seed_dot,
                    };
                    Op::turn_left(&turn, one);
                });
            };
            let pull = |to: &mut Of<A>| Op::pull_left(a, &(), &memo, &seed, to);
            let returned = A::give(a_bar, || a.__grad_zeros_like(), pull, M::ACTIVE);
            let turned = A::give(a_bar_dot, || a.lanes(), turn_each, M::ACTIVE);
            ((returned,), (turned,))
        };
        Some((y, y_dot, pullback))
    }
}
