//! Methods of annotated traits: what functions that are generic over such a trait know of a method's derivatives.
//!
//! `#[grad] trait Kernel` has, for each of its methods, a trait of this file as a supertrait, and `#[grad] impl Kernel for Rbf`
//! implements it by the derivatives that the method has there. A number stands for the names of trait and method; inputs are
//! spelled by their tokens, as those of functions are that are parameters. A hidden method of the user's trait leads to the
//! derivatives, as it does for the methods of a type.

use super::function::{Cotangent, LanesOf};
use super::{
    Accumulate, Activity, Blank, Clear, Constant, ConstantArgument, FirstDerivative, Inner, Input,
    InputLanes, LanesLike, MarkerOf, MethodOf, ZerosLike,
};
use crate::Differentiable;
use core::any::type_name;
use core::marker::PhantomData;

/// What derivatives ask of the tangents of a type of which only a trait is known.
pub trait TangentsOfObjects: Blank + Clear + Sized + Inner<Self> + Accumulate<Self> {}

impl<T: Blank + Clear + Inner<T> + Accumulate<T>> TangentsOfObjects for T {}

/// What derivatives ask of a type of which only a trait is known, where it is differentiated.
#[diagnostic::on_unimplemented(
    message = "GRAD0043: the type `{Self}` has no tangents, and is part of what is differentiated here",
    label = "`#[derive(Differentiable)]` is missing on it",
    note = "write `#[derive(grad::Differentiable)]` on the type, also where it holds no floats"
)]
pub trait HasTangents:
    Differentiable<Tangent: TangentsOfObjects> + ZerosLike<Zeros = <Self as Differentiable>::Tangent>
{
}

impl<S> HasTangents for S where
    S: Differentiable<Tangent: TangentsOfObjects> + ZerosLike<Zeros = <S as Differentiable>::Tangent>
{
}

/// What derivatives have for the receiver, of the type `S`.
pub trait Receiver<S: ?Sized> {
    /// Its tangents, and where its cotangent goes.
    type Slot;
}

/// The same with tangents side by side.
pub trait ReceiverLanes<S: ?Sized, const N: usize>: Receiver<S> {
    /// Its tangents.
    type Lanes;
}

/// The receiver is differentiated.
#[derive(Debug)]
pub struct ActiveSelf;

/// The receiver is a constant.
#[derive(Debug)]
pub struct ConstantSelf;

impl<S: Differentiable> Receiver<S> for ActiveSelf {
    type Slot = S::Tangent;
}

impl<S: Differentiable, const N: usize> ReceiverLanes<S, N> for ActiveSelf
where
    S::Tangent: LanesLike<N>,
{
    type Lanes = LanesOf<S, N>;
}

impl<M: Activity> MarkerOf<ActiveSelf> for M {}

impl<S: ?Sized> Receiver<S> for ConstantSelf {
    type Slot = Constant;
}

impl<S: ?Sized, const N: usize> ReceiverLanes<S, N> for ConstantSelf {
    type Lanes = Constant;
}

#[diagnostic::do_not_recommend]
impl<M: ConstantArgument> MarkerOf<ConstantSelf> for M {}

/// A list of methods.
pub trait Methods {
    /// The number of the first one's name.
    const FIRST: Option<u64>;
    /// The others.
    type Others: Methods;
}

impl Methods for () {
    const FIRST: Option<u64> = None;
    type Others = ();
}

/// A method, and others.
#[derive(Debug)]
pub struct AndOthers<const METHOD: u64, Others>(PhantomData<Others>);

impl<const METHOD: u64, Others: Methods> Methods for AndOthers<METHOD, Others> {
    const FIRST: Option<u64> = Some(METHOD);
    type Others = Others;
}

const fn has<Block: Methods>(method: u64) -> bool {
    match Block::FIRST {
        // What a macro makes may be any.
        Some(u64::MAX) => true,
        Some(first) => first == method || has::<Block::Others>(method),
        None => false,
    }
}

/// A method with a body in its trait has this body: the `impl` has no other.
///
/// # Panics
/// If it has: where a constant asks, the compiler says so.
pub const fn has_the_body_of_its_trait<Block: Methods>(method: u64) {
    assert!(
        !has::<Block>(method),
        "GRAD0047: an `impl` has a body of its own for a method that has one in its annotated trait, which knows the derivatives of that one alone: write the method without a body in the trait, or under another name"
    );
}

/// Where the derivatives are those of a method of another trait.
#[cold]
#[track_caller]
pub(super) fn of_another_trait(method: &str) -> ! {
    panic!(
        "GRAD0047: `{method}` has no derivatives: `#[grad]` is missing on this `impl`, and is on that of another trait of this name"
    )
}

macro_rules! methods {
    ($($Method:ident $Of:ident $Side:ident $Alone:ident $count:literal: $($In:ident $M:ident $x:ident $again:ident $marker:ident $slot:ident)*;)*) => {$(
        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("A method of so many inputs beside its receiver, with derivatives: ", $count)]
        #[diagnostic::on_unimplemented(
            message = "GRAD0047: derivatives of a method that its trait promises are not there for `{Self}`",
            label = "the `impl` of the trait does not give them",
            note = "put `#[grad(…)]` on the `impl`, with the same `wrt(..)` as on the trait"
        )]
        pub trait $Method<const METHOD: u64, R, $($In: Input),*> {
            /// What it returns.
            type Output: Differentiable;

            /// The methods of the `impl`, by the numbers of their names.
            type Block: Methods
            where
                Self: Sized;

            /// The method, as rustc names it, with the trait's path.
            fn __grad_name() -> &'static str
            where
                Self: Sized;

            /// Value and pullback.
            fn __grad_forward<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                &self,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Cotangent<Self::Output>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<Self, METHOD, R, $($In,)* M, $($M),*>,
            )
            where
                Self: Sized,
                R: Receiver<Self>;

            /// Value and tangent.
            fn __grad_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Slot>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Self::Output, Cotangent<Self::Output>)
            where
                Self: Sized,
                R: Receiver<Self>;

            /// Value and tangents side by side.
            fn __grad_tangent_n<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>)
            where
                Self: Sized,
                R: ReceiverLanes<Self, N>,
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>;

            /// The same where the receiver is a constant.
            fn __grad_tangent_n_beside<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>)
            where
                Self: Sized,
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>;
        }

        // An `impl` may differentiate with respect to `self` where its trait does not.
        #[diagnostic::do_not_recommend]
        impl<S, const METHOD: u64, $($In: Input),*> $Method<METHOD, ConstantSelf, $($In),*> for S
        where
            S: Differentiable + $Method<METHOD, ActiveSelf, $($In),*>,
        {
            type Output = <S as $Method<METHOD, ActiveSelf, $($In),*>>::Output;
            type Block = <S as $Method<METHOD, ActiveSelf, $($In),*>>::Block;

            #[inline]
            fn __grad_name() -> &'static str {
                <S as $Method<METHOD, ActiveSelf, $($In),*>>::__grad_name()
            }

            #[inline]
            fn __grad_forward<M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>),*>(
                &self,
                $($x: $In::Given<'_>,)*
                _: M,
                $($marker: $M),*
            ) -> (
                Self::Output,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Cotangent<Self::Output>,
                    Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<S, METHOD, $($In,)* M, $($M),*>,
            ) {
                let (value, pullback) = <S as $Method<METHOD, ActiveSelf, $($In),*>>::__grad_forward(
                    self, $($x,)* Constant, $($marker),*
                );
                let pullback = move |
                    this: &S,
                    $($again: $In::Again<'_>,)*
                    seed: Cotangent<Self::Output>,
                    _: Option<&mut <ConstantSelf as Receiver<S>>::Slot>,
                    $($slot: Option<&mut $In::Slot>),*
                | pullback(this, $($again,)* seed, None, $($slot),*);
                (value, pullback)
            }

            #[inline]
            fn __grad_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&<ConstantSelf as Receiver<S>>::Slot>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Self::Output, Cotangent<Self::Output>) {
                <S as $Method<METHOD, ActiveSelf, $($In),*>>::__grad_tangent(self, $($x,)* None, $($again),*)
            }

            #[inline]
            fn __grad_tangent_n<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&<ConstantSelf as ReceiverLanes<S, N>>::Lanes>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>)
            where
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>,
            {
                <S as $Method<METHOD, ActiveSelf, $($In),*>>::__grad_tangent_n_beside(self, $($x,)* $($again),*)
            }

            #[inline]
            fn __grad_tangent_n_beside<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>)
            where
                $($In: InputLanes<N>,)*
                Cotangent<Self::Output>: LanesLike<N>,
            {
                <S as $Method<METHOD, ActiveSelf, $($In),*>>::__grad_tangent_n_beside(self, $($x,)* $($again),*)
            }
        }

        #[doc = concat!("The derivatives of a method of so many inputs beside its receiver: ", $count)]
        #[derive(Debug)]
        pub struct $Of<S, const METHOD: u64, R, $($In),*>(PhantomData<fn() -> (S, R, $($In),*)>);

        impl<S, const METHOD: u64, R, $($In: Input),*> $Of<S, METHOD, R, $($In),*>
        where
            S: $Method<METHOD, R, $($In),*>,
        {
            /// Its value, from the method: there may be another trait of the same name, with such a method, whose `impl` has
            /// the attribute where that of this one has not.
            #[inline]
            pub fn of_method<F>(_: F) -> Self {
                if type_name::<F>() != S::__grad_name() {
                    of_another_trait(type_name::<F>());
                }
                $Of(PhantomData)
            }
        }

        impl<S, const METHOD: u64, R, $($In),*> $Of<S, METHOD, R, $($In),*> {
            pub(super) const fn new() -> Self {
                $Of(PhantomData)
            }
        }

        impl<S, const METHOD: u64, R, $($In),*> MethodOf<S> for $Of<S, METHOD, R, $($In),*> {}

        impl<S, const METHOD: u64, R, $($In),*> FirstDerivative for $Of<S, METHOD, R, $($In),*> {
            type Forms = Self;
            const FORMS: Self = $Of(PhantomData);
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        impl<S, const METHOD: u64, R, $($In: Input),*> $Of<S, METHOD, R, $($In),*>
        where
            S: $Method<METHOD, R, $($In),*>,
            R: Receiver<S>,
        {
            /// What may be said of the arguments.
            #[inline]
            pub fn takes<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(self, _: M, $(_: $M),*) {}

            /// Value and pullback.
            #[inline]
            pub fn forward<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                S::Output,
                impl FnOnce(
                    &S,
                    $($In::Again<'_>,)*
                    Cotangent<S::Output>,
                    Option<&mut R::Slot>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<S, METHOD, R, $($In,)* M, $($M),*>,
            ) {
                this.__grad_forward($($x,)* marker, $($marker),*)
            }

            /// Both sweeps.
            #[inline]
            pub fn at_once<M: MarkerOf<R>, $($M: MarkerOf<$In>),*>(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M,)*
                seed: Cotangent<S::Output>,
                bar: Option<&mut R::Slot>,
                $($slot: Option<&mut $In::Slot>),*
            ) -> (S::Output, ((), $($In::Returned),*)) {
                $(let ($x, $again) = $In::both($x);)*
                let (value, pullback) = this.__grad_forward($($x,)* marker, $($marker),*);
                (value, pullback(this, $($again,)* seed, bar, $($slot),*))
            }

            /// Value and tangent.
            #[inline]
            pub fn tangent(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Slot>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (S::Output, Cotangent<S::Output>) {
                this.__grad_tangent($($x,)* dot, $($again),*)
            }
        }

        #[allow(clippy::too_many_arguments, reason = "what forward mode takes")]
        #[doc = concat!("Tangents side by side of a method of so many inputs beside its receiver: ", $count)]
        pub trait $Side<const N: usize, S, R, $($In: InputLanes<N>),*>
        where
            R: ReceiverLanes<S, N>,
        {
            /// What the method returns.
            type Output: Differentiable<Tangent: LanesLike<N>>;

            /// Value and tangents side by side.
            fn tangent_n(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>);
        }

        impl<const N: usize, S, const METHOD: u64, R, $($In: InputLanes<N>),*> $Side<N, S, R, $($In),*>
            for $Of<S, METHOD, R, $($In),*>
        where
            S: $Method<METHOD, R, $($In),*>,
            R: ReceiverLanes<S, N>,
            Cotangent<S::Output>: LanesLike<N>,
        {
            type Output = S::Output;

            #[inline]
            fn tangent_n(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&R::Lanes>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (S::Output, LanesOf<S::Output, N>) {
                this.__grad_tangent_n($($x,)* dot, $($again),*)
            }
        }

        #[allow(clippy::too_many_arguments, reason = "what forward mode takes")]
        #[doc = concat!("The same beside a constant receiver, of which nobody knows whether tangents go side by side: ", $count)]
        pub trait $Alone<const N: usize, S, $($In: InputLanes<N>),*> {
            /// What the method returns.
            type Output: Differentiable<Tangent: LanesLike<N>>;

            /// Value and tangents side by side.
            fn tangent_n(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                dot: Option<&Constant>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Self::Output, LanesOf<Self::Output, N>);
        }

        impl<const N: usize, S, const METHOD: u64, R, $($In: InputLanes<N>),*> $Alone<N, S, $($In),*>
            for &$Of<S, METHOD, R, $($In),*>
        where
            S: $Method<METHOD, R, $($In),*>,
            Cotangent<S::Output>: LanesLike<N>,
        {
            type Output = S::Output;

            #[inline]
            fn tangent_n(
                self,
                this: &S,
                $($x: $In::Given<'_>,)*
                _: Option<&Constant>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (S::Output, LanesOf<S::Output, N>) {
                this.__grad_tangent_n_beside($($x,)* $($again),*)
            }
        }
    )*};
}

methods! {
    TraitMethod0 OfTrait0 SideBySide0 Beside0 "0": ;
    TraitMethod1 OfTrait1 SideBySide1 Beside1 "1": A MA a again_a marker_a slot_a;
    TraitMethod2 OfTrait2 SideBySide2 Beside2 "2": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b;
    TraitMethod3 OfTrait3 SideBySide3 Beside3 "3": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b C MC c again_c marker_c slot_c;
    TraitMethod4 OfTrait4 SideBySide4 Beside4 "4": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b C MC c again_c marker_c slot_c D MD d again_d marker_d slot_d;
}

/// For the bodies of functions that are generic over traits: the method is found by what is known of the receiver.
pub mod side_by_side {
    pub use super::super::trait_method_twice::{
        BesideTwice0, BesideTwice1, BesideTwice2, BesideTwice3, BesideTwice4, SideBySideTwice0,
        SideBySideTwice1, SideBySideTwice2, SideBySideTwice3, SideBySideTwice4,
    };
    pub use super::{
        Beside0, Beside1, Beside2, Beside3, Beside4, SideBySide0, SideBySide1, SideBySide2, SideBySide3,
        SideBySide4,
    };
}
