//! What becomes of the `Result` or `Option` that a function returns?
//!
//! A failure leaves the function, as in the user's code: `return Err(e)`, `return None` and `?` are in the generated code
//! what they are in the user's. To the compiler they are what a panic is: nothing comes after them, and nothing flows back
//! from them. What is left is the result itself, which is followed as that of a function that cannot fail; around the whole
//! answer of a derivative the emitter puts the `Result` or the `Option` again.
//!
//! A call of such a function ends where there is a result: what is written behind it up to there, `?`, `.unwrap()`,
//! `.ok_or(e)?`, goes with the call, and is applied in each derivative to what the callee's derivative returns.

use super::called::{self, Begun, lower_call, take_off, with_suffix, written};
use super::closure::{self, Fun};
use super::ended::OfClosure;
use super::flow::bare;
use super::iter::{self, Optional};
use super::stmt::{self, Dest};
use super::types::Origin;
use super::value::{CodeVal, Val};
use super::{Kind, Lower, code, expr, matrix, option, unknown};
use crate::ir::{Operand, Pattern};
use crate::outcomes::{is_handling, is_of_failures};
use crate::shape::Failure;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit::Visit;
use syn::{Expr, ExprMethodCall};

/// How a failure leaves the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// As it is: `return`, or at the end.
    Whole,
    /// By `?`, which converts an error.
    Question,
}

/// What a `?` in a closure means that gives what is taken out behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closures {
    /// The same as one in the function.
    Alike,
    /// Its error is converted once more.
    Apart,
}

impl Closures {
    pub(crate) fn alike(is_alike: bool) -> Closures {
        if is_alike { Closures::Alike } else { Closures::Apart }
    }
}

/// Whether a failure here would be the function's.
pub(crate) fn may_fail(cx: &Lower<'_>) -> bool {
    cx.failure.is_some() && (cx.inlined == 0 || cx.failing_at == Some(cx.inlined))
}

/// Whether what goes there is taken out of a `Result` or an `Option` first.
pub(crate) fn leaving(cx: &Lower<'_>, dest: Dest<'_>) -> Option<Leaving> {
    match dest {
        Dest::Return(id) => cx.outcomes.get(&id).copied(),
        Dest::Value | Dest::Option | Dest::Then { .. } => None,
    }
}

/// `Err(e)`, `None`: what a function returns where it fails.
pub(crate) fn is_failure(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Call(call) => is_path(&call.func, "Err") && call.args.len() == 1,
        expr => is_path(expr, "None"),
    }
}

fn is_path(expr: &Expr, name: &str) -> bool {
    matches!(bare(expr), Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// `question?`
pub(crate) fn lower_try(cx: &mut Lower<'_>, question: &syn::ExprTry) -> Val {
    if !may_fail(cx) {
        if iter::given::returns_option(cx) {
            return iter::given::asked(cx, &question.expr);
        }
        return cx.reject(
            Kind::ControlFlow,
            &question.question_token,
            "`?` in a closure, or in a function that returns neither a `Result` nor an `Option`",
            "leave the function by it, not a closure: write a loop, or take the value out with `match` or `unwrap_or`; in `map(…).collect::<Result<Vec<_>, E>>()?`, E is to be the function's error",
        );
    }
    let factored = match &*question.expr {
        Expr::Call(call) => matrix::factored(cx, call),
        _ => None,
    };
    let of = factored.as_ref().map_or(&*question.expr, |factored| &factored[0]);
    payload(cx, of, Leaving::Question)
}

/// What is in a `Result` or an `Option`; where nothing is, the function is left.
pub(crate) fn payload(cx: &mut Lower<'_>, expr: &Expr, leaving: Leaving) -> Val {
    payload_before(cx, expr, leaving, &TokenStream::new())
}

/// The same; where nothing is, `behind` says more of the failure.
fn payload_before(cx: &mut Lower<'_>, expr: &Expr, leaving: Leaving, behind: &TokenStream) -> Val {
    if !cx.enter(expr) {
        return Val::Never;
    }
    let (base, methods) = take_off(expr);
    let methods = written(cx, &methods);
    let behind = quote!(#methods #behind);
    if let Some(of) = OfClosure::of(cx, base).filter(|of| !of.is_call(cx)) {
        let val = if behind.is_empty() && !of.returns() {
            of.taken(cx, leaving)
        } else if asks_for_error(cx, expr, base) {
            asked_elsewhere(cx, expr)
        } else {
            let val = of.lower(cx);
            cx.then(val, base, |cx, val| match iter::optional(&val) {
                Some(optional) => required(cx, &optional, &behind),
                None => Val::Never,
            })
        };
        cx.leave();
        return val;
    }
    let val = match base {
        Expr::MethodCall(call) if call.method == "map" && call.args.len() == 1 => {
            let val = payload_before(cx, &call.receiver, leaving, &behind);
            match closure::fun(cx, &call.args[0]) {
                Some(fun) if cx.dead.is_none() => fun.call(cx, vec![val]),
                _ => Val::Never,
            }
        }
        base if !behind.is_empty() => taken_out(cx, base, &behind, expr),
        Expr::Call(call)
            if call.args.len() == 1 && ["Ok", "Some"].iter().any(|name| is_path(&call.func, name)) =>
        {
            expr::lower(cx, &call.args[0])
        }
        expr if is_failure(expr) => cx.at(expr, |cx| fail(cx, expr, leaving)),
        branch @ (Expr::If(_) | Expr::Match(_) | Expr::Block(syn::ExprBlock { label: None, .. })) => {
            let value = cx.exit_value(std::ptr::from_ref(branch).addr(), None);
            cx.outcomes.insert(value, leaving);
            stmt::lower_tail(cx, branch, Dest::Return(value));
            if cx.dead.is_some() { Val::Never } else { cx.local(value).val.clone() }
        }
        Expr::MethodCall(call) if call.method == "and_then" && call.args.len() == 1 => {
            let val = payload(cx, &call.receiver, leaving);
            match closure::fun(cx, &call.args[0]) {
                Some(fun) if cx.dead.is_none() => {
                    // An error of the closure's is converted once more behind it.
                    let alike = Closures::alike(cx.failure == Some(Failure::Nothing));
                    let outer = std::mem::replace(&mut cx.closures_fail, alike);
                    let val = taken(cx, &fun, vec![val], leaving);
                    cx.closures_fail = outer;
                    val
                }
                _ => Val::Never,
            }
        }
        Expr::MethodCall(call)
            if call.method == "or_else"
                && call.args.len() == 1
                && called::is_call(cx, take_off(&call.receiver).0) =>
        {
            instead(cx, call, leaving)
        }
        base => {
            let val = match base {
                Expr::MethodCall(call) => iter::lower_taken(cx, call, leaving),
                _ => None,
            };
            val.unwrap_or_else(|| taken_out(cx, base, &behind, expr))
        }
    };
    cx.leave();
    val
}

/// `f(x).or_else(|e| …)`
fn instead(cx: &mut Lower<'_>, call: &ExprMethodCall, leaving: Leaving) -> Val {
    let Some(fun) = closure::fun(cx, &call.args[0]) else { return Val::Never };
    let called = match called::begin(cx, &call.receiver, &TokenStream::new()) {
        Begun::Call(called) => *called,
        begun => {
            let val = begun.into_val(cx);
            return if cx.dead.is_some() || matches!(val, Val::Never) {
                Val::Never
            } else {
                reject(cx, &call.receiver)
            };
        }
    };
    let s = Span::mixed_site();
    let has_error = fun.parameter(0).is_some();
    let path = if has_error { quote_spanned!(s=> ::core::result::Result::Ok) } else { called::some() };
    called::select(cx, called, &path, Lower::settle, |cx, arms| {
        cx.begin_arm();
        let mut pattern = Pattern { tokens: quote_spanned!(s=> _), guard: None, binds: Vec::new() };
        let mut given = Vec::new();
        if has_error {
            given.push(called::error(cx, &mut pattern));
        }
        let alike = Closures::alike(leaving == Leaving::Whole || cx.failure == Some(Failure::Nothing));
        let outer = std::mem::replace(&mut cx.closures_fail, alike);
        let val = taken(cx, &fun, given, leaving);
        cx.closures_fail = outer;
        let val = cx.settle(val);
        cx.end_arm(arms, Some(pattern), val);
    })
}

/// What a closure gives is taken out.
pub(crate) fn taken(cx: &mut Lower<'_>, fun: &Fun, args: Vec<Val>, leaving: Leaving) -> Val {
    match fun {
        Fun::Closure(function) if !closure::returns(&function.syntax().body) => {
            let body = function.syntax().body.clone();
            closure::enter(cx, function, args, &body, |cx, body| {
                let here = (cx.closures_fail == Closures::Alike).then_some(cx.inlined);
                let outer = std::mem::replace(&mut cx.failing_at, here);
                let val = payload(cx, body, leaving);
                cx.failing_at = outer;
                val
            })
        }
        Fun::Path(path) => {
            let (val, _) = with_suffix(cx, &path[0], quote!(?), |cx| fun.call(cx, args));
            val
        }
        Fun::Closure(_) | Fun::Identity | Fun::Taken(..) => {
            let span = cx.span;
            cx.reject_at(
                Kind::Closure,
                span,
                "a closure with a `return` gives a `Result` or an `Option`",
                "write it as a function with `#[grad]`",
            );
            Val::Never
        }
    }
}

/// The function ends here, without a result.
fn fail(cx: &mut Lower<'_>, expr: &Expr, leaving: Leaving) -> Val {
    let tokens = match (bare(expr), leaving) {
        (Expr::Call(call), Leaving::Question) => {
            let error = code::substitute(cx, &call.args[0]).tokens;
            quote!(::core::result::Result::Err(::core::convert::From::from(#error)))
        }
        (expr, _) => code::substitute(cx, expr).tokens,
    };
    cx.push_effect(quote!(return #tokens;), Vec::new());
    cx.dead = Some(super::exits::Dead::Panic);
    Val::Never
}

/// `base.methods?`
fn taken_out(cx: &mut Lower<'_>, base: &Expr, methods: &TokenStream, whole: &Expr) -> Val {
    let val = match lower_call(cx, base, quote!(#methods?)) {
        (val, true) => return val,
        (val, false) => cx.rvalue(val),
    };
    cx.then(val, base, |cx, val| {
        let optional = match &val {
            val if cx.is_constant(val) => None,
            val => iter::optional(val).or_else(|| option::used(cx, val)),
        };
        if let Some(optional) = optional {
            if asks_for_error(cx, whole, base) {
                return asked_elsewhere(cx, whole);
            }
            return required(cx, &optional, methods);
        }
        match val {
            Val::Never => Val::Never,
            val if cx.is_constant(&val) => {
                let tokens = expr::in_parens(Val::Code(cx.as_code(val)));
                let tokens = cx.as_code(tokens).tokens;
                let ty = cx.type_at(whole, Origin::Constant);
                let tokens = quote!(#tokens #methods?);
                let val = Val::Code(CodeVal { tokens, ty, cheap: false, typed: false });
                unknown::item_of_constants(cx, whole, val)
            }
            _ => reject(cx, whole),
        }
    })
}

/// Whether the error of what is an `Option` here is asked for, which is then a `Result` in the user's code.
fn asks_for_error(cx: &Lower<'_>, whole: &Expr, base: &Expr) -> bool {
    let (_, methods) = take_off(whole);
    match methods.first().map(|call| call.method.to_string()).as_deref() {
        None => cx.failure != Some(Failure::Nothing),
        Some("map_err") => true,
        Some("ok" | "ok_or" | "ok_or_else") => false,
        Some(_) => {
            let mut ends = OfResults(false);
            ends.visit_expr(base);
            ends.0
        }
    }
}

/// Whether it is `Ok(…)` or `Err(…)`.
pub(super) fn is_of_result(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Call(call) if is_result(call))
}

fn is_result(call: &syn::ExprCall) -> bool {
    call.args.len() == 1 && ["Ok", "Err"].iter().any(|name| is_path(&call.func, name))
}

/// Whether something in an expression is a `Result`, as far as its form tells.
struct OfResults(bool);

impl<'a> Visit<'a> for OfResults {
    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        self.0 |= is_result(call);
        syn::visit::visit_expr_call(self, call);
    }
}

/// The item of an `Option`; where there is none, the function is left.
fn required(cx: &mut Lower<'_>, optional: &Optional, methods: &TokenStream) -> Val {
    if *optional.present() != Operand::bool(true) {
        let present = cx.operand_tokens(optional.present());
        let leave = if methods.is_empty() && cx.failure == Some(Failure::Nothing) {
            quote!(return ::core::option::Option::None;)
        } else {
            quote!(::core::option::Option::<()>::None #methods?;)
        };
        cx.push_effect(quote!(if !#present { #leave }), Vec::new());
    }
    optional.lower_present(cx)
}

/// The error of a call is asked for, and the call is made elsewhere.
pub(super) fn asked_elsewhere<T: ToTokens>(cx: &mut Lower<'_>, at: &T) -> Val {
    cx.reject(
        Kind::ControlFlow,
        at,
        "the error of a call is asked for elsewhere than where the call was made",
        "take it apart where it is made: `match f(x) { Ok(v) => …, Err(e) => … }`, `f(x)?`",
    )
}

pub(super) fn reject(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    cx.reject(
        Kind::ControlFlow,
        expr,
        "a `Result` or an `Option` of differentiated values that is not followed",
        "take the value out where it is made: `f(x)?`, `Some(x)`",
    )
}

/// Whether a method is one of a `Result` or an `Option`, and of nothing else that is followed, as far as its name tells.
pub(super) fn is_of_outcomes(call: &ExprMethodCall) -> bool {
    is_handling(call)
        || is_of_failures(call)
        || matches!(
            call.method.to_string().as_str(),
            "and_then"
                | "or"
                | "or_else"
                | "xor"
                | "transpose"
                | "is_some_and"
                | "is_ok_and"
                | "is_none_or"
                | "err"
                | "get_or_insert"
                | "get_or_insert_with"
                | "inspect_err"
        )
}
