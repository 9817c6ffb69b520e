//! Derivatives of derivatives: what a call of `f::grad` or `f::value_and_grad` in an annotated function needs.
//!
//! The Hessian is symmetric, so that the pullback of the gradient is its tangent: both are the product with the Hessian.

mod jvp;
mod second;

use super::cotangent_types::{owned, ungrouped, zero};
use super::forms::{Form, NESTED};
use super::items::{Cx, Names};
use super::signature::{Kind, Param, Passing};
use super::tangent::tangent_ty;
use super::{Tokens, site};
use crate::transform::Width;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// Which of the derivatives is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Grad,
    ValueAndGrad,
}

impl Of {
    fn name(self) -> &'static str {
        match self {
            Of::Grad => NESTED[0],
            Of::ValueAndGrad => NESTED[1],
        }
    }
}

impl Cx<'_> {
    /// Whether there are derivatives of `f::grad` and its kin.
    pub(super) fn has_nested(&self) -> bool {
        self.sig.has_gradient() && !self.sig.params.iter().any(|param| param.kind.is_output())
    }

    /// The derivatives of `f::grad` and its kin.
    pub(super) fn nested(&self) -> Tokens {
        if !self.has_nested() {
            return Tokens::new();
        }
        let of = |of| {
            let (forward, tangent) = (self.nested_forward(of), self.nested_tangent(of));
            quote_spanned!(site()=> #forward #tangent)
        };
        let jvp = [self.nested_jvp_forward(), self.nested_jvp_tangent()];
        [Of::Grad, Of::ValueAndGrad].map(of).into_iter().chain(jvp).collect()
    }

    fn nested_result(&self, of: Of) -> Tokens {
        let (result, gradient) = (self.sig.result_ty(), self.gradient_ty());
        match of {
            Of::Grad => gradient,
            Of::ValueAndGrad => quote_spanned!(site()=> (#result, #gradient)),
        }
    }

    /// The names of the wrt parameters' tangents and gradients, in the order of the gradient.
    pub(super) fn in_order(&self, names: &[Ident]) -> Vec<Ident> {
        let mut wrt: Vec<_> =
            self.sig.params.iter().zip(names).filter(|(param, _)| param.wrt.is_some()).collect();
        wrt.sort_by_key(|(param, _)| param.wrt);
        wrt.into_iter().map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn tuple_of(names: &[Ident]) -> Tokens {
        Self::tuple(&names.iter().map(ToTokens::to_token_stream).collect::<Vec<_>>())
    }

    fn nested_names(&self) -> (Names, Vec<Ident>, Vec<Ident>) {
        let names = self.names();
        let (dots, products) = (names.dots.clone(), names.products.clone());
        (names, dots, products)
    }

    /// The tangent of a derivative.
    fn nested_tangent(&self, of: Of) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (names, dots, products) = self.nested_names();
        let (vis, generics, where_clause) = (self.vis(), self.generics(false), self.where_copy());
        let primal = self.params(&names.params);
        let name = Form::Tangent(Width::One).method_of(of.name());
        let mut inputs = Vec::new();
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        for (k, param) in self.sig.params.iter().enumerate() {
            if !param.is_differentiable() {
                inputs.push(quote_spanned!(s=> _: ::core::option::Option<#krate::__private::Constant>));
                continue;
            }
            let (dot, ty) = (&dots[k], tangent_ty(param.ty));
            inputs.push(quote_spanned!(s=> #dot: ::core::option::Option<#ty>));
            prelude.extend(self.present(param, &names.params[k], dot));
            args.push(dot.to_token_stream());
        }
        let (gradient, product) =
            (Self::tuple_of(&self.in_order(&names.bars)), Self::tuple_of(&self.in_order(&products)));
        let result = self.nested_result(of);
        let turbofish = self.turbofish(false);
        let [jvp, hvp] = ["jvp", "hvp"].map(|name| self.public(name));
        let body = match of {
            Of::Grad => quote_spanned!(s=> #prelude #hvp #turbofish (#(#args),*)),
            Of::ValueAndGrad => {
                let again = self.args_twice(&names);
                let last = self.sig.params.iter().zip(&dots).filter(|(param, _)| param.is_differentiable());
                let last = last.map(|(param, dot)| match param.kind {
                    Kind::Aggregate(Passing::Moved) => quote_spanned!(s=> ::core::clone::Clone::clone(&#dot)),
                    _ => dot.to_token_stream(),
                });
                let (value, value_dot) = (&names.value, names.namer(&dots).fresh("value_dot", s));
                quote_spanned! {s=>
                    #prelude
                    let (#value, #value_dot) = #jvp #turbofish (#(#again,)* #(#last),*);
                    let (#gradient, #product) = #hvp #turbofish (#(#args),*);
                    ((#value, #gradient), (#value_dot, #product))
                }
            }
        };
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #primal, #(#inputs),*) -> (#result, #result) #where_clause {
                #body
            }
        }
    }

    /// A cotangent of the result, as a factor of the derivative with respect to a number.
    pub(super) fn by_seed(&self, seed: &Ident, param: &Param<'_>) -> Tokens {
        let (ty, result) = (owned(param.ty), self.sig.result_ty());
        if ty.to_string() == result.to_string() {
            seed.to_token_stream()
        } else {
            self.cast(&seed.to_token_stream(), &ty)
        }
    }

    /// A number as one of another type.
    pub(super) fn cast(&self, number: &Tokens, ty: &Tokens) -> Tokens {
        let s = site();
        if self.args.scalars.is_empty() {
            return quote_spanned!(s=> (#number as #ty));
        }
        let krate = self.krate();
        quote_spanned!(s=> #krate::__private::cast_generic::<_, #ty>(#number))
    }

    /// The arguments, to be used once more afterwards.
    pub(super) fn args_twice(&self, names: &Names) -> Vec<Tokens> {
        let s = site();
        let args = self.sig.params.iter().zip(&names.params).map(|(param, name)| match param.kind {
            Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => {
                quote_spanned!(s=> ::core::clone::Clone::clone(&#name))
            }
            Kind::Constant(Passing::Exclusive) => quote_spanned!(s=> &mut *#name),
            _ => name.to_token_stream(),
        });
        args.collect()
    }

    /// A derivative, and its pullback.
    fn nested_forward(&self, of: Of) -> Tokens {
        let s = site();
        let krate = self.krate();
        let (names, dots, products) = self.nested_names();
        let (vis, generics, where_clause) = (self.vis(), self.generics(true), self.where_copy());
        let primal = self.params(&names.params);
        let name = Form::Forward.method_of(of.name());
        let markers = &self.markers;
        let result = self.nested_result(of);
        let mut inputs = self.pullback_inputs();
        let count = self.sig.params.len();
        inputs[count] = result.clone();
        let returned = self
            .sig
            .params
            .iter()
            .map(|param| if param.kind.is_returned() { owned(param.ty) } else { quote_spanned!(s=> ()) });
        let returned = quote_spanned!(s=> (#(#returned,)*));
        let captured: Vec<&Ident> = self.generic_names().into_iter().chain(markers).collect();
        let pullback = quote_spanned!(s=> impl ::core::ops::FnOnce(#(#inputs),*) -> #returned + ::core::clone::Clone + use<#(#captured),*>);
        let turbofish = self.turbofish(false);
        let (derivative, hvp) = (self.public(of.name()), self.public("hvp"));

        let mut namer = names.namer(&dots);
        let value_bar = namer.fresh("value_bar", s);
        let slots: Vec<Ident> = (0..count).map(|k| namer.fresh(&format!("slot_{k}"), s)).collect();
        let copies: Vec<Ident> = names
            .params
            .iter()
            .map(|name| namer.fresh(&format!("kept_{}", name.to_string().trim_start_matches("r#")), s))
            .collect();
        let mut patterns = Vec::new();
        let mut kept = Tokens::new();
        for ((param, name), copy) in self.sig.params.iter().zip(&names.params).zip(&copies) {
            patterns.push(if param.kind.is_gone() { quote_spanned!(s=> _) } else { name.to_token_stream() });
            if let Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) = param.kind {
                kept.extend(quote_spanned!(s=> let #copy = ::core::clone::Clone::clone(&#name);));
            }
        }
        let seed = Self::tuple_of(&self.in_order(&dots));
        patterns.push(match of {
            Of::Grad => seed,
            Of::ValueAndGrad => quote_spanned!(s=> (#value_bar, #seed)),
        });
        let mut args: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .zip(names.params.iter().zip(&copies))
            .map(|(param, (name, copy))| match param.kind {
                Kind::Aggregate(Passing::Moved) | Kind::Constant(Passing::Moved) => copy.to_token_stream(),
                _ => name.to_token_stream(),
            })
            .collect();
        let mut results = Vec::new();
        let mut added = Tokens::new();
        for (k, param) in self.sig.params.iter().enumerate() {
            let (bar, product, slot) = (&names.bars[k], &products[k], &slots[k]);
            if param.wrt.is_some() {
                let dot = &dots[k];
                let is_reference = matches!(ungrouped(param.ty.ty), Type::Reference(_));
                args.push(if is_reference { quote_spanned!(s=> &#dot) } else { dot.to_token_stream() });
            }
            let is_slot = param.wrt.is_some() && !param.kind.is_returned();
            patterns.push(if is_slot { slot.to_token_stream() } else { quote_spanned!(s=> _) });
            results.push(match (param.wrt, param.kind.is_returned(), of) {
                (Some(_), true, Of::Grad) => product.to_token_stream(),
                (Some(_), true, Of::ValueAndGrad) => {
                    let by_value = self.by_seed(&value_bar, param);
                    quote_spanned!(s=> #product + #by_value * #bar)
                }
                (None, true, _) => zero(param.ty),
                (_, false, _) => quote_spanned!(s=> ()),
            });
            if is_slot {
                let value = (of == Of::ValueAndGrad).then(|| {
                    quote_spanned! {s=>
                        let mut #bar = #bar;
                        #krate::__private::scale(&mut #bar, #value_bar);
                        #krate::__private::accumulate(&mut *#slot, &#bar);
                    }
                });
                added.extend(quote_spanned! {s=>
                    if let ::core::option::Option::Some(#slot) = #slot {
                        #krate::__private::accumulate(&mut *#slot, &#product);
                        #value
                    }
                });
            }
        }
        let unused = |tokens: Tokens| if of == Of::Grad { quote_spanned!(s=> _) } else { tokens };
        let gradient = unused(Self::tuple_of(&self.in_order(&names.bars)));
        let product = Self::tuple_of(&self.in_order(&products));
        let closure = quote_spanned! {s=>
            move |#(#patterns: #inputs),*| {
                let (#gradient, #product) = #hvp #turbofish (#(#args),*);
                #added
                (#(#results,)*)
            }
        };
        let params = &names.params;
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #primal, #(_: #markers),*) -> (#result, #pullback) #where_clause {
                #kept
                (#derivative #turbofish (#(#params),*), #closure)
            }
        }
    }
}
