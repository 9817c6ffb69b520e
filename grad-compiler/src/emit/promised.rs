//! What a method of an annotated trait's `impl` has for functions that are generic over the trait: its derivatives, by a trait
//! of the runtime that the user's trait has as a supertrait. Of a trait without the attribute, nobody asks for it.

use super::items::Cx;
use super::promised_twice::Twice;
use super::{Tokens, site};
use crate::args::{Method, Taken as How};
use crate::trait_method::{Promised, Taken, number_of};
use proc_macro2::Ident;
use quote::{ToTokens, format_ident, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Lifetime, TypeReference};

impl Cx<'_> {
    /// The implementation of the runtime's trait, of a method that has one.
    pub(super) fn promised(&self, method: &Method) -> Tokens {
        self.implementation(method).unwrap_or_default()
    }

    fn implementation(&self, method: &Method) -> Option<Tokens> {
        let s = site();
        let of_trait = &method.of_trait.as_ref()?.segments.last()?.ident;
        let (receiver, others) = self.sig.params.split_first()?;
        let output = self.sig.result?.ty;
        let is_plain = method.receiver == Some(How::Shared)
            && method.by_value.is_none()
            && method.operator.is_none()
            && self.sig.failing.is_none()
            && self.args.functions.is_empty()
            && self.args.scalars.is_empty()
            && self.own_turbofish(method).is_none();
        if !is_plain || others.iter().any(|param| param.kind.is_output()) {
            return None;
        }
        let taken: Vec<Taken<'_>> =
            others.iter().map(|param| Taken { ty: param.ty.ty, is_active: param.wrt.is_some() }).collect();
        let self_is_active = receiver.wrt.is_some();
        // Whether tangents go side by side in a type of which only a trait is known, the implementation cannot say.
        if self_is_active && method.generics.type_params().next().is_some() {
            return None;
        }
        let names = [of_trait, self.sig.name()];
        let promised = Promised::new(names, self_is_active, &taken, output, self.args)?;
        let (krate, bear, primal) = (self.krate(), self.bear(), &method.primal);
        let mut of = (*method.of).clone();
        let mut unnamed = Lifetimes(Vec::new());
        unnamed.visit_type_mut(&mut of);
        let unnamed = unnamed.0;
        let (interface, inputs) = (promised.interface(krate), &promised.inputs);
        let (params, where_clause) = (&method.generics.params, &method.generics.where_clause);
        let params = quote_spanned!(s=> <#(#unnamed,)* #params>);
        let generics: Vec<Tokens> = method
            .generics
            .params
            .iter()
            .map(|param| match param {
                GenericParam::Lifetime(param) => param.lifetime.to_token_stream(),
                GenericParam::Type(param) => param.ident.to_token_stream(),
                GenericParam::Const(param) => param.ident.to_token_stream(),
            })
            .collect();
        let (lifetimes, generics): (Vec<_>, Vec<_>) =
            generics.into_iter().partition(|param| param.to_string().starts_with('\''));
        let each = |stem: &str| -> Vec<Ident> {
            (0..inputs.len()).map(|at| format_ident!("{stem}{at}", span = s)).collect()
        };
        let (xs, dots, markers, marks) = (each("x"), each("dot"), each("__M"), each("marker"));
        let of_each = |what: &str| -> Vec<Tokens> {
            let what = Ident::new(what, s);
            inputs
                .iter()
                .map(|input| quote_spanned!(s=> <#input as #krate::__private::Input>::#what<'_>))
                .collect()
        };
        let (givens, agains, dot_types) = (of_each("Given"), of_each("Again"), of_each("Dot"));
        let lane_types: Vec<Tokens> = inputs
            .iter()
            .map(|input| quote_spanned!(s=> <#input as #krate::__private::InputLanes<LANES>>::Dots<'_>))
            .collect();
        let slots = inputs
            .iter()
            .map(|input| quote_spanned!(s=> ::core::option::Option<&mut <#input as #krate::__private::Input>::Slot>));
        let returned =
            inputs.iter().map(|input| quote_spanned!(s=> <#input as #krate::__private::Input>::Returned));
        // What a constant is, is known: a marker of the caller's may say no more.
        let said = taken.iter().zip(&marks).map(|(taken, mark)| {
            if taken.is_active {
                mark.to_token_stream()
            } else {
                quote_spanned!(s=> #krate::__private::Constant)
            }
        });
        let said_of_self = if self_is_active {
            quote_spanned!(s=> marker)
        } else {
            quote_spanned!(s=> #krate::__private::Constant)
        };
        let dot_of_self = if self_is_active {
            quote_spanned!(s=> dot)
        } else {
            quote_spanned!(s=> ::core::option::Option::None)
        };
        let receiver = &promised.receiver;
        let slot_of_self = quote_spanned!(s=> <#receiver as #krate::__private::Receiver<Self>>::Slot);
        let lanes_of_self =
            quote_spanned!(s=> <#receiver as #krate::__private::ReceiverLanes<Self, LANES>>::Lanes);
        let cotangent = quote_spanned!(s=> <#output as #krate::Differentiable>::Tangent);
        let forms = quote_spanned!(s=> <#bear as #krate::__private::FirstDerivative>::FORMS);
        let said: Vec<Tokens> = said.collect();
        let block = method.siblings.keys().fold(quote_spanned!(s=> ()), |others, name| {
            let number = number_of(name);
            quote_spanned!(s=> #krate::__private::AndOthers<#number, #others>)
        });
        let twice = (self.args.order > 1).then(|| {
            Twice {
                krate,
                bear: &bear.to_token_stream(),
                interface: promised.twice(krate),
                of: &of,
                params: &params,
                where_clause: where_clause.as_ref(),
                captured: quote_spanned!(s=> #(#unnamed,)* #(#lifetimes,)* #(#generics,)*),
                receiver: &promised.receiver,
                self_is_active,
                inputs,
                output,
                said: &said,
            }
            .implementation()
        });
        Some(quote_spanned! {s=>
            #twice

            #[automatically_derived]
            #[allow(clippy::all, clippy::pedantic)]
            impl #params #interface for #of #where_clause {
                type Output = #output;
                type Block = #block;

                #[inline]
                fn __grad_name() -> &'static ::core::primitive::str {
                    ::core::any::type_name_of_val(&#primal)
                }

                #[inline]
                fn __grad_forward<
                    __M: #krate::__private::MarkerOf<#receiver>,
                    #(#markers: #krate::__private::MarkerOf<#inputs>),*
                >(
                    &self,
                    #(#xs: #givens,)*
                    marker: __M,
                    #(#marks: #markers),*
                ) -> (
                    #output,
                    impl ::core::ops::FnOnce(
                        &Self,
                        #(#agains,)*
                        #cotangent,
                        ::core::option::Option<&mut #slot_of_self>,
                        #(#slots),*
                    ) -> ((), #(#returned),*)
                    + ::core::clone::Clone
                    + use<#(#unnamed,)* #(#lifetimes,)* __M, #(#markers,)* #(#generics),*>,
                ) {
                    let _ = (&marker, #(&#marks),*);
                    #forms.forward(self, #(#xs,)* #said_of_self, #(#said),*)
                }

                #[inline]
                fn __grad_tangent(
                    &self,
                    #(#xs: #givens,)*
                    dot: ::core::option::Option<&#slot_of_self>,
                    #(#dots: ::core::option::Option<#dot_types>),*
                ) -> (#output, #cotangent) {
                    let _ = dot;
                    #forms.tangent(self, #(#xs,)* #dot_of_self, #(#dots),*)
                }

                #[inline]
                fn __grad_tangent_n<const LANES: ::core::primitive::usize>(
                    &self,
                    #(#xs: #givens,)*
                    dot: ::core::option::Option<&#lanes_of_self>,
                    #(#dots: ::core::option::Option<#lane_types>),*
                ) -> (#output, <#cotangent as #krate::__private::LanesLike<LANES>>::Lanes) {
                    let _ = dot;
                    #forms.tangent_n(self, #(#xs,)* #dot_of_self, #(#dots),*)
                }

                #[inline]
                fn __grad_tangent_n_beside<const LANES: ::core::primitive::usize>(
                    &self,
                    #(#xs: #givens,)*
                    #(#dots: ::core::option::Option<#lane_types>),*
                ) -> (#output, <#cotangent as #krate::__private::LanesLike<LANES>>::Lanes) {
                    #forms.tangent_n(self, #(#xs,)* ::core::option::Option::None, #(#dots),*)
                }
            }
        })
    }
}

/// Gives a name to each lifetime that has none: what a method returns says which it captures.
struct Lifetimes(Vec<Lifetime>);

impl Lifetimes {
    fn name(&mut self) -> Lifetime {
        let name = Lifetime::new(&format!("'__grad{}", self.0.len()), site());
        self.0.push(name.clone());
        name
    }
}

impl VisitMut for Lifetimes {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.name();
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.name());
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }
}
