//! What is done with something that the compiler does not look into, beside floats in one memory: the names in a list of names and
//! numbers?
//!
//! It is a constant, though what is beside it is followed. So the user's tokens read it by a name of its own, and not by that of the
//! list. What comes into such a part all the same, `analysis` and `check` find out.

use super::types::Type;
use super::value::{CodeVal, Memory, Val};
use super::{Lower, changes, code};
use crate::ir::{Code, Init, Place, Stmt, Var, ViewKind};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ExprMethodCall;

/// A method of such a part, which stays the user's tokens. `exclusive`: it may be changed.
pub(super) fn method(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory, exclusive: bool) -> Val {
    let copies = ["clone", "to_owned", "to_string"].iter().any(|name| call.method == name);
    if !exclusive || copies || changes::looks(&call.method.to_string(), call.args.len()) {
        return code::opaque_call(cx, call, Val::Memory(memory));
    }
    let whole = cx.viewed(&memory.place);
    let view = cx.view_of(&whole, memory.ty.clone(), ViewKind::Exclusive);
    cx.vars[view.index()].exclusive = true;
    let tokens = cx.place_tokens(&view.into());
    let receiver = Val::Code(CodeVal { tokens, ty: memory.ty, cheap: true, typed: true });
    let val = code::opaque_call(cx, call, receiver);
    match val {
        Val::Code(code) if cx.dropped == Some(std::ptr::from_ref(call).addr()) => {
            let tokens = code.tokens;
            cx.push_effect(quote!(#tokens;), vec![view]);
            Val::Unit
        }
        val => {
            let val = cx.settle(val);
            // Says what the call changed; there is nothing left to do.
            let code = Code::new(TokenStream::new(), false);
            cx.push(Stmt::Effect { code, writes: vec![view] });
            val
        }
    }
}

impl Lower<'_> {
    pub(crate) fn is_unseen_part(&self, memory: &Memory) -> bool {
        let ty = self.types.to_ir(&memory.ty);
        // What stands for a function may have captured something.
        let is_function = self.function_objects.contains_key(&memory.place.root);
        ty.hides() && !ty.holds_floats() && !is_function
    }

    /// A reference to the part, by a name of its own. `None` of everything else.
    pub(super) fn seen_by_code(&mut self, memory: &Memory) -> Option<TokenStream> {
        if !self.is_unseen_part(memory) {
            return None;
        }
        if memory.place.path.is_empty() {
            let is_view = self.views.contains_key(&memory.place.root);
            return is_view.then(|| self.place_tokens(&memory.place));
        }
        let view = self.view_of(&memory.place, memory.ty.clone(), ViewKind::Shared);
        Some(self.place_tokens(&view.into()))
    }

    fn view_of(&mut self, place: &Place, ty: Type, kind: ViewKind) -> Var {
        let hint = self.place_hint(place);
        let var = self.new_var(&hint, Type::reference(kind == ViewKind::Exclusive, ty));
        let whole = self.viewed(place);
        self.views.insert(var, whole);
        self.push(Stmt::View { var, place: place.clone(), kind });
        var
    }

    /// The part itself, or a copy of it.
    pub(super) fn taken_by_code(&mut self, memory: Memory) -> Memory {
        let is_part = !memory.place.path.is_empty() || self.views.contains_key(&memory.place.root);
        if !is_part || !self.is_unseen_part(&memory) {
            return memory;
        }
        let hint = self.place_hint(&memory.place);
        let whole = self.viewed(&memory.place);
        match self.push_alloc(&hint, memory.ty.clone(), Init::Move(whole)) {
            Val::Memory(taken) => taken,
            _ => memory,
        }
    }
}
