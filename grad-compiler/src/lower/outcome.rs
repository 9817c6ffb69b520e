//! What becomes of the `Result` or `Option` that a function returns?
//!
//! A failure leaves the function, as in the user's code: `return Err(e)`, `return None` and `?` are in the generated code
//! what they are in the user's. To the compiler they are what a panic is: nothing comes after them, and nothing flows back
//! from them. What is left is the result itself, which is followed as that of a function that cannot fail; around the whole
//! answer of a derivative the emitter puts the `Result` or the `Option` again.
//!
//! A call of such a function ends where there is a result: what is written behind it up to there, `?`, `.unwrap()`,
//! `.ok_or(e)?`, goes with the call, and is applied in each derivative to what the callee's derivative returns.

use super::build::Arms;
use super::closure::{self, Fun};
use super::flow::bare;
use super::iter::{self, Optional};
use super::stmt::{self, Dest};
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, call, code, ended, expr, matrix, option, unknown};
use crate::ir::{Arg, ArgKind, Call, Code, Operand, Pattern, Selector, Stmt};
use crate::outcomes::{handling, is_handling, is_of_failures, taking};
use crate::shape::Failure;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
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
        Dest::Value | Dest::Then { .. } => None,
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

/// An expression, and the methods behind it that say more of a failure, innermost first.
fn take_off(expr: &Expr) -> (&Expr, Vec<&ExprMethodCall>) {
    let mut base = bare(expr);
    let mut methods = Vec::new();
    while let Expr::MethodCall(call) = base
        && is_of_failures(call)
    {
        methods.push(call);
        base = bare(&call.receiver);
    }
    methods.reverse();
    (base, methods)
}

/// `.ok_or(e)`, with placeholders.
pub(crate) fn written(cx: &mut Lower<'_>, methods: &[&ExprMethodCall]) -> TokenStream {
    let mut tokens = TokenStream::new();
    for call in methods {
        let args: Vec<TokenStream> = call.args.iter().map(|arg| code::substitute(cx, arg).tokens).collect();
        let (method, turbofish) = (&call.method, &call.turbofish);
        tokens.extend(quote!(.#method #turbofish (#(#args),*)));
    }
    tokens
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

/// A call with what is written behind it; and whether that is done: of a closure, or of something that is known, nothing is
/// called.
pub(crate) fn lower_call(cx: &mut Lower<'_>, expr: &Expr, suffix: TokenStream) -> (Val, bool) {
    match bare(expr) {
        Expr::Call(call) => with_suffix(cx, call, suffix, |cx| cx.at(expr, |cx| call::lower(cx, call, true))),
        Expr::MethodCall(call) => with_suffix(cx, call, suffix, |cx| expr::lower_place(cx, expr)),
        _ => match ended::taken(cx, expr) {
            Some(Ok(called)) => (called.behind(&suffix).make(cx, false), true),
            Some(Err(never)) => (never, false),
            None => (expr::lower_place(cx, expr), false),
        },
    }
}

impl Called {
    /// What it is called with.
    pub(super) fn args(&self) -> impl Iterator<Item = &Arg> {
        self.call.args.iter()
    }

    /// The same, with more written behind it.
    pub(super) fn behind(mut self, more: &TokenStream) -> Called {
        if !more.is_empty() {
            let suffix = self.call.suffix.take().map(|suffix| suffix.tokens);
            self.call.suffix = Some(Code::new(quote!(#suffix #more), false));
        }
        self
    }

    /// Makes the call: what it returns, with what is written behind it.
    fn make(self, cx: &mut Lower<'_>, selects: bool) -> Val {
        let Called { mut call, ty, hint } = self;
        let val = match call.result {
            Some(_) => {
                let var = cx.new_var(&hint, ty.clone());
                call.result = Some(var);
                cx.call_result(var, ty)
            }
            None => Val::Unit,
        };
        cx.push(Stmt::Call(Call { selects, ..call }));
        val
    }
}

/// Lowers a call that is known by `node`.
fn with_suffix<'e, T>(
    cx: &mut Lower<'e>,
    node: &T,
    suffix: TokenStream,
    lower: impl FnOnce(&mut Lower<'e>) -> Val,
) -> (Val, bool) {
    let outer = cx.suffix.replace((std::ptr::from_ref(node).addr(), suffix));
    let val = lower(cx);
    let is_done = cx.suffix.is_none();
    cx.suffix = outer;
    (val, is_done)
}

/// A call of a function that may fail, which is not made yet.
pub(crate) struct Called {
    call: Call,
    ty: Type,
    /// The function's name.
    hint: String,
}

/// An expression that may be a call of a function that may fail.
pub(crate) enum Begun {
    Call(Box<Called>),
    /// A constant that may have failed.
    Constant(Code),
    Other(Val),
}

/// The call of a function that may fail, with what more is said of its failure, and `behind`. Or what else it is.
pub(crate) fn begin(cx: &mut Lower<'_>, expr: &Expr, behind: &TokenStream) -> Begun {
    let (base, methods) = take_off(expr);
    if ended::is_held(cx, base) {
        let methods = written(cx, &methods);
        return match ended::taken(cx, base) {
            Some(Ok(called)) => Begun::Call(Box::new(called.behind(&quote!(#methods #behind)))),
            Some(Err(never)) => Begun::Other(never),
            None => unreachable!("it is held"),
        };
    }
    // Of a method, what is before it tells whether it is one of the user's.
    if let Expr::MethodCall(_) = base
        && methods.is_empty()
        && behind.is_empty()
    {
        let (val, is_done) = lower_call(cx, base, TokenStream::new());
        return if is_done { begun(cx, val, expr) } else { Begun::Other(val) };
    }
    let Expr::Call(call) = base else { return Begun::Other(expr::lower_place(cx, expr)) };
    if matches!(bare(&call.func), Expr::Path(path) if super::callee::is_constructor(path)) {
        return Begun::Other(expr::lower_place(cx, expr));
    }
    let methods = written(cx, &methods);
    let suffix = quote!(#methods #behind);
    let (val, is_done) = lower_call(cx, base, suffix.clone());
    if !is_done {
        let is_whole = suffix.is_empty() || cx.dead.is_some();
        return Begun::Other(if is_whole { val } else { reject(cx, expr) });
    }
    begun(cx, val, expr)
}

/// What was called last, as a call that is not made yet.
fn begun(cx: &mut Lower<'_>, val: Val, expr: &Expr) -> Begun {
    match (val, cx.last_stmt()) {
        (val @ (Val::Code(_) | Val::Never), _) => Begun::Other(val),
        (val, Some(Stmt::Call(call))) if !call.args.iter().any(|arg| arg.kind.is_changed()) => {
            let ty = cx.type_of(&val);
            let Some(Stmt::Call(call)) = cx.blocks.last_mut().and_then(Vec::pop) else {
                unreachable!("the call that was just seen")
            };
            let hint = call.result.map_or_else(String::new, |var| cx.vars[var.index()].name.clone());
            Begun::Call(Box::new(Called { call, ty, hint }))
        }
        _ => Begun::Other(cx.reject(
            Kind::ControlFlow,
            expr,
            "the failure of a call that changes something is handled here",
            "let the failure leave the function, `f(x)?`, or take it apart in another one",
        )),
    }
}

fn reject(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    cx.reject(
        Kind::ControlFlow,
        expr,
        "a `Result` or an `Option` of differentiated values that is not followed",
        "take the value out where it is made: `f(x)?`, `Some(x)`",
    )
}

/// `match call { path(val) => some(val), … }`; `others` makes the arms behind the first.
pub(crate) fn select<'e>(
    cx: &mut Lower<'e>,
    called: Called,
    path: &TokenStream,
    some: impl FnOnce(&mut Lower<'e>, Val) -> Val,
    others: impl FnOnce(&mut Lower<'e>, &mut Arms),
) -> Val {
    let call = &called.call;
    // As an expression, for what it reads, which is also in an error: the call is made once, where the branch selects.
    let callee = call.callee.tokens().clone();
    let args: Vec<TokenStream> = call
        .args
        .iter()
        .map(|arg| match &arg.kind {
            ArgKind::Scalar(operand) | ArgKind::ScalarRef(operand) => cx.operand_tokens(operand),
            ArgKind::Memory { place, .. } => cx.place_tokens(place),
            ArgKind::Code { code, .. } => code.tokens.clone(),
            ArgKind::ScalarMut { before, .. } => cx.operand_tokens(before),
            ArgKind::Kept(var) => cx.operand_tokens(&Operand::Var(*var)),
        })
        .collect();
    let suffix = call.suffix.as_ref().map(|suffix| suffix.tokens.clone());
    let made = Code::new(quote!(#callee(#(#args),*)#suffix), false);
    let mut arms = cx.arms();
    cx.begin_arm();
    cx.push_scope();
    let val = called.make(cx, true);
    let val = some(cx, val);
    cx.pop_scope();
    let pattern = Pattern { tokens: quote!(#path(_)), guard: None, binds: Vec::new() };
    cx.end_arm(&mut arms, Some(pattern), val);
    others(cx, &mut arms);
    cx.end_branch(Selector::Match(made), arms)
}

/// `match constant { path(val) => some(val), … }`
pub(super) fn select_constant<'e>(
    cx: &mut Lower<'e>,
    constant: Code,
    path: &TokenStream,
    some: impl FnOnce(&mut Lower<'e>, Val) -> Val,
    others: impl FnOnce(&mut Lower<'e>, &mut Arms),
) -> Val {
    let mut arms = cx.arms();
    cx.begin_arm();
    cx.push_scope();
    let ty = cx.types.fresh(Origin::Constant);
    let item = cx.new_var("item", ty.clone());
    let name = cx.operand_tokens(&Operand::Var(item));
    let val = some(cx, Val::Scalar(Operand::Var(item), ty));
    cx.pop_scope();
    let pattern = Pattern { tokens: quote!(#path(#name)), guard: None, binds: vec![item] };
    cx.end_arm(&mut arms, Some(pattern), val);
    others(cx, &mut arms);
    cx.end_branch(Selector::Match(constant), arms)
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
        )
}

/// How many of the methods behind a call handle its failure: `g(x).map(f).unwrap_or(0.0)`.
pub(crate) fn handled(cx: &Lower<'_>, calls: &[&ExprMethodCall]) -> Option<usize> {
    let receiver = bare(&calls.last()?.receiver);
    if ended::is_held(cx, receiver) {
        return handling(calls);
    }
    let Expr::Call(call) = receiver else { return None };
    if matches!(bare(&call.func), Expr::Path(path) if super::callee::is_constructor(path)) {
        return None;
    }
    // What a closure gives is there as a value: nothing is called.
    let local = closure::root(&call.func).and_then(|name| cx.lookup(name));
    if local.is_some_and(|id| matches!(cx.local(id).val, Val::Closure(_))) {
        return None;
    }
    let is_on_the_way = |call: &&&ExprMethodCall| call.method == "map" || is_of_failures(call);
    let before = calls.iter().rev().take_while(is_on_the_way).count();
    let last = calls.iter().rev().nth(before)?;
    is_handling(last).then_some(before + 1)
}

/// A call, and the methods behind it up to the one that handles its failure, outermost first.
pub(crate) fn lower_handled(cx: &mut Lower<'_>, calls: &[&ExprMethodCall]) -> Val {
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
        Handled::Other(_) => reject(cx, &Expr::MethodCall(calls[0].clone())),
    }
}

/// The same of a method; what else it is, if it is none of the user's.
pub(crate) fn lower_handled_method<'e>(
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
pub(crate) fn lower_handled_constant(
    cx: &mut Lower<'_>,
    calls: &[&ExprMethodCall],
    constant: &Val,
) -> Option<Val> {
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
    calls.iter().flat_map(|call| &call.args).any(|arg| super::own_type::is_followed(cx, arg))
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
    let as_option = quote_spanned!(s=> .map_or(::core::option::Option::None, ::core::option::Option::Some));
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
    let path = if of_error {
        quote_spanned!(s=> ::core::result::Result::Ok)
    } else {
        quote_spanned!(s=> ::core::option::Option::Some)
    };
    let some = |cx: &mut Lower<'_>, val: Val| {
        let val = maps.into_iter().fold(val, |val, fun| fun.call(cx, vec![val]));
        let val = if let Otherwise::Flag(failed) = otherwise { Val::bool(!failed) } else { val };
        cx.settle(val)
    };
    let others = |cx: &mut Lower<'_>, arms: &mut Arms| {
        cx.begin_arm();
        let mut pattern = Pattern { tokens: quote_spanned!(s=> _), guard: None, binds: Vec::new() };
        let mut given = Vec::new();
        if of_error {
            let ty = cx.types.fresh(Origin::Constant);
            let error = cx.new_var("error", ty.clone());
            let name = cx.operand_tokens(&Operand::Var(error));
            pattern.tokens = quote_spanned!(s=> ::core::result::Result::Err(#name));
            pattern.binds.push(error);
            given.push(Val::Scalar(Operand::Var(error), ty));
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

impl Lower<'_> {
    /// What is written behind the call at `node`. It is applied now.
    pub(crate) fn suffix_of<T: ?Sized>(&mut self, node: &T) -> Option<TokenStream> {
        let address = std::ptr::from_ref(node).cast::<()>().addr();
        self.suffix.take_if(|(of, _)| *of == address).map(|(_, tokens)| tokens)
    }
}

/// The call at the beginning of a chain of methods, and how many of them take its result out: `g(x).ok().unwrap()`.
pub(crate) fn unwrapped<'a>(calls: &[&'a ExprMethodCall]) -> Option<(&'a Expr, usize)> {
    let receiver = &*calls.last()?.receiver;
    let Expr::Call(_) = bare(receiver) else { return None };
    Some((receiver, taking(calls)?))
}
