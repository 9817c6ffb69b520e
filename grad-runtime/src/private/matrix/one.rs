//! The derivatives of operations with one operand.

use super::row::{ManyOf, ManyY, Of, Out, Tan, Y, YDot};
use super::{Number, Outcome, Passed, Row, Rule};
use crate::__private::{Activity, Constant};
use core::marker::PhantomData;

/// The derivatives of an operation with one operand: those of two, of which the second is nothing.
pub struct Row1<Op, A>(PhantomData<(Op, A)>);

super::forms!(Row1<Op, A>);

type Two<Op, A> = Row<Op, A, Number<()>>;

#[allow(clippy::type_complexity)]
impl<Op, A> Row1<Op, A>
where
    Op: Rule<Of<A>, ()> + 'static,
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
        marker: M,
        seed: YDot<Op, A, Number<()>>,
        a_bar: Option<&mut Tan<A>>,
    ) -> Out<Op, A, Number<()>, (Y<Op, A, Number<()>>, (A::Returned<Tan<A>>,))> {
        let outcome = Two::<Op, A>::ROW.at_once(a, (), marker, Constant, seed, a_bar, None);
        Op::Outcome::map(outcome, |(y, (returned, ()))| (y, (returned,)))
    }

    /// Value and pullback.
    #[inline]
    pub fn forward<'a, M: Activity>(
        self,
        a: A::Arg<'a>,
        marker: M,
    ) -> Out<
        Op,
        A,
        Number<()>,
        (
            Y<Op, A, Number<()>>,
            impl FnOnce(A::Again<'_>, YDot<Op, A, Number<()>>, Option<&mut Tan<A>>) -> (A::Returned<Tan<A>>,)
            + Clone
            + use<Op, A, M>,
        ),
    > {
        Op::Outcome::map(Two::<Op, A>::ROW.forward(a, (), marker, Constant), |(y, pullback)| {
            let pullback =
                move |a: A::Again<'_>, seed: YDot<Op, A, Number<()>>, a_bar: Option<&mut Tan<A>>| {
                    let (returned, ()) = pullback(a, (), seed, a_bar, None);
                    (returned,)
                };
            (y, pullback)
        })
    }

    /// Value and tangent.
    #[inline]
    pub fn tangent(
        self,
        a: A::Arg<'_>,
        a_dot: Option<A::Dot<'_, Tan<A>>>,
    ) -> Out<Op, A, Number<()>, (Y<Op, A, Number<()>>, YDot<Op, A, Number<()>>)> {
        Two::<Op, A>::ROW.tangent(a, (), a_dot, None)
    }

    /// Value and tangents side by side.
    #[inline]
    pub fn tangent_n<const N: usize>(
        self,
        a: A::Arg<'_>,
        a_dot: Option<A::Dot<'_, ManyOf<A, N>>>,
    ) -> Out<Op, A, Number<()>, (Y<Op, A, Number<()>>, ManyY<Op, A, Number<()>, N>)> {
        Two::<Op, A>::ROW.tangent_n::<N>(a, (), a_dot, None)
    }

    /// Value, tangent and the pullback of both.
    #[inline]
    pub fn forward_2<'a, M: Activity>(
        self,
        a: A::Arg<'a>,
        a_dot: Option<A::Dot<'a, Tan<A>>>,
        marker: M,
    ) -> Out<
        Op,
        A,
        Number<()>,
        (
            Y<Op, A, Number<()>>,
            YDot<Op, A, Number<()>>,
            impl FnOnce(
                A::Again<'_>,
                Option<A::DotAgain<'_, Tan<A>>>,
                YDot<Op, A, Number<()>>,
                YDot<Op, A, Number<()>>,
                Option<&mut Tan<A>>,
                Option<&mut Tan<A>>,
            ) -> ((A::Returned<Tan<A>>,), (A::Returned<Tan<A>>,))
            + Clone
            + use<Op, A, M>,
        ),
    > {
        let outcome = Two::<Op, A>::ROW.forward_2(a, (), a_dot, None, marker, Constant);
        Op::Outcome::map(outcome, |(y, y_dot, pullback)| {
            let pullback = move |a: A::Again<'_>,
                                 a_dot: Option<A::DotAgain<'_, Tan<A>>>,
                                 seed: YDot<Op, A, Number<()>>,
                                 seed_dot: YDot<Op, A, Number<()>>,
                                 a_bar: Option<&mut Tan<A>>,
                                 a_bar_dot: Option<&mut Tan<A>>| {
                let ((returned, ()), (turned, ())) =
                    pullback(a, (), a_dot, None, seed, seed_dot, a_bar, None, a_bar_dot, None);
                ((returned,), (turned,))
            };
            (y, y_dot, pullback)
        })
    }

    /// Value, tangents side by side, and the pullback of all.
    #[inline]
    pub fn forward_2_n<'a, M: Activity, const N: usize>(
        self,
        a: A::Arg<'a>,
        a_dot: Option<A::Dot<'a, ManyOf<A, N>>>,
        marker: M,
    ) -> Out<
        Op,
        A,
        Number<()>,
        (
            Y<Op, A, Number<()>>,
            ManyY<Op, A, Number<()>, N>,
            impl FnOnce(
                A::Again<'_>,
                Option<A::DotAgain<'_, ManyOf<A, N>>>,
                YDot<Op, A, Number<()>>,
                ManyY<Op, A, Number<()>, N>,
                Option<&mut Tan<A>>,
                Option<&mut ManyOf<A, N>>,
            ) -> ((A::Returned<Tan<A>>,), (A::Returned<ManyOf<A, N>>,))
            + Clone
            + use<Op, A, M, N>,
        ),
    > {
        let outcome = Two::<Op, A>::ROW.forward_2_n::<_, _, N>(a, (), a_dot, None, marker, Constant);
        Op::Outcome::map(outcome, |(y, y_dot, pullback)| {
            let pullback = move |a: A::Again<'_>,
                                 a_dot: Option<A::DotAgain<'_, ManyOf<A, N>>>,
                                 seed: YDot<Op, A, Number<()>>,
                                 seed_dot: ManyY<Op, A, Number<()>, N>,
                                 a_bar: Option<&mut Tan<A>>,
                                 a_bar_dot: Option<&mut ManyOf<A, N>>| {
                let ((returned, ()), (turned, ())) =
                    pullback(a, (), a_dot, None, seed, seed_dot, a_bar, None, a_bar_dot, None);
                ((returned,), (turned,))
            };
            (y, y_dot, pullback)
        })
    }
}
