//! The two sweeps of a function with tangents, for callers.

use crate::emit::body::Emitter;
use crate::emit::cotangent_types::without_lifetimes;
use crate::emit::facts::Facts;
use crate::emit::forms::Form;
use crate::emit::items::Cx;
use crate::emit::signature::Param;
use crate::emit::workers::{STUB, slot};
use crate::emit::{Tokens, site};
use crate::transform::{ParamCotangent, Reversed, Second, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};

/// The parts of a forward sweep with tangents that differ.
struct SecondFunction<'a> {
    params: &'a [(Tokens, Tokens)],
    /// The type of the pullback.
    pullback: Tokens,
    body: Tokens,
    where_clause: Tokens,
}

impl<'a> Cx<'a> {
    /// The forward sweep with tangents, which returns the reverse sweep with tangents.
    pub(in crate::emit) fn second_forward(&self, second: &'a Second, width: Width) -> Tokens {
        let s = site();
        let Second {
            reversed, params: dots, result: result_dot, seed: seed_dot, cotangents: bar_dots, ..
        } = second;
        let Reversed { func, reverse, seed, cotangents, .. } = reversed;
        let facts = Facts::of(
            func,
            reverse,
            |turn| {
                turn.value(&func.result);
                turn.value(result_dot);
            },
            |end| {
                for cotangent in cotangents.iter().chain(bar_dots) {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        let mut emitter = self.emitter(reversed, facts);
        emitter.lanes = (width == Width::Lanes).then(|| self.lanes.clone());
        let mut params = Vec::new();
        let mut prelude = Tokens::new();
        let read_ahead = |emitter: &Emitter<'_>, var: crate::ir::Var, of: &Param<'_>| {
            emitter.facts.read_in_forward[var.index()]
                || (emitter.facts.read_in_reverse[var.index()] && !of.kind.is_passed_again())
        };
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = read_ahead(&emitter, param.var, of);
            // The shape of an absent tangent is that of its argument.
            let pattern = emitter.param(param.var, read || of.is_differentiable());
            let ty = of.ty;
            params.push((pattern, quote_spanned!(s=> #ty)));
        }
        let names: Vec<Ident> = func.params.iter().map(|param| emitter.name(param.var).clone()).collect();
        for (k, (dot, of)) in dots.iter().zip(&self.sig.params).enumerate() {
            let ty = self.optional_ty(of, width);
            let Some(dot) = dot.filter(|dot| read_ahead(&emitter, *dot, of)) else {
                if let Some(dot) = dot {
                    emitter.define(*dot);
                }
                params.push((quote_spanned!(s=> _), ty));
                continue;
            };
            let name = emitter.define(dot);
            params.push((name.to_token_stream(), ty));
            prelude.extend(self.present_in(of, &names[k], &name, width));
            if emitter.mutability(dot).is_some() {
                prelude.extend(quote_spanned!(s=> let mut #name = #name;));
            }
        }
        let mut marker_names = Vec::new();
        for (k, (cotangent, of)) in cotangents.iter().zip(&self.sig.params).enumerate() {
            let ParamCotangent::Slot(var) = cotangent else {
                marker_names.push(None);
                continue;
            };
            emitter.slots.insert(*var, Some(self.markers[k].clone()));
            if let ParamCotangent::Slot(dot) = &bar_dots[k] {
                emitter.slots.insert(*dot, Some(self.markers[k].clone()));
            }
            let name = emitter.namer.fresh(&format!("{}_activity", of.stem()), of.span);
            emitter.markers.insert(func.params[k].var, name.clone());
            marker_names.push(Some(name));
        }
        let body = emitter.block(&func.body);
        let (result, dot) = (emitter.value(&func.result), emitter.value(result_dot));

        emitter.namer.enter();
        let mut inputs = Vec::new();
        let mut opening = Tokens::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = of.kind.is_passed_again()
                && (emitter.facts.read_in_reverse[param.var.index()] || of.is_differentiable());
            let name = emitter.name(param.var);
            inputs.push(if read { name.to_token_stream() } else { quote_spanned!(s=> _) });
        }
        for (k, (dot, of)) in dots.iter().zip(&self.sig.params).enumerate() {
            match dot.filter(|dot| of.kind.is_passed_again() && emitter.facts.read_in_reverse[dot.index()]) {
                Some(dot) => {
                    let name = emitter.name(dot).clone();
                    inputs.push(name.to_token_stream());
                    opening.extend(self.present_in(of, &names[k], &name, width));
                }
                None => inputs.push(quote_spanned!(s=> _)),
            }
        }
        for seed in [seed, seed_dot] {
            inputs.push(match (seed, self.sig.result) {
                (Some(seed), Some(_)) => emitter.seed_pattern(seed),
                _ => quote_spanned!(s=> _),
            });
        }
        for (slots, width) in [(cotangents, Width::One), (bar_dots, width)] {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                let (pattern, unwrapped) = slot(&mut emitter, cotangent, of, width);
                inputs.push(pattern);
                opening.extend(unwrapped);
            }
        }
        let reverse = emitter.block(reverse);
        // What runs again in the reverse sweep may call, too.
        for (name, marker) in marker_names.iter().zip(&self.markers) {
            let used = name.as_ref().filter(|name| emitter.used_markers.borrow().contains(&name.to_string()));
            let pattern = used.map_or_else(|| quote_spanned!(s=> _), ToTokens::to_token_stream);
            params.push((pattern, marker.to_token_stream()));
        }
        let returned = [(cotangents, Width::One), (bar_dots, width)].map(|(cotangents, width)| {
            let returned = cotangents.iter().zip(&self.sig.params).map(|(cotangent, of)| {
                if of.kind.is_returned() {
                    emitter.returned_tangent(Some(cotangent), width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        emitter.namer.leave();
        let tys = self.second_inputs(width);
        let is_boxed = self.is_recursive([&func.body, &reversed.reverse]);
        let [bars, bar_dots] = returned;
        let pullback = quote_spanned! {s=>
            move |#(#inputs: #tys),*| {
                #opening
                #reverse
                (#bars, #bar_dots)
            }
        };
        let pullback =
            if is_boxed { self.boxed(&pullback, &self.second_bound(width), width) } else { pullback };
        let answer = self.sig.answer(&quote_spanned!(s=> (#result, #dot, #pullback)));
        let body = quote_spanned!(s=> #prelude #body #answer);
        self.second_function(&params, body, self.where_clause_of(width), width)
    }

    /// For callers of a function that has errors.
    pub(in crate::emit) fn second_stubs(&self) -> Tokens {
        let stub = |width: Width| {
            let s = site();
            let tys = self
                .sig
                .params
                .iter()
                .map(|param| param.ty.to_token_stream())
                .chain(self.sig.params.iter().map(|param| self.optional_ty(param, width)))
                .chain(self.markers.iter().map(ToTokens::to_token_stream));
            let params: Vec<(Tokens, Tokens)> = tys.map(|ty| (quote_spanned!(s=> _), ty)).collect();
            let (inputs, outputs) = (self.second_inputs(width), self.second_outputs(width));
            let function = SecondFunction {
                params: &params,
                pullback: quote_spanned!(s=> fn(#(#inputs),*) -> #outputs),
                body: quote_spanned!(s=> ::core::option::Option::None.expect(#STUB)),
                where_clause: self.where_clause_of(width),
            };
            self.second_function_of(function, width)
        };
        [Width::One, Width::Lanes].map(stub).into_iter().collect()
    }

    pub(in crate::emit) fn second_function(
        &self,
        params: &[(Tokens, Tokens)],
        body: Tokens,
        where_clause: Tokens,
        width: Width,
    ) -> Tokens {
        let bound = self.second_bound(width);
        let lanes = (width == Width::Lanes).then_some(&self.lanes);
        let captured = self.generic_names().into_iter().chain(&self.markers).chain(lanes);
        let pullback = quote_spanned!(site()=> impl #bound + ::core::clone::Clone + use<#(#captured),*>);
        self.second_function_of(SecondFunction { params, pullback, body, where_clause }, width)
    }

    fn second_function_of(&self, function: SecondFunction<'_>, width: Width) -> Tokens {
        let s = site();
        let SecondFunction { params, pullback, body, where_clause } = function;
        let (vis, name) = (self.vis(), Form::Second(width).method());
        let generics = match width {
            Width::One => self.generics(true),
            Width::Lanes => {
                let own: Vec<Tokens> = self.generic_params(true);
                let lanes = &self.lanes;
                quote_spanned!(s=> <#(#own,)* const #lanes: ::core::primitive::usize>)
            }
        };
        let result = self.sig.result_ty();
        let dot = self.sig.result.map_or_else(|| quote_spanned!(s=> ()), |ty| self.owned_tangent(ty, width));
        let use_primal = self.use_primal();
        let params = params.iter().map(|(pattern, ty)| quote_spanned!(s=> #pattern: #ty));
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#result, #dot, #pullback)));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> #answer #where_clause {
                #use_primal
                #body
            }
        }
    }

    /// `FnOnce(…) -> (…)`
    fn second_bound(&self, width: Width) -> Tokens {
        let (inputs, outputs) = (self.second_inputs(width), self.second_outputs(width));
        quote_spanned!(site()=> ::core::ops::FnOnce(#(#inputs),*) -> #outputs)
    }

    /// The cotangents that a pullback of tangents returns, and their tangents.
    fn second_outputs(&self, width: Width) -> Tokens {
        let s = site();
        let [bars, dots] = [Width::One, width].map(|width| {
            let returned = self.sig.params.iter().map(|param| {
                if param.kind.is_returned() {
                    self.owned_tangent(param.ty, width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#returned,)*))
        });
        quote_spanned!(s=> (#bars, #dots))
    }

    /// What a pullback of tangents takes: the arguments again, their tangents, the seed and its tangent, the slots for
    /// cotangents and those for their tangents.
    pub(in crate::emit) fn second_inputs(&self, width: Width) -> Vec<Tokens> {
        let s = site();
        let mut tys = self.pullback_inputs();
        let count = self.sig.params.len();
        let slots: Vec<Tokens> = tys.drain(count + 1..).collect();
        let seed = tys.pop();
        let krate = self.krate();
        tys.extend(self.sig.params.iter().map(|param| {
            if !param.is_differentiable() {
                quote_spanned!(s=> ::core::option::Option<#krate::__private::Constant>)
            } else if param.kind.is_gone() {
                quote_spanned!(s=> ::core::option::Option<#krate::__private::Gone>)
            } else {
                let ty = without_lifetimes(self.tangent_of(param.ty, width));
                quote_spanned!(s=> ::core::option::Option<#ty>)
            }
        }));
        let seed_dot = self.sig.result.map(|ty| self.owned_tangent(ty, width));
        tys.extend(seed.iter().cloned());
        tys.push(seed_dot.unwrap_or_else(|| quote_spanned!(s=> ())));
        tys.extend(slots);
        tys.extend(self.pullback_slots(width));
        tys
    }

    /// `Option` of a tangent.
    pub(in crate::emit) fn optional_ty(&self, param: &Param<'_>, width: Width) -> Tokens {
        let s = site();
        let krate = self.krate();
        if param.is_differentiable() {
            let ty = self.tangent_of(param.ty, width);
            quote_spanned!(s=> ::core::option::Option<#ty>)
        } else {
            quote_spanned!(s=> ::core::option::Option<#krate::__private::Constant>)
        }
    }
}
