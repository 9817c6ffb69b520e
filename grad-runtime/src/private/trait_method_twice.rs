//! Methods of annotated traits whose attribute says `second`: what functions that are generic over such a trait know of their
//! second derivatives.

use super::function::{Cotangent, LanesOf};
use super::{
    ActiveSelf, Activity, Constant, ConstantSelf, Derivative, Input, InputLanes, LanesLike, MarkerOf,
    OfTrait0, OfTrait1, OfTrait2, OfTrait3, OfTrait4, Receiver, ReceiverLanes, TraitMethod0, TraitMethod1,
    TraitMethod2, TraitMethod3, TraitMethod4,
};
use crate::Differentiable;
use core::ops::Deref;

/// The forms of a second derivative: first those for receivers of which it is known that tangents go side by side.
#[derive(Debug)]
pub struct Sided<T>(T);

impl<T> Deref for Sided<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

macro_rules! methods {
    ($($Twice:ident $Method:ident $Of:ident $Side:ident $Alone:ident $count:literal:
        $($In:ident $M:ident $x:ident $dot:ident $marker:ident $slot:ident $slot_dot:ident)*;)*) => {$(
        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("A method of so many inputs beside its receiver, with second derivatives: ", $count)]
        #[diagnostic::on_unimplemented(
            message = "GRAD0047: second derivatives of a method that its trait promises are not there for `{Self}`",
            label = "the `impl` of the trait does not give them",
            note = "put `#[grad(second, …)]` on the `impl`, with the same `wrt(..)` as on the trait"
        )]
        pub trait $Twice<const METHOD: u64, R, $($In: Input),*>: $Method<METHOD, R, $($In),*> {
            /// Value, tangent, and the pullback of both.
            fn __grad_forward_2<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Slot>,
                $($dot: Option<$In::Dot<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                Cotangent<Self::Output>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&R::Slot>,
                    $(Option<$In::DotAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    Cotangent<Self::Output>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> (((), $($In::Returned),*), ((), $($In::Returned),*))
                + Clone
                + use<Self, METHOD, R, $($In,)* M, $($M),*>,
            )
            where
                Self: Sized,
                R: Receiver<Self>;

            /// The same with tangents side by side.
            fn __grad_forward_2_n<M: MarkerOf<R>, $($M: MarkerOf<$In>,)* const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&R::Lanes>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut R::Lanes>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<Self, METHOD, R, $($In,)* M, $($M,)* N>,
            )
            where
                Self: Sized,
                R: ReceiverLanes<Self, N>,
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>;

            /// The same where the receiver is a constant.
            fn __grad_forward_2_n_beside<$($M: MarkerOf<$In>,)* const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                $($dot: Option<$In::Dots<'_>>,)*
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    $(Option<&mut $In::Slot>,)*
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<Self, METHOD, R, $($In,)* $($M,)* N>,
            )
            where
                Self: Sized,
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>;
        }

        // An `impl` may differentiate with respect to `self` where its trait does not.
        #[diagnostic::do_not_recommend]
        impl<S, const METHOD: u64, $($In: Input),*> $Twice<METHOD, ConstantSelf, $($In),*> for S
        where
            S: Differentiable + $Twice<METHOD, ActiveSelf, $($In),*>,
        {
            #[inline]
            fn __grad_forward_2<M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>),*>(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&<ConstantSelf as Receiver<S>>::Slot>,
                $($dot: Option<$In::Dot<'_>>,)*
                _: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                Cotangent<Self::Output>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&<ConstantSelf as Receiver<S>>::Slot>,
                    $(Option<$In::DotAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    Cotangent<Self::Output>,
                    Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> (((), $($In::Returned),*), ((), $($In::Returned),*))
                + Clone
                + use<S, METHOD, $($In,)* M, $($M),*>,
            ) {
                let (value, value_dot, pullback) = <S as $Twice<METHOD, ActiveSelf, $($In),*>>::__grad_forward_2(
                    self, $($x,)* None, $($dot,)* Constant, $($marker),*
                );
                let pullback = move |
                    this: &S,
                    $($x: $In::Again<'_>,)*
                    _: Option<&<ConstantSelf as Receiver<S>>::Slot>,
                    $($dot: Option<$In::DotAgain<'_>>,)*
                    seed: Cotangent<Self::Output>,
                    seed_dot: Cotangent<Self::Output>,
                    _: Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $($slot: Option<&mut $In::Slot>,)*
                    _: Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $($slot_dot: Option<&mut $In::Slot>),*
                | pullback(this, $($x,)* None, $($dot,)* seed, seed_dot, None, $($slot,)* None, $($slot_dot),*);
                (value, value_dot, pullback)
            }

            #[inline]
            fn __grad_forward_2_n<M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>,)* const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&<ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                $($dot: Option<$In::Dots<'_>>,)*
                _: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&<ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut <ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<S, METHOD, $($In,)* M, $($M,)* N>,
            )
            where
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>,
            {
                let (value, value_dot, pullback) = <S as $Twice<METHOD, ActiveSelf, $($In),*>>::__grad_forward_2_n_beside(
                    self, $($x,)* $($dot,)* $($marker),*
                );
                let pullback = move |
                    this: &S,
                    $($x: $In::Again<'_>,)*
                    _: Option<&<ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                    $($dot: Option<$In::DotsAgain<'_>>,)*
                    seed: Cotangent<Self::Output>,
                    seed_dot: LanesOf<Self::Output, N>,
                    _: Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $($slot: Option<&mut $In::Slot>,)*
                    _: Option<&mut <ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                    $($slot_dot: Option<&mut $In::SlotLanes>),*
                | pullback(this, $($x,)* $($dot,)* seed, seed_dot, $($slot,)* $($slot_dot),*);
                (value, value_dot, pullback)
            }

            #[inline]
            fn __grad_forward_2_n_beside<$($M: MarkerOf<$In>,)* const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                $($dot: Option<$In::Dots<'_>>,)*
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    $(Option<&mut $In::Slot>,)*
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<S, METHOD, $($In,)* $($M,)* N>,
            )
            where
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>,
            {
                <S as $Twice<METHOD, ActiveSelf, $($In),*>>::__grad_forward_2_n_beside(
                    self, $($x,)* $($dot,)* $($marker),*
                )
            }
        }

        impl<S, const METHOD: u64, R, $($In),*> Clone for $Of<S, METHOD, R, $($In),*> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<S, const METHOD: u64, R, $($In),*> Copy for $Of<S, METHOD, R, $($In),*> {}

        impl<S, const METHOD: u64, R, $($In: Input),*> Derivative<2> for $Of<S, METHOD, R, $($In),*>
        where
            S: $Twice<METHOD, R, $($In),*>,
        {
            type Forms = Sided<Self>;
            const FORMS: Sided<Self> = Sided($Of::new());
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        impl<S, const METHOD: u64, R, $($In: Input),*> $Of<S, METHOD, R, $($In),*>
        where
            S: $Twice<METHOD, R, $($In),*>,
            R: Receiver<S>,
        {
            /// Value, tangent, and the pullback of both.
            #[inline]
            pub fn forward_2<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Slot>,
                $($dot: Option<$In::Dot<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                S::Output,
                Cotangent<S::Output>,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Option<&R::Slot>,
                    $(Option<$In::DotAgain<'_>>,)*
                    Cotangent<S::Output>,
                    Cotangent<S::Output>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> (((), $($In::Returned),*), ((), $($In::Returned),*))
                + Clone
                + use<S, METHOD, R, $($In,)* M, $($M),*>,
            ) {
                this.__grad_forward_2($($x,)* dot, $($dot,)* marker, $($marker),*)
            }
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("Second derivatives along several directions of a method of so many inputs beside its receiver: ", $count)]
        pub trait $Side<const N: usize, S, R, $($In: InputLanes<N>),*>
        where
            R: ReceiverLanes<S, N>,
        {
            /// What the method returns.
            type Output: Differentiable<Tangent: LanesLike<N>>;

            /// Value, tangents, and the pullback of both.
            fn forward_2_n<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Option<&R::Lanes>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut R::Lanes>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<Self, N, S, R, $($In,)* M, $($M),*>,
            );
        }

        impl<const N: usize, S, const METHOD: u64, R, $($In: InputLanes<N>),*> $Side<N, S, R, $($In),*>
            for Sided<$Of<S, METHOD, R, $($In),*>>
        where
            S: $Twice<METHOD, R, $($In),*>,
            R: ReceiverLanes<S, N>,
            Cotangent<S::Output>: LanesLike<N>,
        {
            type Output = S::Output;

            #[inline]
            fn forward_2_n<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                S::Output,
                LanesOf<S::Output, N>,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Option<&R::Lanes>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<S::Output>,
                    LanesOf<S::Output, N>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut R::Lanes>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<N, S, METHOD, R, $($In,)* M, $($M),*>,
            ) {
                this.__grad_forward_2_n($($x,)* dot, $($dot,)* marker, $($marker),*)
            }
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("The same beside a constant receiver, of which nobody knows whether tangents go side by side: ", $count)]
        pub trait $Alone<const N: usize, S, $($In: InputLanes<N>),*> {
            /// What the method returns.
            type Output: Differentiable<Tangent: LanesLike<N>>;

            /// Value, tangents, and the pullback of both.
            fn forward_2_n<M: Activity, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&Constant>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                LanesOf<Self::Output, N>,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Option<&Constant>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Self::Output>,
                    LanesOf<Self::Output, N>,
                    Option<&mut Constant>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut Constant>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<Self, N, S, $($In,)* M, $($M),*>,
            );
        }

        impl<const N: usize, S, const METHOD: u64, R, $($In: InputLanes<N>),*> $Alone<N, S, $($In),*>
            for $Of<S, METHOD, R, $($In),*>
        where
            S: $Twice<METHOD, R, $($In),*>,
            Cotangent<S::Output>: LanesLike<N>,
        {
            type Output = S::Output;

            #[inline]
            fn forward_2_n<M: Activity, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                _: Option<&Constant>,
                $($dot: Option<$In::Dots<'_>>,)*
                _: M,
                $($marker: $M),*
            ) -> (
                S::Output,
                LanesOf<S::Output, N>,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Option<&Constant>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<S::Output>,
                    LanesOf<S::Output, N>,
                    Option<&mut Constant>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut Constant>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<N, S, METHOD, R, $($In,)* M, $($M),*>,
            ) {
                let (value, value_dot, pullback) =
                    this.__grad_forward_2_n_beside($($x,)* $($dot,)* $($marker),*);
                let pullback = move |
                    this: &S,
                    $($x: $In::Again<'_>,)*
                    _: Option<&Constant>,
                    $($dot: Option<$In::DotsAgain<'_>>,)*
                    seed: Cotangent<S::Output>,
                    seed_dot: LanesOf<S::Output, N>,
                    _: Option<&mut Constant>,
                    $($slot: Option<&mut $In::Slot>,)*
                    _: Option<&mut Constant>,
                    $($slot_dot: Option<&mut $In::SlotLanes>),*
                | pullback(this, $($x,)* $($dot,)* seed, seed_dot, $($slot,)* $($slot_dot),*);
                (value, value_dot, pullback)
            }
        }
    )*};
}

methods! {
    TraitMethodTwice0 TraitMethod0 OfTrait0 SideBySideTwice0 BesideTwice0 "0": ;
    TraitMethodTwice1 TraitMethod1 OfTrait1 SideBySideTwice1 BesideTwice1 "1": A MA a a_dot marker_a slot_a slot_a_dot;
    TraitMethodTwice2 TraitMethod2 OfTrait2 SideBySideTwice2 BesideTwice2 "2": A MA a a_dot marker_a slot_a slot_a_dot B MB b b_dot marker_b slot_b slot_b_dot;
    TraitMethodTwice3 TraitMethod3 OfTrait3 SideBySideTwice3 BesideTwice3 "3": A MA a a_dot marker_a slot_a slot_a_dot B MB b b_dot marker_b slot_b slot_b_dot C MC c c_dot marker_c slot_c slot_c_dot;
    TraitMethodTwice4 TraitMethod4 OfTrait4 SideBySideTwice4 BesideTwice4 "4": A MA a a_dot marker_a slot_a slot_a_dot B MB b b_dot marker_b slot_b slot_b_dot C MC c c_dot marker_c slot_c slot_c_dot D MD d d_dot marker_d slot_d slot_d_dot;
}
