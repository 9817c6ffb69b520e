//! Which elements of a sequence stay, and in which order, where the user's own comparisons decide?
//!
//! Comparisons have no derivative. What they find is an index for each element, a constant; then the elements are gathered by
//! these.

use super::build::Counted;
use super::expr::elem;
use super::method::to_vec;
use super::types::Type;
use super::value::{Memory, Val};
use super::{Lower, code, place};
use crate::ir::{Code, Init, Operand, Stmt};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// `None` if the method is another one.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Option<Val> {
    let name = call.method.to_string();
    let whole = cx.place_tokens(&memory.place);
    if name == "dedup" && call.args.is_empty() {
        keep_only(cx, call, memory, quote!(__grad_runtime::deduped(&#whole)));
        return Some(Val::Unit);
    }
    let [by] = &call.args.iter().collect::<Vec<_>>()[..] else { return None };
    let finds = match name.as_str() {
        "sort_by" => "sorted_by",
        // Equal numbers may change places, which nobody sees where they are the same bit for bit.
        "sort_unstable_by" if is_total(by) => "sorted_by",
        "sort_by_key" | "sort_by_cached_key" => "sorted_by_key",
        "retain" => "kept_by",
        // It looks at elements behind `&`, where the user's own may change them: of such a one, rustc says so.
        "dedup_by" if is_untyped(by) => "deduped_by",
        "dedup_by_key" if is_untyped(by) => "deduped_by_key",
        _ => return None,
    };
    let by = code::substitute(cx, by);
    // A comparison that changes something is the user's own.
    if !by.writes.is_empty() {
        return None;
    }
    let (finds, by) = (proc_macro2::Ident::new(finds, cx.span), by.tokens);
    let found = quote!(__grad_runtime::#finds(&#whole, #by));
    if name.starts_with("sort") {
        reorder(cx, call, memory, found);
    } else {
        keep_only(cx, call, memory, found);
    }
    Some(Val::Unit)
}

/// `f64::total_cmp`, or a closure that is nothing else.
fn is_total(by: &Expr) -> bool {
    match super::flow::bare(by) {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "total_cmp"),
        Expr::Closure(closure) => matches!(super::flow::bare(&closure.body), Expr::MethodCall(call)
            if call.method == "total_cmp" && matches!(super::flow::bare(&call.receiver), Expr::Path(_))),
        _ => false,
    }
}

/// A closure whose parameters have no types.
fn is_untyped(by: &Expr) -> bool {
    matches!(super::flow::bare(by), Expr::Closure(closure)
        if closure.inputs.iter().all(|input| !matches!(input, syn::Pat::Type(_))))
}

fn indices(cx: &mut Lower<'_>, made: TokenStream) -> Option<Memory> {
    match cx.push_alloc("order", Type::vec(Type::Int), Init::Code(Code::new(made, false))) {
        Val::Memory(order) => Some(order),
        _ => None,
    }
}

/// The index at a place of the order.
fn index_at(cx: &mut Lower<'_>, order: &Memory, at: Val) -> Operand {
    let at = cx.as_int(at);
    let index = cx.element(order, at);
    let index = cx.as_int(index);
    cx.mark_usize(&index);
    index
}

/// Every element is replaced by the one that the order says.
fn reorder(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, order: TokenStream) {
    let Some(order) = indices(cx, order) else { return };
    let Val::Memory(old) = to_vec(cx, Val::Memory(memory.clone()), call) else { return };
    let n = super::method::len(cx, Val::Memory(memory.clone()));
    cx.counted_loop(Counted::up_to(n, "i"), None, |cx, i| {
        let from = index_at(cx, &order, i.clone());
        let at = cx.as_int(i);
        let to = cx.element(memory, at);
        let from = cx.element(&old, from);
        let from = match cx.rvalue(from) {
            // It is needed again: a copy.
            Val::Memory(part) => cx.push_alloc("moved", part.ty, Init::Clone(part.place)),
            val => val,
        };
        place::assign(cx, to, from, &call.receiver);
    });
}

/// A `Vec` of the elements at these indices takes the place of what was there.
fn keep_only(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, kept: TokenStream) {
    let Some(order) = indices(cx, kept) else { return };
    let Val::Memory(old) = to_vec(cx, Val::Memory(memory.clone()), call) else { return };
    let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
    let Val::Memory(new) = cx.push_alloc("kept", Type::vec(of), Init::Empty { capacity: None }) else {
        return;
    };
    cx.vars[new.place.root.index()].mutable = true;
    let n = super::method::len(cx, Val::Memory(order.clone()));
    cx.counted_loop(Counted::up_to(n, "i"), None, |cx, i| {
        let from = index_at(cx, &order, i);
        let from = cx.element(&old, from);
        let from = match cx.rvalue(from) {
            Val::Memory(part) => cx.push_alloc("moved", part.ty, Init::Clone(part.place)),
            val => val,
        };
        let value = elem(cx, from);
        cx.push(Stmt::Push { vec: new.place.clone(), value });
    });
    cx.types.unify(&memory.ty, &new.ty);
    cx.push(Stmt::Assign { place: memory.place.clone(), init: Init::Move(new.place) });
}
