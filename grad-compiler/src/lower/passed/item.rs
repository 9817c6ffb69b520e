//! The item that stands for a closure: how it is written.

use super::twice::Parts;
use super::{Captured, Captures, Parameter, Surroundings};
use crate::function::with_runtime;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use std::collections::BTreeSet;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprClosure, Pat, Type};

/// The struct, the function, and the trait of the runtime by which the two are found.
pub(super) fn item(
    surroundings: &Surroundings,
    name: &Ident,
    closure: &ExprClosure,
    items: &[TokenStream],
    parameters: &[Parameter<'_>],
    output: &Type,
    (captured, closures): (&[Captured], &[(Ident, ExprClosure)]),
) -> TokenStream {
    let s = Span::mixed_site();
    let krate = &surroundings.args.krate;
    let generics = surroundings.generics.const_params();
    let generics: Vec<_> = generics.collect();
    let names: Vec<_> = generics.iter().map(|param| &param.ident).collect();
    let (params, arguments) = if generics.is_empty() {
        (TokenStream::new(), TokenStream::new())
    } else {
        (quote_spanned!(s=> <#(#generics),*>), quote_spanned!(s=> <#(#names),*>))
    };
    let function = Ident::new(&format!("{name}_function"), s);
    let this = Ident::new("__captured", s);
    let fields = captured.iter().map(|one| {
        let (name, field) = (&one.name, with_runtime(one.field.clone(), krate));
        let constant = one.kind.is_constant().then(|| quote_spanned!(s=> #[grad(constant)]));
        quote_spanned!(s=> #constant #name: #field)
    });
    let constants: Vec<&Captured> = captured.iter().filter(|one| one.kind.is_constant()).collect();
    let constant_params = constants.iter().map(|one| {
        let (name, variable) = (&one.name, &one.variable);
        quote_spanned!(s=> #name: #variable)
    });
    let given: Vec<TokenStream> = constants
        .iter()
        .map(|one| {
            let (name, variable) = (&one.name, &one.variable);
            match one.kind {
                Captures::Behind => {
                    let of: TokenStream = variable.clone().into_iter().skip(1).collect();
                    quote_spanned!(s=> ::core::borrow::Borrow::<#of>::borrow(&this.#name))
                }
                Captures::Number | Captures::Memory | Captures::Constant => quote_spanned!(s=> this.#name),
            }
        })
        .collect();
    let lets = captured.iter().filter(|one| !one.kind.is_constant()).map(|one| {
        let (name, variable) = (&one.name, &one.variable);
        let reference = (one.kind == Captures::Memory).then(|| quote_spanned!(s=> &));
        quote_spanned!(s=> let #name: #variable = #reference #this.#name;)
    });
    let inputs: Vec<Ident> =
        (0..parameters.len()).map(|at| Ident::new(["a", "b", "c", "d"][at], s)).collect();
    let own: Vec<Ident> = parameters
        .iter()
        .zip(&inputs)
        .map(|(parameter, input)| match parameter.pat {
            // A variable of that name may be captured by a closure that is called.
            Pat::Ident(pat)
                if closures.is_empty()
                    && pat.subpat.is_none()
                    && pat.mutability.is_none()
                    && pat.by_ref.is_none() =>
            {
                pat.ident.clone()
            }
            _ => format_ident!("__input_{}", input),
        })
        .collect();
    let patterns = parameters.iter().zip(&own).filter_map(|(parameter, own)| match parameter.pat {
        Pat::Ident(pat) if pat.ident == *own => None,
        pat => Some(quote_spanned!(s=> let #pat = #own;)),
    });
    let own_types: Vec<&Type> = parameters.iter().map(|parameter| &parameter.ty).collect();
    let wrt = parameters.iter().zip(&own).filter(|(parameter, _)| !parameter.is_constant).map(|(_, own)| own);
    let body = unborrowed((*closure.body).clone(), captured);
    let called = closures.iter().map(|(name, closure)| {
        let closure = unborrowed(Expr::Closure(closure.clone()), captured);
        quote_spanned!(s=> let #name = #closure;)
    });
    let types: Vec<&TokenStream> = parameters.iter().map(|parameter| &parameter.input).collect();
    let interface = format_ident!("Function{}", parameters.len(), span = s);
    let of_each = |what: &str| {
        let what = Ident::new(what, s);
        types
            .iter()
            .map(|input| quote_spanned!(s=> <#input as #krate::__private::Input>::#what<'_>))
            .collect::<Vec<_>>()
    };
    let (givens, dots_one) = (of_each("Given"), of_each("Dot"));
    let agains = of_each("Again");
    let dots_n = types
        .iter()
        .map(|input| quote_spanned!(s=> <#input as #krate::__private::InputLanes<LANES>>::Dots<'_>));
    let slots: Vec<TokenStream> = types
        .iter()
        .map(|input| quote_spanned!(s=> ::core::option::Option<&mut <#input as #krate::__private::Input>::Slot>))
        .collect();
    let returned =
        types.iter().map(|input| quote_spanned!(s=> <#input as #krate::__private::Input>::Returned));
    let markers: Vec<Ident> = inputs.iter().map(|input| format_ident!("__M{}", input, span = s)).collect();
    let marker_names: Vec<Ident> =
        inputs.iter().map(|input| format_ident!("marker_{}", input, span = s)).collect();
    let marker_args: Vec<TokenStream> = parameters
        .iter()
        .zip(&marker_names)
        .map(|(parameter, marker)| {
            if parameter.is_constant {
                quote_spanned!(s=> #krate::__private::Constant)
            } else {
                marker.to_token_stream()
            }
        })
        .collect();
    let slot_names: Vec<Ident> =
        inputs.iter().map(|input| format_ident!("slot_{}", input, span = s)).collect();
    let none: Vec<TokenStream> =
        constants.iter().map(|_| quote_spanned!(s=> ::core::option::Option::None)).collect();
    let ignored = constants.iter().map(|_| quote_spanned!(s=> _));
    let constant_markers = constants.iter().map(|_| quote_spanned!(s=> #krate::__private::Constant));
    let cotangent = quote_spanned!(s=> <#output as #krate::Differentiable>::Tangent);
    let forms = quote_spanned!(s=> <#function as #krate::__private::FirstDerivative>::FORMS);
    let forward = quote_spanned!(s=> #forms.forward(this, #(#given,)* #(#inputs,)* marker, #(#constant_markers,)* #(#marker_args),*));
    let results: Vec<Ident> = inputs.iter().map(|input| format_ident!("{}_bar", input, span = s)).collect();
    let forward = if constants.is_empty() {
        forward
    } else {
        quote_spanned! {s=>
            let (value, pullback) = #forward;
            (value, move |this: &Self, #(#inputs: #agains,)* seed: #cotangent, slot: ::core::option::Option<&mut <Self as #krate::Differentiable>::Tangent>, #(#slot_names: #slots),*| {
                let (captured, #(#ignored,)* #(#results),*) =
                    pullback(this, #(#given,)* #(#inputs,)* seed, slot, #(#none,)* #(#slot_names),*);
                (captured, #(#results),*)
            })
        }
    };
    let order = (surroundings.args.order > 1).then(|| {
        let order = Literal::usize_unsuffixed(surroundings.args.order);
        quote_spanned!(s=> order = #order,)
    });
    let dot_names: Vec<Ident> = inputs.iter().map(|input| format_ident!("{}_dot", input, span = s)).collect();
    let cfgs = &surroundings.cfgs;
    let parts = Parts {
        krate,
        cfgs,
        name,
        params: &params,
        arguments: &arguments,
        names: &names,
        function: &function,
        types: &types,
        inputs: &inputs,
        output,
        given: &given,
        markers: &markers,
        marker_names: &marker_names,
        marker_args: &marker_args,
    };
    let twice = (surroundings.args.order > 1).then(|| parts.implementation());
    quote_spanned! {s=>
        #(#cfgs)*
        #[derive(::core::clone::Clone, #krate::Differentiable)]
        #[grad(crate = #krate)]
        #[allow(dead_code, non_camel_case_types, non_snake_case)]
        struct #name #params {
            #(#fields,)*
        }

        #(#cfgs)*
        #[#krate::grad(#order wrt(#this #(, #wrt)*), crate = #krate)]
        #[allow(unused, non_snake_case, clippy::all, clippy::pedantic)]
        fn #function #params (#this: &#name #arguments, #(#constant_params,)* #(#own: #own_types),*) -> #output {
            #(#items)*
            #(#lets)*
            #(#called)*
            #(#patterns)*
            #body
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(clippy::all, clippy::pedantic)]
        impl #params #krate::__private::#interface<#(#types,)* #output> for #name #arguments {
            #[inline]
            fn __grad_value(&self, #(#inputs: #givens),*) -> #output {
                let this = self;
                #function(this, #(#given,)* #(#inputs),*)
            }

            #[inline]
            fn __grad_forward<__M: #krate::__private::Activity, #(#markers: #krate::__private::Activity),*>(
                &self,
                #(#inputs: #givens,)*
                marker: __M,
                #(#marker_names: #markers),*
            ) -> (
                #output,
                impl ::core::ops::FnOnce(
                    &Self,
                    #(#agains,)*
                    #cotangent,
                    ::core::option::Option<&mut <Self as #krate::Differentiable>::Tangent>,
                    #(#slots),*
                ) -> ((), #(#returned),*)
                + ::core::clone::Clone
                + use<__M, #(#markers,)* #(#names),*>,
            ) {
                let this = self;
                #forward
            }

            #[inline]
            fn __grad_tangent(
                &self,
                #(#inputs: #givens,)*
                dot: ::core::option::Option<&<Self as #krate::Differentiable>::Tangent>,
                #(#dot_names: ::core::option::Option<#dots_one>),*
            ) -> (#output, #cotangent) {
                let this = self;
                #forms.tangent(this, #(#given,)* #(#inputs,)* dot, #(#none,)* #(#dot_names),*)
            }

            #[inline]
            fn __grad_tangent_n<const LANES: ::core::primitive::usize>(
                &self,
                #(#inputs: #givens,)*
                dot: ::core::option::Option<&<<Self as #krate::Differentiable>::Tangent as #krate::__private::LanesLike<LANES>>::Lanes>,
                #(#dot_names: ::core::option::Option<#dots_n>),*
            ) -> (#output, <#cotangent as #krate::__private::LanesLike<LANES>>::Lanes) {
                let this = self;
                #forms.tangent_n(this, #(#given,)* #(#inputs,)* dot, #(#none,)* #(#dot_names),*)
            }
        }

        #twice
    }
}

/// What is written in the closure, in a function that has what is captured behind references: `&v` of such is `v`.
fn unborrowed(mut expr: Expr, captured: &[Captured]) -> Expr {
    struct Unborrowed(BTreeSet<String>);
    impl VisitMut for Unborrowed {
        fn visit_expr_mut(&mut self, expr: &mut Expr) {
            visit_mut::visit_expr_mut(self, expr);
            if let Expr::Reference(reference) = expr
                && reference.mutability.is_none()
                && let Expr::Path(path) = &*reference.expr
                && path.path.get_ident().is_some_and(|name| self.0.contains(&name.to_string()))
            {
                *expr = (*reference.expr).clone();
            }
        }
    }
    let behind = captured.iter().filter(|one| matches!(one.kind, Captures::Memory | Captures::Behind));
    Unborrowed(behind.map(|one| one.name.to_string()).collect()).visit_expr_mut(&mut expr);
    expr
}
