//! How did a call end whose result is not taken apart at once? `let r = f(x);`, where `f` returns a `Result` or an `Option`,
//! `match (f(x), f(y))`, `f(x).ok().filter(…)`.
//!
//! Only rustc knows what `f` returns. What is done with it tells: `r?`, `match r { Ok(v) => …, Err(_) => … }`,
//! `r.is_err()`. Where nobody asks for the error, what there is becomes an `Option` in memory, like any other. An error is
//! that of the call, so a call whose error is asked for is made where it is asked, as if it were written there: once, and
//! where nothing has changed since.

use super::env::LocalId;
use super::flow::bare;
use super::outcome::{self, Begun, Called};
use super::stmt::Dest;
use super::types::Type;
use super::value::{CodeVal, Val};
use super::{Kind, Lower, callee, expr, map, matching, option, pattern};
use crate::ir::{ArgKind, Pattern, Stmt};
use crate::outcomes::is_of_failures;
use crate::shape::{Failing, Failure};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, Pat};

/// A call that is made where its result is taken apart.
pub(crate) struct Held {
    called: Called,
    /// The block where it was to be made, and how much was in it.
    block: usize,
    made: usize,
    span: Span,
}

/// What is asked of an error.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Error {
    Nothing,
    /// The error itself.
    Itself,
    /// What is behind a reference to it.
    Lent,
}

impl Error {
    /// With what is asked of it elsewhere.
    fn and(&mut self, is_asked: bool, what: Error) {
        if is_asked {
            *self = (*self).max(what);
        }
    }
}

/// What the statements behind a variable do with it.
struct Uses<'a> {
    name: &'a Ident,
    /// Whether a failure of the function is an error.
    fails_with_error: bool,
    tells: bool,
    error: Error,
    /// How often the variable is read.
    mentions: usize,
}

/// `let name = call;`, if what is done with `name` tells that the call may fail. Whether that was all.
pub(super) fn declare(cx: &mut Lower<'_>, local: &syn::Local, rest: &[syn::Stmt], dest: Dest<'_>) -> bool {
    let Some((name, written, init)) = named(local) else { return false };
    let called = without_failures(init);
    if !matches!(called, Expr::MethodCall(_)) && !is_call(cx, called) {
        return false;
    }
    let fails_with_error = cx.failure.is_some_and(|failure| failure != Failure::Nothing);
    let tells = matches!(called, Expr::Call(_))
        && (written.is_some_and(|ty| Failing::of(ty).is_some()) || !std::ptr::eq(called, bare(init)));
    let mut uses = Uses { name, fails_with_error, tells, error: Error::Nothing, mentions: 0 };
    let is_there = uses.look_at(rest);
    if let Some(tail) = rest.last().and_then(tail).filter(|_| is_there)
        && outcome::leaving(cx, dest).is_some()
        && is_name(taken_off(tail), name)
    {
        uses.tells = true;
        uses.error.and(fails_with_error, Error::Itself);
    }
    if !uses.tells {
        return false;
    }
    let begun = outcome::begin(cx, init, &TokenStream::new());
    if cx.dead.is_some() {
        return true;
    }
    let val = match begun {
        Begun::Call(called) if uses.error == Error::Nothing => as_option(cx, *called),
        Begun::Call(called) if uses.error == Error::Itself && uses.mentions == 1 => {
            let (block, made) = (cx.blocks.len(), cx.blocks.last().map_or(0, Vec::len));
            let id = cx.declare(name, Val::Never, false);
            cx.held.insert(id, Held { called: *called, block, made, span: name.span() });
            return true;
        }
        Begun::Call(_) => cx.reject(
            Kind::ControlFlow,
            init,
            "a `Result` of differentiated values in a variable that is used more than once or lent, its error too",
            "take it apart where it is made: `match f(x) { Ok(v) => …, Err(e) => … }`, `f(x)?`",
        ),
        Begun::Constant(code) => {
            let ty = cx.unknown_constant();
            Val::Code(CodeVal { tokens: code.tokens, ty, cheap: false, typed: true })
        }
        Begun::Other(val) => cx.rvalue(val),
    };
    pattern::bind(cx, &local.pat, val);
    true
}

/// `let name: written = init;`
fn named(local: &syn::Local) -> Option<(&Ident, Option<&syn::Type>, &Expr)> {
    let (pat, written) = match &local.pat {
        Pat::Type(typed) => (&*typed.pat, Some(&*typed.ty)),
        pat => (pat, None),
    };
    let Pat::Ident(ident) = pat else { return None };
    let init = local.init.as_ref().filter(|init| init.diverge.is_none())?;
    let is_plain = ident.by_ref.is_none() && ident.mutability.is_none() && ident.subpat.is_none();
    is_plain.then_some((&ident.ident, written, &*init.expr))
}

/// A call of a function, by its name.
fn is_call(cx: &Lower<'_>, expr: &Expr) -> bool {
    let Expr::Call(call) = expr else { return false };
    let Expr::Path(path) = bare(&call.func) else { return false };
    !callee::is_constructor(path) && path.path.get_ident().is_none_or(|name| cx.lookup(name).is_none())
}

/// `call` in `call.ok()`, `call.map_err(f)`.
fn without_failures(expr: &Expr) -> &Expr {
    match bare(expr) {
        Expr::MethodCall(call) if says_more(call) => without_failures(&call.receiver),
        expr => expr,
    }
}

/// Methods of what may have failed that nothing else has.
fn says_more(call: &ExprMethodCall) -> bool {
    is_of_failures(call) && ["ok", "ok_or", "ok_or_else", "map_err"].iter().any(|name| call.method == name)
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
    let inside_out = calls.iter().rev();
    let made = inside_out.clone().take_while(|call| says_more(call)).count();
    let next = inside_out.clone().nth(made)?;
    let closure = |takes: usize| match next.args.first() {
        Some(Expr::Closure(closure)) => closure.inputs.len() == takes,
        _ => false,
    };
    let tells = match next.method.to_string().as_str() {
        "filter" | "is_some_and" | "is_none_or" => closure(1),
        "or_else" => closure(0),
        "or" => next.args.len() == 1,
        _ => made > 0 && inside_out.clone().nth(made - 1).is_some_and(|last| last.method == "ok"),
    };
    if !tells || !is_call(cx, bare(&calls.last()?.receiver)) {
        return None;
    }
    Some((lowered(cx, &next.receiver), made))
}

/// A call that may fail, where an `Option` is asked for.
pub(super) fn argument(cx: &mut Lower<'_>, expr: &Expr) -> Val {
    if is_call(cx, without_failures(expr)) { lowered(cx, expr) } else { expr::lower(cx, expr) }
}

/// What a call gave, as an `Option` in memory if that may be.
fn lowered(cx: &mut Lower<'_>, call: &Expr) -> Val {
    match outcome::begin(cx, call, &TokenStream::new()) {
        Begun::Call(called) => as_option(cx, *called),
        Begun::Constant(code) => {
            let ty = cx.unknown_constant();
            Val::Code(CodeVal { tokens: code.tokens, ty, cheap: false, typed: true })
        }
        Begun::Other(val) => cx.rvalue(val),
    }
}

/// `match (f(x), f(y)) { (Ok(a), Ok(b)) => …, _ => … }`: the tuple, if patterns take calls in it apart and ask for no error.
pub(super) fn side_by_side(cx: &mut Lower<'_>, scrutinee: &Expr, pats: &[&Pat]) -> Option<Val> {
    let Expr::Tuple(of) = bare(scrutinee) else { return None };
    let taken_apart = |at: usize, elem: &Expr| {
        let parts = || {
            pats.iter().filter_map(move |pat| match pat {
                Pat::Tuple(tuple) => tuple.elems.iter().nth(at),
                _ => None,
            })
        };
        parts().any(matching::is_side) && !parts().any(asks) && is_call(cx, without_failures(elem))
    };
    let calls: Vec<bool> = of.elems.iter().enumerate().map(|(at, elem)| taken_apart(at, elem)).collect();
    if !calls.contains(&true) {
        return None;
    }
    if cx.refuse_exits(&of.elems) {
        return Some(Val::Never);
    }
    let vals = of.elems.iter().zip(calls).map(|(elem, is_call)| {
        let val = if is_call { lowered(cx, elem) } else { expr::lower(cx, elem) };
        cx.settle(val)
    });
    Some(Val::Tuple(vals.collect()))
}

/// Whether the name of a local is that of a call that is not made yet.
fn held(cx: &Lower<'_>, expr: &Expr) -> Option<LocalId> {
    let Expr::Path(path) = bare(expr) else { return None };
    let id = cx.lookup(path.path.get_ident()?)?;
    cx.held.contains_key(&id).then_some(id)
}

pub(super) fn is_held(cx: &Lower<'_>, expr: &Expr) -> bool {
    held(cx, expr).is_some()
}

/// Where a call was to be made that never was.
pub(super) fn not_made(cx: &Lower<'_>) -> Option<Span> {
    cx.held.values().next().map(|held| held.span)
}

/// The call that `expr` is the name of: it is made now.
pub(super) fn taken(cx: &mut Lower<'_>, expr: &Expr) -> Option<Result<Called, Val>> {
    let id = held(cx, expr)?;
    let Held { called, block, made, .. } = cx.held.remove(&id)?;
    let is_there = cx.blocks.len() == block;
    let since = cx.blocks.last().and_then(|stmts| stmts.get(made..)).unwrap_or_default();
    let is_quiet = |stmt: &Stmt| match stmt {
        Stmt::Let { .. } => true,
        Stmt::Call(call) => call.args.iter().all(|arg| arg.kind.is_unchanged()),
        _ => false,
    };
    let by_value = |kind: &ArgKind| matches!(kind, ArgKind::Scalar(_) | ArgKind::ScalarRef(_));
    let is_as_then = called.args().all(|arg| by_value(&arg.kind)) || since.iter().all(is_quiet);
    Some(if is_there && is_as_then {
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
    outcome::select(cx, called, &some, item, |cx, arms| {
        cx.begin_arm();
        let none = option::none(cx, ty.borrow().clone());
        let tokens = quote_spanned!(s=> _);
        cx.end_arm(arms, Some(Pattern { tokens, guard: None, binds: Vec::new() }), none);
    })
}

fn tail(stmt: &syn::Stmt) -> Option<&Expr> {
    match stmt {
        syn::Stmt::Expr(tail, None) => Some(tail),
        _ => None,
    }
}

/// What methods that hand on a failure are called of.
fn taken_off(expr: &Expr) -> &Expr {
    match bare(expr) {
        Expr::MethodCall(call) if is_of_failures(call) || call.method == "map" => taken_off(&call.receiver),
        expr => expr,
    }
}

fn is_name(expr: &Expr, name: &Ident) -> bool {
    matches!(bare(expr), Expr::Path(path) if path.path.is_ident(name))
}

/// How often a name is in the tokens of a macro.
fn count(name: &Ident, tokens: TokenStream) -> usize {
    let in_tree = |tree| match tree {
        TokenTree::Ident(ident) => usize::from(ident == *name),
        TokenTree::Group(group) => count(name, group.stream()),
        // A text may have it, `"{name}"`.
        TokenTree::Literal(text) => usize::from(text.to_string().contains(&name.to_string())),
        TokenTree::Punct(_) => 0,
    };
    tokens.into_iter().map(in_tree).sum()
}

/// Whether a pattern asks for an error.
fn asks(pat: &Pat) -> bool {
    matching::error(pat).is_some() && !asks_for_nothing(pat)
}

/// `Err(_)`: to be matched where an `Option` stands for a `Result`.
pub(super) fn asks_for_nothing(pat: &Pat) -> bool {
    matches!(matching::error(pat), Some(Pat::Wild(_) | Pat::Rest(_)))
}

impl Uses<'_> {
    /// Looks at statements as far as the name is that of the variable: whether it is at the end.
    fn look_at(&mut self, stmts: &[syn::Stmt]) -> bool {
        for stmt in stmts {
            self.visit_stmt(stmt);
            if let syn::Stmt::Local(local) = stmt
                && self.is_bound(&local.pat)
            {
                return false;
            }
        }
        true
    }

    /// Whether a pattern gives the name to something else.
    fn is_bound(&self, pat: &Pat) -> bool {
        pattern::binding_nodes(pat).iter().any(|node| node.ident == *self.name)
    }

    fn pattern(&mut self, scrutinee: &Expr, pat: &Pat) {
        match (bare(scrutinee), pat) {
            (_, Pat::Guard(guarded)) => return self.pattern(scrutinee, &guarded.pat),
            (_, Pat::Or(or)) => return or.cases.iter().for_each(|pat| self.pattern(scrutinee, pat)),
            (Expr::Tuple(of), Pat::Tuple(pat)) => {
                return of.elems.iter().zip(&pat.elems).for_each(|(of, pat)| self.pattern(of, pat));
            }
            (Expr::Reference(of), _) if is_name(&of.expr, self.name) => {
                self.error.and(asks(pat), Error::Lent);
            }
            (of, _) if is_name(of, self.name) => {}
            _ => return,
        }
        self.tells |= matching::is_side(pat);
        self.error.and(asks(pat), Error::Itself);
    }

    fn method(&mut self, call: &ExprMethodCall) {
        let takes =
            |at: usize| matches!(call.args.iter().nth(at), Some(Expr::Closure(of)) if !of.inputs.is_empty());
        let (tells, asks) = match (call.method.to_string().as_str(), call.args.len()) {
            ("is_ok" | "is_err" | "is_some" | "is_none" | "unwrap" | "unwrap_or_default", 0)
            | ("unwrap_or" | "ok_or" | "ok_or_else" | "expect", 1)
            | ("map_or", 2) => (true, false),
            ("unwrap_or_else", 1) | ("map_or_else", 2) => (true, takes(0)),
            ("map_err", 1) | ("err", 0) => (true, true),
            _ => (false, false),
        };
        self.tells |= tells;
        self.error.and(asks, Error::Itself);
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Try(question) if is_name(taken_off(&question.expr), self.name) => {
                self.tells = true;
                self.error.and(self.fails_with_error, Error::Itself);
            }
            Expr::Match(of) => of.arms.iter().for_each(|arm| self.pattern(&of.expr, &arm.pat)),
            Expr::Let(of) => self.pattern(&of.expr, &of.pat),
            Expr::If(branch) if matches!(&*branch.cond, Expr::Let(of) if self.is_bound(&of.pat)) => {
                self.visit_expr(&branch.cond);
                if let Some((_, otherwise)) = &branch.else_branch {
                    self.visit_expr(otherwise);
                }
                return;
            }
            expr if is_name(expr, self.name) => self.mentions += 1,
            Expr::MethodCall(call) if is_name(taken_off(&call.receiver), self.name) => self.method(call),
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Some(init) = &local.init {
            self.pattern(&init.expr, &local.pat);
        }
        visit::visit_local(self, local);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if !self.is_bound(&arm.pat) {
            visit::visit_arm(self, arm);
        }
    }

    fn visit_macro(&mut self, made: &'ast syn::Macro) {
        self.mentions += count(self.name, made.tokens.clone());
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
