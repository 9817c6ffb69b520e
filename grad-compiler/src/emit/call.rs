//! Calls of annotated functions: as they are, and their two sweeps.

use super::body::Emitter;
use super::compiles::compiles_here;
use super::compiles::for_each_stmt;
use super::expr::respan;
use super::forms::{Called, Form, is_nested, is_row, of_callee};
use super::place::Access;
use super::tangent::order_of;
use super::{Tokens, site};
use crate::ir::{
    Arg, ArgKind, Call, Callee, Cotangent, ForwardCall, Operand, Passed, Place, ReverseCall, StandsFor, Stmt,
    Ty, Value, Var,
};
use crate::transform::Width;
use proc_macro2::{Span, TokenTree};
use quote::{ToTokens, format_ident, quote_spanned};
use std::collections::BTreeSet;

/// What an argument lends.
pub(super) fn lent_place(arg: &Arg) -> Option<(&Place, Access)> {
    match &arg.kind {
        ArgKind::Memory { place, passed: Passed::Shared } => Some((place, Access::Shared)),
        ArgKind::Memory { place, passed } if passed.writes() => Some((place, Access::Exclusive)),
        _ => None,
    }
}

impl Emitter<'_> {
    /// Memory behind `&`. A copy on a tape is a slice, which the callee may take for a `Vec`.
    pub(super) fn lent(&self, place: &Place) -> Tokens {
        let reference = self.reference(place, Access::Shared);
        let mut root = place.root;
        while let Some((of, _)) = &self.facts.views[root.index()] {
            root = of.root;
        }
        if !matches!(self.func.ty(root), Ty::Tape(_)) {
            return reference;
        }
        let krate = self.krate;
        quote_spanned!(site()=> #krate::__private::lend_copy(#reference, &mut #krate::__private::vec::Vec::new()))
    }

    pub(super) fn args(&mut self, args: &[Arg], before: &mut Tokens) -> Vec<Tokens> {
        let mut halves = self.halves(args.iter().map(lent_place), before);
        args.iter()
            .enumerate()
            .map(|(at, arg)| {
                let s = arg.span.resolved_at(site());
                if let Some(half) = halves.remove(&at) {
                    return half;
                }
                match &arg.kind {
                    ArgKind::Scalar(operand) => self.operand(operand),
                    ArgKind::ScalarRef(operand) => {
                        let operand = self.operand(operand);
                        quote_spanned!(s=> &#operand)
                    }
                    ArgKind::ScalarMut { before: value, after } => {
                        let value = self.typed_for(value, *after);
                        let name = self.define(*after);
                        before.extend(quote_spanned!(s=> let mut #name = #value;));
                        quote_spanned!(s=> &mut #name)
                    }
                    ArgKind::Memory { place, passed } => match passed {
                        Passed::Moved => self.owned(place),
                        Passed::Shared => self.passed_by_path(place, s).unwrap_or_else(|| self.lent(place)),
                        Passed::Exclusive | Passed::Lent => self.reference(place, Access::Exclusive),
                    },
                    ArgKind::Kept(var) => {
                        let (krate, name) = (self.krate, self.name(*var));
                        if let Some(again) = self.copied_again(name) {
                            return again;
                        }
                        quote_spanned!(s=> #krate::__private::lend_kept(&#name))
                    }
                    ArgKind::Code { code, checked: true, .. } => {
                        let krate = respan(self.krate.clone(), s);
                        // An error about it is one about the argument, the `&` of which has no place of its own.
                        let code = self.code(code).into_iter().map(|mut tree| {
                            if let TokenTree::Punct(_) = tree {
                                tree.set_span(s);
                            }
                            tree
                        });
                        let code: Tokens = code.collect();
                        quote_spanned!(s=> #krate::__private::given(#code).unchanging())
                    }
                    ArgKind::Code { code, .. } => self.code(code),
                }
            })
            .collect()
    }

    /// The arguments of a call. Where the types of the operands say what is called, what is lent is lent as it is: `&mut V` is
    /// another type.
    pub(super) fn args_of(&mut self, call: &Call, before: &mut Tokens) -> Vec<Tokens> {
        let mut args = self.args(&call.args, before);
        let is_by_types = match &call.callee {
            Callee::Operator { .. } => true,
            Callee::Method(name) => is_row(name, call.args.len()),
            Callee::Function(_) | Callee::Associated(_) | Callee::Parameter(_) => false,
        };
        if is_by_types {
            for (tokens, arg) in args.iter_mut().zip(&call.args) {
                if let ArgKind::Memory { place, passed: Passed::Shared } = &arg.kind
                    && matches!(self.place_ty(&self.resolve(place)), Ty::Ref { mutable: true, .. })
                {
                    let s = arg.span.resolved_at(site());
                    *tokens = quote_spanned!(s=> &*#tokens);
                }
            }
        }
        args
    }

    /// What stands for a function of a path, as its callee takes it: that may ask for the function itself.
    pub(super) fn passed_by_path(&self, place: &Place, span: Span) -> Option<Tokens> {
        let place = self.resolve(place);
        let (Some(StandsFor::Path(_)), []) = (self.func.functions.get(&place.root), &place.path[..]) else {
            return None;
        };
        let lent = self.lent(&place);
        Some(quote_spanned!(span=> (#lent).passed()))
    }

    /// Memory that stands for a function of a path, and that no derivative takes: nothing tells rustc what the forms in it take.
    pub(super) fn is_unasked(&self, var: Var) -> bool {
        let Some(StandsFor::Path(_)) = self.func.functions.get(&var) else { return false };
        let mut is_asked = false;
        for_each_stmt(&self.func.body, &mut |stmt| {
            let call = match stmt {
                Stmt::ForwardCall(forward) => &forward.call,
                Stmt::TangentCall(tangent) => &tangent.call,
                _ => return,
            };
            is_asked |= call.args.iter().any(
                |arg| matches!(&arg.kind, ArgKind::Memory { place, .. } if self.resolve(place).root == var),
            );
        });
        !is_asked
    }

    /// What stands for functions, as the functions that the user's own callee asks for.
    fn as_functions(&self, call: &Call, args: &mut [Tokens]) {
        for (arg, tokens) in
            call.args.iter().zip(args).skip(usize::from(matches!(call.callee, Callee::Parameter(_))))
        {
            let ArgKind::Memory { place, passed } = &arg.kind else { continue };
            let place = self.resolve(place);
            let (Some(stands_for), []) = (self.func.functions.get(&place.root), &place.path[..]) else {
                continue;
            };
            let inputs = match stands_for {
                StandsFor::Function { inputs } => inputs,
                StandsFor::Path(path) => {
                    *tokens = path.clone();
                    continue;
                }
            };
            let (s, krate) = (arg.span.resolved_at(site()), self.krate);
            let interface = format_ident!("Function{}", inputs, span = s);
            let lent = self.lent(&place);
            let reference = (*passed == Passed::Shared).then(|| quote_spanned!(s=> &));
            *tokens = quote_spanned!(s=> #reference #krate::__private::#interface::__grad_function(#lent));
        }
    }

    /// The user's own call.
    fn plain_call(&mut self, call: &Call, before: &mut Tokens) -> Tokens {
        let s = call.span.resolved_at(site());
        let mut args = self.args_of(call, before);
        self.as_functions(call, &mut args);
        let callee = self.tokens(call.callee.tokens().clone(), &[]);
        let suffix = self.suffix(call);
        match (&call.callee, &args[..]) {
            (Callee::Method(_) | Callee::Parameter(_), [receiver, args @ ..]) => {
                let receiver = self.called_of(call).unwrap_or_else(|| receiver.clone());
                quote_spanned!(s=> (#receiver).#callee(#(#args),*)#suffix)
            }
            (
                Callee::Function(_)
                | Callee::Associated(_)
                | Callee::Method(_)
                | Callee::Parameter(_)
                | Callee::Operator { .. },
                args,
            ) => {
                quote_spanned!(s=> #callee(#(#args),*)#suffix)
            }
        }
    }

    /// A call that selects an arm.
    pub(super) fn selecting_call(&mut self, stmt: &Stmt, before: &mut Tokens) -> Tokens {
        match stmt {
            Stmt::ForwardCall(forward) => self.swept_call(forward, before),
            Stmt::TangentCall(tangent) => self.call_of_tangent(tangent, before),
            Stmt::Call(call) => self.plain_call(call, before),
            _ => unreachable!("a call that selects"),
        }
    }

    /// The pattern of what it gives where it does not fail.
    pub(super) fn selecting_pattern(&mut self, stmt: &Stmt) -> Tokens {
        match stmt {
            Stmt::ForwardCall(forward) => self.swept_pattern(forward),
            Stmt::TangentCall(tangent) => self.tangent_pattern(tangent),
            Stmt::Call(call) => self.define_result(call.result, call.span.resolved_at(site())),
            _ => unreachable!("a call that selects"),
        }
    }

    pub(super) fn call(&mut self, call: &Call) -> Tokens {
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let value = self.plain_call(call, &mut out);
        match call.result {
            Some(var) if self.facts.read[var.index()] => out.extend(self.bind(var, &value)),
            Some(_) => out.extend(quote_spanned!(s=> let _ = #value;)),
            None => out.extend(quote_spanned!(s=> #value;)),
        }
        out
    }

    /// What a method is called of, where that is memory: rustc lends or takes it as the method asks.
    fn called_of(&self, call: &Call) -> Option<Tokens> {
        match &call.args.first()?.kind {
            ArgKind::Memory { place, .. } => Some(self.place(place)),
            ArgKind::Scalar(_)
            | ArgKind::ScalarRef(_)
            | ArgKind::ScalarMut { .. }
            | ArgKind::Kept(_)
            | ArgKind::Code { .. } => None,
        }
    }

    /// A form of the callee.
    pub(super) fn form_of(
        &self,
        call: &Call,
        args: &[Tokens],
        form: Form,
        markers: usize,
        s: Span,
    ) -> Tokens {
        self.form_on(call, args, form, markers, None, s)
    }

    /// The same on memory that is lent.
    fn form_on(
        &self,
        call: &Call,
        args: &[Tokens],
        form: Form,
        markers: usize,
        lent: Option<&Tokens>,
        s: Span,
    ) -> Tokens {
        let callee = match &call.callee {
            Callee::Function(path) => Callee::Function(self.tokens(path.clone(), &[])),
            callee => callee.clone(),
        };
        let by_way = compiles_here(self.krate, &self.written, s);
        let called = Called { callee: &callee, args, by_way: &by_way, lent };
        of_callee(self.krate, &called, form, markers, s)
    }

    pub(super) fn forward_call(&mut self, forward: &ForwardCall) -> Tokens {
        let s = forward.call.span.resolved_at(site());
        let mut out = Tokens::new();
        let value = self.swept_call(forward, &mut out);
        let pattern = self.swept_pattern(forward);
        out.extend(quote_spanned!(s=> let #pattern = #value;));
        out
    }

    /// Value and pullback, and in a second derivative the tangent between them.
    fn swept_pattern(&mut self, forward: &ForwardCall) -> Tokens {
        let s = forward.call.span.resolved_at(site());
        let result = self.define_result(forward.call.result, s);
        let dots: Vec<Tokens> =
            forward.tangents.iter().map(|tangents| self.define_result(tangents.result, s)).collect();
        let pullback = self.define_or_ignore(forward.pullback);
        if forward.call.callee.is_gradient() && dots.is_empty() {
            return quote_spanned!(s=> ((_, #result), #pullback));
        }
        quote_spanned!(s=> (#result, #(#dots,)* #pullback))
    }

    fn swept_call(&mut self, forward: &ForwardCall, out: &mut Tokens) -> Tokens {
        let ForwardCall { call, active, pullback: _, tangents } = forward;
        let s = call.span.resolved_at(site());
        let args = self.args_of(call, out);
        let markers = self.marker_args(call, active, out);
        let count = call.args.len();
        let suffix = self.suffix(call);
        let dots: Vec<Tokens> =
            tangents.iter().flat_map(|tangents| self.tangent_args(&tangents.args, out)).collect();
        let (width, count) = match (&self.lanes, tangents.is_empty()) {
            (Some(_), false) => (Width::Lanes, count + 1),
            (Some(_), true) | (None, _) => (Width::One, count),
        };
        let lent = self.lends(forward);
        let form = Form::Forward(order_of(tangents), width);
        let forward = self.form_on(call, &args, form, count, lent.as_ref(), s);
        quote_spanned!(s=> #forward(#(#args,)* #(#dots,)* #(#markers),*)#suffix)
    }

    /// What is done with what a callee returns, until there is a result.
    pub(super) fn suffix(&self, call: &Call) -> Tokens {
        call.suffix.as_ref().map_or_else(Tokens::new, |suffix| self.code(suffix))
    }

    /// Whether the two sweeps of a call are one call of the callee's joint form.
    pub(super) fn is_at_once(&self, forward: &ForwardCall, reverse: &ReverseCall) -> bool {
        forward.pullback == reverse.pullback
            && forward.tangents.is_empty()
            && !forward.call.selects
            && !is_nested(&forward.call.callee)
            && forward.call.result.is_some_and(|result| self.func.ty(result).is_float())
            && forward.call.args.iter().zip(&forward.active).all(|(arg, active)| match &arg.kind {
                // The joint form has no place for the cotangents of a constant, and there is none for what is moved or changed.
                ArgKind::Memory { passed, .. } => *active && *passed == Passed::Shared,
                ArgKind::Code { exclusive, .. } => !exclusive,
                ArgKind::ScalarMut { .. } => false,
                ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Kept(_) => true,
            })
            && self.facts.uses[forward.pullback.index()] == 1
    }

    /// What is kept of arguments for pullbacks that nobody asks for, since both sweeps are one call.
    pub(super) fn taken_once(&self, stmts: &[Stmt]) -> BTreeSet<Var> {
        let mut taken = BTreeSet::new();
        for pair in stmts.windows(2) {
            if let [Stmt::ForwardCall(forward), Stmt::ReverseCall(reverse)] = pair
                && self.is_at_once(forward, reverse)
            {
                taken.extend(reverse.args.iter().filter_map(|arg| match &arg.kind {
                    ArgKind::Scalar(Operand::Var(var)) if *self.func.ty(*var) == Ty::Unknown => Some(*var),
                    _ => None,
                }));
            }
        }
        taken.retain(|var| self.facts.uses[var.index()] == 1);
        taken
    }

    /// Both sweeps of a call.
    pub(super) fn call_at_once(&mut self, forward: &ForwardCall, reverse: &ReverseCall) -> Tokens {
        let ForwardCall { call, active, .. } = forward;
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let mut args = self.args_of(call, &mut out);
        let at_once = self.form_of(call, &args, Form::AtOnce, call.args.len(), s);
        args.extend(self.marker_args(call, active, &mut out));
        args.push(self.seed_or_none(reverse.seed.as_ref(), s));
        args.extend(self.slots(&reverse.cotangents, &reverse.args, &mut out, s));
        let mut merged = Tokens::new();
        let returned = self.returned_pattern(&reverse.cotangents, &reverse.args, &mut merged);
        let returned = returned.unwrap_or_else(|| quote_spanned!(s=> _));
        let suffix = self.suffix(call);
        let result = self.define_result(call.result, s);
        out.extend(quote_spanned!(s=> let (#result, #returned) = #at_once(#(#args),*)#suffix;));
        out.extend(merged);
        out
    }

    /// What is said of each argument: whether its cotangent is wanted.
    fn marker_args(&mut self, call: &Call, active: &[bool], before: &mut Tokens) -> Vec<Tokens> {
        let markers = call.args.iter().zip(active).map(|(arg, active)| {
            let s = arg.span.resolved_at(site());
            if let (ArgKind::Memory { place, .. }, true) = (&arg.kind, *active && arg.kind.is_unchanged())
                && let Some(marker) = self.marker_of_field(place, s, before)
            {
                return marker.to_token_stream();
            }
            // An error about a marker is one about the argument.
            let krate = respan(self.krate.clone(), s);
            let own = match &arg.kind {
                ArgKind::Memory { place, .. } => self.markers.get(&self.resolve_root(place.root)),
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::ScalarMut { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code { .. } => None,
            };
            match (active, own) {
                (true, Some(marker)) => {
                    self.used_markers.borrow_mut().insert(marker.to_string());
                    let mut marker = marker.clone();
                    marker.set_span(s);
                    marker.to_token_stream()
                }
                (true, None) => quote_spanned!(s=> #krate::__private::Active),
                (false, _) if matches!(arg.kind, ArgKind::Code { .. }) => {
                    quote_spanned!(s=> #krate::__private::Unfollowed)
                }
                (false, _) => quote_spanned!(s=> #krate::__private::Constant),
            }
        });
        markers.collect()
    }

    fn define_result(&mut self, result: Option<Var>, s: Span) -> Tokens {
        result.map_or_else(|| quote_spanned!(s=> _), |var| self.define_or_ignore(var))
    }

    /// The root of a chain of views.
    pub(super) fn resolve_root(&self, var: Var) -> Var {
        let mut var = var;
        while let Some((place, _)) = self.facts.views[var.index()] {
            var = place.root;
        }
        var
    }

    pub(super) fn reverse_call(&mut self, reverse: &ReverseCall) -> Tokens {
        let s = reverse.span.resolved_at(site());
        let mut out = Tokens::new();
        let mut args: Vec<Tokens> = reverse.args.iter().map(|arg| self.arg_again(arg, &mut out)).collect();
        let some = |tokens: Tokens| quote_spanned!(s=> ::core::option::Option::Some(#tokens));
        for dot in reverse.tangents.iter().flat_map(|tangents| &tangents.args) {
            args.push(match dot {
                Some(Arg { kind: ArgKind::Scalar(Operand::Var(var)), .. })
                    if *self.func.ty(*var) == Ty::Unknown =>
                {
                    let again = self.name(*var);
                    self.asked(&quote_spanned!(s=> &#again), "dot_owned")
                }
                Some(dot) => {
                    let part = match &dot.kind {
                        ArgKind::Memory { place, passed: Passed::Shared } => {
                            self.dot_of_part(place, Passed::Shared)
                        }
                        _ => None,
                    };
                    part.unwrap_or_else(|| some(self.arg_again(dot, &mut out)))
                }
                None => quote_spanned!(s=> ::core::option::Option::None),
            });
        }
        let seed = self.seed_or_none(reverse.seed.as_ref(), s);
        args.push(if reverse.of_gradient && reverse.tangents.is_empty() {
            let krate = self.krate;
            quote_spanned!(s=> (#krate::__private::no_seed(), #seed))
        } else {
            seed
        });
        args.extend(reverse.tangents.iter().map(|tangents| self.seed_or_none(tangents.seed.as_ref(), s)));
        let mut merged = Tokens::new();
        let lists = std::iter::once(&reverse.cotangents);
        let lists: Vec<&Vec<Cotangent>> =
            lists.chain(reverse.tangents.iter().map(|tangents| &tangents.cotangents)).collect();
        for cotangents in &lists {
            args.extend(self.slots(cotangents, &reverse.args, &mut out, s));
        }
        let returned: Vec<Option<Tokens>> = lists
            .iter()
            .map(|cotangents| self.returned_pattern(cotangents, &reverse.args, &mut merged))
            .collect();
        let pullback = self.name(reverse.pullback);
        let value = quote_spanned!(s=> #pullback(#(#args),*));
        if returned.iter().all(Option::is_none) {
            out.extend(quote_spanned!(s=> #value;));
        } else {
            let returned: Vec<Tokens> =
                returned.into_iter().map(|list| list.unwrap_or_else(|| quote_spanned!(s=> _))).collect();
            out.extend(match &returned[..] {
                [returned] => quote_spanned!(s=> let #returned = #value;),
                returned => quote_spanned!(s=> let (#(#returned),*) = #value;),
            });
        }
        out.extend(merged);
        out
    }

    /// What a pullback takes for an argument.
    fn arg_again(&mut self, arg: &Arg, before: &mut Tokens) -> Tokens {
        let s = arg.span.resolved_at(site());
        let krate = self.krate;
        if let ArgKind::Memory { place, passed: Passed::Lent } = &arg.kind {
            let place = self.reference(place, Access::Shared);
            quote_spanned!(s=> #krate::__private::lend(#place))
        } else if arg.kind.is_passed_again() {
            self.args(std::slice::from_ref(arg), before).into_iter().collect()
        } else {
            quote_spanned!(s=> #krate::__private::Gone)
        }
    }

    fn seed_or_none(&self, seed: Option<&Value>, s: Span) -> Tokens {
        let krate = self.krate;
        seed.map_or_else(|| quote_spanned!(s=> #krate::__private::no_seed()), |seed| self.seed(seed))
    }

    /// Where a pullback adds the cotangents that it does not return.
    fn slots(&mut self, cotangents: &[Cotangent], args: &[Arg], before: &mut Tokens, s: Span) -> Vec<Tokens> {
        let none = || quote_spanned!(s=> ::core::option::Option::None);
        let lent = cotangents.iter().map(|cotangent| match cotangent {
            Cotangent::Slot(place) => Some((place, Access::Exclusive)),
            Cotangent::None | Cotangent::Value(_) | Cotangent::InOut { .. } => None,
        });
        let mut halves = self.halves(lent, before);
        let slot = |(at, cotangent): (usize, &Cotangent)| match cotangent {
            Cotangent::None | Cotangent::Value(_) => none(),
            Cotangent::Slot(place) => {
                let half = halves.remove(&at);
                let may_be_part = half.is_none() && args[at].kind.is_unchanged();
                let part = if may_be_part { self.slot_of_part(place) } else { None };
                let slot = part.unwrap_or_else(|| {
                    let slot = half.unwrap_or_else(|| self.reborrow(place));
                    quote_spanned!(s=> ::core::option::Option::Some(#slot))
                });
                self.or_absent(Some(place), slot, |_| none())
            }
            Cotangent::InOut { after: cotangent, before: result } => {
                let after = self.typed_for(cotangent, *result);
                let name = self.define(*result);
                before.extend(quote_spanned!(s=> let mut #name = #after;));
                quote_spanned!(s=> ::core::option::Option::Some(&mut #name))
            }
        };
        cotangents.iter().enumerate().map(slot).collect()
    }

    /// The pattern of the cotangents that a pullback returns; `None` if it is `_`.
    fn returned_pattern(
        &mut self,
        cotangents: &[Cotangent],
        args: &[Arg],
        merged: &mut Tokens,
    ) -> Option<Tokens> {
        let s = site();
        let krate = self.krate;
        let mut returned = Vec::new();
        for (cotangent, arg) in cotangents.iter().zip(args) {
            let s = arg.span.resolved_at(site());
            returned.push(match cotangent {
                // An argument of unknown type: its cotangent is in the slot, or is returned.
                Cotangent::Slot(place) if self.is_returned_maybe(arg) => {
                    let name = self.namer.fresh("returned", arg.span);
                    let part = arg.kind.is_unchanged().then(|| self.merge_part(place, &name)).flatten();
                    let merge = part.unwrap_or_else(|| {
                        let slot = self.reborrow(place);
                        quote_spanned!(s=> #krate::__private::merge(#slot, #name);)
                    });
                    merged.extend(match self.marker_of(place.root) {
                        Some(marker) => quote_spanned!(s=> if #marker::ACTIVE { #merge }),
                        None => merge,
                    });
                    name.to_token_stream()
                }
                Cotangent::Value(var) if self.facts.read[var.index()] => {
                    let name = self.define_or_ignore(*var);
                    name.to_token_stream()
                }
                _ => quote_spanned!(s=> _),
            });
        }
        let is_ignored = returned.iter().all(|pattern| pattern.to_string() == "_");
        (!is_ignored).then(|| quote_spanned!(s=> (#(#returned,)*)))
    }

    /// Memory by value. A reference to it is a reference to something that can be copied.
    pub(super) fn owned(&self, place: &crate::ir::Place) -> Tokens {
        let spelt = self.resolve(place);
        if matches!(self.place_ty(&spelt), crate::ir::Ty::Ref { .. }) {
            self.copied_out(place)
        } else {
            self.moved(place)
        }
    }

    /// Whether rustc alone knows that the argument is a number, whose cotangent a pullback returns, or memory, to whose
    /// cotangent it adds.
    fn is_returned_maybe(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Memory { place, passed: Passed::Shared } => self.place_ty(place) == Ty::Unknown,
            ArgKind::Memory { passed, .. } => *passed == Passed::Lent,
            ArgKind::Scalar(_) | ArgKind::Kept(_) => true,
            ArgKind::ScalarRef(_) | ArgKind::ScalarMut { .. } | ArgKind::Code { .. } => false,
        }
    }
}
