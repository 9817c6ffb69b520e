//! Functions that are passed by their paths: `integrate(square, a, b)`.
//!
//! Who passes one knows neither how many inputs it has, nor of which types they are. Rustc does: what stands for the function
//! has it, and two of the forms of its derivative, as functions, and stands for what these take.

use super::function::{
    Cotangent, Function1, Function2, Function3, Function4, Input, InputLanes, LanesOf, Tangents,
};
use super::{
    Activity, ConstantArgument, FirstDerivative, LanesLike, PassedFunction, ZerosLike, lane_by_lane,
};
use crate::differentiable::without_floats;
use crate::{Differentiable, Scalar};
use core::marker::PhantomData;

/// Stands for the function whose derivatives `D` bears.
#[derive(Debug)]
pub struct ByPath<D, F, Forward, Tangent> {
    of: PhantomData<fn() -> D>,
    function: F,
    forward: Forward,
    tangent: Tangent,
}

impl<D, F: Clone, Forward: Clone, Tangent: Clone> Clone for ByPath<D, F, Forward, Tangent> {
    fn clone(&self) -> Self {
        let ByPath { of, function, forward, tangent } = self;
        ByPath { of: *of, function: function.clone(), forward: forward.clone(), tangent: tangent.clone() }
    }
}

/// What stands for a function, from the function, and two forms of its derivative.
#[inline]
pub const fn by_path<D, F, Forward, Tangent>(
    function: F,
    forward: Forward,
    tangent: Tangent,
) -> ByPath<D, F, Forward, Tangent> {
    ByPath { of: PhantomData, function, forward, tangent }
}

/// The same, where ordinary code asks for it: the function has derivatives.
#[inline]
pub fn annotated<D: Annotated, F, Forward, Tangent>(
    it: ByPath<D, F, Forward, Tangent>,
) -> ByPath<D, F, Forward, Tangent> {
    it
}

/// Bears the derivatives of a function.
#[diagnostic::on_unimplemented(
    message = "GRAD0048: `grad::function!` of a function without `#[grad]`",
    label = "this function has no derivatives",
    note = "put `#[grad]` on it, or write a closure with the types of its parameters: `|x: f64| -> f64 {{ … }}`"
)]
pub trait Annotated {}

#[diagnostic::do_not_recommend]
impl<D: FirstDerivative> Annotated for D {}

without_floats! { [D, F, Forward, Tangent] ByPath<D, F, Forward, Tangent> }

impl<D, F, Forward, Tangent> ZerosLike for ByPath<D, F, Forward, Tangent> {
    type Zeros = ();

    fn __grad_zeros_like(&self) {}
}

impl<const N: usize, D, F, Forward, Tangent> LanesLike<N> for ByPath<D, F, Forward, Tangent> {
    type Lanes = ();

    fn __grad_lanes_like(&self) {}
}

/// The place of the type that bears the derivatives of a function, where that has none.
pub mod without_attribute {
    use super::NamedForms;

    /// Nothing bears them.
    #[allow(non_camel_case_types, reason = "rustc names it where it is missing")]
    #[derive(Debug)]
    pub struct __GradNamed;

    /// No forms.
    #[derive(Debug)]
    pub struct Forms;

    impl NamedForms for __GradNamed {
        type Forms = Forms;
    }

    impl Forms {
        /// In the place of a form.
        #[allow(non_upper_case_globals, reason = "forms have small letters")]
        pub const forward: Forms = Forms;

        /// In the place of a form.
        #[allow(non_upper_case_globals, reason = "forms have small letters")]
        pub const tangent: Forms = Forms;
    }
}

/// The type of the forms of a derivative, or what is in its place.
pub trait NamedForms {
    /// Its functions are the forms.
    type Forms;
}

impl<D: FirstDerivative> NamedForms for D {
    type Forms = D::Forms;
}

/// What is said to a function of an argument that is a function by its path.
#[derive(Debug)]
pub struct PassesByPath<D, It>(PhantomData<fn() -> (D, It)>);

impl<D, It> Clone for PassesByPath<D, It> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D, It> Copy for PassesByPath<D, It> {}

impl<D, It> Default for PassesByPath<D, It> {
    fn default() -> Self {
        PassesByPath(PhantomData)
    }
}

/// See [`PassesByPath`].
#[inline]
pub const fn passes_by_path<D, F, Forward, Tangent>(
    _: &ByPath<D, F, Forward, Tangent>,
) -> PassesByPath<D, ByPath<D, F, Forward, Tangent>> {
    PassesByPath(PhantomData)
}

impl<D, It> PassedFunction for PassesByPath<D, It> {
    type It = It;
}

impl<D: 'static, It: 'static> Activity for PassesByPath<D, It> {
    const ACTIVE: bool = false;
}

// The parameter may be a constant, too.
impl<D: 'static, It: 'static> ConstantArgument for PassesByPath<D, It> {}

/// How a function takes one that is passed by its path.
#[diagnostic::on_unimplemented(
    message = "GRAD0046: a function is passed by its path where no `impl Fn` is asked for",
    label = "`{T}` is asked for here, a constant",
    note = "say so: `f as fn(f64) -> f64`"
)]
pub trait PassAs<'f, T> {
    /// What is passed.
    fn pass(&'f self) -> T;
}

impl<'f, D, F, Forward, Tangent> PassAs<'f, &'f Self> for ByPath<D, F, Forward, Tangent> {
    #[inline]
    fn pass(&'f self) -> &'f Self {
        self
    }
}

/// Nobody takes it: with one implementation alone, rustc would speak of that in place of the trait.
#[derive(Debug)]
pub enum Nothing {}

impl<D, F, Forward, Tangent> PassAs<'_, *const Nothing> for ByPath<D, F, Forward, Tangent> {
    fn pass(&self) -> *const Nothing {
        core::ptr::null()
    }
}

impl<D, F, Forward, Tangent> ByPath<D, F, Forward, Tangent> {
    /// See [`PassAs`].
    #[inline]
    pub fn passed<'f, T>(&'f self) -> T
    where
        Self: PassAs<'f, T>,
    {
        self.pass()
    }
}

macro_rules! functions {
    ($($Function:ident: $($In:ident $M:ident $x:ident $again:ident $slot:ident $given:lifetime $lent:lifetime)*;)*) => {$(
        #[allow(clippy::too_many_arguments, reason = "what pullbacks take")]
        #[diagnostic::do_not_recommend]
        impl<D, F, Forward, Pullback, Tangent, Out, $($In),*> $Function<$($In,)* Out> for ByPath<D, F, Forward, Tangent>
        where
            D: FirstDerivative + 'static,
            Out: Differentiable,
            $($In: Input,)*
            F: for<$($given),*> Fn($($In::Given<$given>),*) -> Out + 'static,
            Forward: for<$($given),*> Fn(D::Forms, $($In::Given<$given>,)* $($In::Marker),*) -> (Out, Pullback) + 'static,
            Pullback: for<$($given, $lent),*> FnOnce(
                    $($In::Again<$given>,)*
                    Cotangent<Out>,
                    $(Option<&$lent mut $In::Slot>),*
                ) -> ($($In::Returned,)*)
                + Clone,
            Tangent: for<$($given, $lent),*> Fn(
                    D::Forms,
                    $($In::Given<$given>,)*
                    $(Option<$In::Dot<$lent>>),*
                ) -> (Out, Cotangent<Out>)
                + 'static,
        {
            #[inline]
            fn __grad_value(&self, $($x: $In::Given<'_>),*) -> Out {
                (self.function)($($x),*)
            }

            #[inline]
            fn __grad_forward<M: Activity, $($M: Activity),*>(
                &self,
                $($x: $In::Given<'_>,)*
                _: M,
                $(_: $M),*
            ) -> (
                Out,
                impl FnOnce(
                    &Self,
                    $($In::Again<'_>,)*
                    Cotangent<Out>,
                    Option<&mut ()>,
                    $(Option<&mut $In::Slot>),*
                ) -> ((), $($In::Returned),*)
                + Clone
                + use<D, F, Forward, Pullback, Tangent, Out, $($In,)* M, $($M),*>,
            ) {
                let (value, pullback) = (self.forward)(D::FORMS, $($x,)* $($In::Marker::default()),*);
                let pullback = move |
                    _: &Self,
                    $($again: $In::Again<'_>,)*
                    seed: Cotangent<Out>,
                    _: Option<&mut ()>,
                    $($slot: Option<&mut $In::Slot>),*
                | {
                    let ($($x,)*) = pullback($($again,)* seed, $($slot),*);
                    ((), $($x),*)
                };
                (value, pullback)
            }

            #[inline]
            fn __grad_tangent(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&()>,
                $($again: Option<$In::Dot<'_>>),*
            ) -> (Out, Cotangent<Out>) {
                (self.tangent)(D::FORMS, $($x,)* $($again),*)
            }

            #[inline]
            fn __grad_tangent_n<const N: usize>(
                &self,
                $($x: $In::Given<'_>,)*
                _: Option<&LanesOf<Self, N>>,
                $($again: Option<$In::Dots<'_>>),*
            ) -> (Out, LanesOf<Out, N>)
            where
                $($In: InputLanes<N>,)*
                Cotangent<Out>: LanesLike<N> + Tangents<N>,
            {
                lane_by_lane(|lane| {
                    $(let $slot = $again.as_ref().map(|dots| $In::one(dots, lane));)*
                    (self.tangent)(D::FORMS, $($In::given(&$x),)* $($slot.as_ref().map($In::dot)),*)
                })
            }
        }
    )*};
}

functions! {
    Function1: A MA a again_a slot_a 'a 'x;
    Function2: A MA a again_a slot_a 'a 'x B MB b again_b slot_b 'b 'y;
    Function3: A MA a again_a slot_a 'a 'x B MB b again_b slot_b 'b 'y C MC c again_c slot_c 'c 'z;
    Function4: A MA a again_a slot_a 'a 'x B MB b again_b slot_b 'b 'y C MC c again_c slot_c 'c 'z E ME e again_e slot_e 'e 'w;
}
