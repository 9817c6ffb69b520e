//! Derivatives of methods: where they are, and how they are found.
//!
//! A method cannot have a type of its name beside it. The type that bears its derivatives is hidden, and a second inherent
//! block of the user's type has a method for each of them, `x.energy_grad(…)`. It also has what callers in annotated
//! functions find the hidden type by: a method, for `x.energy(…)`, and a constant, for `S::energy(…)`.

use super::fields::OfFields;
use super::forms::{Provided, way_of_method, way_of_path};
use super::items::{Cx, Functions};
use super::{Tokens, site};
use crate::args::{Method, RECEIVER, Taken};
use crate::operator::Operator;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, ImplItem, ImplItemFn, ItemImpl, Pat, PathArguments};

impl Cx<'_> {
    /// The type that bears the derivatives, their forms, and what else there is.
    pub(super) fn placed(&self, functions: &Functions, provided: &[Provided], others: &Tokens) -> Tokens {
        let s = site();
        let Functions { public, hidden } = functions;
        let (bearing, forms) = (self.bearing(public), self.forms(hidden, provided));
        let Some(method) = &self.args.method else { return quote_spanned!(s=> #bearing #forms #others) };
        let cfgs = self.attrs("cfg");
        let block = match &method.operator {
            Some((of, second)) => self.of_operands(method, of, second.as_deref()),
            None => self.block(method, public),
        };
        let (by_value, promised) = (self.taken_by_value(method), self.promised(method));
        quote_spanned! {s=>
            #(#cfgs)*
            const _: () = {
                #bearing
                #forms
                #others
                #by_value
                #block
                #promised
            };
        }
    }

    /// What the operands of an operator lead to its derivatives by.
    fn of_operands(&self, method: &Method, operator: &Operator, second: Option<&syn::Type>) -> Tokens {
        let s = site();
        let (krate, bear, generics) = (self.krate(), self.bear(), &method.generics);
        let of = match (&*method.of, operator.assigns) {
            (of, true) => quote_spanned!(s=> &mut #of),
            (of, false) => of.to_token_stream(),
        };
        let second = second.map_or_else(|| quote_spanned!(s=> ()), ToTokens::to_token_stream);
        let of = if operator.name == "Index" { quote_spanned!(s=> &#of) } else { of };
        let (params, where_clause) = (&generics.params, &generics.where_clause);
        let params = (!params.is_empty()).then(|| quote_spanned!(s=> <#params>));
        let name = Ident::new(operator.name, s);
        let implementation = quote_spanned! {s=>
            impl #params #krate::__private::Operator<#krate::__private::operators::#name, #second> for #of
            #where_clause
            {
                type Bearer = #bear;
                const BEARER: #bear = #bear;
            }
        };
        // Whose `Sum` it is, its call says.
        if operator.is_sum() {
            return implementation;
        }
        // A trait of that name may be another one.
        let (standard, primal) = (operator.method(s), method.by_value.as_ref().unwrap_or(&method.primal));
        let (own, own_where) = (self.generics(false), self.where_clause());
        quote_spanned! {s=>
            #implementation

            #[allow(dead_code)]
            fn __grad_standard #own () #own_where {
                #krate::__private::same(#primal, #standard);
            }
        }
    }

    /// The inherent block.
    fn block(&self, method: &Method, public: &Tokens) -> Tokens {
        let s = site();
        let (vis, bear, of, name) = (self.vis(), self.bear(), &method.of, self.sig.name());
        let (generics, where_clause) = (&method.generics, &method.generics.where_clause);
        let (by_path, by_value) = (respanned(way_of_path(name)), respanned(way_of_method(name)));
        let receiver = method.receiver.map(|_| {
            quote_spanned! {s=>
                #[doc(hidden)]
                #[inline]
                #vis fn #by_value(&self) -> #bear {
                    #bear
                }
            }
        });
        let (of_fields, functions) = match self.of_fields() {
            None => (Tokens::new(), self.forwarders(method, &bear, public)),
            Some(OfFields { bear, borne, functions }) => (borne, self.forwarders(method, &bear, &functions)),
        };
        let allow = self.allowed();
        let params = &generics.params;
        let params = (!params.is_empty()).then(|| quote_spanned!(s=> <#params>));
        let (krate, same) = (self.krate(), self.is_found_by_name(method));
        quote_spanned! {s=>
            impl #params #krate::__private::MethodOf<#of> for #bear #where_clause {}
            #same
            #of_fields

            #[automatically_derived]
            #allow
            impl #params #of #where_clause {
                #[doc(hidden)]
                #[allow(non_upper_case_globals)]
                #vis const #by_path: #bear = #bear;
                #receiver
                #functions
            }
        }
    }

    /// A method of a trait is the one that its name means: an inherent one of this name would go before it.
    fn is_found_by_name(&self, method: &Method) -> Tokens {
        let Some(of_trait) = &method.of_trait else { return Tokens::new() };
        let s = self.sig.name().span().resolved_at(site());
        let (of, name, krate) = (&method.of, self.sig.name(), self.krate());
        let mut path = of_trait.clone();
        for segment in &mut path.segments {
            segment.arguments = PathArguments::None;
        }
        let (generics, where_clause, own) =
            (self.generics(false), self.where_clause(), self.own_turbofish(method));
        quote_spanned! {s=>
            #[allow(unused_imports, dead_code)]
            fn __grad_named #generics () #where_clause {
                use #path as _;
                #krate::__private::same(<#of as #of_trait>::#name #own, <#of>::#name #own);
            }
        }
    }

    /// The generic arguments of a method that are none of the block's.
    pub(super) fn own_turbofish(&self, method: &Method) -> Option<Tokens> {
        let is_of_block = |name: &Ident| {
            method.generics.params.iter().any(|param| match param {
                GenericParam::Const(param) => param.ident == *name,
                GenericParam::Type(param) => param.ident == *name,
                GenericParam::Lifetime(_) => false,
            })
        };
        let own: Vec<&Ident> = self.generic_names().into_iter().filter(|name| !is_of_block(name)).collect();
        (!own.is_empty()).then(|| quote_spanned!(site()=> ::<#(#own),*>))
    }

    /// `x.energy_grad(…)` and its kin.
    fn forwarders(&self, method: &Method, bear: &Ident, public: &Tokens) -> Tokens {
        let parsed = syn::parse2::<ItemImpl>(quote_spanned!(site()=> impl T { #public }));
        let functions = parsed.map(|block| block.items).unwrap_or_default();
        functions
            .iter()
            .map(|item| match item {
                ImplItem::Fn(function) => self.forwarder(method, bear, function),
                other => other.to_token_stream(),
            })
            .collect()
    }

    fn forwarder(&self, method: &Method, bear: &Ident, function: &ImplItemFn) -> Tokens {
        let s = site();
        let name = &function.sig.ident;
        let mut signature = function.sig.clone();
        signature.ident = Ident::new(&format!("{}_{name}", self.prefix()), s);
        let of_block: Vec<Ident> = method.generics.params.iter().map(name_of).collect();
        signature.generics.params = signature
            .generics
            .params
            .into_iter()
            .filter(|param| !of_block.contains(&name_of(param)))
            .collect();
        let mut args = Vec::new();
        for (k, input) in signature.inputs.iter_mut().enumerate() {
            let FnArg::Typed(typed) = &mut *input else { continue };
            let ident = match &*typed.pat {
                Pat::Ident(pat) => pat.ident.clone(),
                _ => Ident::new(&format!("arg{k}"), s),
            };
            if ident == RECEIVER {
                args.push(Ident::new("self", s));
                let receiver = match method.receiver {
                    Some(Taken::Exclusive) => quote_spanned!(s=> &mut self),
                    Some(Taken::Shared) | None => quote_spanned!(s=> &self),
                };
                *input = FnArg::Receiver(syn::parse_quote!(#receiver));
                continue;
            }
            *typed.pat = syn::parse_quote!(#ident);
            args.push(ident);
        }
        // There the type that bears the derivatives, here the user's.
        SelfIs(bear).visit_signature_mut(&mut signature);
        let (attrs, vis) = (&function.attrs, &function.vis);
        quote_spanned!(s=> #(#attrs)* #vis #signature { #bear::#name(#(#args),*) })
    }

    /// What the names of a method's derivatives begin with.
    fn prefix(&self) -> String {
        let name = self.args.name.as_ref().unwrap_or(self.sig.name()).to_string();
        name.trim_start_matches("r#").to_owned()
    }

    /// Derivatives take by reference what the method takes by value: the method for them.
    fn taken_by_value(&self, method: &Method) -> Tokens {
        let Some(path) = &method.by_value else { return Tokens::new() };
        let s = site();
        let names = self.names();
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        let tys = self.sig.params.iter().map(|param| param.ty.ty);
        let params = names.params.iter().zip(tys).map(|(name, ty)| quote_spanned!(s=> #name: #ty));
        let params = quote_spanned!(s=> #(#params),*);
        let result = &self.sig.item.sig.output;
        let (primal, args) = (&method.primal, names.params.iter().skip(1));
        let this = &names.params[0];
        let calls = match (&method.operator, &names.params[..]) {
            (Some((of, _)), [this, at]) if of.is_of_place() => {
                quote_spanned!(s=> ::core::clone::Clone::clone(#path(#this, #at)))
            }
            (Some((of, _)), [this, at, value]) if of.is_of_place() => {
                quote_spanned!(s=> *#path(#this, #at) = #value)
            }
            (Some((of, _)), [items]) if of.name == "SumOfItems" => {
                quote_spanned!(s=> #path(#items.into_iter()))
            }
            (Some((of, _)), [items]) if of.name == "SumOfReferences" => {
                quote_spanned!(s=> #path(#items.iter()))
            }
            _ => quote_spanned!(s=> #path(::core::clone::Clone::clone(#this), #(#args),*)),
        };
        quote_spanned! {s=>
            #[inline]
            fn #primal #generics (#params) #result #where_clause {
                #calls
            }
        }
    }
}

struct SelfIs<'a>(&'a Ident);

impl VisitMut for SelfIs<'_> {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        if path.is_ident("Self") {
            *path = self.0.clone().into();
        }
        visit_mut::visit_path_mut(self, path);
    }
}

fn respanned(mut name: Ident) -> Ident {
    name.set_span(name.span().resolved_at(site()));
    name
}

fn name_of(param: &GenericParam) -> Ident {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.ident.clone(),
        GenericParam::Type(param) => param.ident.clone(),
        GenericParam::Const(param) => param.ident.clone(),
    }
}
