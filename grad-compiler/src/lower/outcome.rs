//! What becomes of the `Result` or `Option` that a function returns?
//!
//! A failure leaves the function, as in the user's code: `return Err(e)`, `return None` and `?` are in the generated code
//! what they are in the user's. To the compiler they are what a panic is: nothing comes after them, and nothing flows back
//! from them. What is left is the result itself, which is followed as that of a function that cannot fail; around the whole
//! answer of a derivative the emitter puts the `Result` or the `Option` again.
//!
//! A call of such a function ends where there is a result: what is written behind it up to there, `?`, `.unwrap()`,
//! `.ok_or(e)?`, goes with the call, and is applied in each derivative to what the callee's derivative returns.

use super::flow::bare;
use super::iter::{self, Optional};
use super::stmt::{self, Dest};
use super::types::Origin;
use super::value::{CodeVal, Val};
use super::{Kind, Lower, call, code, expr};
use crate::ir::Operand;
use crate::shape::Failure;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// How a failure leaves the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// As it is: `return`, or at the end.
    Whole,
    /// By `?`, which converts an error.
    Question,
}

/// Whether a failure here would be the function's.
pub(crate) fn may_fail(cx: &Lower<'_>) -> bool {
    cx.failure.is_some() && cx.inlined == 0
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
            "leave the function by it, not a closure: write a loop, or take the value out with `match` or `unwrap_or`",
        );
    }
    payload(cx, &question.expr, Leaving::Question)
}

/// What is in a `Result` or an `Option`; where nothing is, the function is left.
pub(crate) fn payload(cx: &mut Lower<'_>, expr: &Expr, leaving: Leaving) -> Val {
    if !cx.enter(expr) {
        return Val::Never;
    }
    let val = match bare(expr) {
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
        Expr::MethodCall(_) | Expr::Call(_) => {
            let (base, methods) = take_off(expr);
            taken_out(cx, base, &methods, expr)
        }
        base => taken_out(cx, base, &[], expr),
    };
    cx.leave();
    val
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

/// Names of methods that say more of a failure, and leave a result as it is.
const OF_FAILURES: [&str; 8] =
    ["ok_or", "ok_or_else", "map_err", "ok", "inspect_err", "context", "with_context", "wrap_err"];

/// An expression, and the methods behind it that say more of a failure, innermost first.
fn take_off(expr: &Expr) -> (&Expr, Vec<&ExprMethodCall>) {
    let mut base = bare(expr);
    let mut methods = Vec::new();
    while let Expr::MethodCall(call) = base
        && OF_FAILURES.iter().any(|name| call.method == name)
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
fn taken_out(cx: &mut Lower<'_>, base: &Expr, methods: &[&ExprMethodCall], whole: &Expr) -> Val {
    let methods = written(cx, methods);
    let val = match lower_call(cx, base, quote!(#methods?)) {
        (val, true) => return val,
        (val, false) => cx.rvalue(val),
    };
    cx.then(val, base, |cx, val| {
        if let Some(optional) = iter::optional(&val) {
            return required(cx, &optional, &methods);
        }
        match val {
            Val::Never => Val::Never,
            val if cx.is_constant(&val) => {
                let tokens = expr::in_parens(Val::Code(cx.as_code(val)));
                let tokens = cx.as_code(tokens).tokens;
                let ty = cx.type_at(whole, Origin::Constant);
                Val::Code(CodeVal { tokens: quote!(#tokens #methods?), ty, cheap: false, typed: false })
            }
            _ => cx.reject(
                Kind::ControlFlow,
                whole,
                "a `Result` or an `Option` of differentiated values that is not followed",
                "take the value out where it is made: `f(x)?`, `Some(x)`",
            ),
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
    let address = match bare(expr) {
        Expr::Call(call) => std::ptr::from_ref(call).addr(),
        Expr::MethodCall(call) => std::ptr::from_ref(call).addr(),
        _ => return (expr::lower_place(cx, expr), false),
    };
    let outer = cx.suffix.replace((address, suffix));
    let val = match bare(expr) {
        Expr::Call(call) => cx.at(expr, |cx| call::lower(cx, call, true)),
        _ => expr::lower_place(cx, expr),
    };
    let is_done = cx.suffix.is_none();
    cx.suffix = outer;
    (val, is_done)
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

/// How many methods, from the last to the first of `calls`, take a result out of what is before them.
pub(crate) fn taking(calls: &[&ExprMethodCall]) -> Option<usize> {
    let inside_out = calls.iter().rev();
    let of_failures =
        inside_out.clone().take_while(|call| OF_FAILURES.iter().any(|name| call.method == name)).count();
    let taking = inside_out.clone().nth(of_failures)?;
    let takes = (taking.method == "unwrap" && taking.args.is_empty())
        || (taking.method == "expect" && taking.args.len() == 1);
    takes.then_some(of_failures + 1)
}
