//! Calls of annotated functions: as they are, and their two sweeps.

use super::body::Emitter;
use super::expr::respan;
use super::place::Access;
use super::{Tokens, site};
use crate::ir::{Arg, ArgKind, Call, Cotangent, ForwardCall, ReverseCall, Var, placeholder_index};
use proc_macro2::{Ident, TokenTree};
use quote::{ToTokens, quote_spanned};

impl Emitter<'_> {
    pub(super) fn args(&mut self, args: &[Arg], before: &mut Tokens) -> Vec<Tokens> {
        args.iter()
            .map(|arg| {
                let s = arg.span.resolved_at(site());
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
                    ArgKind::Shared(place) => self.reference(place, Access::Shared),
                    ArgKind::Exclusive(place) | ArgKind::Lent(place) => {
                        self.reference(place, Access::Exclusive)
                    }
                    ArgKind::Moved(place) => self.owned(place),
                    ArgKind::Kept(var) => {
                        let (krate, name) = (self.krate, self.name(*var));
                        quote_spanned!(s=> #krate::__private::lend_kept(&#name))
                    }
                    ArgKind::Code(code) => self.code(code),
                }
            })
            .collect()
    }

    pub(super) fn call(&mut self, call: &Call) -> Tokens {
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let args = self.args(&call.args, &mut out);
        let callee = self.tokens(call.callee.clone(), &[]);
        let value = quote_spanned!(s=> #callee(#(#args),*));
        match call.result {
            Some(var) if self.facts.read[var.index()] => out.extend(self.bind(var, &value)),
            Some(_) => out.extend(quote_spanned!(s=> let _ = #value;)),
            None => out.extend(quote_spanned!(s=> #value;)),
        }
        out
    }

    pub(super) fn forward_call(&mut self, forward: &ForwardCall) -> Tokens {
        let ForwardCall { call, active, pullback } = forward;
        let s = call.span.resolved_at(site());
        let mut out = Tokens::new();
        let args = self.args(&call.args, &mut out);
        let markers = call.args.iter().zip(active).map(|(arg, active)| {
            let s = arg.span.resolved_at(site());
            // An error about a marker is one about the argument.
            let krate = respan(self.krate.clone(), s);
            let own = match &arg.kind {
                ArgKind::Shared(place)
                | ArgKind::Exclusive(place)
                | ArgKind::Lent(place)
                | ArgKind::Moved(place) => self.markers.get(&self.resolve_root(place.root)),
                ArgKind::Scalar(_)
                | ArgKind::ScalarRef(_)
                | ArgKind::ScalarMut { .. }
                | ArgKind::Kept(_)
                | ArgKind::Code(_) => None,
            };
            match (active, own) {
                (true, Some(marker)) => {
                    self.used_markers.borrow_mut().insert(marker.to_string());
                    let mut marker = marker.clone();
                    marker.set_span(s);
                    marker.to_token_stream()
                }
                (true, None) => quote_spanned!(s=> #krate::__private::Active),
                (false, _) => quote_spanned!(s=> #krate::__private::Constant),
            }
        });
        let forward = sibling(&self.tokens(call.callee.clone(), &[]), "__grad_forward", call.args.len(), s);
        let value = quote_spanned!(s=> #forward(#(#args,)* #(#markers),*));
        let result =
            if let Some(var) = call.result { self.define_or_ignore(var) } else { quote_spanned!(s=> _) };
        let pullback = self.define_or_ignore(*pullback);
        out.extend(quote_spanned!(s=> let (#result, #pullback) = #value;));
        out
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
        let krate = self.krate;
        let mut args = Vec::new();
        for arg in &reverse.args {
            if let ArgKind::Lent(place) = &arg.kind {
                let place = self.reference(place, Access::Shared);
                args.push(quote_spanned!(s=> #krate::__private::lend(#place)));
            } else if self.is_passed_again(arg) {
                args.extend(self.args(std::slice::from_ref(arg), &mut out));
            } else {
                args.push(quote_spanned!(s=> #krate::__private::Gone));
            }
        }
        args.push(match &reverse.seed {
            Some(seed) => self.seed(seed),
            None => quote_spanned!(s=> #krate::__private::no_seed()),
        });
        let mut returned = Vec::new();
        for cotangent in &reverse.cotangents {
            args.push(match cotangent {
                Cotangent::None | Cotangent::Value(_) => quote_spanned!(s=> ::core::option::Option::None),
                Cotangent::Slot(place) => {
                    let slot = self.reborrow(place);
                    let some = quote_spanned!(s=> ::core::option::Option::Some(#slot));
                    self.or_absent(Some(place), some, |_| quote_spanned!(s=> ::core::option::Option::None))
                }
                Cotangent::InOut { after, before } => {
                    let after = self.typed_for(after, *before);
                    let name = self.define(*before);
                    out.extend(quote_spanned!(s=> let mut #name = #after;));
                    quote_spanned!(s=> ::core::option::Option::Some(&mut #name))
                }
            });
        }
        let mut merged = Tokens::new();
        for (cotangent, arg) in reverse.cotangents.iter().zip(&reverse.args) {
            returned.push(match cotangent {
                // An argument of unknown type: its cotangent is in the slot, or is returned.
                Cotangent::Slot(place)
                    if matches!(arg.kind, ArgKind::Scalar(_) | ArgKind::Lent(_) | ArgKind::Kept(_)) =>
                {
                    let name = self.namer.fresh("returned", arg.span);
                    let slot = self.reborrow(place);
                    merged.extend(quote_spanned!(s=> #krate::__private::merge(#slot, #name);));
                    name.to_token_stream()
                }
                Cotangent::Value(var) if self.facts.read[var.index()] => {
                    let name = self.define_or_ignore(*var);
                    name.to_token_stream()
                }
                _ => quote_spanned!(s=> _),
            });
        }
        let pullback = self.name(reverse.pullback);
        let value = quote_spanned!(s=> #pullback(#(#args),*));
        if returned.iter().all(|pattern| pattern.to_string() == "_") {
            out.extend(quote_spanned!(s=> #value;));
        } else {
            out.extend(quote_spanned!(s=> let (#(#returned,)*) = #value;));
        }
        out.extend(merged);
        out
    }

    /// Memory by value. A reference to it is a reference to something that can be copied.
    pub(super) fn owned(&self, place: &crate::ir::Place) -> Tokens {
        let spelt = self.place(place);
        let is_reference = matches!(self.place_ty(place), crate::ir::Ty::Ref { .. });
        if is_reference { quote_spanned!(site()=> *#spelt) } else { spelt }
    }

    /// Whether a pullback takes the argument again, or `Gone` in its place: what was lent exclusively or moved.
    pub(super) fn is_passed_again(&self, arg: &Arg) -> bool {
        match &arg.kind {
            ArgKind::Scalar(_) | ArgKind::ScalarRef(_) | ArgKind::Shared(_) => true,
            ArgKind::Lent(_) | ArgKind::Kept(_) => true,
            ArgKind::ScalarMut { .. } | ArgKind::Exclusive(_) | ArgKind::Moved(_) => false,
            ArgKind::Code(code) => {
                let mut trees = code.tokens.clone().into_iter();
                match (trees.next(), trees.next()) {
                    (Some(TokenTree::Punct(and)), Some(TokenTree::Ident(mutable))) => {
                        !(and.as_char() == '&' && mutable == "mut")
                    }
                    (Some(TokenTree::Ident(ident)), None) => {
                        placeholder_index(&ident).is_none_or(|var| !self.exclusive_constants.contains(&var))
                    }
                    _ => true,
                }
            }
        }
    }
}

/// The path of a function beside the callee: `m::helper::<3>` becomes `m::helper::__grad_forward::<3, _>`, with
/// one `_` for each of its markers.
fn sibling(callee: &Tokens, name: &str, markers: usize, span: proc_macro2::Span) -> Tokens {
    let name = Ident::new(name, span);
    let mut path: Vec<TokenTree> = callee.clone().into_iter().collect();
    let is = |tree: Option<&TokenTree>, c: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
    if is(path.last(), '>') {
        let mut depth = 0;
        let open = path.iter().rposition(|tree| {
            depth += i32::from(is(Some(tree), '>')) - i32::from(is(Some(tree), '<'));
            depth == 0
        });
        if let Some(open) = open.filter(|open| *open >= 2) {
            let mut generics: Tokens = path[open + 1..path.len() - 1].iter().cloned().collect();
            if !is(path[..path.len() - 1].last(), ',') && path.len() - 1 > open + 1 {
                generics.extend(quote_spanned!(span=> ,));
            }
            path.truncate(open - 2);
            let path: Tokens = path.into_iter().collect();
            let markers = (0..markers).map(|_| quote_spanned!(span=> _));
            return quote_spanned!(span=> #path::#name::<#generics #(#markers),*>);
        }
    }
    quote_spanned!(span=> #callee::#name)
}
