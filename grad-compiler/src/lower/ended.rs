//! How did a call end whose result is not taken apart at once? `let r = f(x);`, where `f` returns a `Result` or an `Option`,
//! `[f(x), f(y)]`, `f(x).ok().filter(…)`.
//!
//! Only rustc knows what `f` returns. What is done with it tells that it is an `Option`, or a `Result` whose error nobody asks for,
//! by its type: the next run makes the call where it stands, and an `Option` in memory of it, like any other (`Hints::failing`).
//!
//! An error is that of the call. A call in a variable whose error is asked for (`asked.rs`: `r?`, `match r { Ok(v) => …, Err(e) => … }`)
//! is made where it is asked, as if it were written there: once, and only where nothing has been done since that could tell the
//! difference. What ends in a call, a branch or a closure (`kept.rs`), is taken apart at each of its ends.

mod asked;
mod kept;

use super::called::{self, Begun, Called};
use super::closure::Fun;
use super::env::LocalId;
use super::flow::bare;
use super::stmt::Dest;
use super::types::Type;
use super::value::Val;
use super::{Kind, Lower, expr, iter, map, option, outcome, own_method};
use crate::ir::{Op, Stmt};
use crate::outcomes::is_of_failures;
use asked::{Error, Uses};
pub(crate) use kept::OfClosure;
use proc_macro2::{Span, TokenStream};
use std::rc::Rc;
use syn::{Expr, ExprMethodCall, Pat};

/// A call that is made where its result is taken apart.
pub(crate) struct Held {
    called: Called,
    /// The block where it was to be made, and how much was in it.
    block: usize,
    made: usize,
    span: Span,
}

/// What there is of `let name = call;`.
pub(super) enum Ended {
    /// The name is declared, and stands for the call.
    Held,
    Value(Val),
}

/// `let name = call;`, if what is done with `name` tells that the call may fail.
pub(super) fn lower(
    cx: &mut Lower<'_>,
    local: &syn::Local,
    rest: &[syn::Stmt],
    dest: Dest<'_>,
) -> Option<Ended> {
    let init = &*local.init.as_ref().filter(|init| init.diverge.is_none())?.expr;
    let pat = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pat => pat,
    };
    let Pat::Ident(pat) = pat else { return None };
    if pat.by_ref.is_some() || pat.mutability.is_some() || pat.subpat.is_some() {
        return None;
    }
    let (called, _) = called::take_off(init);
    let is_branch = kept::is_branch_of_calls(cx, called);
    let is_chain = matches!(called, Expr::MethodCall(call) if call.method == "map" && is_of_call(cx, call));
    if !matches!(called, Expr::MethodCall(_)) && !may_be_call(cx, called) && !is_branch {
        return None;
    }
    let uses = Uses::of(cx, &pat.ident, rest, dest);
    if !uses.tell {
        return None;
    }
    if uses.error == Error::Nothing {
        return (is_branch || is_chain).then(|| Ended::Value(kept::lower_branch(cx, called)));
    }
    let asked = |cx: &mut Lower<'_>| {
        cx.reject(
            Kind::ControlFlow,
            init,
            "a `Result` of differentiated values in a variable that is used more than once or lent, its error too",
            "take it apart where it is made: `match f(x) { Ok(v) => …, Err(e) => … }`, `f(x)?`",
        )
    };
    if is_branch || is_chain || OfClosure::of(cx, called).is_some_and(|of| !of.is_call(cx)) {
        return Some(Ended::Value(asked(cx)));
    }
    Some(match called::begin(cx, init, &TokenStream::new()) {
        Begun::Call(called) if uses.error == Error::Itself && uses.mentions == 1 => {
            let (block, made) = (cx.blocks.len(), cx.blocks.last().map_or(0, Vec::len));
            let id = cx.declare(&pat.ident, Val::Never, false);
            cx.held.insert(id, Held { called: *called, block, made, span: pat.ident.span() });
            Ended::Held
        }
        Begun::Call(_) => Ended::Value(asked(cx)),
        begun => {
            let val = begun.into_val(cx);
            let val = option::stored(cx, val);
            Ended::Value(cx.rvalue(val))
        }
    })
}

/// The variable that an expression names, if it stands for a call that is not made yet.
fn held(cx: &Lower<'_>, expr: &Expr) -> Option<LocalId> {
    let Expr::Path(path) = bare(expr) else { return None };
    let id = cx.lookup(path.path.get_ident()?)?;
    cx.held.contains_key(&id).then_some(id)
}

pub(super) fn is_held(cx: &Lower<'_>, expr: &Expr) -> bool {
    held(cx, expr).is_some()
}

/// The call that `expr` is the name of: it is made now.
pub(super) fn taken(cx: &mut Lower<'_>, expr: &Expr) -> Option<Result<Called, Val>> {
    let id = held(cx, expr)?;
    let Held { called, block, made, .. } = cx.held.remove(&id)?;
    let since = cx.blocks.last().and_then(|stmts| stmts.get(made..)).unwrap_or_default();
    // Neither was anything changed that the call reads, nor anything read that the call may change, a `Cell` or a static, which
    // the user's own code may do: what is left is arithmetic.
    let is_arithmetic = |stmt: &Stmt| matches!(stmt, Stmt::Let { op, .. } if !matches!(op, Op::Code(_)));
    let is_first = cx.held.keys().all(|other| *other > id);
    let next = made + since.len() + 1;
    Some(if cx.blocks.len() == block && is_first && since.iter().all(is_arithmetic) {
        // Those behind it, of numbers and memory alone, are made behind it, too.
        for other in cx.held.values_mut().filter(|other| other.block == block && other.called.is_of_values())
        {
            other.made = next;
        }
        Ok(called)
    } else {
        Err(outcome::asked_elsewhere(cx, expr))
    })
}

/// Where a call was to be made that never was.
pub(super) fn not_made(cx: &Lower<'_>) -> Option<Span> {
    cx.held.values().next().map(|held| held.span)
}

/// What the first method of a chain is called of: of a closure that ends in a call, its item, if there is one.
pub(super) fn receiver(cx: &mut Lower<'_>, first: &ExprMethodCall) -> Val {
    let is_of_option = is_of_failures(first) || iter::is_method_of_option(&first.method.to_string());
    match OfClosure::of(cx, &first.receiver).filter(|of| is_of_option && !of.is_call(cx)) {
        Some(of) => of.lower(cx),
        None => {
            let receiver = expr::lower_place(cx, &first.receiver);
            map::constant(cx, first, receiver)
        }
    }
}

/// Whether only a `Result` or an `Option` has a method, as it is called.
pub(super) fn tells(call: &ExprMethodCall) -> bool {
    let takes = |count: usize| match call.args.first().map(bare) {
        Some(Expr::Closure(closure)) => closure.inputs.len() == count,
        Some(Expr::Path(_)) => true,
        _ => false,
    };
    match call.method.to_string().as_str() {
        "filter" | "is_some_and" | "is_none_or" => {
            matches!(call.args.first(), Some(Expr::Closure(_))) && takes(1)
        }
        "and_then" => takes(1),
        "or_else" => takes(0) || takes(1),
        "or" | "xor" => call.args.len() == 1,
        "zip" => matches!(call.args.first().map(bare), Some(Expr::Call(_))),
        "ok" | "is_ok" | "is_err" | "is_some" | "is_none" | "unwrap" | "unwrap_or_default" => {
            call.args.is_empty()
        }
        "unwrap_or" | "unwrap_or_else" | "expect" | "ok_or" | "ok_or_else" | "map_err" => {
            call.args.len() == 1
        }
        "map_or" | "map_or_else" => call.args.len() == 2,
        _ => false,
    }
}

/// What an expression gives that is an `Option`, as a condition and an item: what a call gave is taken apart where it is made.
pub(super) fn pair(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    match called::begin(cx, expr, &TokenStream::new()) {
        Begun::Call(called) => as_pair(cx, *called),
        begun => {
            let val = begun.into_val(cx);
            let val = cx.rvalue(val);
            cx.then(val, expr, |cx, val| iter::given::pair_of(cx, val, expr))
        }
    }
}

/// The same of what a function gives that is called by its path.
pub(super) fn pair_of_function(cx: &mut Lower<'_>, path: &Rc<Vec<Expr>>, args: Vec<Val>) -> Val {
    let fun = Fun::Path(Rc::clone(path));
    match called::with_suffix(cx, &path[0], TokenStream::new(), |cx| fun.call(cx, args)) {
        (val, true) if !cx.is_constant(&val) => match called::begun(cx, val, &path[0]) {
            Begun::Call(called) => as_pair(cx, *called),
            begun => {
                let val = begun.into_val(cx);
                iter::given::pair_of(cx, val, &path[0])
            }
        },
        (val, _) => iter::given::pair_of(cx, val, &path[0]),
    }
}

/// Whether a chain of methods begins with what a function or a method of the user's gave.
pub(super) fn is_of_call(cx: &Lower<'_>, chain: &ExprMethodCall) -> bool {
    match bare(&chain.receiver) {
        Expr::MethodCall(call) => {
            !own_method::is_of_library(&call.method.to_string()) || is_of_call(cx, call)
        }
        receiver => called::is_call(cx, receiver) || OfClosure::of(cx, receiver).is_some(),
    }
}

/// What a call gave, as a condition and an item.
fn as_pair(cx: &mut Lower<'_>, called: Called) -> Val {
    let called = called.behind(&called::as_option());
    let item = |cx: &mut Lower<'_>, val: Val| Val::Tuple(vec![Val::bool(true), cx.settle_shape(val)]);
    called::select(cx, called, &called::some(), item, |cx, arms| {
        called::any_other(cx, arms, |_| iter::absent());
    })
}

/// Whether it is a call of a function, or of a closure that ends in one.
fn may_be_call(cx: &Lower<'_>, expr: &Expr) -> bool {
    let call = called::take_off(expr).0;
    called::is_call(cx, call) || OfClosure::of(cx, call).is_some()
}

/// What a call gave, as an `Option` in memory.
pub(super) fn as_option(cx: &mut Lower<'_>, called: Called) -> Val {
    let called = called.behind(&called::as_option());
    let ty = std::cell::RefCell::new(Type::Opaque);
    let item = |cx: &mut Lower<'_>, val: Val| {
        let val = cx.settle(val);
        let of = cx.variable_type(&val);
        *ty.borrow_mut() = Type::option(cx.types.peel(&of));
        option::some(cx, val)
    };
    called::select(cx, called, &called::some(), item, |cx, arms| {
        called::any_other(cx, arms, |cx| option::none(cx, ty.borrow().clone()));
    })
}
