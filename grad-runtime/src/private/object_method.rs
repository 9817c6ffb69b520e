//! Methods of annotated traits whose objects are used: `&dyn Potential`, `Vec<Box<dyn Potential>>`.
//!
//! `#[grad(dyn)] trait Potential` has, beside the traits of `trait_method`, one of this file for each method, which every type that
//! has those has, too. It can be behind `dyn`: a pullback is in a box, and is told of which value it is by [`Any`].

use super::function::{Cotangent, LanesOf, Tangents};
use super::trait_method::{
    ConstantSelf, TraitMethod1, TraitMethod2, TraitMethod3, TraitMethod4, of_another_trait,
};
use super::{Constant, FirstDerivative, Input, InputLanes, LanesLike, MarkerOf, MethodOf, lane_by_lane};
use crate::Differentiable;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::any::{Any, type_name};
use core::marker::PhantomData;
use core::ops::Deref;

/// It is the object.
#[derive(Debug)]
pub struct Here;

/// It leads to it.
#[derive(Debug)]
pub struct Through<How>(PhantomData<How>);

/// An object has derivatives of the method of its trait, and not of one of the same name.
fn is_of_trait(method: &str, derivatives_of: &str) {
    // `<Harmonic as Potential>::energy`, of the object `<dyn Potential as Potential>::energy`.
    if method.rsplit(" as ").next() != derivatives_of.rsplit(" as ").next() {
        of_another_trait(method);
    }
}

/// In a box, or what counts its references.
#[derive(Debug)]
pub struct Boxed;

macro_rules! methods {
    ($($Method:ident $Reaches:ident $Of:ident $Pullback:ident $TraitMethod:ident $count:literal: $($In:ident $M:ident $x:ident $again:ident $marker:ident $slot:ident $given:lifetime $lent:lifetime)*;)*) => {$(
        #[allow(clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("A pullback of a method of so many inputs beside its receiver: ", $count)]
        pub trait $Pullback<$($In: Input,)* C> {
            /// Calls it.
            fn call(
                self: Box<Self>,
                this: &dyn Any,
                $($again: $In::Again<'_>,)*
                seed: C,
                $($slot: Option<&mut $In::Slot>),*
            ) -> ($($In::Returned,)*);

            /// Once more.
            fn again(&self) -> Box<dyn $Pullback<$($In,)* C>>;
        }

        impl<F, $($In: Input,)* C> $Pullback<$($In,)* C> for F
        where
            F: for<'s, $($given, $lent),*> FnOnce(
                    &'s dyn Any,
                    $($In::Again<$given>,)*
                    C,
                    $(Option<&$lent mut $In::Slot>),*
                ) -> ($($In::Returned,)*)
                + Clone
                + 'static,
        {
            #[inline]
            fn call(
                self: Box<Self>,
                this: &dyn Any,
                $($again: $In::Again<'_>,)*
                seed: C,
                $($slot: Option<&mut $In::Slot>),*
            ) -> ($($In::Returned,)*) {
                (*self)(this, $($again,)* seed, $($slot),*)
            }

            fn again(&self) -> Box<dyn $Pullback<$($In,)* C>> {
                Box::new(self.clone())
            }
        }

        impl<$($In: Input,)* C> Clone for Box<dyn $Pullback<$($In,)* C>> {
            fn clone(&self) -> Self {
                (**self).again()
            }
        }

        #[doc = concat!("A method of so many inputs beside its receiver, of objects: ", $count)]
        #[diagnostic::on_unimplemented(
            message = "GRAD0047: derivatives of a method that its trait promises are not there for `{Self}`",
            label = "the `impl` of the trait does not give them",
            note = "put `#[grad(…)]` on the `impl`, with the same `wrt(..)` as on the trait"
        )]
        pub trait $Method<const METHOD: u64, $($In: Input,)* Out: Differentiable> {
            /// The method, as rustc names it.
            fn __grad_object_name(&self) -> &'static str;

            /// The receiver.
            fn __grad_any(&self) -> &dyn Any;

            /// Value and pullback.
            #[allow(clippy::type_complexity, reason = "what pullbacks take")]
            fn __grad_object_forward(
                &self,
                $($x: $In::Given<'_>),*
            ) -> (Out, Box<dyn $Pullback<$($In,)* Cotangent<Out>>>);

            /// Value and tangent.
            #[allow(clippy::too_many_arguments, reason = "what forward mode takes")]
            fn __grad_object_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>);
        }

        #[diagnostic::do_not_recommend]
        impl<T, const METHOD: u64, $($In: Input + 'static,)* Out: Differentiable + 'static> $Method<METHOD, $($In,)* Out> for T
        where
            T: $TraitMethod<METHOD, ConstantSelf, $($In,)* Output = Out> + 'static,
        {
            fn __grad_object_name(&self) -> &'static str {
                T::__grad_name()
            }

            #[inline]
            fn __grad_any(&self) -> &dyn Any {
                self
            }

            fn __grad_object_forward(
                &self,
                $($x: $In::Given<'_>),*
            ) -> (Out, Box<dyn $Pullback<$($In,)* Cotangent<Out>>>) {
                let (value, pullback) = self.__grad_forward($($x,)* Constant, $($In::Marker::default()),*);
                let pullback = move |
                    this: &dyn Any,
                    $($again: $In::Again<'_>,)*
                    seed: Cotangent<Out>,
                    $($slot: Option<&mut $In::Slot>),*
                | {
                    let this = this.downcast_ref::<T>().expect("an object stays what it is until the reverse sweep");
                    let ((), $($x),*) = pullback(this, $($again,)* seed, None, $($slot),*);
                    ($($x,)*)
                };
                (value, Box::new(pullback))
            }

            fn __grad_object_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                self.__grad_tangent($($x,)* None, $($again),*)
            }
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("An object with a method of so many inputs, or what leads to one: ", $count)]
        pub trait $Reaches<const METHOD: u64, $($In: Input,)* Out: Differentiable, How> {
            /// The object.
            fn any(&self) -> &dyn Any;

            /// Value and pullback.
            fn forward(&self, $($x: $In::Given<'_>),*) -> (Out, Box<dyn $Pullback<$($In,)* Cotangent<Out>>>);

            /// Value and tangent.
            fn tangent(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>);
        }

        impl<S: ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable> $Reaches<METHOD, $($In,)* Out, Here> for S
        where
            S: $Method<METHOD, $($In,)* Out>,
        {
            #[inline]
            fn any(&self) -> &dyn Any {
                self.__grad_any()
            }

            #[inline]
            fn forward(&self, $($x: $In::Given<'_>),*) -> (Out, Box<dyn $Pullback<$($In,)* Cotangent<Out>>>) {
                self.__grad_object_forward($($x),*)
            }

            #[inline]
            fn tangent(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                self.__grad_object_tangent($($x,)* $($again),*)
            }
        }

        impl<T: ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable, How> $Reaches<METHOD, $($In,)* Out, Through<How>> for T
        where
            T: Deref<Target: $Reaches<METHOD, $($In,)* Out, How>>,
        {
            #[inline]
            fn any(&self) -> &dyn Any {
                (**self).any()
            }

            #[inline]
            fn forward(&self, $($x: $In::Given<'_>),*) -> (Out, Box<dyn $Pullback<$($In,)* Cotangent<Out>>>) {
                (**self).forward($($x),*)
            }

            #[inline]
            fn tangent(
                &self,
                $($x: $In::Given<'_>,)*
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                (**self).tangent($($x,)* $($again),*)
            }
        }

        #[doc = concat!("The derivatives of a method of so many inputs beside its receiver, of objects: ", $count)]
        #[derive(Debug)]
        pub struct $Of<const METHOD: u64, $($In,)* Out>(PhantomData<fn() -> ($($In,)* Out,)>);

        impl<const METHOD: u64, $($In: Input,)* Out: Differentiable> $Of<METHOD, $($In,)* Out> {
            /// Its value, from an object, and the method.
            #[inline]
            pub fn of_object<S: $Method<METHOD, $($In,)* Out> + ?Sized, F>(this: &S, _: F) -> Self {
                is_of_trait(type_name::<F>(), this.__grad_object_name());
                $Of(PhantomData)
            }
        }

        impl<S: $Method<METHOD, $($In,)* Out> + ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable> MethodOf<S> for $Of<METHOD, $($In,)* Out> {}
        impl<S: $Method<METHOD, $($In,)* Out> + ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable> MethodOf<Box<S>, Boxed> for $Of<METHOD, $($In,)* Out> {}
        impl<S: $Method<METHOD, $($In,)* Out> + ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable> MethodOf<Rc<S>, Boxed> for $Of<METHOD, $($In,)* Out> {}
        impl<S: $Method<METHOD, $($In,)* Out> + ?Sized, const METHOD: u64, $($In: Input,)* Out: Differentiable> MethodOf<Arc<S>, Boxed> for $Of<METHOD, $($In,)* Out> {}

        impl<const METHOD: u64, $($In,)* Out> FirstDerivative for $Of<METHOD, $($In,)* Out> {
            type Forms = Self;
            const FORMS: Self = $Of(PhantomData);
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        impl<const METHOD: u64, $($In: Input,)* Out: Differentiable> $Of<METHOD, $($In,)* Out> {
            /// What may be said of the arguments.
            #[inline]
            pub fn takes<M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>),*>(self, _: M, $(_: $M),*) {}

            /// Value and pullback.
            #[inline]
            pub fn forward<How, M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>),*>(
                self,
                this: &dyn $Reaches<METHOD, $($In,)* Out, How>,
                $($x: $In::Given<'_>,)*
                _: M,
                $(_: $M),*
            ) -> (
                Out,
                impl FnOnce(
                    &dyn $Reaches<METHOD, $($In,)* Out, How>,
                    $($In::Again<'_>,)*
                    Cotangent<Out>,
                    Option<&mut Constant>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<How, METHOD, $($In,)* Out, M, $($M),*>,
            ) {
                let (value, pullback) = this.forward($($x),*);
                let pullback = move |
                    this: &dyn $Reaches<METHOD, $($In,)* Out, How>,
                    $($again: $In::Again<'_>,)*
                    seed: Cotangent<Out>,
                    _: Option<&mut Constant>,
                    $($slot: Option<&mut $In::Slot>),*
                | {
                    let ($($x,)*) = pullback.call(this.any(), $($again,)* seed, $($slot),*);
                    ((), $($x),*)
                };
                (value, pullback)
            }

            /// Both sweeps.
            #[inline]
            pub fn at_once<How, M: MarkerOf<ConstantSelf>, $($M: MarkerOf<$In>),*>(
                self,
                this: &dyn $Reaches<METHOD, $($In,)* Out, How>,
                $($x: $In::Given<'_>,)*
                _: M,
                $(_: $M,)*
                seed: Cotangent<Out>,
                _: Option<&mut Constant>,
                $($slot: Option<&mut $In::Slot>),*
            ) -> (Out, ((), $($In::Returned),*)) {
                $(let ($x, $again) = $In::both($x);)*
                let (value, pullback) = this.forward($($x),*);
                let ($($x,)*) = pullback.call(this.any(), $($again,)* seed, $($slot),*);
                (value, ((), $($x),*))
            }

            /// Value and tangent.
            #[inline]
            pub fn tangent<How>(
                self,
                this: &dyn $Reaches<METHOD, $($In,)* Out, How>,
                $($x: $In::Given<'_>,)*
                _: Option<&Constant>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                this.tangent($($x,)* $($again),*)
            }

            /// Value and tangents side by side: one after the other.
            #[inline]
            pub fn tangent_n<How, const N: usize>(
                self,
                this: &dyn $Reaches<METHOD, $($In,)* Out, How>,
                $($x: $In::Given<'_>,)*
                _: Option<&Constant>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Out, LanesOf<Out, N>)
            where
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>,
            {
                lane_by_lane(|lane| {
                    $(let $slot = $again.as_ref().map(|dots| $In::one(dots, lane));)*
                    this.tangent($($In::given(&$x),)* $($slot.as_ref().map($In::dot)),*)
                })
            }
        }
    )*};
}

methods! {
    ObjectMethod1 ReachesObject1 OfObject1 Pullback1 TraitMethod1 "1": A MA a again_a marker_a slot_a 'a 'x;
    ObjectMethod2 ReachesObject2 OfObject2 Pullback2 TraitMethod2 "2": A MA a again_a marker_a slot_a 'a 'x B MB b again_b marker_b slot_b 'b 'y;
    ObjectMethod3 ReachesObject3 OfObject3 Pullback3 TraitMethod3 "3": A MA a again_a marker_a slot_a 'a 'x B MB b again_b marker_b slot_b 'b 'y C2 MC c again_c marker_c slot_c 'c 'z;
    ObjectMethod4 ReachesObject4 OfObject4 Pullback4 TraitMethod4 "4": A MA a again_a marker_a slot_a 'a 'x B MB b again_b marker_b slot_b 'b 'y C2 MC c again_c marker_c slot_c 'c 'z E ME e again_e marker_e slot_e 'e 'w;
}
