//! What methods make of a call that may fail, or of a constant `Option`: `g(x).map(f).unwrap_or(0.0)`.

use super::build::Arms;
use super::called::{self, Begun, begin, begun, is_call, select, select_constant, with_suffix, written};
use super::closure::{self, Fun};
use super::flow::bare;
use super::types::{Origin, Type};
use super::value::Val;
use super::{Lower, code, ended, expr, iter, option, outcome, own_type, pattern};
use crate::ir::{Code, Op, Pattern};
use crate::outcomes::{handling, is_handling, is_of_failures, taking};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMethodCall};

/// How many of the methods behind a call handle its failure: `g(x).map(f).unwrap_or(0.0)`.
pub(crate) fn count(cx: &Lower<'_>, calls: &[&ExprMethodCall]) -> Option<usize> {
    let receiver = bare(&calls.last()?.receiver);
    if ended::is_held(cx, receiver) {
        return handling(calls);
    }
    if !is_call(cx, receiver) {
        return None;
    }
    let is_on_the_way = |call: &&&ExprMethodCall| call.method == "map" || is_of_failures(call);
    let before = calls.iter().rev().take_while(is_on_the_way).count();
    let last = calls.iter().rev().nth(before)?;
    is_handling(last).then_some(before + 1)
}

/// A call, and the methods behind it up to the one that handles its failure, outermost first.
pub(crate) fn lower(cx: &mut Lower<'_>, calls: &[&ExprMethodCall]) -> Val {
    let before = calls[1..].iter().take_while(|call| call.method == "map").last();
    let made = &*before.unwrap_or(&calls[0]).receiver;
    let takes_followed = takes_followed(cx, calls);
    let begun = |cx: &mut Lower<'_>, behind: &TokenStream| match begin(cx, made, behind) {
        Begun::Other(Val::Code(code)) if takes_followed => Begun::Constant(Code::new(code.tokens, false)),
        begun => begun,
    };
    match handle(cx, calls, begun) {
        Handled::Here(val) => val,
        Handled::Other(Val::Code(_)) => code::opaque_method(cx, calls[0]),
        Handled::Other(Val::Never) => Val::Never,
        Handled::Other(_) => outcome::reject(cx, &Expr::MethodCall(calls[0].clone())),
    }
}

/// The same of a method; what else it is, if it is none of the user's.
pub(crate) fn lower_method<'e>(
    cx: &mut Lower<'e>,
    calls: &[&ExprMethodCall],
    method: &ExprMethodCall,
    lower: impl FnOnce(&mut Lower<'e>) -> Val,
) -> Handled {
    let is_of_failures = |call: &&&ExprMethodCall| is_of_failures(call);
    let failures: Vec<&ExprMethodCall> = calls.iter().rev().take_while(is_of_failures).copied().collect();
    handle(cx, calls, |cx, behind| {
        let failures = written(cx, &failures);
        let (val, is_done) = with_suffix(cx, method, quote!(#failures #behind), lower);
        if is_done { begun(cx, val, &Expr::MethodCall(method.clone())) } else { Begun::Other(val) }
    })
}

/// The same of a constant, where what is to become of it or in its place is followed: `index.map(|i| w[i]).unwrap_or(x)`.
pub(crate) fn lower_constant(cx: &mut Lower<'_>, calls: &[&ExprMethodCall], constant: &Val) -> Option<Val> {
    if !cx.is_constant(constant) || !takes_followed(cx, calls) {
        return None;
    }
    let constant = cx.as_code(constant.clone());
    let failures: Vec<&ExprMethodCall> =
        calls.iter().rev().take_while(|call| is_of_failures(call)).copied().collect();
    let begun = handle(cx, calls, |cx, behind| {
        let (of, failures) = (&constant.tokens, written(cx, &failures));
        Begun::Constant(Code::new(quote!(#of #failures #behind), false))
    });
    match begun {
        Handled::Here(val) => Some(val),
        Handled::Other(_) => Some(Val::Never),
    }
}

/// Whether what is to become of it, or in its place, is followed.
fn takes_followed(cx: &Lower<'_>, calls: &[&ExprMethodCall]) -> bool {
    calls.iter().flat_map(|call| &call.args).any(|arg| own_type::is_followed(cx, arg))
}

/// A call that `made` begins, with what is to be written behind it, and what becomes of its result and of its failure.
fn handle<'e>(
    cx: &mut Lower<'e>,
    calls: &[&ExprMethodCall],
    made: impl FnOnce(&mut Lower<'e>, &TokenStream) -> Begun,
) -> Handled {
    let (last, before) = (calls[0], &calls[1..]);
    let mut maps = Vec::new();
    for call in before.iter().take_while(|call| call.method == "map") {
        let Some(fun) = call.args.first().and_then(|f| closure::fun(cx, f)) else {
            return Handled::Other(Val::Never);
        };
        maps.push(fun);
    }
    maps.reverse();
    let args: Vec<&Expr> = last.args.iter().collect();
    let takes_error = |f: &Fun| f.parameter(0).is_some();
    let s = proc_macro2::Span::mixed_site();
    // Both a `Result` and an `Option` become an `Option`, where the error is not looked at.
    let as_option = called::as_option();
    let (otherwise, mapped) = match (last.method.to_string().as_str(), args.as_slice()) {
        ("unwrap_or", [default]) => (Otherwise::Val(default), None),
        ("unwrap_or_default", []) => (Otherwise::Zero, None),
        ("is_some" | "is_ok", []) => (Otherwise::Flag(false), None),
        ("is_none" | "is_err", []) => (Otherwise::Flag(true), None),
        ("map_or", [default, f]) => (Otherwise::Val(default), Some(f)),
        ("unwrap_or_else", [f]) => (Otherwise::Fun(f), None),
        ("map_or_else", [default, f]) => (Otherwise::Fun(default), Some(f)),
        // Left for rustc to report.
        _ => return Handled::Other(Val::Never),
    };
    if let Some(f) = mapped {
        let Some(fun) = closure::fun(cx, f) else { return Handled::Other(Val::Never) };
        maps.push(fun);
    }
    let fun = match otherwise {
        Otherwise::Fun(f) => match closure::fun(cx, f) {
            Some(fun) => Some(fun),
            None => return Handled::Other(Val::Never),
        },
        Otherwise::Val(_) | Otherwise::Zero | Otherwise::Flag(_) => None,
    };
    let of_error = fun.as_ref().is_some_and(takes_error);
    let behind = if of_error { TokenStream::new() } else { as_option };
    let called = match made(cx, &behind) {
        Begun::Call(called) => Ok(*called),
        Begun::Constant(code) => Err(code),
        Begun::Other(val) => return Handled::Other(val),
    };
    // What stands beside the call is evaluated behind it.
    let called = match (called, otherwise) {
        (Ok(called), Otherwise::Val(default)) if !is_arithmetic(default) => {
            let made = ended::as_option(cx, called);
            let val = calls.iter().rev().fold(made, |val, call| {
                match option::in_memory(cx, &val).or_else(|| iter::optional(&val)) {
                    Some(of) => iter::lower_optional_method(cx, of, call),
                    None => Val::Never,
                }
            });
            return Handled::Here(val);
        }
        (Err(constant), Otherwise::Val(default)) if !is_arithmetic(default) => {
            let found = cx.push_let("found", Type::Opaque, Op::Code(constant));
            Err(Code::new(cx.operand_tokens(&found), true))
        }
        (called, _) => called,
    };
    let default = match otherwise {
        Otherwise::Val(default) => {
            let val = expr::lower(cx, default);
            Some(cx.settle(val))
        }
        Otherwise::Zero => {
            let ty = cx.type_at(last, Origin::Constant);
            Some(cx.default_value(ty))
        }
        Otherwise::Flag(failed) => Some(Val::bool(failed)),
        Otherwise::Fun(_) => None,
    };
    let path = if of_error { quote_spanned!(s=> ::core::result::Result::Ok) } else { called::some() };
    let is_constant = called.is_err();
    let some = |cx: &mut Lower<'_>, val: Val| {
        let first = maps.first().filter(|_| is_constant);
        let val = pattern::taken_number(cx, first.and_then(|fun| fun.parameter(0)), val);
        let val = maps.into_iter().fold(val, |val, fun| fun.call(cx, vec![val]));
        let val = if let Otherwise::Flag(failed) = otherwise { Val::bool(!failed) } else { val };
        cx.settle(val)
    };
    let others = |cx: &mut Lower<'_>, arms: &mut Arms| {
        cx.begin_arm();
        let mut pattern = Pattern { tokens: quote_spanned!(s=> _), guard: None, binds: Vec::new() };
        let mut given = Vec::new();
        if of_error {
            given.push(called::error(cx, &mut pattern));
        }
        let val = match (default, fun) {
            (Some(default), _) => default,
            (None, Some(fun)) => fun.call(cx, given),
            (None, None) => Val::Never,
        };
        let val = cx.settle(val);
        cx.end_arm(arms, Some(pattern), val);
    };
    Handled::Here(match called {
        Ok(called) => select(cx, called, &path, some, others),
        Err(constant) => select_constant(cx, constant, &path, some, others),
    })
}

/// Whether evaluating an expression does nothing, and reads nothing that a call may change which is not given it: a `Cell`.
fn is_arithmetic(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Lit(_) | Expr::Path(_) => true,
        Expr::Field(field) => is_arithmetic(&field.base),
        Expr::Index(index) => is_arithmetic(&index.expr) && is_arithmetic(&index.index),
        Expr::Unary(unary) => is_arithmetic(&unary.expr),
        Expr::Reference(reference) => reference.mutability.is_none() && is_arithmetic(&reference.expr),
        Expr::Cast(cast) => is_arithmetic(&cast.expr),
        Expr::Binary(binary) => {
            !closure::is_assignment(&binary.op) && is_arithmetic(&binary.left) && is_arithmetic(&binary.right)
        }
        Expr::Tuple(tuple) => tuple.elems.iter().all(is_arithmetic),
        Expr::Array(array) => array.elems.iter().all(is_arithmetic),
        Expr::Repeat(repeat) => is_arithmetic(&repeat.expr),
        Expr::Struct(literal) => literal.fields.iter().all(|field| is_arithmetic(&field.expr)),
        _ => false,
    }
}

/// What was to be handled.
pub(crate) enum Handled {
    Here(Val),
    /// It is no call that may fail, but this.
    Other(Val),
}

/// What there is where a call fails.
#[derive(Clone, Copy)]
enum Otherwise<'a> {
    Val(&'a Expr),
    Zero,
    /// It is asked for nothing else.
    Flag(bool),
    Fun(&'a Expr),
}

/// The call at the beginning of a chain of methods, and how many of them take its result out: `g(x).ok().unwrap()`.
pub(crate) fn unwrapped<'a>(cx: &Lower<'_>, calls: &[&'a ExprMethodCall]) -> Option<(&'a Expr, usize)> {
    let receiver = &*calls.last()?.receiver;
    let Expr::Call(_) = bare(receiver) else { return None };
    if ended::OfClosure::of(cx, receiver).is_some_and(|of| !of.is_call(cx)) {
        return None;
    }
    Some((receiver, taking(calls)?))
}
