//! The derivatives of operations with two operands.

use super::{Outcome, Passed, Rule, Space, Turn, Value};
use crate::__private::{Accumulate, Activity, EachLane, ZerosLike};
use core::marker::PhantomData;

/// The derivatives of an operation with two operands.
pub struct Row<Op, A, B>(PhantomData<(Op, A, B)>);

super::forms!(Row<Op, A, B>);

pub(super) type Of<A> = <A as Passed>::Of;
pub(super) type Tan<A> = <Of<A> as Value>::Tangent;
pub(super) type ManyOf<A, const N: usize> = <Tan<A> as Space>::Lanes<N>;
pub(super) type Y<Op, A, B> = <Op as Rule<Of<A>, Of<B>>>::Y;
pub(super) type YDot<Op, A, B> = <Y<Op, A, B> as Value>::Tangent;
pub(super) type ManyY<Op, A, B, const N: usize> = <YDot<Op, A, B> as Space>::Lanes<N>;
pub(super) type Out<Op, A, B, T> = <<Op as Rule<Of<A>, Of<B>>>::Outcome as Outcome>::Of<T>;
pub(super) type LanesOf<V, const N: usize> = <<V as Value>::Tangent as Space>::Lanes<N>;
pub(super) type Memo<Op, A, B> = <Op as Rule<Of<A>, Of<B>>>::Memo;

/// The tangent of the result: both operands' parts.
fn push<Op: Rule<A, B>, A: Value + ?Sized, B: Value + ?Sized>(
    (a, b): (&A, &B),
    (y, memo): (&Op::Y, &Op::Memo),
    a_dot: Option<&A::Tangent>,
    b_dot: Option<&B::Tangent>,
) -> <Op::Y as Value>::Tangent {
    match (a_dot, b_dot) {
        (None, None) => y.__grad_zeros_like(),
        (Some(a_dot), None) => Op::push_left(a, b, memo, a_dot),
        (None, Some(b_dot)) => Op::push_right(a, b, memo, b_dot),
        (Some(a_dot), Some(b_dot)) => {
            let mut y_dot = Op::push_left(a, b, memo, a_dot);
            y_dot.__grad_accumulate(&Op::push_right(a, b, memo, b_dot));
            y_dot
        }
    }
}

fn push_n<Op: Rule<A, B>, A: Value + ?Sized, B: Value + ?Sized, const N: usize>(
    (a, b): (&A, &B),
    (y, memo): (&Op::Y, &Op::Memo),
    a_dot: Option<&LanesOf<A, N>>,
    b_dot: Option<&LanesOf<B, N>>,
) -> LanesOf<Op::Y, N> {
    let mut lanes = y.lanes::<N>();
    for k in 0..N {
        let (a_dot, b_dot) = (a_dot.map(|dot| dot.lane(k)), b_dot.map(|dot| dot.lane(k)));
        lanes.set_lane(k, &push::<Op, A, B>((a, b), (y, memo), a_dot.as_ref(), b_dot.as_ref()));
    }
    lanes
}

/// Adds to every lane what `add` adds to one.
fn add_each<L: EachLane, const N: usize>(to: &mut L, mut add: impl FnMut(usize, &mut L::One)) {
    for k in 0..N {
        let mut one = to.lane(k);
        add(k, &mut one);
        to.set_lane(k, &one);
    }
}

// The forms have the names and the arguments that `emit/protocol.rs` of the compiler gives those of a function.
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
impl<Op, A, B> Row<Op, A, B>
where
    Op: Rule<Of<A>, Of<B>> + 'static,
    A: Passed,
    B: Passed,
{
    /// Whatever is differentiated.
    #[inline]
    pub fn takes<M0: Activity, M1: Activity>(self, _: M0, _: M1) {}

    /// Both sweeps.
    #[inline]
    pub fn at_once<M0: Activity, M1: Activity>(
        self,
        a: A::Arg<'_>,
        b: B::Arg<'_>,
        _: M0,
        _: M1,
        seed: YDot<Op, A, B>,
        a_bar: Option<&mut Tan<A>>,
        b_bar: Option<&mut Tan<B>>,
    ) -> Out<Op, A, B, (Y<Op, A, B>, (A::Returned<Tan<A>>, B::Returned<Tan<B>>))> {
        Op::Outcome::map(A::value::<Op, _>(a, B::given(&b), M1::ACTIVE), |(y, a)| {
            let (x, z) = (A::given(&a), B::given(&b));
            let memo = Op::memo(x, z, &y);
            let returned = pull::<Op, A, B, M0, M1>(x, z, &memo, seed, a_bar, b_bar);
            (y, returned)
        })
    }

    /// Value and pullback.
    #[inline]
    pub fn forward<'a, 'b, M0: Activity, M1: Activity>(
        self,
        a: A::Arg<'a>,
        b: B::Arg<'b>,
        _: M0,
        _: M1,
    ) -> Out<
        Op,
        A,
        B,
        (
            Y<Op, A, B>,
            impl FnOnce(
                A::Again<'_>,
                B::Again<'_>,
                YDot<Op, A, B>,
                Option<&mut Tan<A>>,
                Option<&mut Tan<B>>,
            ) -> (A::Returned<Tan<A>>, B::Returned<Tan<B>>)
            + Clone
            + use<Op, A, B, M0, M1>,
        ),
    > {
        Op::Outcome::map(A::value::<Op, _>(a, B::given(&b), M1::ACTIVE), |(y, a)| {
            let memo: Memo<Op, A, B> = Op::memo(A::given(&a), B::given(&b), &y);
            let kept = (A::keep(a), B::keep(b));
            let pullback = move |a: A::Again<'_>,
                                 b: B::Again<'_>,
                                 seed: YDot<Op, A, B>,
                                 a_bar: Option<&mut Tan<A>>,
                                 b_bar: Option<&mut Tan<B>>| {
                let (a, b) = (A::again(&kept.0, &a), B::again(&kept.1, &b));
                pull::<Op, A, B, M0, M1>(a, b, &memo, seed, a_bar, b_bar)
            };
            (y, pullback)
        })
    }

    /// Value and tangent.
    #[inline]
    pub fn tangent(
        self,
        a: A::Arg<'_>,
        b: B::Arg<'_>,
        a_dot: Option<A::Dot<'_, Tan<A>>>,
        b_dot: Option<B::Dot<'_, Tan<B>>>,
    ) -> Out<Op, A, B, (Y<Op, A, B>, YDot<Op, A, B>)> {
        let y = A::value_beside::<Op, _>(&a, B::given(&b));
        let (a, b) = (A::given(&a), B::given(&b));
        Op::Outcome::map(y, |y| {
            let memo = Op::memo(a, b, &y);
            let (a_dot, b_dot) = (a_dot.as_ref().map(A::dot), b_dot.as_ref().map(B::dot));
            let y_dot = push::<Op, _, _>((a, b), (&y, &memo), a_dot, b_dot);
            (y, y_dot)
        })
    }

    /// Value and tangents side by side.
    #[inline]
    pub fn tangent_n<const N: usize>(
        self,
        a: A::Arg<'_>,
        b: B::Arg<'_>,
        a_dot: Option<A::Dot<'_, ManyOf<A, N>>>,
        b_dot: Option<B::Dot<'_, ManyOf<B, N>>>,
    ) -> Out<Op, A, B, (Y<Op, A, B>, ManyY<Op, A, B, N>)> {
        let y = A::value_beside::<Op, _>(&a, B::given(&b));
        let (a, b) = (A::given(&a), B::given(&b));
        Op::Outcome::map(y, |y| {
            let memo = Op::memo(a, b, &y);
            let (a_dot, b_dot) = (a_dot.as_ref().map(A::dot), b_dot.as_ref().map(B::dot));
            let y_dot = push_n::<Op, _, _, N>((a, b), (&y, &memo), a_dot, b_dot);
            (y, y_dot)
        })
    }

    /// Value, tangent and the pullback of both.
    #[inline]
    pub fn forward_2<'a, 'b, M0: Activity, M1: Activity>(
        self,
        a: A::Arg<'a>,
        b: B::Arg<'b>,
        a_dot: Option<A::Dot<'a, Tan<A>>>,
        b_dot: Option<B::Dot<'b, Tan<B>>>,
        _: M0,
        _: M1,
    ) -> Out<
        Op,
        A,
        B,
        (
            Y<Op, A, B>,
            YDot<Op, A, B>,
            impl FnOnce(
                A::Again<'_>,
                B::Again<'_>,
                Option<A::DotAgain<'_, Tan<A>>>,
                Option<B::DotAgain<'_, Tan<B>>>,
                YDot<Op, A, B>,
                YDot<Op, A, B>,
                Option<&mut Tan<A>>,
                Option<&mut Tan<B>>,
                Option<&mut Tan<A>>,
                Option<&mut Tan<B>>,
            ) -> (
                (A::Returned<Tan<A>>, B::Returned<Tan<B>>),
                (A::Returned<Tan<A>>, B::Returned<Tan<B>>),
            ) + Clone
            + use<Op, A, B, M0, M1>,
        ),
    > {
        let y = A::value_beside::<Op, _>(&a, B::given(&b));
        Op::Outcome::map(y, |y| {
            let (x, z) = (A::given(&a), B::given(&b));
            let memo: Memo<Op, A, B> = Op::memo(x, z, &y);
            let dots = (a_dot.as_ref().map(A::dot), b_dot.as_ref().map(B::dot));
            let y_dot = push::<Op, _, _>((x, z), (&y, &memo), dots.0, dots.1);
            let kept = (A::keep(a), B::keep(b));
            let kept_dots = (a_dot.map(A::keep_dot), b_dot.map(B::keep_dot));
            let pullback = move |a: A::Again<'_>,
                                 b: B::Again<'_>,
                                 a_dot: Option<A::DotAgain<'_, Tan<A>>>,
                                 b_dot: Option<B::DotAgain<'_, Tan<B>>>,
                                 seed: YDot<Op, A, B>,
                                 seed_dot: YDot<Op, A, B>,
                                 a_bar: Option<&mut Tan<A>>,
                                 b_bar: Option<&mut Tan<B>>,
                                 a_bar_dot: Option<&mut Tan<A>>,
                                 b_bar_dot: Option<&mut Tan<B>>| {
                let (a, b) = (A::again(&kept.0, &a), B::again(&kept.1, &b));
                let turn = Turn {
                    a,
                    b,
                    memo: &memo,
                    a_dot: A::dot_again(kept_dots.0.as_ref(), a_dot.as_ref()),
                    b_dot: B::dot_again(kept_dots.1.as_ref(), b_dot.as_ref()),
                    seed: &seed,
                    seed_dot: &seed_dot,
                };
                let turned = (
                    A::give(a_bar_dot, || a.__grad_zeros_like(), |to| Op::turn_left(&turn, to), M0::ACTIVE),
                    B::give(b_bar_dot, || b.__grad_zeros_like(), |to| Op::turn_right(&turn, to), M1::ACTIVE),
                );
                (pull::<Op, A, B, M0, M1>(a, b, &memo, seed, a_bar, b_bar), turned)
            };
            (y, y_dot, pullback)
        })
    }

    /// Value, tangents side by side, and the pullback of all.
    #[inline]
    pub fn forward_2_n<'a, 'b, M0: Activity, M1: Activity, const N: usize>(
        self,
        a: A::Arg<'a>,
        b: B::Arg<'b>,
        a_dot: Option<A::Dot<'a, ManyOf<A, N>>>,
        b_dot: Option<B::Dot<'b, ManyOf<B, N>>>,
        _: M0,
        _: M1,
    ) -> Out<
        Op,
        A,
        B,
        (
            Y<Op, A, B>,
            ManyY<Op, A, B, N>,
            impl FnOnce(
                A::Again<'_>,
                B::Again<'_>,
                Option<A::DotAgain<'_, ManyOf<A, N>>>,
                Option<B::DotAgain<'_, ManyOf<B, N>>>,
                YDot<Op, A, B>,
                ManyY<Op, A, B, N>,
                Option<&mut Tan<A>>,
                Option<&mut Tan<B>>,
                Option<&mut ManyOf<A, N>>,
                Option<&mut ManyOf<B, N>>,
            ) -> (
                (A::Returned<Tan<A>>, B::Returned<Tan<B>>),
                (A::Returned<ManyOf<A, N>>, B::Returned<ManyOf<B, N>>),
            ) + Clone
            + use<Op, A, B, M0, M1, N>,
        ),
    > {
        let y = A::value_beside::<Op, _>(&a, B::given(&b));
        Op::Outcome::map(y, |y| {
            let (x, z) = (A::given(&a), B::given(&b));
            let memo: Memo<Op, A, B> = Op::memo(x, z, &y);
            let dots = (a_dot.as_ref().map(A::dot), b_dot.as_ref().map(B::dot));
            let y_dot = push_n::<Op, _, _, N>((x, z), (&y, &memo), dots.0, dots.1);
            let kept = (A::keep(a), B::keep(b));
            let kept_dots = (a_dot.map(A::keep_dot), b_dot.map(B::keep_dot));
            let pullback = move |a: A::Again<'_>,
                                 b: B::Again<'_>,
                                 a_dot: Option<A::DotAgain<'_, ManyOf<A, N>>>,
                                 b_dot: Option<B::DotAgain<'_, ManyOf<B, N>>>,
                                 seed: YDot<Op, A, B>,
                                 seed_dot: ManyY<Op, A, B, N>,
                                 a_bar: Option<&mut Tan<A>>,
                                 b_bar: Option<&mut Tan<B>>,
                                 a_bar_dot: Option<&mut ManyOf<A, N>>,
                                 b_bar_dot: Option<&mut ManyOf<B, N>>| {
                let (a, b) = (A::again(&kept.0, &a), B::again(&kept.1, &b));
                let a_dot = A::dot_again(kept_dots.0.as_ref(), a_dot.as_ref());
                let b_dot = B::dot_again(kept_dots.1.as_ref(), b_dot.as_ref());
                let turned = |k: usize, turned: &mut dyn FnMut(&Turn<'_, Op, Of<A>, Of<B>>)| {
                    let (a_dot, b_dot) = (a_dot.map(|dot| dot.lane(k)), b_dot.map(|dot| dot.lane(k)));
                    turned(&Turn {
                        a,
                        b,
                        memo: &memo,
                        a_dot: a_dot.as_ref(),
                        b_dot: b_dot.as_ref(),
                        seed: &seed,
                        seed_dot: &seed_dot.lane(k),
                    });
                };
                let left = |to: &mut ManyOf<A, N>| {
                    add_each::<_, N>(to, |k, one| turned(k, &mut |turn| Op::turn_left(turn, one)));
                };
                let right = |to: &mut ManyOf<B, N>| {
                    add_each::<_, N>(to, |k, one| turned(k, &mut |turn| Op::turn_right(turn, one)));
                };
                let turned = (
                    A::give(a_bar_dot, || a.lanes(), left, M0::ACTIVE),
                    B::give(b_bar_dot, || b.lanes(), right, M1::ACTIVE),
                );
                (pull::<Op, A, B, M0, M1>(a, b, &memo, seed, a_bar, b_bar), turned)
            };
            (y, y_dot, pullback)
        })
    }
}

/// The reverse sweep.
#[inline]
#[allow(clippy::type_complexity, reason = "what a pullback returns")]
fn pull<Op, A, B, M0, M1>(
    a: &Of<A>,
    b: &Of<B>,
    memo: &Memo<Op, A, B>,
    seed: YDot<Op, A, B>,
    a_bar: Option<&mut Tan<A>>,
    b_bar: Option<&mut Tan<B>>,
) -> (A::Returned<Tan<A>>, B::Returned<Tan<B>>)
where
    Op: Rule<Of<A>, Of<B>>,
    A: Passed,
    B: Passed,
    M0: Activity,
    M1: Activity,
{
    let right = B::pull_right::<Op, _>((a, b), memo, &seed, b_bar, M1::ACTIVE);
    (A::pull::<Op, _>((a, b), memo, seed, a_bar, M0::ACTIVE), right)
}
