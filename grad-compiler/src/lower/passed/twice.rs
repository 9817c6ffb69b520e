//! The item that stands for a closure, where it is differentiated twice: the trait of the runtime for that.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

/// What the first derivative and the second have in common.
pub(super) struct Parts<'a> {
    pub(super) krate: &'a TokenStream,
    pub(super) cfgs: &'a [syn::Attribute],
    /// The item, with its generic parameters and arguments, and the names of these.
    pub(super) name: &'a Ident,
    pub(super) params: &'a TokenStream,
    pub(super) arguments: &'a TokenStream,
    pub(super) names: &'a [&'a Ident],
    pub(super) function: &'a Ident,
    /// The types of the inputs, as the runtime calls them, and their names.
    pub(super) types: &'a [&'a TokenStream],
    pub(super) inputs: &'a [Ident],
    pub(super) output: &'a syn::Type,
    /// The constants that the function takes in front of its inputs.
    pub(super) given: &'a [TokenStream],
    pub(super) markers: &'a [Ident],
    pub(super) marker_names: &'a [Ident],
    pub(super) marker_args: &'a [TokenStream],
}

impl Parts<'_> {
    /// What the runtime has for each input.
    fn of_each(&self, of_trait: &TokenStream, what: &str, lifetime: &TokenStream) -> Vec<TokenStream> {
        let (s, krate, what) = (Span::mixed_site(), self.krate, Ident::new(what, Span::mixed_site()));
        let types = self.types.iter();
        types
            .map(|input| quote_spanned!(s=> <#input as #krate::__private::#of_trait>::#what #lifetime))
            .collect()
    }

    /// The implementation of the trait.
    pub(super) fn implementation(&self) -> TokenStream {
        let s = Span::mixed_site();
        let Parts { krate, cfgs, name, params, arguments, types, output, .. } = self;
        let interface = format_ident!("FunctionTwice{}", types.len(), span = s);
        let functions = [false, true].map(|lanes| self.forward(lanes));
        quote_spanned! {s=>
            #(#cfgs)*
            #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic)]
            impl #params #krate::__private::#interface<#(#types,)* #output> for #name #arguments {
                #(#functions)*
            }
        }
    }

    /// The forward sweep, with one tangent or several.
    fn forward(&self, lanes: bool) -> TokenStream {
        let s = Span::mixed_site();
        let Parts { krate, names, function, inputs, output, given, .. } = self;
        let (markers, marker_names, marker_args) = (self.markers, self.marker_names, self.marker_args);
        let (first, along) = (quote_spanned!(s=> Input), quote_spanned!(s=> InputLanes<LANES>));
        let borrowed = quote_spanned!(s=> <'_>);
        let given_tys = self.of_each(&first, "Given", &borrowed);
        let agains = self.of_each(&first, "Again", &borrowed);
        let [slots, returned] =
            ["Slot", "Returned"].map(|what| self.of_each(&first, what, &TokenStream::new()));
        let tangent = quote_spanned!(s=> <Self as #krate::Differentiable>::Tangent);
        let cotangent = quote_spanned!(s=> <#output as #krate::Differentiable>::Tangent);
        let side_by_side =
            |of: &TokenStream| quote_spanned!(s=> <#of as #krate::__private::LanesLike<LANES>>::Lanes);
        let (dots, dots_again, slots_dot, returned_dot) = if lanes {
            let of = |what, lifetime| self.of_each(&along, what, lifetime);
            let none = TokenStream::new();
            (
                of("Dots", &borrowed),
                of("DotsAgain", &borrowed),
                of("SlotLanes", &none),
                of("ReturnedLanes", &none),
            )
        } else {
            let of = |what| self.of_each(&first, what, &borrowed);
            (of("Dot"), of("DotAgain"), slots.clone(), returned.clone())
        };
        let (tangent_dot, cotangent_dot, count, captured) = if lanes {
            let count = quote_spanned!(s=> const LANES: ::core::primitive::usize,);
            (side_by_side(&tangent), side_by_side(&cotangent), count, quote_spanned!(s=> LANES,))
        } else {
            (tangent.clone(), cotangent.clone(), TokenStream::new(), TokenStream::new())
        };
        let each = |stem: &str| -> Vec<Ident> {
            inputs.iter().map(|input| format_ident!("{input}_{stem}", span = s)).collect()
        };
        let (dot_names, bars, bar_dots) = (each("dot"), each("bar"), each("bar_dot"));
        let none: Vec<_> = given.iter().map(|_| quote_spanned!(s=> ::core::option::Option::None)).collect();
        let constant: Vec<_> =
            given.iter().map(|_| quote_spanned!(s=> #krate::__private::Constant)).collect();
        let ignored: Vec<_> = given.iter().map(|_| quote_spanned!(s=> _)).collect();
        let pullback_tys = quote_spanned! {s=>
            &Self,
            #(#agains,)*
            ::core::option::Option<&#tangent_dot>,
            #(::core::option::Option<#dots_again>,)*
            #cotangent,
            #cotangent_dot,
            ::core::option::Option<&mut #tangent>,
            #(::core::option::Option<&mut #slots>,)*
            ::core::option::Option<&mut #tangent_dot>,
            #(::core::option::Option<&mut #slots_dot>),*
        };
        let form = Ident::new(if lanes { "forward_2_n" } else { "forward_2" }, s);
        let method = format_ident!("__grad_{form}", span = s);
        quote_spanned! {s=>
            #[inline]
            fn #method<
                __M: #krate::__private::Activity,
                #(#markers: #krate::__private::Activity,)*
                #count
            >(
                &self,
                #(#inputs: #given_tys,)*
                dot: ::core::option::Option<&#tangent_dot>,
                #(#dot_names: ::core::option::Option<#dots>,)*
                marker: __M,
                #(#marker_names: #markers),*
            ) -> (
                #output,
                #cotangent_dot,
                impl ::core::ops::FnOnce(#pullback_tys) -> (((), #(#returned),*), ((), #(#returned_dot),*))
                + ::core::clone::Clone
                + use<__M, #(#markers,)* #captured #(#names),*>,
            ) {
                let this = self;
                let (value, value_dot, pullback) = <#function as #krate::__private::Derivative<2>>::FORMS.#form(
                    this, #(#given,)* #(#inputs,)*
                    dot, #(#none,)* #(#dot_names,)*
                    marker, #(#constant,)* #(#marker_args),*
                );
                let pullback = move |
                    this: &Self,
                    #(#inputs: #agains,)*
                    dot: ::core::option::Option<&#tangent_dot>,
                    #(#dot_names: ::core::option::Option<#dots_again>,)*
                    seed: #cotangent,
                    seed_dot: #cotangent_dot,
                    slot: ::core::option::Option<&mut #tangent>,
                    #(#bars: ::core::option::Option<&mut #slots>,)*
                    slot_dot: ::core::option::Option<&mut #tangent_dot>,
                    #(#bar_dots: ::core::option::Option<&mut #slots_dot>),*
                | {
                    let ((captured, #(#ignored,)* #(#bars),*), (captured_dot, #(#ignored,)* #(#bar_dots),*)) = pullback(
                        this, #(#given,)* #(#inputs,)*
                        dot, #(#none,)* #(#dot_names,)*
                        seed, seed_dot,
                        slot, #(#none,)* #(#bars,)*
                        slot_dot, #(#none,)* #(#bar_dots),*
                    );
                    ((captured, #(#bars),*), (captured_dot, #(#bar_dots),*))
                };
                (value, value_dot, pullback)
            }
        }
    }
}
