//! The same for second derivatives, where the attribute of the `impl` says `second`.

use super::{Tokens, site};
use proc_macro2::Ident;
use quote::{format_ident, quote_spanned};
use syn::{Type, WhereClause};

/// A method that has second derivatives, for functions that are generic over its trait.
pub(super) struct Twice<'a> {
    pub(super) krate: &'a Tokens,
    /// What bears the derivatives.
    pub(super) bear: &'a Tokens,
    /// The trait of the runtime.
    pub(super) interface: Tokens,
    pub(super) of: &'a Type,
    pub(super) params: &'a Tokens,
    pub(super) where_clause: Option<&'a WhereClause>,
    /// The generic parameters that a pullback names.
    pub(super) captured: Tokens,
    /// Whether `self` is differentiated, as the runtime calls it.
    pub(super) receiver: &'a Tokens,
    pub(super) self_is_active: bool,
    pub(super) inputs: &'a [Tokens],
    pub(super) output: &'a Type,
    /// What is said of the inputs to the forms.
    pub(super) said: &'a [Tokens],
}

/// How tangents go along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    One,
    Lanes,
    /// Several, beside a receiver that is a constant for the caller.
    Beside,
}

impl Twice<'_> {
    pub(super) fn implementation(&self) -> Tokens {
        let s = site();
        let Twice { interface, of, params, where_clause, .. } = self;
        let functions = [Way::One, Way::Lanes, Way::Beside].map(|way| self.forward(way));
        quote_spanned! {s=>
            #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic)]
            impl #params #interface for #of #where_clause {
                #(#functions)*
            }
        }
    }

    /// What the runtime has for each input.
    fn of_each(&self, of_trait: &Tokens, what: &str, lifetime: &Tokens) -> Vec<Tokens> {
        let (s, krate, what) = (site(), self.krate, Ident::new(what, site()));
        let of = |input| quote_spanned!(s=> <#input as #krate::__private::#of_trait>::#what #lifetime);
        self.inputs.iter().map(of).collect()
    }

    fn forward(&self, way: Way) -> Tokens {
        let s = site();
        let Twice { krate, bear, captured, receiver, inputs, output, said, .. } = self;
        let none = quote_spanned!(s=> ::core::option::Option::None);
        let (first, along) = (quote_spanned!(s=> Input), quote_spanned!(s=> InputLanes<LANES>));
        let (borrowed, plain) = (quote_spanned!(s=> <'_>), Tokens::new());
        let [givens, agains] = ["Given", "Again"].map(|what| self.of_each(&first, what, &borrowed));
        let [slots, returned] = ["Slot", "Returned"].map(|what| self.of_each(&first, what, &plain));
        let is_one = way == Way::One;
        let [dots, dots_again, slots_dot, returned_dot] = if is_one {
            let [dots, again] = ["Dot", "DotAgain"].map(|what| self.of_each(&first, what, &borrowed));
            [dots, again, slots.clone(), returned.clone()]
        } else {
            let [dots, again] = ["Dots", "DotsAgain"].map(|what| self.of_each(&along, what, &borrowed));
            let [slots, returned] =
                ["SlotLanes", "ReturnedLanes"].map(|what| self.of_each(&along, what, &plain));
            [dots, again, slots, returned]
        };
        let each = |stem: &str| -> Vec<Ident> {
            (0..self.inputs.len()).map(|at| format_ident!("{stem}{at}", span = s)).collect()
        };
        let (xs, x_dots, markers, marks) = (each("x"), each("dot"), each("__M"), each("marker"));
        let (bars, bar_dots) = (each("bar"), each("bar_dot"));
        let cotangent = quote_spanned!(s=> <#output as #krate::Differentiable>::Tangent);
        let cotangent_dot = if is_one {
            cotangent.clone()
        } else {
            quote_spanned!(s=> <#cotangent as #krate::__private::LanesLike<LANES>>::Lanes)
        };
        let slot = quote_spanned!(s=> <#receiver as #krate::__private::Receiver<Self>>::Slot);
        let slot_dot = if is_one {
            slot.clone()
        } else {
            quote_spanned!(s=> <#receiver as #krate::__private::ReceiverLanes<Self, LANES>>::Lanes)
        };
        // Of the receiver: its parameters, those of the pullback, and what goes to the forms.
        let is_beside = way == Way::Beside;
        let goes = |active: Tokens| if self.self_is_active && !is_beside { active } else { none.clone() };
        let (dot, bar, bar_dot) =
            (goes(quote_spanned!(s=> dot)), goes(quote_spanned!(s=> bar)), goes(quote_spanned!(s=> bar_dot)));
        let marker = if self.self_is_active && !is_beside {
            quote_spanned!(s=> marker)
        } else {
            quote_spanned!(s=> #krate::__private::Constant)
        };
        let unless_beside = |tokens: Tokens| (!is_beside).then_some(tokens);
        let generic = unless_beside(quote_spanned!(s=> __M: #krate::__private::MarkerOf<#receiver>,));
        let captured_marker = unless_beside(quote_spanned!(s=> __M,));
        let marker_param = unless_beside(quote_spanned!(s=> marker: __M,));
        let param = |name: &str, ty: Tokens| {
            let name = Ident::new(name, s);
            [
                unless_beside(quote_spanned!(s=> #name: ::core::option::Option<#ty>,)),
                unless_beside(quote_spanned!(s=> ::core::option::Option<#ty>,)),
            ]
        };
        let [dot_param, dot_ty] = param("dot", quote_spanned!(s=> &#slot_dot));
        let [bar_param, bar_ty] = param("bar", quote_spanned!(s=> &mut #slot));
        let [bar_dot_param, bar_dot_ty] = param("bar_dot", quote_spanned!(s=> &mut #slot_dot));
        let unused = unless_beside(quote_spanned!(s=> let _ = (&dot, &marker);));
        let unused_bars = unless_beside(quote_spanned!(s=> let _ = (&dot, &bar, &bar_dot);));
        let (count, captured_count) = if is_one {
            (Tokens::new(), Tokens::new())
        } else {
            (quote_spanned!(s=> const LANES: ::core::primitive::usize,), quote_spanned!(s=> LANES,))
        };
        let (form, method) = match way {
            Way::One => ("forward_2", "__grad_forward_2"),
            Way::Lanes => ("forward_2_n", "__grad_forward_2_n"),
            Way::Beside => ("forward_2_n", "__grad_forward_2_n_beside"),
        };
        let [form, method] = [form, method].map(|name| Ident::new(name, s));
        let marker_uses = quote_spanned!(s=> let _ = (#(&#marks,)*););
        quote_spanned! {s=>
            #[inline]
            fn #method<#generic #(#markers: #krate::__private::MarkerOf<#inputs>,)* #count>(
                &self,
                #(#xs: #givens,)*
                #dot_param
                #(#x_dots: ::core::option::Option<#dots>,)*
                #marker_param
                #(#marks: #markers),*
            ) -> (
                #output,
                #cotangent_dot,
                impl ::core::ops::FnOnce(
                    &Self,
                    #(#agains,)*
                    #dot_ty
                    #(::core::option::Option<#dots_again>,)*
                    #cotangent,
                    #cotangent_dot,
                    #bar_ty
                    #(::core::option::Option<&mut #slots>,)*
                    #bar_dot_ty
                    #(::core::option::Option<&mut #slots_dot>),*
                ) -> (((), #(#returned),*), ((), #(#returned_dot),*))
                + ::core::clone::Clone
                + use<#captured #captured_marker #(#markers,)* #captured_count>,
            ) {
                #unused
                #marker_uses
                let (value, value_dot, pullback) = <#bear as #krate::__private::Derivative<2>>::FORMS.#form(
                    self, #(#xs,)* #dot, #(#x_dots,)* #marker, #(#said),*
                );
                let pullback = move |
                    this: &Self,
                    #(#xs: #agains,)*
                    #dot_param
                    #(#x_dots: ::core::option::Option<#dots_again>,)*
                    seed: #cotangent,
                    seed_dot: #cotangent_dot,
                    #bar_param
                    #(#bars: ::core::option::Option<&mut #slots>,)*
                    #bar_dot_param
                    #(#bar_dots: ::core::option::Option<&mut #slots_dot>),*
                | {
                    #unused_bars
                    pullback(
                        this, #(#xs,)* #dot, #(#x_dots,)*
                        seed, seed_dot,
                        #bar, #(#bars,)* #bar_dot, #(#bar_dots),*
                    )
                };
                (value, value_dot, pullback)
            }
        }
    }
}
