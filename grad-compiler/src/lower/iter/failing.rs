//! What becomes of the items of an iterator that may fail?

use super::optional::{Item, Optional, wrap};
use super::pipe::Pipe;
use super::{bare, consume, folded, is_iterator, only_constants};
use crate::lower::closure::{self, Fun};
use crate::lower::outcome::{Closures, Leaving};
use crate::lower::types::Origin;
use crate::lower::value::{CodeVal, Val};
use crate::lower::{Lower, code, expr, option};
use crate::shape::{Failing, Failure};
use quote::quote;
use std::rc::Rc;
use syn::{Expr, ExprMethodCall};

/// `items.map(f).sum()`, `.product()`, `.collect()` of what may fail: where one fails, so does the function.
pub(crate) fn lower_taken(cx: &mut Lower<'_>, call: &ExprMethodCall, leaving: Leaving) -> Option<Val> {
    let name = call.method.to_string();
    if name == "try_fold" {
        return lower_folded(cx, call, leaving);
    }
    let Expr::MethodCall(map) = bare(&call.receiver) else { return None };
    let is_it = matches!(name.as_str(), "sum" | "product" | "collect") && map.method == "map";
    if !is_it || map.args.len() != 1 || !is_iterator(cx, &map.receiver) {
        return None;
    }
    if only_constants(cx, call) {
        let val = code::opaque_method(cx, call);
        let tokens = cx.as_code(val).tokens;
        let ty = cx.type_at(call, Origin::Constant);
        return Some(Val::Code(CodeVal { tokens: quote!(#tokens?), ty, cheap: false, typed: false }));
    }
    // An error that is converted by the closure, and again behind it, may be another one.
    let given = call.turbofish.as_ref().and_then(|turbofish| turbofish.args.first());
    let given = match given {
        Some(syn::GenericArgument::Type(ty)) => Failing::of(ty),
        _ => None,
    };
    let is_the_same = given.is_some_and(|given| Some(given.around(&quote!(_)).to_string()) == cx.failing);
    let fails_alike = is_left_alike(cx, leaving) || is_the_same;
    let inside = inside(cx, call)?;
    let of = expr::lower(cx, &map.receiver);
    let pipe = cx.pipe(of);
    let Some(fun) = closure::fun(cx, &map.args[0]) else { return Some(Val::Never) };
    let pipe = Pipe::Map(Box::new(pipe), Fun::Taken(Box::new(fun), leaving));
    let Expr::MethodCall(inside) = &inside[0] else { return Some(Val::Never) };
    let outer = std::mem::replace(&mut cx.closures_fail, Closures::alike(fails_alike));
    let val = consume::lower(cx, &pipe, inside, &name);
    cx.closures_fail = outer;
    Some(val)
}

/// `let all: Option<Vec<f64>> = items.map(f).collect();` with the type behind the consumer, `collect::<Option<Vec<f64>>>()`.
pub(crate) fn with_type(cx: &Lower<'_>, pat: &syn::Pat, init: &Expr) -> Option<Rc<Vec<Expr>>> {
    let syn::Pat::Type(typed) = pat else { return None };
    let Expr::MethodCall(call) = bare(init) else { return None };
    let is_consumer = matches!(call.method.to_string().as_str(), "sum" | "product" | "collect");
    if !is_consumer || call.turbofish.is_some() || Failing::of(&typed.ty).is_none() {
        return None;
    }
    let mut call = call.clone();
    let ty = &typed.ty;
    call.turbofish = Some(syn::parse_quote!(::<#ty>));
    Some(cx.keep(init, &Expr::MethodCall(call)))
}

/// The same consumer of what is inside.
fn inside(cx: &Lower<'_>, call: &ExprMethodCall) -> Option<Rc<Vec<Expr>>> {
    let mut inside = call.clone();
    if let Some(syn::GenericArgument::Type(ty)) =
        inside.turbofish.as_mut().and_then(|turbofish| turbofish.args.first_mut())
    {
        *ty = Failing::of(ty)?.of.clone();
    }
    Some(cx.keep(call, &Expr::MethodCall(inside)))
}

/// `items.map(f).sum::<Option<f64>>()`: what there is of the items, if nothing is missing.
pub(super) fn as_option(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, name: &str) -> Option<Val> {
    let Pipe::Map(of, fun) = pipe else { return None };
    let inside = inside(cx, call)?;
    let Expr::MethodCall(inside) = &inside[0] else { return None };
    let there = cx.pseudo("there", Val::bool(true));
    let pipe = Pipe::MapWhile(of.clone(), fun.clone(), Some(there));
    let all = consume::lower(cx, &pipe, inside, name);
    let all = cx.settle_shape(all);
    let present = cx.read(there);
    let present = cx.as_bool(present);
    let val = wrap(Optional { present, item: Item::Value(Box::new(all)) });
    Some(option::stored(cx, val))
}

/// `items.try_fold(init, f)`
fn lower_folded(cx: &mut Lower<'_>, call: &ExprMethodCall, leaving: Leaving) -> Option<Val> {
    let (Some(init), Some(f), 2) = (call.args.first(), call.args.last(), call.args.len()) else {
        return None;
    };
    if !is_iterator(cx, &call.receiver) || only_constants(cx, call) {
        return None;
    }
    let of = expr::lower(cx, &call.receiver);
    let pipe = cx.pipe(of);
    let alike = is_left_alike(cx, leaving);
    let outer = std::mem::replace(&mut cx.closures_fail, Closures::alike(alike));
    let val = folded::taken(cx, &pipe, init, f, leaving);
    cx.closures_fail = outer;
    Some(val)
}

/// Whether a `?` in a closure means what it means in the function, where what the closure gives leaves the function so.
fn is_left_alike(cx: &Lower<'_>, leaving: Leaving) -> bool {
    leaving == Leaving::Whole || cx.failure == Some(Failure::Nothing)
}
