//! Functions as parameters: what stands for a closure where second derivatives are computed.
//!
//! A function with `#[grad(second)]` asks this of what is passed to it, where it is differentiated twice; where it is
//! differentiated once, it asks for no more than others do.

use super::function::{Cotangent, LanesOf, Tangents};
use super::{
    Activity, Called1, Called2, Called3, Called4, Derivative, Function1, Function2, Function3, Function4,
    Input, InputLanes, LanesLike,
};
use crate::Differentiable;

macro_rules! functions {
    ($($Twice:ident $Function:ident $Called:ident $count:literal:
        $($In:ident $M:ident $x:ident $dot:ident $marker:ident)*;)*) => {$(
        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("Stands for a function of so many inputs, and has second derivatives: ", $count)]
        #[diagnostic::on_unimplemented(
            message = "GRAD0046: what is passed has no second derivatives, and is differentiated twice here",
            label = "a closure has them where it is written in a function with `#[grad(second)]`",
            note = "write `#[grad(second)]` on the function around it"
        )]
        pub trait $Twice<$($In: Input,)* Out: Differentiable>: $Function<$($In,)* Out> {
            /// Value, tangent, and the pullback of both.
            fn __grad_forward_2<M: Activity, $($M: Activity),*>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&Self::Tangent>,
                $($dot: Option<$In::Dot<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                Cotangent<Out>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&Self::Tangent>,
                    $(Option<$In::DotAgain<'_>>,)*
                    Cotangent<Out>,
                    Cotangent<Out>,
                    Option<&mut Self::Tangent>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut Self::Tangent>,
                    $(Option<&mut $In::Slot>),*
                ) -> (((), $($In::Returned),*), ((), $($In::Returned),*))
                + Clone
                + use<Self, $($In,)* Out, M, $($M),*>,
            );

            /// The same with tangents side by side.
            fn __grad_forward_2_n<M: Activity, $($M: Activity,)* const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&LanesOf<Self, N>>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                LanesOf<Out, N>,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Option<&LanesOf<Self, N>>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Out>,
                    LanesOf<Out, N>,
                    Option<&mut Self::Tangent>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut LanesOf<Self, N>>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<Self, $($In,)* Out, M, $($M,)* N>,
            )
            where
                Self::Tangent: LanesLike<N>,
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>;
        }

        impl<F, $($In,)* Out> Derivative<2> for $Called<F, $($In,)* Out> {
            type Forms = Self;
            const FORMS: Self = $Called::new();
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        impl<F: $Twice<$($In,)* Out>, $($In: Input,)* Out: Differentiable> $Called<F, $($In,)* Out> {
            /// Value, tangent, and the pullback of both.
            #[inline]
            pub fn forward_2<M: Activity, $($M: Activity),*>(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                dot: Option<&F::Tangent>,
                $($dot: Option<$In::Dot<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                Cotangent<Out>,
                impl FnOnce(
                    &F,
                    $($In::Again<'_>,)*
                    Option<&F::Tangent>,
                    $(Option<$In::DotAgain<'_>>,)*
                    Cotangent<Out>,
                    Cotangent<Out>,
                    Option<&mut F::Tangent>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut F::Tangent>,
                    $(Option<&mut $In::Slot>),*
                ) -> (((), $($In::Returned),*), ((), $($In::Returned),*))
                + Clone
                + use<F, $($In,)* Out, M, $($M),*>,
            ) {
                f.__grad_forward_2($($x,)* dot, $($dot,)* marker, $($marker),*)
            }

            /// The same with tangents side by side.
            #[inline]
            pub fn forward_2_n<M: Activity, $($M: Activity,)* const N: usize>(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                dot: Option<&LanesOf<F, N>>,
                $($dot: Option<$In::Dots<'_>>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                LanesOf<Out, N>,
                impl FnOnce(
                    &F,
                    $($In::Again<'_>,)*
                    Option<&LanesOf<F, N>>,
                    $(Option<$In::DotsAgain<'_>>,)*
                    Cotangent<Out>,
                    LanesOf<Out, N>,
                    Option<&mut F::Tangent>,
                    $(Option<&mut $In::Slot>,)*
                    Option<&mut LanesOf<F, N>>,
                    $(Option<&mut $In::SlotLanes>),*
                ) -> (((), $($In::Returned),*), ((), $($In::ReturnedLanes),*))
                + Clone
                + use<F, $($In,)* Out, M, $($M,)* N>,
            )
            where
                F::Tangent: LanesLike<N>,
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>,
            {
                f.__grad_forward_2_n($($x,)* dot, $($dot,)* marker, $($marker),*)
            }
        }
    )*};
}

functions! {
    FunctionTwice1 Function1 Called1 "1": A MA a a_dot marker_a;
    FunctionTwice2 Function2 Called2 "2": A MA a a_dot marker_a B MB b b_dot marker_b;
    FunctionTwice3 Function3 Called3 "3": A MA a a_dot marker_a B MB b b_dot marker_b C MC c c_dot marker_c;
    FunctionTwice4 Function4 Called4 "4": A MA a a_dot marker_a B MB b b_dot marker_b C MC c c_dot marker_c D MD d d_dot marker_d;
}
