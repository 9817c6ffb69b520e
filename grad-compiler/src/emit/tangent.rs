//! Forward mode: `f::jvp`, and the same for callers that do not know which arguments are constant.

use super::body::Emitter;
use super::call::sibling;
use super::cotangent_types::{owned, ungrouped};
use super::facts::Facts;
use super::items::Cx;
use super::place::Access;
use super::signature::{Kind, Param, Passing};
use super::workers::STUB;
use super::{Tokens, site};
use crate::ir::{Arg, ArgKind, Block, TangentCall};
use crate::transform::Tangents;
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// A tangent has the form of its argument: by value, behind `&`, behind `&mut`; with `()` for what holds no floats.
pub(super) fn tangent_ty(ty: &Type) -> Tokens {
    let s = site();
    let Type::Reference(reference) = ungrouped(ty) else { return owned(ty) };
    let mutability = reference.mutability;
    let to = match ungrouped(&reference.elem) {
        Type::Slice(slice) => {
            let element = owned(&slice.elem);
            quote_spanned!(s=> [#element])
        }
        ty => owned(ty),
    };
    quote_spanned!(s=> &#mutability #to)
}

impl Cx<'_> {
    /// The parameters that have a tangent, in the order of the signature.
    pub(super) fn with_tangents(&self) -> impl Iterator<Item = (usize, &Param<'_>)> {
        self.sig.params.iter().enumerate().filter(|(_, param)| param.is_differentiable())
    }

    /// `-> (R, Ṙ)`, left out for `()`.
    fn returns_tangent(&self) -> Tokens {
        let s = site();
        self.sig.result.map_or_else(Tokens::new, |ty| {
            let tangent = owned(ty);
            quote_spanned!(s=> -> (#ty, #tangent))
        })
    }

    /// `f::jvp`: value and tangent side by side.
    pub(super) fn jvp(&self, tangents: &Tangents) -> Tokens {
        let s = site();
        let Tangents { func, params: dots, result: result_dot } = tangents;
        let nothing = Block::default();
        let facts = Facts::of(
            func,
            &nothing,
            |_| {},
            |end| {
                end.value(&func.result);
                end.value(result_dot);
            },
        );
        let mut emitter = Emitter::new(func, &self.args.krate, facts, self.namer());
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (k, of) in self.with_tangents() {
            let pattern = match dots[k] {
                Some(dot) => emitter.param(dot, true),
                None => quote_spanned!(s=> _),
            };
            let ty = tangent_ty(of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        // Two parameters of one name are an error of the user's that rustc reports.
        for (dot, of) in dots.iter().zip(&self.sig.params) {
            if let (Some(dot), false) = (dot, of.is_differentiable()) {
                emitter.define(*dot);
            }
        }
        let body = emitter.block(&func.body);
        let tail = self.sig.result.map(|_| {
            let (result, dot) = (emitter.value(&func.result), emitter.value(result_dot));
            quote_spanned!(s=> (#result, #dot))
        });
        self.jvp_function(&params, &quote_spanned!(s=> #body #tail))
    }

    pub(super) fn jvp_stub(&self) -> Tokens {
        let s = site();
        let mut tys: Vec<Tokens> = self.sig.params.iter().map(|param| param.ty.to_token_stream()).collect();
        tys.extend(self.with_tangents().map(|(_, param)| tangent_ty(param.ty)));
        let params: Vec<Tokens> = tys.iter().map(|ty| quote_spanned!(s=> _: #ty)).collect();
        let body = self.sig.result.map(|_| quote_spanned!(s=> ::core::option::Option::None.expect(#STUB)));
        self.jvp_function(&params, &body.unwrap_or_default())
    }

    pub(super) fn jvp_function(&self, params: &[Tokens], body: &Tokens) -> Tokens {
        let s = site();
        let (name, where_clause, use_primal) = (self.sig.name(), self.where_clause(), self.use_primal());
        let result = self.returns_tangent();
        let of =
            self.with_tangents().map(|(_, param)| format!("`{}`", param.hint)).collect::<Vec<_>>().join(", ");
        let docs = [
            format!(" Value of [`{name}`](fn@{name}) and its tangent, from the tangents of {of}: the derivative along a"),
            " direction. The tangent behind a `&mut` goes in with the old content and comes out with the new.".to_owned(),
        ];
        self.function(
            &docs,
            "jvp",
            &self.generics(false),
            &quote_spanned!(s=> (#(#params),*) #result #where_clause { #use_primal #body }),
        )
    }

    /// The same for callers: a tangent may be absent.
    pub(super) fn tangent(&self) -> Tokens {
        let s = site();
        let names = self.names();
        let krate = self.krate();
        let (vis, generics, where_clause) = (self.vis(), self.generics(false), self.where_clause());
        let primal = self.params(&names.params);
        let mut dots = Vec::new();
        let mut prelude = Tokens::new();
        let mut args: Vec<Tokens> = names.params.iter().map(ToTokens::to_token_stream).collect();
        for (k, param) in self.sig.params.iter().enumerate() {
            if !param.is_differentiable() {
                dots.push(quote_spanned!(s=> _: ::core::option::Option<#krate::__private::Constant>));
                continue;
            }
            let (name, dot, ty) = (&names.params[k], &names.dots[k], tangent_ty(param.ty));
            dots.push(quote_spanned!(s=> #dot: ::core::option::Option<#ty>));
            prelude.extend(self.present(param, name, dot));
            args.push(dot.to_token_stream());
        }
        let (result, tangent) = match self.sig.result {
            Some(ty) => (ty.to_token_stream(), owned(ty)),
            None => (quote_spanned!(s=> ()), quote_spanned!(s=> ())),
        };
        let turbofish = self.turbofish(false);
        let call = quote_spanned!(s=> Self::jvp #turbofish (#(#args),*));
        let call = if self.sig.result.is_some() { call } else { quote_spanned!(s=> #call; ((), ())) };
        quote_spanned! {s=>
            #[doc(hidden)]
            #[inline]
            #vis fn __grad_tangent #generics (#primal, #(#dots),*) -> (#result, #tangent) #where_clause {
                #prelude
                #call
            }
        }
    }

    /// `let x_dot = x_dot.unwrap_or(zeros);`
    pub(super) fn present(&self, param: &Param<'_>, name: &Ident, dot: &Ident) -> Tokens {
        let s = site();
        let krate = self.krate();
        let absent = Ident::new("__grad_absent", s);
        match param.kind {
            Kind::Scalar => quote_spanned!(s=> let #dot = #dot.unwrap_or(0.0);),
            Kind::ScalarRef => quote_spanned!(s=> let #dot = #dot.unwrap_or(&0.0);),
            Kind::ScalarMut => quote_spanned! {s=>
                let mut #absent = 0.0;
                let #dot = #dot.unwrap_or(&mut #absent);
            },
            Kind::Aggregate(Passing::Shared) => quote_spanned! {s=>
                let #absent;
                let #dot = match #dot {
                    ::core::option::Option::Some(#dot) => #dot,
                    ::core::option::Option::None => {
                        #absent = #krate::__private::zeros_like(#name);
                        &#absent
                    }
                };
            },
            Kind::Aggregate(Passing::Exclusive) => quote_spanned! {s=>
                let mut #absent;
                let #dot = match #dot {
                    ::core::option::Option::Some(#dot) => #dot,
                    ::core::option::Option::None => {
                        #absent = #krate::__private::zeros_like(&*#name);
                        &mut #absent
                    }
                };
            },
            Kind::Aggregate(_) | Kind::Constant(_) => quote_spanned! {s=>
                let #dot = #dot.unwrap_or_else(|| #krate::__private::zeros_like(&#name));
            },
        }
    }
}

impl Emitter<'_> {
    /// `Some(x_dot)`, `None`
    pub(super) fn tangent_args(&mut self, tangents: &[Option<Arg>], before: &mut Tokens) -> Vec<Tokens> {
        let mut dots = Vec::new();
        for arg in tangents {
            let Some(arg) = arg else {
                dots.push(quote_spanned!(site()=> ::core::option::Option::None));
                continue;
            };
            let s = arg.span.resolved_at(site());
            let dot = match &arg.kind {
                ArgKind::Exclusive(place) | ArgKind::Lent(place) => self.reborrow(place),
                ArgKind::Shared(place) => self.reference(place, Access::Shared),
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::ScalarMut { .. }
                | ArgKind::Moved(_)
                | ArgKind::Kept(_)
                | ArgKind::Code(_) => {
                    let dot = self.args(std::slice::from_ref(arg), before);
                    quote_spanned!(s=> #(#dot)*)
                }
            };
            dots.push(quote_spanned!(s=> ::core::option::Option::Some(#dot)));
        }
        dots
    }

    pub(super) fn tangent_call(&mut self, TangentCall { call, tangents, result }: &TangentCall) -> Tokens {
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let args = self.args(&call.args, &mut out);
        let dots = self.tangent_args(tangents, &mut out);
        let callee = sibling(&self.tokens(call.callee.clone(), &[]), "__grad_tangent", 0, s);
        let value = quote_spanned!(s=> #callee(#(#args,)* #(#dots),*));
        let mut pattern = |var: Option<crate::ir::Var>| match var {
            Some(var) => self.define_or_ignore(var),
            None => quote_spanned!(s=> _),
        };
        let (value_name, dot_name) = (pattern(call.result), pattern(*result));
        out.extend(quote_spanned!(s=> let (#value_name, #dot_name) = #value;));
        out
    }
}
