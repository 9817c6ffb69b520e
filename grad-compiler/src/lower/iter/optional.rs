//! What becomes of an `Option`?
//!
//! There is none in the IR. A closure that gives `Some` or `None` is lowered with what is to be done in either case; what `last`
//! gives is a condition and a way to the item, until it is unwrapped.

use super::drive::Next;
use super::given::{end, given};
use super::pair::{is_inside, of_pair};
use super::pipe::{Index, Pipe, by_value};
use crate::ir::{Code, Operand, Proj};
use crate::lower::closure::{self, Closure, Effects, Fun};
use crate::lower::env::Scope;
use crate::lower::flow::bare;
use crate::lower::types::{Origin, Type};
use crate::lower::value::{CodeVal, Memory, Val};
use crate::lower::{Kind, Lower, constant, expr, option, outcome, place};
use proc_macro2::TokenStream;
use quote::quote;
use std::rc::Rc;
use syn::{Expr, ExprMethodCall, Stmt};

/// The item that an iterator may have.
#[derive(Clone, Debug)]
pub(crate) struct Optional {
    pub(super) present: Operand,
    pub(super) item: Item,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Value(Box<Val>),
    /// The item of an iterator at an index.
    At(Pipe, Operand),
    /// All items of an iterator, combined.
    Reduce(Pipe, Fun),
    Map(Box<Item>, Fun),
    Copied(Box<Item>),
    /// A reference to it.
    Lent(Box<Item>),
    /// An element of a slice at an index, and those from the one number to the other.
    Split {
        of: Memory,
        at: Operand,
        others: [Operand; 2],
    },
    /// References, as an expression over the names of this scope.
    Written(Rc<Vec<Expr>>, Vec<Scope>),
}

/// Names of methods of `Option` that give another.
const KEEPING: [&str; 9] = ["copied", "cloned", "map", "and_then", "filter", "or", "or_else", "xor", "zip"];

/// Names of methods of `Option` that take it apart.
const FINISHING: [&str; 13] = [
    "is_some_and",
    "is_none_or",
    "unwrap",
    "expect",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "is_some",
    "is_none",
    "is_ok",
    "is_err",
];

/// Whether a method of an [`Optional`] gives another.
pub(super) fn keeps(method: &str) -> bool {
    KEEPING.contains(&method)
}

/// Whether `method` is one of an [`Optional`].
pub(crate) fn has_method(method: &str) -> bool {
    keeps(method) || FINISHING.contains(&method)
}

/// A value that is an item that may be missing.
pub(crate) fn optional(val: &Val) -> Option<Optional> {
    match val {
        Val::Closure(closure) => closure.optional().cloned(),
        _ => None,
    }
}

/// An item that may be missing and holds nothing to differentiate, `v.iter().position(…)`, as the `Option` that it is.
pub(crate) fn as_option(cx: &mut Lower<'_>, val: &Val) -> Option<Val> {
    let Optional { present, item: Item::Value(item) } = optional(val)? else { return None };
    let (made, item) = cx.block(|cx| cx.rvalue(*item));
    if cx.holds_floats(&item) || !made.stmts.is_empty() {
        return None;
    }
    let (present, item) = (cx.operand_tokens(&present), cx.as_code(item).tokens);
    let tokens = quote!(::core::primitive::bool::then_some(#present, #item));
    Some(Val::Code(CodeVal { tokens, ty: Type::Opaque, cheap: true, typed: true }))
}

/// A variable holds what was there when it was bound: what is computed is computed now, and what is read by value is read
/// now. A reference stays one.
pub(crate) fn kept(cx: &mut Lower<'_>, val: Val) -> Val {
    if let Val::Tuple(of) = val {
        return Val::Tuple(of.into_iter().map(|val| kept(cx, val)).collect());
    }
    let Some(Optional { present, item }) = optional(&val) else { return val };
    if item.is_kept(cx) {
        return val;
    }
    let item = computed(cx, &present, &item);
    wrap(Optional { present, item: Item::Value(Box::new(item)) })
}

/// The item as it is now, where there is one.
fn computed(cx: &mut Lower<'_>, present: &Operand, item: &Item) -> Val {
    let now = |cx: &mut Lower<'_>| {
        let item = item.lower(cx);
        match cx.settle_shape(item) {
            item if is_inside(cx, &item) => place::own(cx, item, "item", cx.span, true),
            item => item,
        }
    };
    if *present == Operand::bool(true) { now(cx) } else { cx.branch(present.clone(), now, |_| Val::Uninit) }
}

impl Optional {
    /// Whether there is an item.
    pub(crate) fn present(&self) -> &Operand {
        &self.present
    }

    /// Nothing that happens later changes the item, and nothing is done to have it.
    pub(crate) fn is_kept(&self, cx: &Lower<'_>) -> bool {
        self.item.is_kept(cx)
    }

    /// The item, where it is known that there is one.
    pub(crate) fn lower_present(&self, cx: &mut Lower<'_>) -> Val {
        self.item.lower(cx)
    }

    /// `if let Some(item) = …`
    pub(crate) fn lower<'e>(
        &self,
        cx: &mut Lower<'e>,
        some: impl FnOnce(&mut Lower<'e>, Val) -> Val,
        none: impl FnOnce(&mut Lower<'e>) -> Val,
    ) -> Val {
        cx.branch(
            self.present.clone(),
            |cx| {
                let item = self.item.lower(cx);
                some(cx, item)
            },
            none,
        )
    }
}

impl Item {
    /// Nothing that happens later changes it.
    fn is_kept(&self, cx: &Lower<'_>) -> bool {
        match self {
            // What is in an `Option` that may change.
            Item::Value(val) => !is_inside(cx, val),
            Item::Split { .. } | Item::Written(..) => true,
            Item::At(pipe, _) => pipe.lends(),
            Item::Reduce(..) | Item::Map(..) | Item::Copied(_) => false,
            Item::Lent(item) => item.is_kept(cx),
        }
    }

    /// The item, where there is one.
    pub(super) fn lower(&self, cx: &mut Lower<'_>) -> Val {
        match self {
            Item::Value(val) => (**val).clone(),
            Item::At(pipe, at) => pipe.item(cx, &Index { at: at.clone(), of_span: false }),
            Item::Reduce(pipe, fun) => {
                let first = pipe.item(cx, &Index { at: Operand::int(0), of_span: false });
                let first = cx.settle_shape(first);
                // What is combined is not the item that it began with.
                let first = place::own(cx, first, "reduced", cx.span, true);
                let acc = cx.pseudo("reduced", first);
                let rest = Pipe::Skip(Box::new(pipe.clone()), Operand::int(1));
                super::drive::visit(cx, &rest, fun.parameter(1), |cx, _, item| {
                    let old = cx.read(acc);
                    let new = fun.call(cx, vec![old, item]);
                    cx.write(acc, new);
                });
                cx.read(acc)
            }
            Item::Map(item, fun) => {
                let item = item.lower(cx);
                fun.call(cx, vec![item])
            }
            Item::Copied(item) => {
                let item = item.lower(cx);
                by_value(cx, item)
            }
            Item::Lent(item) => Val::reference(false, item.lower(cx)),
            Item::Split { of, at, others: [from, to] } => {
                let element = cx.element(of, at.clone());
                let element = place::borrow(cx, element, false, &quote!());
                let ty = cx.types.element(&of.ty).unwrap_or_else(|| cx.unknown_constant());
                let others = Proj::Slice { from: Some(from.clone()), to: Some(to.clone()), inclusive: false };
                let others = Val::memory(cx.project(&of.place, others), Type::slice(ty));
                Val::Tuple(vec![element, Val::reference(false, others)])
            }
            Item::Written(written, scopes) => {
                let inside = std::mem::replace(&mut cx.scopes, scopes.clone());
                let val = expr::lower(cx, &written[0]);
                cx.scopes = inside;
                val
            }
        }
    }
}

/// A method of what an iterator gave.
pub(crate) fn lower_method(cx: &mut Lower<'_>, of: Optional, call: &ExprMethodCall) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    let Optional { present, item } = before(cx, of, &args);
    match (call.method.to_string().as_str(), args.as_slice()) {
        // A `Result` whose error nobody asks for is an `Option` here.
        ("ok", []) => wrap(Optional { present, item }),
        ("map_err" | "ok_or_else" | "inspect_err", [f]) => match closure::fun(cx, f) {
            Some(fun) if fun.effects() == Effects::Changes => outcome::asked_elsewhere(cx, f),
            Some(_) => wrap(Optional { present, item }),
            None => Val::Never,
        },
        ("ok_or", [error]) => {
            let error = expr::lower(cx, error);
            cx.discard(error);
            wrap(Optional { present, item })
        }
        ("copied" | "cloned", []) => wrap(Optional { present, item: Item::Copied(Box::new(item)) }),
        ("map", [f]) => match closure::fun(cx, f) {
            Some(fun) => wrap(Optional { present, item: Item::Map(Box::new(item), fun) }),
            None => Val::Never,
        },
        ("unwrap", []) => {
            require(cx, &present, &quote!("called `Option::unwrap()` on a `None` value"));
            item.lower(cx)
        }
        ("expect", [message]) => {
            let message = expr::lower(cx, message);
            let message = cx.as_code(message).tokens;
            require(cx, &present, &quote!("{}", #message));
            item.lower(cx)
        }
        ("unwrap_or", [default]) => {
            let default = expr::lower(cx, default);
            let default = cx.settle(default);
            choose(cx, present, |cx| item.lower(cx), |_| default)
        }
        ("unwrap_or_else", [f]) => match closure::fun(cx, f) {
            Some(fun) => {
                let error = of_error(cx, &fun, f);
                choose(cx, present, |cx| item.lower(cx), |cx| fun.call(cx, error))
            }
            None => Val::Never,
        },
        ("unwrap_or_default", []) => {
            let ty = cx.type_at(call, Origin::Constant);
            choose(cx, present, |cx| item.lower(cx), |cx| cx.default_value(ty))
        }
        ("map_or", [default, f]) => {
            let default = expr::lower(cx, default);
            let default = cx.settle(default);
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            let item = Item::Map(Box::new(item), fun);
            choose(cx, present, |cx| item.lower(cx), |_| default)
        }
        ("map_or_else", [default, f]) => {
            let Some(default) = closure::fun(cx, default) else { return Val::Never };
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            let item = Item::Map(Box::new(item), fun);
            let error = of_error(cx, &default, &call.args[0]);
            choose(cx, present, |cx| item.lower(cx), |cx| default.call(cx, error))
        }
        ("and_then", [f]) => {
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            chosen(
                cx,
                present,
                |cx| {
                    let item = item.lower(cx);
                    given(cx, &fun, vec![item])
                },
                |_| absent(),
            )
        }
        ("filter", [f]) => {
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            chosen(
                cx,
                present,
                |cx| {
                    let item = item.lower(cx);
                    let item = cx.settle_shape(item);
                    let lent = place::borrow(cx, item.clone(), false, call);
                    let keep = fun.call(cx, vec![lent]);
                    let keep = cx.as_bool(keep);
                    Val::Tuple(vec![Val::Scalar(keep, Type::Bool), item])
                },
                |_| absent(),
            )
        }
        ("zip", [other]) => {
            let other = end(cx, other);
            chosen(cx, present, |cx| both(cx, &item, other), |_| absent())
        }
        ("or", [other]) => {
            let other = end(cx, other);
            chosen(cx, present, |cx| there(cx, &item), |_| other)
        }
        ("or_else", [f]) => {
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            let error = of_error(cx, &fun, f);
            chosen(cx, present, |cx| there(cx, &item), |cx| given(cx, &fun, error))
        }
        ("xor", [other]) => {
            let other = end(cx, other);
            let either = |cx: &mut Lower<'_>| match &other {
                Val::Tuple(pair) => match &pair[0] {
                    Val::Scalar(both, _) => cx.branch(both.clone(), |_| absent(), |cx| there(cx, &item)),
                    _ => Val::Never,
                },
                _ => Val::Never,
            };
            chosen(cx, present, either, |_| other.clone())
        }
        ("is_some_and" | "is_none_or", [f]) => {
            let Some(fun) = closure::fun(cx, f) else { return Val::Never };
            let absent = Val::bool(call.method == "is_none_or");
            let test = |cx: &mut Lower<'_>| {
                let item = item.lower(cx);
                let test = fun.call(cx, vec![item]);
                Val::Scalar(cx.as_bool(test), Type::Bool)
            };
            choose(cx, present, test, |_| absent)
        }
        ("is_some" | "is_ok", []) => Val::Scalar(present, Type::Bool),
        ("is_none" | "is_err", []) => {
            let present = cx.operand_tokens(&present);
            cx.bool_code(quote!(!#present))
        }
        (method, _) => cx.reject(
            Kind::Iterator,
            call,
            &format!("`{method}` of an `Option` is not followed"),
            "take the item out with `unwrap()`, `expect(…)`, `unwrap_or(…)` or `map_or(…)`",
        ),
    }
}

pub(super) fn there(cx: &mut Lower<'_>, item: &Item) -> Val {
    let item = item.lower(cx);
    let item = cx.settle_shape(item);
    Val::Tuple(vec![Val::bool(true), item])
}

/// The item, and that of another `Option` if there is one.
fn both(cx: &mut Lower<'_>, item: &Item, other: Val) -> Val {
    let one = item.lower(cx);
    let one = cx.settle_shape(one);
    match other {
        Val::Tuple(parts) => match <[Val; 2]>::try_from(parts) {
            Ok([present, another]) => Val::Tuple(vec![present, Val::Tuple(vec![one, another])]),
            Err(parts) => Val::Tuple(parts),
        },
        never => never,
    }
}

pub(crate) fn absent() -> Val {
    Val::Tuple(vec![Val::bool(false), Val::Uninit])
}

/// `None`, as it is written.
pub(crate) fn is_none(val: &Val) -> bool {
    let Val::Code(code) = val else { return false };
    Code::new(code.tokens.clone(), true).is_none()
}

/// The one of two pairs.
fn chosen(
    cx: &mut Lower<'_>,
    present: Operand,
    item: impl FnOnce(&mut Lower<'_>) -> Val,
    otherwise: impl FnOnce(&mut Lower<'_>) -> Val,
) -> Val {
    of_pair(cx.branch(present, item, otherwise))
}

pub(crate) fn wrap(optional: Optional) -> Val {
    Val::Closure(Rc::new(Closure::Optional(optional)))
}

/// The same panic as that of the user's function.
fn require(cx: &mut Lower<'_>, present: &Operand, message: &TokenStream) {
    if *present == Operand::bool(true) {
        return;
    }
    let present = cx.operand_tokens(present);
    cx.push_effect(quote!(::core::assert!(#present, #message);), Vec::new());
}

/// The same as it is before the arguments are evaluated, which may change what it is: `o.or({ o = None; p })`.
fn before(cx: &mut Lower<'_>, of: Optional, args: &[&Expr]) -> Optional {
    let is_evaluated = |arg: &&&Expr| !matches!(bare(arg), Expr::Closure(_));
    if !args.iter().filter(is_evaluated).any(|arg| constant::may_change(cx, arg)) {
        return of;
    }
    let Optional { present, item } = of;
    let item = computed(cx, &present, &item);
    Optional { present, item: Item::Value(Box::new(item)) }
}

/// What a closure gets where there is none: nothing, or the error of what is an `Option` here, which it may not look at.
fn of_error(cx: &mut Lower<'_>, fun: &Fun, closure: &Expr) -> Vec<Val> {
    let (Some(error), None) = (fun.parameter(0), fun.parameter(1)) else { return Vec::new() };
    if !matches!(error, syn::Pat::Wild(_)) {
        outcome::asked_elsewhere(cx, closure);
    }
    vec![Val::Unit]
}

fn choose(
    cx: &mut Lower<'_>,
    present: Operand,
    item: impl FnOnce(&mut Lower<'_>) -> Val,
    otherwise: impl FnOnce(&mut Lower<'_>) -> Val,
) -> Val {
    let inside = |cx: &mut Lower<'_>, val: Val| {
        let val = cx.settle(val);
        // Both alternatives by value or both by reference: numbers are numbers.
        match val {
            Val::Ref { mutable: false, to } if matches!(*to, Val::Scalar(..)) => *to,
            val => val,
        }
    };
    cx.branch(
        present,
        |cx| {
            let val = item(cx);
            inside(cx, val)
        },
        |cx| {
            let val = otherwise(cx);
            inside(cx, val)
        },
    )
}

/// Calls a closure that gives an `Option`: `present` with what is in it, or `absent`.
pub(super) fn each(
    cx: &mut Lower<'_>,
    fun: &Fun,
    args: Vec<Val>,
    present: Next<'_>,
    absent: &mut dyn FnMut(&mut Lower<'_>),
) {
    let Fun::Closure(function) = fun else {
        let val = given(cx, fun, args);
        take_apart(cx, val, present, absent);
        return;
    };
    if is_tail(cx, &function.syntax().body) {
        // What follows knows the names around the closure, not those inside.
        let (home, around) = (cx.scopes.clone(), cx.inlined);
        let mut present = |cx: &mut Lower<'_>, item: Val| {
            let inside = std::mem::replace(&mut cx.scopes, home.clone());
            let inlined = std::mem::replace(&mut cx.inlined, around);
            present(cx, item);
            (cx.scopes, cx.inlined) = (inside, inlined);
        };
        closure::enter(cx, function, args, &function.syntax().body, |cx, body| {
            tails(cx, body, &mut present, absent);
            Val::Unit
        });
        return;
    }
    let val = given(cx, fun, args);
    take_apart(cx, val, present, absent);
}

/// An option as a value: a condition and an item.
fn take_apart(cx: &mut Lower<'_>, val: Val, present: Next<'_>, absent: &mut dyn FnMut(&mut Lower<'_>)) {
    let val = option::used(cx, &val).map_or(val, wrap);
    let (some, item) = match val {
        Val::Tuple(mut of) if of.len() == 2 => {
            let item = of.pop().unwrap_or(Val::Never);
            let some = cx.as_bool(of.pop().unwrap_or(Val::Never));
            (some, Item::Value(Box::new(item)))
        }
        Val::Closure(closure) => match closure.optional() {
            Some(Optional { present, item }) => (present.clone(), item.clone()),
            None => return,
        },
        Val::Never => return,
        _ => {
            let span = cx.span;
            cx.reject_at(
                Kind::Iterator,
                span,
                "this closure gives an `Option` that is not followed",
                "end it with `Some(…)` and `None`, or `condition.then(|| …)`",
            );
            return;
        }
    };
    if some == Operand::bool(true) {
        let item = item.lower(cx);
        present(cx, item);
        return;
    }
    cx.branch(
        some,
        |cx| {
            let item = item.lower(cx);
            present(cx, item);
            Val::Unit
        },
        |cx| {
            absent(cx);
            Val::Unit
        },
    );
}

/// Whether a body is an option by its form, with nothing in front.
fn is_tail(cx: &Lower<'_>, body: &Expr) -> bool {
    match bare(body) {
        Expr::Block(block) => {
            block.label.is_none() && sole(&block.block).is_some_and(|body| is_tail(cx, body))
        }
        Expr::If(branch) => {
            !matches!(bare(&branch.cond), Expr::Let(_))
                && sole(&branch.then_branch).is_some_and(|body| is_tail(cx, body))
                && branch.else_branch.as_ref().is_some_and(|(_, body)| is_tail(cx, body))
        }
        Expr::Call(call) => is_path(&call.func, "Some") && call.args.len() == 1,
        path @ Expr::Path(_) => is_path(path, "None"),
        Expr::MethodCall(call) => then(call).is_some() || super::is_optional(cx, bare(body)),
        _ => false,
    }
}

fn tails(cx: &mut Lower<'_>, body: &Expr, present: Next<'_>, absent: &mut dyn FnMut(&mut Lower<'_>)) {
    match bare(body) {
        Expr::Block(block) => {
            if let Some(body) = sole(&block.block) {
                tails(cx, body, present, absent);
            }
        }
        Expr::If(branch) => {
            let cond = expr::lower(cx, &branch.cond);
            let cond = cx.as_bool(cond);
            let mut arms = cx.arms();
            cx.begin_arm();
            if let Some(body) = sole(&branch.then_branch) {
                tails(cx, body, present, absent);
            }
            cx.end_arm(&mut arms, None, Val::Unit);
            cx.begin_arm();
            if let Some((_, body)) = &branch.else_branch {
                tails(cx, body, present, absent);
            }
            cx.end_arm(&mut arms, None, Val::Unit);
            cx.end_branch(crate::ir::Selector::If(cond), arms);
        }
        Expr::Call(call) => {
            if let Some(item) = call.args.first() {
                let item = expr::lower(cx, item);
                present(cx, item);
            }
        }
        Expr::Path(_) => absent(cx),
        Expr::MethodCall(call) => {
            let Some(item) = then(call) else {
                let val = expr::lower(cx, bare(body));
                take_apart(cx, val, present, absent);
                return;
            };
            let cond = expr::lower(cx, &call.receiver);
            let cond = cx.as_bool(cond);
            let eager = if call.method == "then_some" { Some(expr::lower(cx, item)) } else { None };
            cx.branch(
                cond,
                |cx| {
                    let item = match eager {
                        Some(item) => item,
                        None => expr::lower(cx, item),
                    };
                    present(cx, item);
                    Val::Unit
                },
                |cx| {
                    absent(cx);
                    Val::Unit
                },
            );
        }
        _ => {}
    }
}

/// The item of `cond.then(|| item)` or `cond.then_some(item)`.
pub(super) fn then(call: &ExprMethodCall) -> Option<&Expr> {
    match (call.method.to_string().as_str(), call.args.first()) {
        ("then_some", Some(item)) => Some(item),
        ("then", Some(Expr::Closure(closure))) if closure.inputs.is_empty() => Some(&closure.body),
        _ => None,
    }
}

/// The only expression of a block.
fn sole(block: &syn::Block) -> Option<&Expr> {
    match block.stmts.as_slice() {
        [Stmt::Expr(expr, None)] => Some(expr),
        _ => None,
    }
}

pub(super) fn is_path(expr: &Expr, name: &str) -> bool {
    matches!(bare(expr), Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}
