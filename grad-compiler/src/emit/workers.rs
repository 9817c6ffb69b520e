//! The two functions that do the work, of any order: both sweeps in one, and the forward sweep that returns the reverse
//! sweep.

use super::body::Emitter;
use super::cotangent_types::{buffer, is_slice, owned, zero, zero_with};
use super::facts::Facts;
use super::forms::Form;
use super::items::Cx;
use super::lent::{self, Lender};
use super::protocol::Protocol;
use super::signature::Param;
use super::{Tokens, site};
use crate::function::stands_for_function;
use crate::ir::{Block, Callee, Float, Func, Operand, Stmt, Ty, Var};
use crate::object::has_objects;
use crate::transform::{Lists, ParamCotangent, Reversed, Width};
use proc_macro2::{Group, Ident, TokenTree};
use quote::{ToTokens, quote_spanned};
use std::rc::Rc;
use syn::GenericParam;

/// What a derivative says that was not generated.
pub(super) const STUB: &str = "the function has errors";

/// A function with both sweeps in it.
pub(super) struct Swept {
    /// The pattern of each parameter, and its type.
    pub(super) params: Vec<(Tokens, Tokens)>,
    pub(super) body: Tokens,
}

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

    pub(super) fn emitter_of(&self, func: &'a Func, facts: Facts<'a>) -> Emitter<'a> {
        let mut emitter = Emitter::new(func, &self.args.krate, Rc::clone(&self.written), facts, self.namer());
        // Literals and methods of generic numbers are asked for by the names of what stands beside them.
        emitter.folds = !self.args.step_by_step && !func.is_generic();
        emitter
    }

    /// Both sweeps in one function. Where callees may do what helps, there are two of them, and rustc drops one.
    pub(super) fn joint(&self, derivative: &'a Reversed, trusting: Option<&'a Reversed>) -> Tokens {
        let Some(trusting) = trusting else { return self.in_one(derivative.lists(), Form::JOINT) };
        let (plain, of_trust) = (derivative.lists(), trusting.lists());
        [self.choice(trusting), self.in_one(of_trust, Form::Trusting), self.in_one(plain, Form::Plain)]
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
        self.joint_function(Form::JOINT, &params, &body)
    }

    /// Both sweeps of a derivative of any order in one function: what is asked for are numbers, all else goes into buffers.
    /// Above the first order the seed is 1.
    pub(super) fn in_one(&self, lists: Lists<'a>, form: Form) -> Tokens {
        let s = site();
        let Swept { params, body } = self.both_sweeps(lists);
        let params: Vec<Tokens> =
            params.into_iter().map(|(pattern, ty)| quote_spanned!(s=> #pattern: #ty)).collect();
        if lists.order() > 1 {
            self.higher_joint(lists, form, &params, &body)
        } else {
            self.joint_function(form, &params, &body)
        }
    }

    /// The parameters of such a function, and what it does.
    pub(super) fn both_sweeps(&self, lists: Lists<'a>) -> Swept {
        let s = site();
        let Reversed { func, reverse, seed, .. } = lists.sweeps;
        let (order, widths, cotangents) = (lists.order(), lists.widths(), lists.cotangents());
        let facts = Facts::of(
            func,
            reverse,
            |_| {},
            |end| {
                lists.results().into_iter().for_each(|result| end.value(result));
                numbers(&cotangents, &mut |operand| end.operand(operand));
            },
        );
        let mut emitter = self.emitter_of(func, facts);
        emitter.lanes = (lists.width == Width::Lanes).then(|| self.lanes.clone());
        let mut params = Vec::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            if self.args.captured.iter().any(|name| *name == of.hint) {
                emitter.call_as_written(param.var, &of.hint);
                continue;
            }
            params.push((emitter.param(param.var, true), of.ty.to_token_stream()));
        }
        if order == 1
            && let Some(ty) = self.seed_ty()
        {
            let pattern =
                seed.as_ref().map_or_else(|| quote_spanned!(s=> _), |seed| emitter.seed_pattern(seed));
            params.push((pattern, ty.to_token_stream()));
        }
        for (along, width) in lists.along.iter().zip(&widths[1..]) {
            for (dot, of) in
                along.params.iter().zip(&self.sig.params).filter(|(_, of)| of.is_differentiable())
            {
                let pattern = dot.map_or_else(|| quote_spanned!(s=> _), |dot| emitter.param(dot, true));
                params.push((pattern, self.tangent_of(of.ty, *width)));
            }
        }
        for (slots, width) in cotangents.iter().zip(&widths) {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                let pattern = match cotangent {
                    ParamCotangent::Slot(var) => {
                        emitter.slots.insert(*var, None);
                        emitter.param(*var, true)
                    }
                    ParamCotangent::Constant | ParamCotangent::Value(_) if order == 1 || !has_slot(of) => {
                        continue;
                    }
                    ParamCotangent::Constant | ParamCotangent::Value(_) => quote_spanned!(s=> _),
                };
                let ty = self.buffer_of(of.ty, *width);
                params.push((pattern, quote_spanned!(s=> &mut #ty)));
            }
        }
        if order == 1 && lent::calls(func) && lent::may_lend(&func.body, reverse) {
            let name = emitter.namer.fresh("lent", s);
            emitter.lender = Some(Lender::new(name, true));
        }
        emitter.reuse(&func.body, reverse, &lists.results());
        let body = emitter.block(&func.body);
        let reverse = emitter.block(reverse);
        let lending = emitter.lending();
        let results: Vec<Tokens> = lists.results().into_iter().map(|result| emitter.value(result)).collect();
        if order > 1 {
            let bars = cotangents.iter().zip(&widths).map(|(list, width)| {
                let returned = self.returned();
                let bars = returned.iter().map(|(k, _)| emitter.returned(list.get(*k), *width));
                quote_spanned!(s=> (#(#bars,)*))
            });
            let tail = self.sig.answer(&quote_spanned!(s=> ((#(#results),*), (#(#bars),*))));
            return Swept { params, body: quote_spanned!(s=> #body #reverse #tail) };
        }
        let returned: Vec<Tokens> = self
            .returned()
            .iter()
            .map(|(k, _)| emitter.returned(cotangents[0].get(*k), Width::One))
            .collect();
        let tail = match &returned[..] {
            [] if self.sig.result.is_none() => Tokens::new(),
            [] => quote_spanned!(s=> #(#results)*),
            [cotangent] => quote_spanned!(s=> (#(#results,)* #cotangent)),
            cotangents => quote_spanned!(s=> (#(#results,)* (#(#cotangents),*))),
        };
        let tail = self.sig.answer(&tail);
        Swept { params, body: quote_spanned!(s=> #lending #body #reverse #tail) }
    }

    /// The results, and the numbers of the cotangents.
    fn higher_joint(&self, lists: Lists<'_>, form: Form, params: &[Tokens], body: &Tokens) -> Tokens {
        let s = site();
        let answer = self.higher_result(lists);
        let (generics, where_clause, use_primal) =
            (self.generics_of(lists.width), self.where_clause_of_order(2, lists.width), self.use_primal());
        let (vis, name) = (self.vis(), form.method());
        quote_spanned! {s=>
            #[inline]
            #vis fn #name #generics (self, #(#params),*) -> #answer #where_clause {
                #use_primal
                #body
            }
        }
    }

    /// What such a function of a higher order returns.
    pub(super) fn higher_result(&self, lists: Lists<'_>) -> Tokens {
        let s = site();
        let widths = lists.widths();
        let result = self.sig.result_ty();
        let results = widths.iter().enumerate().map(|(list, width)| match (list, self.sig.result) {
            (0, _) | (_, None) => result.clone(),
            (_, Some(ty)) => self.owned_tangent(ty, *width),
        });
        let bars = widths.iter().map(|width| self.returned_tys(*width));
        self.sig.answer_ty(&quote_spanned!(s=> ((#(#results),*), (#(#bars),*))))
    }

    pub(super) fn returned_tys(&self, width: Width) -> Tokens {
        let tys = self.returned().into_iter().map(|(_, param)| self.owned_tangent(param.ty, width));
        quote_spanned!(site()=> (#(#tys,)*))
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
        self.joint_function(Form::JOINT, &params, &quote_spanned!(s=> ::core::panic!(#STUB)))
    }

    /// The forward sweep of a derivative of any order, which returns the reverse sweep.
    pub(super) fn forward(&self, lists: Lists<'a>) -> Tokens {
        self.forward_as(lists, None)
    }

    pub(super) fn forward_as(&self, lists: Lists<'a>, special: Option<Form>) -> Tokens {
        let s = site();
        let Reversed { func, reverse, .. } = lists.sweeps;
        let (widths, cotangents) = (lists.widths(), lists.cotangents());
        let protocol = Protocol { special, ..self.protocol(lists.order(), lists.width) };
        let facts = Facts::of(
            func,
            reverse,
            |turn| lists.results().into_iter().for_each(|result| turn.value(result)),
            |end| numbers(&cotangents, &mut |operand| end.operand(operand)),
        );
        let mut emitter = self.emitter_of(func, facts);
        emitter.lanes = (lists.width == Width::Lanes).then(|| self.lanes.clone());
        // Read in the forward sweep, or owned by the reverse sweep.
        let read_ahead = |emitter: &Emitter<'_>, var: Var, of: &Param<'_>| {
            emitter.facts.read_in_forward[var.index()]
                || (emitter.facts.read_in_reverse[var.index()] && !of.kind.is_passed_again())
        };
        // The shape of an absent tangent is that of its argument.
        let gives_shape = |of: &Param<'_>| !lists.along.is_empty() && of.is_differentiable();
        let mut patterns = Vec::new();
        let mut prelude = Tokens::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = read_ahead(&emitter, param.var, of) || gives_shape(of);
            patterns.push(emitter.param(param.var, read));
        }
        let names: Vec<Ident> = func.params.iter().map(|param| emitter.name(param.var).clone()).collect();
        for (along, width) in lists.along.iter().zip(&widths[1..]) {
            for (k, (dot, of)) in along.params.iter().zip(&self.sig.params).enumerate() {
                let Some(dot) = dot.filter(|dot| read_ahead(&emitter, *dot, of)) else {
                    if let Some(dot) = dot {
                        emitter.define(*dot);
                    }
                    patterns.push(quote_spanned!(s=> _));
                    continue;
                };
                let name = emitter.define(dot);
                patterns.push(name.to_token_stream());
                prelude.extend(self.present_in(of, &names[k], &name, *width));
                if emitter.mutability(dot).is_some() {
                    prelude.extend(quote_spanned!(s=> let mut #name = #name;));
                }
            }
        }
        let mut marker_names = Vec::new();
        for (k, (cotangent, of)) in cotangents[0].iter().zip(&self.sig.params).enumerate() {
            for list in &cotangents {
                if let ParamCotangent::Slot(var) = list[k] {
                    emitter.slots.insert(var, Some(self.markers[k].clone()));
                }
            }
            if let ParamCotangent::Slot(_) = cotangent {
                let name = emitter.namer.fresh(&format!("{}_activity", of.stem()), of.span);
                emitter.markers.insert(func.params[k].var, name.clone());
                marker_names.push(Some(name));
            } else {
                marker_names.push(None);
            }
        }
        if special.is_none()
            && lists.order() == 1
            && self.may_take(lists.sweeps)
            && emitter.may_be_lent(&func.body, reverse)
        {
            prelude.extend(emitter.take(&func.body));
        }
        emitter.reuse(&func.body, reverse, &lists.results());
        let body = emitter.block(&func.body);
        let [between, before, behind] = emitter.turned();
        let lending = emitter.lending();
        let kept = emitter.kept_constants(&func.body);
        let results: Vec<Tokens> = lists.results().into_iter().map(|result| emitter.value(result)).collect();

        emitter.namer.enter();
        let mut inputs = Vec::new();
        let mut opening = Tokens::new();
        for (param, of) in func.params.iter().zip(&self.sig.params) {
            let read = of.kind.is_passed_again()
                && (emitter.facts.read_in_reverse[param.var.index()] || gives_shape(of));
            let name = emitter.name(param.var);
            inputs.push(if read { name.to_token_stream() } else { quote_spanned!(s=> _) });
        }
        for (along, width) in lists.along.iter().zip(&widths[1..]) {
            for (k, (dot, of)) in along.params.iter().zip(&self.sig.params).enumerate() {
                let read =
                    |dot: &Var| of.kind.is_passed_again() && emitter.facts.read_in_reverse[dot.index()];
                match dot.filter(read) {
                    Some(dot) => {
                        let name = emitter.name(dot).clone();
                        inputs.push(name.to_token_stream());
                        opening.extend(self.present_in(of, &names[k], &name, *width));
                    }
                    None => inputs.push(quote_spanned!(s=> _)),
                }
            }
        }
        for seed in lists.seeds() {
            inputs.push(match (seed, self.sig.result) {
                (Some(seed), Some(_)) => emitter.seed_pattern(seed),
                _ => quote_spanned!(s=> _),
            });
        }
        for (slots, width) in cotangents.iter().zip(&widths) {
            for (cotangent, of) in slots.iter().zip(&self.sig.params) {
                let (pattern, unwrapped) = slot(&mut emitter, cotangent, of, *width);
                inputs.push(pattern);
                opening.extend(unwrapped);
            }
        }
        let reverse = emitter.block(reverse);
        // What runs again in the reverse sweep may call, too.
        for name in &marker_names {
            let used = name.as_ref().filter(|name| emitter.used_markers.borrow().contains(&name.to_string()));
            patterns.push(used.map_or_else(|| quote_spanned!(s=> _), ToTokens::to_token_stream));
        }
        let returned = cotangents.iter().zip(&widths).map(|(list, width)| {
            let bars = list.iter().zip(&self.sig.params).map(|(cotangent, of)| {
                if of.kind.is_returned() {
                    emitter.returned(Some(cotangent), *width)
                } else {
                    quote_spanned!(s=> ())
                }
            });
            quote_spanned!(s=> (#(#bars,)*))
        });
        let returned = protocol.listed(returned.collect());
        emitter.namer.leave();
        let tys = protocol.pullback_inputs();
        let is_boxed = self.is_recursive([&func.body, &lists.sweeps.reverse]);
        let pullback = quote_spanned! {s=>
            move |#(#inputs: #tys),*| {
                #opening
                #before
                #reverse
                #behind
                #returned
            }
        };
        let pullback =
            if is_boxed { self.boxed(&pullback, &protocol.bound(), lists.width) } else { pullback };
        let answer = self.sig.answer(&quote_spanned!(s=> (#(#results,)* #pullback)));
        let (body, where_clause) = (
            quote_spanned!(s=> #lending #prelude #body #between #kept #answer),
            self.where_clause_of_order(protocol.order, protocol.last),
        );
        if emitter.lender.is_some() {
            self.forward_on(&protocol, &patterns, &body, &where_clause)
        } else {
            protocol.function(&patterns, &body, &where_clause)
        }
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
                GenericParam::Type(param) if stands_for_function(param) => {
                    let (name, bounds) = (&param.ident, &param.bounds);
                    Some(quote_spanned!(s=> #name: #bounds))
                }
                GenericParam::Type(param) => {
                    let (name, bound) = (&param.ident, self.float_bound(&param.ident));
                    Some(quote_spanned!(s=> #name: #bound))
                }
                GenericParam::Lifetime(_) => None,
            })
            .collect();
        let krate = self.krate();
        // In a trait, `Self` is another.
        let bound = named(bound.clone(), &self.bear());
        let mut names = self.generic_names();
        let mut bounds = Tokens::new();
        if width == Width::Lanes {
            let lanes = &self.lanes;
            constants.push(quote_spanned!(s=> const #lanes: ::core::primitive::usize));
            names.push(lanes);
            if !self.args.functions.is_empty() {
                let of_functions = self.bounds_of_lanes(lanes);
                bounds = quote_spanned!(s=> where #(#of_functions),*);
            }
        }
        quote_spanned! {s=> {
            trait __GradPullback<#(#constants),*>: #bound #bounds {
                fn again(&self) -> #krate::__private::boxed::Box<dyn __GradPullback<#(#names),*>>;
            }
            impl<#(#constants,)* __GradClosure: #bound + ::core::clone::Clone + 'static> __GradPullback<#(#names),*> for __GradClosure #bounds {
                fn again(&self) -> #krate::__private::boxed::Box<dyn __GradPullback<#(#names),*>> {
                    #krate::__private::boxed::Box::new(::core::clone::Clone::clone(self))
                }
            }
            impl<#(#constants),*> ::core::clone::Clone for #krate::__private::boxed::Box<dyn __GradPullback<#(#names),*>> #bounds {
                fn clone(&self) -> Self {
                    (**self).again()
                }
            }
            let boxed: #krate::__private::boxed::Box<dyn __GradPullback<#(#names),*>> = #krate::__private::boxed::Box::new(#pullback);
            boxed
        }}
    }

    /// The type of its pullback would contain itself.
    pub(super) fn is_recursive(&self, sweeps: [&Block; 2]) -> bool {
        let name = self.sig.name().to_string();
        // A method that a trait promises is that of another type.
        let methods = !has_objects(&self.sig.item.sig, self.args);
        self.args.recursive || sweeps.into_iter().any(|sweep| calls(sweep, &name, methods))
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

    /// A number that is returned: the final cotangent of a scalar, which may be lanes.
    pub(super) fn returned(&self, cotangent: Option<&ParamCotangent>, width: Width) -> Tokens {
        match (width, cotangent) {
            (_, Some(ParamCotangent::Value(operand @ Operand::Var(_)))) => self.operand(operand),
            (Width::One, Some(ParamCotangent::Value(operand))) => self.operand(operand),
            (Width::One, _) => self.operand(&Operand::float(0.0)),
            (Width::Lanes, _) => self.zeros(&Ty::Lanes(Float::Inferred)),
        }
    }
}

/// The same tokens with a name in the place of `Self`.
pub(super) fn named(tokens: Tokens, name: &Ident) -> Tokens {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Ident(ident) if ident == "Self" => name.clone().into(),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), named(group.stream(), name));
                inside.set_span(group.span());
                inside.into()
            }
            tree => tree,
        })
        .collect()
}

/// The cotangents that are numbers.
fn numbers(cotangents: &[&[ParamCotangent]], f: &mut dyn FnMut(&Operand)) {
    for cotangent in cotangents.iter().copied().flatten() {
        if let ParamCotangent::Value(operand) = cotangent {
            f(operand);
        }
    }
}

/// Its cotangent goes into a buffer.
pub(super) fn has_slot(param: &Param<'_>) -> bool {
    param.is_differentiable() && !param.kind.is_returned()
}

/// Whether a block calls the derivative of a function of this name, or, if they count, of a method.
fn calls(block: &Block, name: &str, methods: bool) -> bool {
    block.stmts.iter().any(|stmt| match stmt {
        Stmt::ForwardCall(forward) => match &forward.call.callee {
            Callee::Function(_) | Callee::Associated(_) => forward.call.callee.name() == name,
            Callee::Method(_) => methods && forward.call.callee.name() == name,
            // That of other operands, as a rule: what is made of others is.
            Callee::Operator { .. } => false,
            Callee::Parameter(_) => false,
        },
        Stmt::Branch(branch) => branch.arms.iter().any(|arm| calls(&arm.block, name, methods)),
        Stmt::For(stmt) => calls(&stmt.body, name, methods),
        Stmt::While(stmt) => calls(&stmt.condition, name, methods) || calls(&stmt.body, name, methods),
        _ => false,
    })
}
