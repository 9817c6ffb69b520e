//! How did a call end whose result is not taken apart at once? `let r = f(x);`, where `f` returns a `Result` or an `Option`,
//! `match (f(x), f(y))`, `f(x).ok().filter(…)`.
//!
//! Only rustc knows what `f` returns. What is done with it tells: `r?`, `match r { Ok(v) => …, Err(_) => … }`,
//! `r.is_err()` (`asked.rs`). Where nobody asks for the error, what there is becomes an `Option` in memory, like any other. An
//! error is that of the call, so a call whose error is asked for is made where it is asked, as if it were written there: once,
//! and only where nothing has been done since that could tell the difference.

mod asked;

use super::called::{self, Begun, Called};
use super::env::LocalId;
use super::flow::bare;
use super::stmt::Dest;
use super::types::Type;
use super::value::Val;
use super::{Kind, Lower, expr, map, matching, option};
use crate::ir::{Op, Pattern, Stmt};
use crate::outcomes::is_of_failures;
use crate::shape::Failing;
use asked::{Error, Uses};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
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
    let (pat, written) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pat => (pat, None),
    };
    let Pat::Ident(pat) = pat else { return None };
    if pat.by_ref.is_some() || pat.mutability.is_some() || pat.subpat.is_some() {
        return None;
    }
    let (called, more) = called::take_off(init);
    if !matches!(called, Expr::MethodCall(_)) && !called::is_call(cx, called) {
        return None;
    }
    let uses = Uses::of(cx, &pat.ident, rest, dest);
    let is_written = written.is_some_and(|ty| Failing::of(ty).is_some()) || !more.is_empty();
    if !(uses.tell || is_written && matches!(called, Expr::Call(_))) {
        return None;
    }
    let val = match called::begin(cx, init, &TokenStream::new()) {
        Begun::Call(called) if uses.error == Error::Nothing => as_option(cx, *called),
        Begun::Call(called) if uses.error == Error::Itself && uses.mentions == 1 => {
            let (block, made) = (cx.blocks.len(), cx.blocks.last().map_or(0, Vec::len));
            let id = cx.declare(&pat.ident, Val::Never, false);
            cx.held.insert(id, Held { called: *called, block, made, span: pat.ident.span() });
            return Some(Ended::Held);
        }
        Begun::Call(_) => cx.reject(
            Kind::ControlFlow,
            init,
            "a `Result` of differentiated values in a variable that is used more than once or lent, its error too",
            "take it apart where it is made: `match f(x) { Ok(v) => …, Err(e) => … }`, `f(x)?`",
        ),
        begun => {
            let val = begun.into_val(cx);
            cx.rvalue(val)
        }
    };
    Some(Ended::Value(val))
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
        Err(cx.reject(
            Kind::ControlFlow,
            expr,
            "the error of a call is asked for elsewhere than where the call was made",
            "take it apart where it is made: `match f(x) { Ok(v) => …, Err(e) => … }`, `f(x)?`",
        ))
    })
}

/// Where a call was to be made that never was.
pub(super) fn not_made(cx: &Lower<'_>) -> Option<Span> {
    cx.held.values().next().map(|held| held.span)
}

/// What the first calls of a chain, outermost first, give, and how many these are: none but what they are called of, if that
/// is no call that may fail.
pub(super) fn begun(cx: &mut Lower<'_>, calls: &[&ExprMethodCall]) -> (Val, usize) {
    chained(cx, calls).unwrap_or_else(|| {
        let first = calls[calls.len() - 1];
        let receiver = expr::lower_place(cx, &first.receiver);
        (map::constant(cx, first, receiver), 0)
    })
}

/// `f(x).ok().filter(…)`, as an `Option` in memory.
fn chained(cx: &mut Lower<'_>, calls: &[&ExprMethodCall]) -> Option<(Val, usize)> {
    let made = calls.iter().rev().take_while(|call| is_of_failures(call)).count();
    let mut inside_out = calls.iter().rev().skip(made.saturating_sub(1));
    let last = inside_out.next().filter(|_| made > 0);
    let next = if made > 0 { inside_out.next()? } else { calls.last()? };
    let closure = |takes: usize| match next.args.first() {
        Some(Expr::Closure(closure)) => closure.inputs.len() == takes,
        _ => false,
    };
    let tells = match next.method.to_string().as_str() {
        "filter" | "is_some_and" | "is_none_or" => closure(1),
        "or_else" => closure(0),
        "or" => next.args.len() == 1,
        _ => last.is_some_and(|last| last.method == "ok"),
    };
    if !tells || !called::is_call(cx, bare(&calls.last()?.receiver)) {
        return None;
    }
    Some((lowered(cx, &next.receiver), made))
}

/// An argument that is an `Option`.
pub(super) fn argument(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    if called::is_call(cx, called::take_off(expr).0) { lowered(cx, expr) } else { expr::lower(cx, expr) }
}

/// What a call gave, as an `Option` in memory if that may be.
fn lowered(cx: &mut Lower<'_>, call: &Expr) -> Val {
    match called::begin(cx, call, &TokenStream::new()) {
        Begun::Call(called) => as_option(cx, *called),
        begun => {
            let val = begun.into_val(cx);
            cx.rvalue(val)
        }
    }
}

/// `match (f(x), f(y)) { (Ok(a), Ok(b)) => …, _ => … }`: the tuple, if patterns take calls in it apart and ask for no error.
pub(super) fn side_by_side(cx: &mut Lower<'_>, scrutinee: &Expr, pats: &[&Pat]) -> Option<Val> {
    let Expr::Tuple(of) = bare(scrutinee) else { return None };
    let taken_apart = |at: usize, elem: &Expr| {
        let parts: Vec<&Pat> = pats.iter().flat_map(|pat| asked::parts(pat, at)).collect();
        parts.iter().any(|pat| matching::is_side(pat))
            && !parts.iter().any(|pat| matching::asks_for_error(pat))
            && called::is_call(cx, called::take_off(elem).0)
    };
    let calls: Vec<&Expr> =
        of.elems.iter().enumerate().filter_map(|(at, elem)| taken_apart(at, elem).then_some(elem)).collect();
    if calls.is_empty() {
        return None;
    }
    let lower = |cx: &mut Lower<'_>, elem: &Expr| {
        let is_taken_apart = calls.iter().any(|call| std::ptr::eq(*call, elem));
        if is_taken_apart { lowered(cx, elem) } else { expr::lower(cx, elem) }
    };
    let elems: Vec<&Expr> = of.elems.iter().collect();
    Some(cx.operands(&elems, &lower, |_, of| Val::Tuple(of)))
}

/// What a call gave, as an `Option` in memory.
fn as_option(cx: &mut Lower<'_>, called: Called) -> Val {
    let s = Span::mixed_site();
    let some = quote_spanned!(s=> ::core::option::Option::Some);
    let called = called.behind(&quote_spanned!(s=> .map_or(::core::option::Option::None, #some)));
    let ty = std::cell::RefCell::new(Type::Opaque);
    let item = |cx: &mut Lower<'_>, val: Val| {
        let val = cx.settle(val);
        let of = cx.variable_type(&val);
        *ty.borrow_mut() = Type::option(cx.types.peel(&of));
        option::some(cx, val)
    };
    called::select(cx, called, &some, item, |cx, arms| {
        cx.begin_arm();
        let none = option::none(cx, ty.borrow().clone());
        let tokens = quote_spanned!(s=> _);
        cx.end_arm(arms, Some(Pattern { tokens, guard: None, binds: Vec::new() }), none);
    })
}
