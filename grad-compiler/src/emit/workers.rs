//! The two functions that do the work: both sweeps in one, and the forward sweep that returns the reverse sweep.

use super::body::Emitter;
use super::cotangent_types::{buffer, is_slice, owned, without_lifetimes, zero, zero_with};
use super::facts::Facts;
use super::forms::Form;
use super::items::Cx;
use super::signature::Param;
use super::{Tokens, site};
use crate::ir::{Block, Float, Func, Operand, Stmt, Ty, Var};
use crate::transform::{ParamCotangent, Reversed, Width};
use proc_macro2::Ident;
use quote::{ToTokens, quote_spanned};
use syn::GenericParam;

/// What a derivative says that was not generated.
pub(super) const STUB: &str = "the function has errors";

impl<'a> Cx<'a> {
    /// The parameters whose cotangents the joint form returns, in the order of the gradient.
    pub(super) fn returned(&self) -> Vec<(usize, &Param<'a>)> {
        let mut returned: Vec<_> = self
            .sig
            .params
            .iter()
            .enumerate()
            .filter(|(_, param)| param.wrt.is_some() && param.kind.is_returned())
            .collect();
        returned.sort_by_key(|(_, param)| param.wrt);
        returned
    }

    pub(super) fn joint_result(&self) -> Tokens {
        let s = site();
        let result = self.sig.result_ty();
        let tys: Vec<Tokens> = self.returned().iter().map(|(_, param)| owned(param.ty)).collect();
        let ty = match &tys[..] {
            [] if self.sig.result.is_none() => None,
            [] => Some(result),
            [ty] => Some(quote_spanned!(s=> (#result, #ty))),
            tys => Some(quote_spanned!(s=> (#result, (#(#tys),*)))),
        };
        self.sig.returns(ty)
    }

    pub(super) fn seed_ty(&self) -> Option<Tokens> {
        self.sig.result.map(owned)
    }

    pub(super) fn emitter(&self, derivative: &'a Reversed, facts: Facts<'a>) -> Emitter<'a> {
        self.emitter_of(&derivative.func, facts)
    }

    pub(super) fn emitter_of(&self, func: &'a Func, facts: Facts<'a>) -> Emitter<'a> {
        Emitter::new(func, &self.args.krate, facts, self.namer())
    }

    /// Both sweeps in one function. Where callees may do what helps, there are two of them, and rustc drops one.
    pub(super) fn joint(&self, derivative: &'a Reversed, trusting: Option<&'a Reversed>) -> Tokens {
        let Some(trusting) = trusting else { return self.in_one(derivative, Form::Joint) };
        [self.choice(trusting), self.in_one(trusting, Form::Trusting), self.in_one(derivative, Form::Plain)]
            .into_iter()
            .collect()
    }

    /// Whichever of the two is right.
    fn choice(&self, trusting: &Reversed) -> Tokens {
        let s = site();
        let names = self.names();
        let (mut params, mut args) = (Vec::new(), Vec::new());
        let mut param = |name: &Ident, ty: &dyn ToTokens| {
            params.push(quote_spanned!(s=> #name: #ty));
            args.push(name.clone());
        };
        for (name, of) in names.params.iter().zip(&self.sig.params) {
            param(name, &of.ty);
        }
        if let Some(ty) = self.seed_ty() {
            param(&names.seed, &ty);
        }
        for ((cotangent, of), bar) in trusting.cotangents.iter().zip(&self.sig.params).zip(&names.bars) {
            if let ParamCotangent::Slot(_) = cotangent {
                let ty = buffer(of.ty);
                param(bar, &quote_spanned!(s=> &mut #ty));
            }
        }
        let condition = self.overwritten_by_all(&trusting.assumes);
        let [yes, no] = [Form::Trusting, Form::Plain].map(Form::method);
        let turbofish = self.turbofish(false);
        let body = quote_spanned! {s=>
            if const { #condition } {
                self.#yes #turbofish (#(#args),*)
            } else {
                self.#no #turbofish (#(#args),*)
            }
        };
        self.joint_function(Form::Joint, &params, &body)
    }

    fn in_one(&self, derivative: &'a Reversed, form: Form) -> Tokens {
        let s = site();
        let Reversed { func, reverse, seed, cotangents, .. } = derivative;
        let facts = Facts::of(
            func,
            reverse,
            |_| {},
            |end| {
                end.value(&func.result);
                for cotangent in cotangents {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        let mut emitter = self.emitter(derivative, facts);
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let (pattern, ty) = (emitter.param(param.var, true), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        if let Some(ty) = self.seed_ty() {
            let pattern =
                seed.as_ref().map_or_else(|| quote_spanned!(s=> _), |seed| emitter.seed_pattern(seed));
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        for (cotangent, of) in cotangents.iter().zip(&self.sig.params) {
            if let ParamCotangent::Slot(var) = cotangent {
                emitter.slots.insert(*var, None);
                let (pattern, ty) = (emitter.param(*var, true), buffer(of.ty));
                params.push(quote_spanned!(s=> #pattern: &mut #ty));
            }
        }
        let body = emitter.block(&func.body);
        let reverse = emitter.block(reverse);
        let result = emitter.value(&func.result);
        let returned: Vec<Tokens> =
            self.returned().iter().map(|(k, _)| emitter.returned(cotangents.get(*k))).collect();
        let tail = match &returned[..] {
            [] if self.sig.result.is_none() => Tokens::new(),
            [] => result,
            [cotangent] => quote_spanned!(s=> (#result, #cotangent)),
            cotangents => quote_spanned!(s=> (#result, (#(#cotangents),*))),
        };
        let tail = self.sig.answer(&tail);
        self.joint_function(form, &params, &quote_spanned!(s=> #body #reverse #tail))
    }

    pub(super) fn joint_function(&self, form: Form, params: &[Tokens], body: &Tokens) -> Tokens {
        let s = site();
        let (generics, where_clause) = (self.generics(false), self.where_clause());
        let result = self.joint_result();
        let (vis, name, use_primal) = (self.vis(), form.method(), self.use_primal());
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) #result #where_clause {
                #use_primal
                #body
            }
        }
    }

    pub(super) fn joint_stub(&self, slots: &[bool]) -> Tokens {
        let s = site();
        let mut tys: Vec<Tokens> = self.sig.params.iter().map(|param| param.ty.to_token_stream()).collect();
        tys.extend(self.seed_ty());
        let buffers = self.sig.params.iter().zip(slots).filter(|(_, slot)| **slot);
        tys.extend(buffers.map(|(param, _)| {
            let ty = buffer(param.ty);
            quote_spanned!(s=> &mut #ty)
        }));
        let params: Vec<Tokens> = tys.iter().map(|ty| quote_spanned!(s=> _: #ty)).collect();
        self.joint_function(Form::Joint, &params, &quote_spanned!(s=> ::core::panic!(#STUB)))
    }

    /// The forward sweep, which returns the reverse sweep.
    pub(super) fn forward(&self, derivative: &'a Reversed) -> Tokens {
        let s = site();
        let Reversed { func, reverse, seed, cotangents, .. } = derivative;
        let facts = Facts::of(
            func,
            reverse,
            |turn| turn.value(&func.result),
            |end| {
                for cotangent in cotangents {
                    if let ParamCotangent::Value(operand) = cotangent {
                        end.operand(operand);
                    }
                }
            },
        );
        let mut emitter = self.emitter(derivative, facts);
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            // Read in the forward sweep, or owned by the reverse sweep.
            let read = emitter.facts.read_in_forward[param.var.index()]
                || (emitter.facts.read_in_reverse[param.var.index()] && !of.kind.is_passed_again());
            let (pattern, ty) = (emitter.param(param.var, read), of.ty);
            params.push(quote_spanned!(s=> #pattern: #ty));
        }
        let mut marker_names = Vec::new();
        for (k, (cotangent, of)) in cotangents.iter().zip(&self.sig.params).enumerate() {
            if let ParamCotangent::Slot(var) = cotangent {
                emitter.slots.insert(*var, Some(self.markers[k].clone()));
                let name = emitter.namer.fresh(&format!("{}_activity", of.stem()), of.span);
                emitter.markers.insert(func.params[k].var, name.clone());
                marker_names.push(Some(name));
            } else {
                marker_names.push(None);
            }
        }
        let body = emitter.block(&func.body);
        let result = emitter.value(&func.result);

        emitter.namer.enter();
        let mut inputs = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            if of.kind.is_passed_again() {
                let read = emitter.facts.read_in_reverse[param.var.index()];
                let name = emitter.name(param.var);
                let pattern = if read { name.to_token_stream() } else { quote_spanned!(s=> _) };
                inputs.push(pattern);
            } else {
                inputs.push(quote_spanned!(s=> _));
            }
        }
        inputs.push(match (seed, self.sig.result) {
            (Some(seed), Some(_)) => emitter.seed_pattern(seed),
            _ => quote_spanned!(s=> _),
        });
        let mut prelude = Tokens::new();
        for (cotangent, of) in cotangents.iter().zip(&self.sig.params) {
            let (pattern, unwrapped) = slot(&mut emitter, cotangent, of, Width::One);
            inputs.push(pattern);
            prelude.extend(unwrapped);
        }
        let reverse = emitter.block(reverse);
        // What runs again in the reverse sweep may call, too.
        for (name, marker) in marker_names.iter().zip(&self.markers) {
            let used = name.as_ref().filter(|name| emitter.used_markers.borrow().contains(&name.to_string()));
            let pattern = used.map_or_else(|| quote_spanned!(s=> _), ToTokens::to_token_stream);
            params.push(quote_spanned!(s=> #pattern: #marker));
        }
        let returned = cotangents.iter().zip(&self.sig.params).map(|(cotangent, of)| {
            if of.kind.is_returned() { emitter.returned(Some(cotangent)) } else { quote_spanned!(s=> ()) }
        });
        let returned = quote_spanned!(s=> (#(#returned,)*));
        emitter.namer.leave();
        let tys = self.pullback_inputs();
        let is_boxed = self.is_recursive([&func.body, &derivative.reverse]);
        let pullback = quote_spanned! {s=>
            move |#(#inputs: #tys),*| {
                #prelude
                #reverse
                #returned
            }
        };
        let pullback =
            if is_boxed { self.boxed(&pullback, &self.pullback_bound(), Width::One) } else { pullback };
        let answer = self.sig.answer(&quote_spanned!(s=> (#result, #pullback)));
        self.forward_function(&params, &quote_spanned!(s=> #body #answer))
    }

    pub(super) fn forward_function(&self, params: &[Tokens], body: &Tokens) -> Tokens {
        let s = site();
        let (vis, generics, where_clause) = (self.vis(), self.generics(true), self.where_clause());
        let (name, result) = (Form::Forward.method(), self.sig.result_ty());
        let use_primal = self.use_primal();
        let pullback = self.pullback_bound();
        // It owns what it needs, so that nothing stays borrowed; copies of it give the rows of a Jacobian.
        let captured = self.generic_names().into_iter().chain(&self.markers);
        let pullback = quote_spanned!(s=> impl #pullback + ::core::clone::Clone + use<#(#captured),*>);
        let answer = self.sig.answer_ty(&quote_spanned!(s=> (#result, #pullback)));
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> #answer #where_clause {
                #use_primal
                #body
            }
        }
    }

    pub(super) fn forward_stub(&self) -> Tokens {
        let s = site();
        let tys = self.sig.params.iter().map(|param| param.ty.to_token_stream());
        let markers = self.markers.iter().map(ToTokens::to_token_stream);
        let params: Vec<Tokens> = tys.chain(markers).map(|ty| quote_spanned!(s=> _: #ty)).collect();
        let inputs = self.pullback_inputs();
        let pullback = quote_spanned!(s=> |#(_: #inputs),*| ::core::panic!(#STUB));
        let answer = quote_spanned!(s=> (::core::option::Option::None.expect(#STUB), #pullback));
        self.forward_function(&params, &self.sig.answer(&answer))
    }

    /// `FnOnce(&[f64], f64, …) -> (…)`
    fn pullback_bound(&self) -> Tokens {
        let s = site();
        let inputs = self.pullback_inputs();
        let returned = self
            .sig
            .params
            .iter()
            .map(|param| if param.kind.is_returned() { owned(param.ty) } else { quote_spanned!(s=> ()) });
        quote_spanned!(s=> ::core::ops::FnOnce(#(#inputs),*) -> (#(#returned,)*))
    }

    /// A pullback in a box, so that its type does not contain itself: a box that can be cloned.
    pub(super) fn boxed(&self, pullback: &Tokens, bound: &Tokens, width: Width) -> Tokens {
        let s = site();
        let mut constants: Vec<_> = self
            .sig
            .item
            .sig
            .generics
            .params
            .iter()
            .filter_map(|param| match param {
                GenericParam::Const(param) => {
                    let (name, ty) = (&param.ident, &param.ty);
                    Some(quote_spanned!(s=> const #name: #ty))
                }
                GenericParam::Type(param) => {
                    let (name, krate) = (&param.ident, self.krate());
                    Some(quote_spanned!(s=> #name: #krate::__private::GenericFloat))
                }
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        let mut names = self.generic_names();
        if width == Width::Lanes {
            let lanes = &self.lanes;
            constants.push(quote_spanned!(s=> const #lanes: ::core::primitive::usize));
            names.push(lanes);
        }
        quote_spanned! {s=> {
            trait Pullback<#(#constants),*>: #bound {
                fn again(&self) -> ::std::boxed::Box<dyn Pullback<#(#names),*>>;
            }
            impl<#(#constants,)* P: #bound + ::core::clone::Clone + 'static> Pullback<#(#names),*> for P {
                fn again(&self) -> ::std::boxed::Box<dyn Pullback<#(#names),*>> {
                    ::std::boxed::Box::new(::core::clone::Clone::clone(self))
                }
            }
            impl<#(#constants),*> ::core::clone::Clone for ::std::boxed::Box<dyn Pullback<#(#names),*>> {
                fn clone(&self) -> Self {
                    (**self).again()
                }
            }
            let boxed: ::std::boxed::Box<dyn Pullback<#(#names),*>> = ::std::boxed::Box::new(#pullback);
            boxed
        }}
    }

    /// What a pullback takes: the arguments again, the seed (`()` where there is no result), the slots. Always as many, for
    /// the caller does not see the signature.
    pub(super) fn pullback_inputs(&self) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let gone = quote_spanned!(s=> #krate::__private::Gone);
        let mut tys: Vec<Tokens> = self
            .sig
            .params
            .iter()
            .map(|param| if param.kind.is_gone() { gone.clone() } else { without_lifetimes(param.ty) })
            .collect();
        tys.push(self.seed_ty().unwrap_or_else(|| quote_spanned!(s=> ())));
        tys.extend(self.pullback_slots(Width::One));
        tys
    }

    /// Where a pullback puts what it does not return.
    pub(super) fn pullback_slots(&self, width: Width) -> Vec<Tokens> {
        let s = site();
        let krate = self.krate();
        let slot = |param: &Param<'_>| {
            if param.is_differentiable() && !param.kind.is_returned() {
                let ty = self.buffer_of(param.ty, width);
                quote_spanned!(s=> ::core::option::Option<&mut #ty>)
            } else if param.kind.is_returned() {
                // Returned instead; but a caller that does not know the type offers a place.
                let ty = self.owned_tangent(param.ty, width);
                quote_spanned!(s=> ::core::option::Option<&mut #ty>)
            } else {
                quote_spanned!(s=> ::core::option::Option<&mut #krate::__private::Constant>)
            }
        };
        self.sig.params.iter().map(slot).collect()
    }

    /// The type of its pullback would contain itself.
    pub(super) fn is_recursive(&self, sweeps: [&Block; 2]) -> bool {
        let name = self.sig.name().to_string();
        self.args.recursive || sweeps.into_iter().any(|sweep| calls(sweep, &name))
    }
}

/// The pattern of a slot in a pullback, and the slot of an absent one: memory that nobody looks at.
pub(super) fn slot(
    emitter: &mut Emitter<'_>,
    cotangent: &ParamCotangent,
    of: &Param<'_>,
    width: Width,
) -> (Tokens, Tokens) {
    let s = site();
    let ParamCotangent::Slot(var) = cotangent else {
        return (quote_spanned!(s=> _), Tokens::new());
    };
    let pattern = emitter.param(*var, true);
    if !emitter.facts.read[var.index()] {
        return (pattern, Tokens::new());
    }
    let name = emitter.name(*var).clone();
    let unwrapped = if is_slice(of.ty) {
        quote_spanned!(s=> let #name = #name.unwrap_or_default();)
    } else {
        let zero = match width {
            Width::One => zero(of.ty),
            Width::Lanes => zero_with(of.ty, &quote_spanned!(s=> ::core::default::Default::default())),
        };
        let absent = emitter.namer.fresh("absent", of.span);
        quote_spanned! {s=>
            let mut #absent = #zero;
            let #name = #name.unwrap_or(&mut #absent);
        }
    };
    (pattern, unwrapped)
}

impl Emitter<'_> {
    /// The pattern of a parameter: `_` where nothing reads it.
    pub(super) fn param(&mut self, var: Var, read: bool) -> Tokens {
        let s = site();
        let name = self.define(var);
        if !(read && self.facts.read[var.index()]) {
            return quote_spanned!(s=> _);
        }
        let mutability = self.mutability(var);
        quote_spanned!(s=> #mutability #name)
    }

    /// A number that is returned: the final cotangent of a scalar.
    pub(super) fn returned(&self, cotangent: Option<&ParamCotangent>) -> Tokens {
        match cotangent {
            Some(ParamCotangent::Value(operand)) => self.operand(operand),
            _ => self.operand(&Operand::float(0.0)),
        }
    }

    /// The same of the tangent of a cotangent, which may be lanes.
    pub(super) fn returned_tangent(&self, cotangent: Option<&ParamCotangent>, width: Width) -> Tokens {
        match (width, cotangent) {
            (Width::One, _) | (_, Some(ParamCotangent::Value(Operand::Var(_)))) => self.returned(cotangent),
            (Width::Lanes, _) => self.zeros(&Ty::Lanes(Float::Inferred)),
        }
    }
}
/// Whether a block calls the derivative of a function of this name.
fn calls(block: &Block, name: &str) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        Stmt::ForwardCall(forward) => forward.call.callee.name() == name,
        Stmt::Branch(branch) => branch.arms.iter().any(|arm| calls(&arm.block, name)),
        Stmt::For(stmt) => calls(&stmt.body, name),
        Stmt::While(stmt) => calls(&stmt.condition, name) || calls(&stmt.body, name),
        _ => false,
    })
}
