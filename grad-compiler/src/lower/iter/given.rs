//! What gives an `Option`, at each of its ends: a condition and an item.
//!
//! A closure that `filter_map` or `and_then` calls, the arms of a branch: that they give an `Option` is known from what is around
//! them, so what a function returns at an end is taken apart there, whichever of `Option` and `Result` it is.

use super::optional::{Optional, absent, is_none, is_path, keeps, lower_method, optional, then, there};
use super::pair::of_pair;
use crate::ir::{Code, Operand};
use crate::lower::closure::{self, Fun};
use crate::lower::flow::bare;
use crate::lower::location::Located;
use crate::lower::stmt::Dest;
use crate::lower::types::Type;
use crate::lower::value::Val;
use crate::lower::{Kind, Lower, ended, expr, option};
use proc_macro2::{Ident, Span};
use syn::{Expr, ExprMethodCall};

/// What a function gives that gives an `Option`.
pub(super) fn given(cx: &mut Lower<'_>, fun: &Fun, args: Vec<Val>) -> Val {
    match fun {
        Fun::Closure(function) => closure::call_for_option(cx, function, args),
        Fun::Path(path) => ended::pair_of_function(cx, path, args),
        fun => fun.call(cx, args),
    }
}

/// Whether what goes there is an `Option`.
pub(crate) fn is_option(cx: &Lower<'_>, dest: Dest<'_>) -> bool {
    match dest {
        Dest::Option => true,
        Dest::Return(id) => cx.options.contains(&id),
        Dest::Value | Dest::Then { .. } => false,
    }
}

/// The same of what is returned here.
pub(crate) fn returns_option(cx: &Lower<'_>) -> bool {
    cx.returned().is_some_and(|id| cx.options.contains(&id))
}

/// An expression that gives an `Option` and is no branch.
pub(crate) fn end(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    match bare(expr) {
        Expr::Call(call) if is_success(&call.func) && call.args.len() == 1 => {
            let item = |cx: &mut Lower<'_>, mut of: Vec<Val>| match of.pop() {
                Some(item) => Val::Tuple(vec![Val::bool(true), cx.settle_shape(item)]),
                None => Val::Never,
            };
            cx.operands(&[&call.args[0]], &|cx, item| expr::lower(cx, item), item)
        }
        // Nobody asks for the error.
        Expr::Call(call) if is_path(&call.func, "Err") && call.args.len() == 1 => {
            let error = expr::lower(cx, &call.args[0]);
            cx.discard(error);
            if cx.dead.is_some() { Val::Never } else { absent() }
        }
        none @ Expr::Path(_) if is_path(none, "None") => absent(),
        Expr::MethodCall(call) if then(call).is_some() => when(cx, call),
        Expr::MethodCall(call) if keeps(&call.method.to_string()) && ended::is_of_call(cx, call) => {
            let of = end(cx, &call.receiver);
            cx.then(of, &call.receiver, |cx, of| match optional(&of_pair(of)) {
                Some(of) => {
                    let val = lower_method(cx, of, call);
                    pair_of(cx, val, expr)
                }
                None => Val::Never,
            })
        }
        call @ (Expr::Call(_) | Expr::MethodCall(_)) => ended::pair(cx, call),
        other => {
            let val = expr::lower(cx, other);
            pair_of(cx, val, other)
        }
    }
}

/// `condition.then(|| item)`, `condition.then_some(item)`
fn when(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Val {
    let Some(item) = then(call) else { return Val::Never };
    let cond = expr::lower(cx, &call.receiver);
    cx.then(cond, &call.receiver, |cx, cond| {
        let cond = cx.as_bool(cond);
        if call.method == "then_some" {
            let item = expr::lower(cx, item);
            return cx.then(item, &call.args, |cx, item| {
                Val::Tuple(vec![Val::Scalar(cond, Type::Bool), cx.settle_shape(item)])
            });
        }
        let there = |cx: &mut Lower<'_>| {
            let item = expr::lower(cx, item);
            Val::Tuple(vec![Val::bool(true), cx.settle_shape(item)])
        };
        cx.branch(cond, there, |_| absent())
    })
}

/// `question?` in a closure that gives an `Option`: the item; where there is none, the closure is left.
pub(crate) fn asked(cx: &mut Lower<'_>, question: &Expr) -> Val {
    let pair = end(cx, question);
    cx.then(pair, question, |cx, pair| {
        let Some(of) = optional(&of_pair(pair)) else { return Val::Never };
        if *of.present() != Operand::bool(true) {
            cx.branch(of.present().clone(), |_| Val::Unit, |cx| cx.exit_return(absent()));
        }
        if cx.dead.is_some() { Val::Never } else { of.lower_present(cx) }
    })
}

/// What an expression gave that is an `Option`.
pub(crate) fn pair_of(cx: &mut Lower<'_>, val: Val, node: &Expr) -> Val {
    match &val {
        Val::Tuple(_) | Val::Never => return val,
        _ => {}
    }
    if let Some(Optional { present, item }) = optional(&val).or_else(|| option::used(cx, &val)) {
        return cx.branch(present, |cx| there(cx, &item), |_| absent());
    }
    if is_none(&val) {
        return absent();
    }
    if is_inactive(cx, &val) {
        return of_constant(cx, val, node);
    }
    cx.reject(
        Kind::Iterator,
        node,
        "an `Option` that is not followed",
        "end it with `Some(…)` and `None`, or `condition.then(|| …)`",
    )
}

/// Whether nothing is differentiated in an `Option` that only rustc knows.
fn is_inactive(cx: &Lower<'_>, val: &Val) -> bool {
    match val {
        Val::Code(code) => Code::new(code.tokens.clone(), false)
            .reads
            .iter()
            .all(|var| cx.is_inactive(*var) || !cx.types.to_ir(&cx.var_types[var.index()]).holds_floats()),
        Val::Scalar(Operand::Var(var), _) | Val::Cell(var, _) => cx.is_inactive(*var),
        _ => false,
    }
}

/// A constant `Option`, by `match found { Some(item) => Some(item), None => None }`.
fn of_constant(cx: &mut Lower<'_>, val: Val, node: &Expr) -> Val {
    let s = Span::mixed_site().located_at(node.location());
    let found = Ident::new("found", s);
    let taken_apart =
        syn::parse_quote_spanned!(s=> || match #found { Some(item) => Some(item), None => None });
    let function = closure::kept(cx, node, taken_apart).with_name(cx, &found, val);
    closure::call_for_option(cx, &function, Vec::new())
}

/// Whether what is called is `Some` or `Ok`.
fn is_success(path: &Expr) -> bool {
    is_path(path, "Some") || is_path(path, "Ok")
}
