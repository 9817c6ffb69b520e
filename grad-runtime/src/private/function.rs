//! Functions as parameters: what stands for a closure where derivatives are computed.
//!
//! The derivatives of `fn f(g: impl Fn(f64, &[f64]) -> f64, …)` take in the place of `g` a value of a type that has
//! [`Function2`]: generated code makes one of each closure that is passed, with what the closure captures in it. Its tangents
//! are those of what it captures. `f` sees the bound alone, and the caller the closure alone; both spell the inputs by their
//! tokens, as [`Input`]s, and so they meet.

use super::{
    Active, Activity, Blank, Clear, Constant, ConstantArgument, EachLane, FirstDerivative, GenericFloat,
    Gone, LanesLike, ZerosLike,
};
use crate::Differentiable;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// The type itself: a name with generic arguments.
pub type Itself<F> = F;

/// How a function takes an input, and what derivatives have for it.
pub trait Input {
    /// The input.
    type Given<'a>;
    /// What a pullback takes for it.
    type Again<'a>;
    /// Where its cotangent goes.
    type Slot: ?Sized;
    /// Its cotangent, if that is a number.
    type Returned;
    /// Its tangent.
    type Dot<'a>;
    /// The tangent, where a pullback takes it once more.
    type DotAgain<'a>;
    /// What is said to the derivative of a function that takes it: whether it is differentiated.
    type Marker: MarkerOf<Self> + Default;

    /// The input, and what a pullback takes for it.
    fn both(given: Self::Given<'_>) -> (Self::Given<'_>, Self::Again<'_>);
}

/// The same with tangents side by side.
pub trait InputLanes<const N: usize>: Input {
    /// Its tangents.
    type Dots<'a>;
    /// The same, where a pullback takes them once more.
    type DotsAgain<'a>;
    /// Where the tangents of its cotangent go.
    type SlotLanes: ?Sized;
    /// The tangents of its cotangent, if that is a number.
    type ReturnedLanes;
    /// One of them.
    type One;

    /// The input once more.
    fn given<'a>(given: &Self::Given<'a>) -> Self::Given<'a>;

    /// The tangent in a lane.
    fn one(dots: &Self::Dots<'_>, lane: usize) -> Self::One;

    /// The tangent, as it is passed.
    fn dot(one: &Self::One) -> Self::Dot<'_>;
}

/// May be said of an argument for this input: of a constant, only that it is one.
#[diagnostic::on_unimplemented(
    message = "this argument depends on an independent variable, but the called function treats the parameter as a constant",
    label = "its derivative would be lost here",
    note = "name the parameter in `#[grad(wrt(..))]` of the trait, or pass a constant: `grad::constant(..)` stops differentiation"
)]
pub trait MarkerOf<I: ?Sized>: Activity {}

/// Has tangents side by side, of which one can be taken out.
pub trait Tangents<const N: usize>: LanesLike<N, Lanes: EachLane<One = Self>> + Sized {}

impl<T: LanesLike<N, Lanes: EachLane<One = T>>, const N: usize> Tangents<N> for T {}

pub(super) type LanesOf<T, const N: usize> = <<T as Differentiable>::Tangent as LanesLike<N>>::Lanes;

macro_rules! inputs {
    ($(
        $(#[$doc:meta])*
        $name:ident<$T:ident: $bound:path>, $a:lifetime, $given:ty, $again:ident, $marker:ident,
        slot $slot:ty, $slots:ty, returned $returned:ty, $all:ty,
        dot $dot:ty, dots $N:ident $dots:ty where $lanes:ty, $how:ident;
    )*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<$T>(PhantomData<$T>);

        impl<$T: $bound + 'static> Input for $name<$T> {
            type Given<$a> = $given;
            type Again<$a> = inputs!(@again $again $given);
            type Slot = $slot;
            type Returned = $returned;
            type Dot<$a> = $dot;
            type DotAgain<$a> = inputs!(@again $again $dot);
            type Marker = inputs!(@marker $marker);

            #[inline]
            fn both(given: Self::Given<'_>) -> (Self::Given<'_>, Self::Again<'_>) {
                inputs!(@both $again given)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$T: $bound + 'static, M: $marker> MarkerOf<$name<$T>> for M {}

        impl<$T: $bound + 'static, const $N: usize> InputLanes<$N> for $name<$T>
        where
            $lanes: Tangents<$N>,
            $T: Clone,
        {
            type Dots<$a> = $dots;
            type DotsAgain<$a> = inputs!(@again $again $dots);
            type SlotLanes = $slots;
            type ReturnedLanes = $all;
            type One = inputs!(@one $how $T);

            #[inline]
            fn given<$a>(given: &Self::Given<$a>) -> Self::Given<$a> {
                given.clone()
            }

            #[inline]
            fn one(dots: &Self::Dots<'_>, lane: usize) -> Self::One {
                inputs!(@of_lane $how dots lane)
            }

            #[inline]
            fn dot(one: &Self::One) -> Self::Dot<'_> {
                inputs!(@dot $how one)
            }
        }
    )*};
    (@marker Activity) => { Active };
    (@marker ConstantArgument) => { Constant };
    (@one number $T:ident) => { $T };
    (@one shared_number $T:ident) => { $T };
    (@one shared_slice $T:ident) => { Vec<$T::Tangent> };
    (@one moved_vec $T:ident) => { Vec<$T::Tangent> };
    (@one shared $T:ident) => { $T::Tangent };
    (@one moved $T:ident) => { $T::Tangent };
    (@one constant $T:ident) => { () };
    (@of_lane constant $dots:ident $lane:ident) => {{
        let _ = ($dots, $lane);
    }};
    (@of_lane shared_slice $dots:ident $lane:ident) => { $dots.iter().map(|dot| dot.lane($lane)).collect() };
    (@of_lane shared $dots:ident $lane:ident) => { (**$dots).lane($lane) };
    (@of_lane shared_number $dots:ident $lane:ident) => { (**$dots).lane($lane) };
    (@of_lane $how:ident $dots:ident $lane:ident) => { $dots.lane($lane) };
    (@dot number $one:ident) => { *$one };
    (@dot constant $one:ident) => {{
        let () = $one;
        Constant
    }};
    (@dot moved $one:ident) => { $one.clone() };
    (@dot moved_vec $one:ident) => { $one.clone() };
    (@dot $how:ident $one:ident) => { $one };
    (@again kept $given:ty) => { $given };
    (@again moved $given:ty) => { Gone };
    (@both kept $given:ident) => { ($given, $given) };
    (@both moved $given:ident) => { ($given, Gone) };
}

inputs! {
    /// `f64`
    Number<T: GenericFloat>, 'a, T, kept, Activity,
    slot T, <T as LanesLike<N>>::Lanes, returned T, <T as LanesLike<N>>::Lanes,
    dot T, dots N <T as LanesLike<N>>::Lanes where T, number;

    /// `&f64`
    SharedNumber<T: GenericFloat>, 'a, &'a T, kept, Activity,
    slot T, <T as LanesLike<N>>::Lanes, returned T, <T as LanesLike<N>>::Lanes,
    dot &'a T, dots N &'a <T as LanesLike<N>>::Lanes where T, shared_number;

    /// `&[T]`
    SharedSlice<T: Differentiable>, 'a, &'a [T], kept, Activity,
    slot [T::Tangent], [LanesOf<T, N>], returned (), (),
    dot &'a [T::Tangent], dots N &'a [LanesOf<T, N>] where T::Tangent, shared_slice;

    /// `&Vec<T>`
    SharedVec<T: Differentiable>, 'a, &'a Vec<T>, kept, Activity,
    slot [T::Tangent], [LanesOf<T, N>], returned (), (),
    dot &'a Vec<T::Tangent>, dots N &'a Vec<LanesOf<T, N>> where T::Tangent, shared_slice;

    /// `&T` of anything else.
    Shared<T: Differentiable>, 'a, &'a T, kept, Activity,
    slot T::Tangent, LanesOf<T, N>, returned (), (),
    dot &'a T::Tangent, dots N &'a LanesOf<T, N> where T::Tangent, shared;

    /// `Vec<T>`
    MovedVec<T: Differentiable>, 'a, Vec<T>, moved, Activity,
    slot [T::Tangent], [LanesOf<T, N>], returned (), (),
    dot Vec<T::Tangent>, dots N Vec<LanesOf<T, N>> where T::Tangent, moved_vec;

    /// `T`, of anything else.
    Moved<T: Differentiable>, 'a, T, moved, Activity,
    slot T::Tangent, LanesOf<T, N>, returned (), (),
    dot T::Tangent, dots N LanesOf<T, N> where T::Tangent, moved;

    /// `f64`: a constant.
    KnownNumber<T: GenericFloat>, 'a, T, kept, ConstantArgument,
    slot T, <T as LanesLike<N>>::Lanes, returned T, <T as LanesLike<N>>::Lanes,
    dot Constant, dots N Constant where T, constant;

    /// `&f64`: a constant.
    KnownSharedNumber<T: GenericFloat>, 'a, &'a T, kept, ConstantArgument,
    slot T, <T as LanesLike<N>>::Lanes, returned T, <T as LanesLike<N>>::Lanes,
    dot Constant, dots N Constant where T, constant;

    /// `usize`: a constant.
    Known<T: Copy>, 'a, T, kept, ConstantArgument,
    slot Constant, Constant, returned (), (),
    dot Constant, dots N Constant where (), constant;
}

/// `&T` of anything: a constant.
#[derive(Debug)]
pub struct KnownShared<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized + 'static> Input for KnownShared<T> {
    type Given<'a> = &'a T;
    type Again<'a> = &'a T;
    type Slot = Constant;
    type Returned = ();
    type Dot<'a> = Constant;
    type DotAgain<'a> = Constant;
    type Marker = Constant;

    #[inline]
    fn both(given: Self::Given<'_>) -> (Self::Given<'_>, Self::Again<'_>) {
        (given, given)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + 'static, M: ConstantArgument> MarkerOf<KnownShared<T>> for M {}

impl<T: ?Sized + 'static, const N: usize> InputLanes<N> for KnownShared<T> {
    type Dots<'a> = Constant;
    type DotsAgain<'a> = Constant;
    type SlotLanes = Constant;
    type ReturnedLanes = ();
    type One = ();

    #[inline]
    fn given<'a>(given: &Self::Given<'a>) -> Self::Given<'a> {
        given
    }

    #[inline]
    fn one(_: &Constant, _: usize) {}

    #[inline]
    fn dot((): &()) -> Constant {
        Constant
    }
}

/// What is said to a function of an argument that stands for a closure.
#[derive(Debug)]
pub struct Passes<F>(PhantomData<fn() -> F>);

/// What is passed as a function: [`Passes`].
#[diagnostic::on_unimplemented(
    message = "GRAD0046: what is passed here is neither a closure that is written in this function, nor one with `#[grad]` by its path",
    label = "a function is asked for, and the derivative of this one cannot be seen",
    note = "write a closure that calls it: `|x: f64| f(x)`"
)]
pub trait PassedFunction {
    /// What stands for it.
    type It;
}

impl<F> PassedFunction for Passes<F> {
    type It = F;
}

/// See [`Passes`].
#[inline]
pub const fn passes<F>() -> Passes<F> {
    Passes(PhantomData)
}

/// What derivatives ask of what stands for a function: that of a type of the user's.
pub trait FunctionObject:
    Differentiable<Tangent: Blank + Clear> + ZerosLike<Zeros = <Self as Differentiable>::Tangent> + 'static
{
}

impl<F> FunctionObject for F where
    F: Differentiable<Tangent: Blank + Clear> + ZerosLike<Zeros = <F as Differentiable>::Tangent> + 'static
{
}

pub(super) type Cotangent<T> = <T as Differentiable>::Tangent;

macro_rules! functions {
    ($($Function:ident $Called:ident $count:literal: $($In:ident $M:ident $x:ident $again:ident $marker:ident $slot:ident)*;)*) => {$(
        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        #[doc = concat!("Stands for a function of so many inputs: ", $count)]
        #[diagnostic::on_unimplemented(
            message = "GRAD0046: what is passed has no derivative with respect to inputs of the types that are asked for, as far as `#[grad]` sees",
            label = "a function needs `#[grad]`; the parameters of a closure, where they have no types, are taken for `f64`",
            note = "write the types of a closure's parameters, and that of its result: `|x: &[f64]| -> f64 {{ … }}`; where no function with `#[grad]` is around the call, `&grad::function!(f)` stands for `f`"
        )]
        pub trait $Function<$($In: Input,)* Out: Differentiable>: FunctionObject {
            /// Calls it.
            fn __grad_value(&self, $($x: $In::Given<'_>),*) -> Out;

            /// Value and pullback.
            fn __grad_forward<M: Activity, $($M: Activity),*>(
                &self,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Cotangent<Out>,
                    Option<&mut Self::Tangent>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<Self, $($In,)* Out, M, $($M),*>,
            );

            /// Value and tangent.
            fn __grad_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&Self::Tangent>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>);

            /// Value and tangents side by side.
            fn __grad_tangent_n<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                dot: Option<&LanesOf<Self, N>>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Out, LanesOf<Out, N>)
            where
                Self::Tangent: LanesLike<N>,
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>;

            /// The function that it stands for, where nothing is differentiated.
            #[inline]
            fn __grad_function(&self) -> impl Fn($($In::Given<'_>),*) -> Out
            where
                Self: Sized,
            {
                |$($x: $In::Given<'_>),*| self.__grad_value($($x),*)
            }

            /// Leads to the forms of its derivatives.
            #[inline]
            fn __grad_value_with_grad(&self) -> $Called<Self, $($In,)* Out>
            where
                Self: Sized,
            {
                $Called(PhantomData)
            }
        }

        #[doc = concat!("The derivatives of a function of so many inputs: ", $count)]
        #[derive(Debug)]
        pub struct $Called<F, $($In,)* Out>(PhantomData<fn() -> (F, $($In,)* Out)>);

        impl<F, $($In,)* Out> $Called<F, $($In,)* Out> {
            pub(super) const fn new() -> Self {
                $Called(PhantomData)
            }
        }

        impl<F, $($In,)* Out> FirstDerivative for $Called<F, $($In,)* Out> {
            type Forms = Self;
            const FORMS: Self = $Called(PhantomData);
        }

        #[allow(clippy::type_complexity, clippy::too_many_arguments, reason = "what pullbacks take")]
        impl<F: $Function<$($In,)* Out>, $($In: Input,)* Out: Differentiable> $Called<F, $($In,)* Out> {
            /// Value and pullback.
            #[inline]
            pub fn forward<M: Activity, $($M: Activity),*>(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M),*
            ) -> (
                Out,
                impl FnOnce(
                    &F,
                    $($In::Again<'_>,)*
                    Cotangent<Out>,
                    Option<&mut F::Tangent>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<F, $($In,)* Out, M, $($M),*>,
            ) {
                f.__grad_forward($($x,)* marker, $($marker),*)
            }

            /// Both sweeps.
            #[inline]
            pub fn at_once<M: Activity, $($M: Activity),*>(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                marker: M,
                $($marker: $M,)*
                seed: Cotangent<Out>,
                bar: Option<&mut F::Tangent>,
                $($slot: Option<&mut $In::Slot>),*
            ) -> (Out, ((), $($In::Returned),*)) {
                $(let ($x, $again) = $In::both($x);)*
                let (value, pullback) = f.__grad_forward($($x,)* marker, $($marker),*);
                (value, pullback(f, $($again,)* seed, bar, $($slot),*))
            }

            /// Value and tangent.
            #[inline]
            pub fn tangent(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                dot: Option<&F::Tangent>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                f.__grad_tangent($($x,)* dot, $($again),*)
            }

            /// Value and tangents side by side.
            #[inline]
            pub fn tangent_n<const N: usize>(
                self,
                f: &F,
                $($x: $In::Given<'_>,)*
                dot: Option<&LanesOf<F, N>>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Out, LanesOf<Out, N>)
            where
                F::Tangent: LanesLike<N>,
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>,
            {
                f.__grad_tangent_n($($x,)* dot, $($again),*)
            }
        }
    )*};
}

functions! {
    Function1 Called1 "1": A MA a again_a marker_a slot_a;
    Function2 Called2 "2": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b;
    Function3 Called3 "3": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b C MC c again_c marker_c slot_c;
    Function4 Called4 "4": A MA a again_a marker_a slot_a B MB b again_b marker_b slot_b C MC c again_c marker_c slot_c D MD d again_d marker_d slot_d;
}
