//! A call of a function that may fail, which is made where its result is taken apart.

use super::build::Arms;
use super::ended::OfClosure;
use super::flow::bare;
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, call, closure, code, ended, expr, outcome};
use crate::ir::{ArgKind, Call, Code, Operand, Pattern, Selector, Stmt};
use crate::outcomes::is_of_failures;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMethodCall};

/// An expression, and the methods behind it that say more of a failure, innermost first.
pub(super) fn take_off(expr: &Expr) -> (&Expr, Vec<&ExprMethodCall>) {
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

/// A call with what is written behind it; and whether that is done: of a closure, or of something that is known, nothing is
/// called.
pub(crate) fn lower_call(cx: &mut Lower<'_>, expr: &Expr, suffix: TokenStream) -> (Val, bool) {
    if let Some(of) = OfClosure::of(cx, expr).filter(|of| of.is_call(cx)) {
        return match of.begin(cx, &suffix) {
            Begun::Call(called) => (called.make(cx, false), true),
            begun => (begun.into_val(cx), suffix.is_empty()),
        };
    }
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
    /// A call of which there is a result of this type where it does not fail.
    fn of(cx: &Lower<'_>, call: Call, ty: Type) -> Called {
        let hint = call.result.map_or_else(String::new, |var| cx.vars[var.index()].name.clone());
        Called { call, ty, hint }
    }

    /// The same of one that may change something: it would change it whether it fails or not.
    pub(super) fn unchanging(cx: &mut Lower<'_>, call: Call, ty: Type) -> Option<Called> {
        if call.changes() {
            cx.reject_at(Kind::ControlFlow, call.span, CHANGES, INSTEAD);
            return None;
        }
        Some(Called::of(cx, call, ty))
    }

    /// Nothing is passed that only rustc knows.
    pub(super) fn is_of_values(&self) -> bool {
        !self.call.args.iter().any(|arg| matches!(arg.kind, ArgKind::Code { .. }))
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
    pub(super) fn make(self, cx: &mut Lower<'_>, selects: bool) -> Val {
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
pub(super) fn with_suffix<'e, T>(
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

impl Begun {
    /// What is no call, as a value.
    pub(super) fn into_val(self, cx: &mut Lower<'_>) -> Val {
        match self {
            Begun::Call(_) => unreachable!("a call is made or handled"),
            Begun::Constant(code) => {
                let ty = cx.unknown_constant();
                Val::Code(CodeVal { tokens: code.tokens, ty, cheap: false, typed: true })
            }
            Begun::Other(val) => val,
        }
    }
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
    if let Some(of) = OfClosure::of(cx, base) {
        if of.is_call(cx) {
            let methods = written(cx, &methods);
            return of.begin(cx, &quote!(#methods #behind));
        }
        if behind.is_empty() && methods.iter().all(|method| method.method == "ok") {
            return Begun::Other(of.lower(cx));
        }
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
    if !is_function(&call.func) {
        return Begun::Other(expr::lower_place(cx, expr));
    }
    let methods = written(cx, &methods);
    let suffix = quote!(#methods #behind);
    let (val, is_done) = lower_call(cx, base, suffix.clone());
    if !is_done {
        let is_whole = suffix.is_empty() || cx.dead.is_some();
        return Begun::Other(if is_whole { val } else { outcome::reject(cx, expr) });
    }
    begun(cx, val, expr)
}

/// What was called last, as a call that is not made yet.
pub(super) fn begun(cx: &mut Lower<'_>, val: Val, expr: &Expr) -> Begun {
    if let Val::Code(_) | Val::Never = val {
        return Begun::Other(val);
    }
    let ty = cx.type_of(&val);
    match cx.last_stmt() {
        Some(Stmt::Call(call)) if !call.changes() => match cx.blocks.last_mut().and_then(Vec::pop) {
            Some(Stmt::Call(call)) => Begun::Call(Box::new(Called::of(cx, call, ty))),
            _ => unreachable!("the call that was just seen"),
        },
        _ => Begun::Other(cx.reject(Kind::ControlFlow, expr, CHANGES, INSTEAD)),
    }
}

const CHANGES: &str = "the failure of a call that changes something is handled here";
const INSTEAD: &str = "let the failure leave the function, `f(x)?`, or take it apart in another one";

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

/// The error of a call, bound by a pattern.
pub(super) fn error(cx: &mut Lower<'_>, pattern: &mut Pattern) -> Val {
    let ty = cx.types.fresh(Origin::Constant);
    let error = cx.new_var("error", ty.clone());
    let name = cx.operand_tokens(&Operand::Var(error));
    pattern.tokens = quote_spanned!(Span::mixed_site()=> ::core::result::Result::Err(#name));
    pattern.binds.push(error);
    Val::Scalar(Operand::Var(error), ty)
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

/// What makes an `Option` of a `Result` or an `Option`, written behind it.
pub(super) fn as_option() -> TokenStream {
    let s = Span::mixed_site();
    quote_spanned!(s=> .map_or(::core::option::Option::None, ::core::option::Option::Some))
}

/// `Some`, as a pattern.
pub(super) fn some() -> TokenStream {
    quote_spanned!(Span::mixed_site()=> ::core::option::Option::Some)
}

/// The arm of whatever no arm before it is for.
pub(super) fn any_other<'e>(cx: &mut Lower<'e>, arms: &mut Arms, val: impl FnOnce(&mut Lower<'e>) -> Val) {
    cx.begin_arm();
    let val = val(cx);
    let tokens = quote_spanned!(Span::mixed_site()=> _);
    cx.end_arm(arms, Some(Pattern { tokens, guard: None, binds: Vec::new() }), val);
}

/// Whether what is called is no constructor.
pub(super) fn is_function(callee: &Expr) -> bool {
    !matches!(bare(callee), Expr::Path(path) if super::callee::is_constructor(path))
}

/// Whether it is a call of a function. What a closure gives is there as a value: nothing is called.
pub(super) fn is_call(cx: &Lower<'_>, expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    if !is_function(&call.func) {
        return false;
    }
    if let Some(of) = OfClosure::of(cx, expr) {
        return of.is_call(cx);
    }
    let local = closure::root(&call.func).and_then(|name| cx.lookup(name));
    !local.is_some_and(|id| matches!(cx.local(id).val, Val::Closure(_)))
}

impl Lower<'_> {
    /// What is written behind the call at `node`. It is applied now.
    pub(crate) fn suffix_of<T: ?Sized>(&mut self, node: &T) -> Option<TokenStream> {
        let address = std::ptr::from_ref(node).cast::<()>().addr();
        self.suffix.take_if(|(of, _)| *of == address).map(|(_, tokens)| tokens)
    }
}
