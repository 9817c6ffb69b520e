//! Which items of an iterator in a variable are still to come?
//!
//! `it.next()` changes `it`: what it gives depends on how many items were taken before. Such an iterator is a [`Cursor`], what it
//! gives and a variable that counts the items taken. Whatever takes items by `&mut` must count on; whatever takes the iterator
//! itself gets what is left of it.

use super::consume::first_that;
use super::number;
use super::optional::{Item, Optional, wrap};
use super::pipe::{Length, Pipe};
use super::{adapt, iterator, keep_as_constant, maybe};
use crate::ir::Operand;
use crate::lower::closure::{self, Closure};
use crate::lower::env::LocalId;
use crate::lower::flow::bare;
use crate::lower::types::Type;
use crate::lower::value::Val;
use crate::lower::{Kind, Lower, expr, place};
use proc_macro2::Span;
use quote::{ToTokens, quote, quote_spanned};
use std::rc::Rc;
use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall};

/// An iterator in a variable that may change.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    of: Pipe,
    /// How many items were taken.
    taken: LocalId,
}

/// Methods that take items from an iterator behind `&mut`.
const TAKING: [&str; 14] = [
    "next",
    "nth",
    "any",
    "all",
    "find",
    "find_map",
    "position",
    "rposition",
    "next_back",
    "nth_back",
    "rfind",
    "next_if",
    "next_if_eq",
    "try_fold",
];

/// Whether a call takes items from what is in a variable, if an iterator is.
pub(crate) fn takes(call: &ExprMethodCall) -> bool {
    matches!(bare(&call.receiver), Expr::Path(_)) && TAKING.iter().any(|name| call.method == name)
}

/// `let mut it = v.iter();`: every item can be told by its index.
pub(crate) fn in_variable(cx: &mut Lower<'_>, val: Val) -> Val {
    let Val::Closure(closure) = &val else { return val };
    let Closure::Iterator(of, _) = &**closure else { return val };
    if !of.indexable() || matches!(of.length(cx), Length::Unknown) {
        return val;
    }
    let taken = cx.pseudo("taken", Val::Scalar(number::zero(), Type::Int));
    let cursor = Cursor { of: of.clone(), taken };
    Val::Closure(Rc::new(Closure::Cursor(cursor)))
}

/// A range whose numbers are taken one by one, as an iterator.
pub(crate) fn of_range(cx: &mut Lower<'_>, val: Val) -> Val {
    match val {
        Val::Range(_) => iterator(cx.pipe(val)),
        val => val,
    }
}

/// The iterator of a variable, if it is one that counts.
fn of(val: &Val) -> Option<&Cursor> {
    match val {
        Val::Closure(closure) => match &**closure {
            Closure::Cursor(cursor) => Some(cursor),
            Closure::Function(_) | Closure::Iterator(..) | Closure::Optional(_) | Closure::Window(_) => None,
        },
        _ => None,
    }
}

/// A method that takes items from an iterator in a variable.
pub(super) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Option<Val> {
    let receiver = bare(&call.receiver);
    let is_peek = name == "peek" && matches!(receiver, Expr::Path(_));
    if !takes(call) && !is_peek {
        return None;
    }
    let val = expr::lower(cx, receiver);
    let Some(cursor) = of(&val).cloned() else {
        if let (Val::Range(_), Expr::Path(path)) = (&val, receiver) {
            // The next run knows that numbers are taken of it.
            let id = path.path.get_ident().and_then(|name| cx.lookup(name));
            cx.ranges.extend(id.and_then(|id| cx.local(id).node));
        }
        if matches!(val, Val::Never) || keep_as_constant(cx, receiver, &val) {
            return Some(Val::Never);
        }
        return Some(cx.reject(
            Kind::Iterator,
            call,
            &format!("`{name}` takes items from an iterator in a variable, which is not followed here"),
            "take them where the iterator is made, `collect` the items first, or count in a variable of your own",
        ));
    };
    if cx.refuse_exits(call.args.iter()) {
        return Some(Val::Never);
    }
    Some(cursor.lower(cx, call, name))
}

/// `for item in &mut it`, `for item in it.by_ref()`: the iterator in the variable, which stays.
pub(super) fn lent(cx: &Lower<'_>, head: &Expr) -> Option<Cursor> {
    let variable = match head {
        Expr::Reference(reference) if reference.mutability.is_some() => bare(&reference.expr),
        Expr::MethodCall(call) if call.method == "by_ref" => bare(&call.receiver),
        _ => return None,
    };
    let Expr::Path(path) = variable else { return None };
    let id = path.path.get_ident().and_then(|name| cx.lookup(name))?;
    of(&cx.local(id).val).cloned()
}

/// Consumers that take all items of what they are called of.
const TAKING_ALL: [&str; 16] = [
    "sum",
    "product",
    "fold",
    "reduce",
    "for_each",
    "collect",
    "unzip",
    "partition",
    "count",
    "last",
    "max_by",
    "min_by",
    "max",
    "min",
    "max_by_key",
    "min_by_key",
];

/// Whether a consumer takes all items.
pub(super) fn takes_all(consumer: &str) -> bool {
    TAKING_ALL.contains(&consumer)
}

/// `it.by_ref().take(2)`, `it.by_ref().map(f)`, of which all items are taken: the iterator in the variable has the others.
pub(super) fn lent_part(cx: &mut Lower<'_>, part: &Expr) -> Option<Pipe> {
    let Expr::MethodCall(call) = bare(part) else { return None };
    let name = call.method.to_string();
    match (name.as_str(), call.args.first()) {
        ("by_ref", None) => {
            let cursor = lent(cx, bare(part))?;
            let rest = cursor.rest(cx);
            let Length::Known(len) = cursor.of.length(cx) else { return None };
            cursor.advance(cx, len);
            Some(rest)
        }
        ("take", Some(count)) => {
            let cursor = lent(cx, bare(&call.receiver))?;
            let count = expr::lower(cx, count);
            let (count, rest, at) = (cx.as_int(count), cursor.rest(cx), cursor.position(cx));
            let count = match rest.length(cx) {
                Length::Known(len) => number::min(cx, &count, &len),
                Length::Endless | Length::Unknown => count,
            };
            let behind = number::add(cx, &at, &count);
            cursor.advance(cx, behind);
            Some(Pipe::Take(Box::new(rest), count))
        }
        ("map" | "copied" | "cloned" | "enumerate" | "inspect" | "filter" | "filter_map", _) => {
            let of = lent_part(cx, &call.receiver)?;
            adapt(cx, of, call, &name)
        }
        _ => None,
    }
}

/// Whether items are taken from an iterator in a variable that is not followed, `for item in it.by_ref().take(2)`: what is left in
/// it when the loop is left, only running it tells.
pub(super) fn lends(cx: &Lower<'_>, head: &Expr) -> bool {
    struct Find<'c, 'e> {
        cx: &'c Lower<'e>,
        found: bool,
    }
    impl Find<'_, '_> {
        fn is_variable(&self, expr: &Expr) -> bool {
            let Expr::Path(path) = bare(expr) else { return false };
            let id = path.path.get_ident().and_then(|name| self.cx.lookup(name));
            id.is_some_and(|id| !matches!(self.cx.local(id).val.clone().peeled(), Val::Memory(_)))
        }
    }
    impl<'ast> Visit<'ast> for Find<'_, '_> {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            self.found |= call.method == "by_ref" && self.is_variable(&call.receiver);
            visit::visit_expr_method_call(self, call);
        }

        fn visit_expr_reference(&mut self, reference: &'ast syn::ExprReference) {
            self.found |= reference.mutability.is_some() && self.is_variable(&reference.expr);
            visit::visit_expr_reference(self, reference);
        }
    }
    let mut find = Find { cx, found: false };
    match head {
        // A collection, as a rule.
        Expr::Reference(_) => {}
        head => find.visit_expr(head),
    }
    find.found
}

/// Has rustc say whether constants of a type that only rustc knows, over which a loop runs that may be left, are a collection, and
/// no iterator.
pub(super) fn ask_for_a_collection(cx: &mut Lower<'_>, head: &Expr, val: &Val) {
    let Val::Ref { to, mutable: true } = val else { return };
    let of = place::peel_place(cx, (**to).clone());
    if !matches!(of, Val::Code(_) | Val::Scalar(..) | Val::Cell(..)) {
        return;
    }
    let krate = cx.types.krate.clone();
    let (s, of) = (cx.span.resolved_at(Span::call_site()), cx.as_code(of).tokens);
    cx.push_act(quote_spanned!(s=> #krate::__private::collection(&mut #of);), &head.to_token_stream());
}

impl Cursor {
    fn position(&self, cx: &mut Lower<'_>) -> Operand {
        let taken = cx.read(self.taken);
        cx.as_int(taken)
    }

    fn advance(&self, cx: &mut Lower<'_>, to: Operand) {
        cx.write(self.taken, Val::Scalar(to, Type::Int));
    }

    /// What is left.
    pub(crate) fn rest(&self, cx: &mut Lower<'_>) -> Pipe {
        match self.position(cx) {
            position if number::is(&position, 0) => self.of.clone(),
            position => Pipe::Skip(Box::new(self.of.clone()), position),
        }
    }

    /// Whether there is an item of this number.
    fn has(&self, cx: &mut Lower<'_>, at: &Operand) -> Operand {
        match self.of.length(cx) {
            Length::Known(len) => number::less(cx, at, &len),
            Length::Endless | Length::Unknown => Operand::bool(true),
        }
    }

    fn lower(&self, cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Val {
        let args: Vec<&Expr> = call.args.iter().collect();
        match (name, args.as_slice()) {
            ("next", []) => {
                let at = self.position(cx);
                self.item(cx, at)
            }
            ("nth", [n]) => {
                let n = expr::lower(cx, n);
                let (n, at) = (cx.as_int(n), self.position(cx));
                let at = saturating(cx, &at, &n);
                self.item(cx, at)
            }
            ("peek", []) => {
                let at = self.position(cx);
                let present = self.has(cx, &at);
                wrap(Optional { present, item: Item::Lent(Box::new(Item::At(self.of.clone(), at))) })
            }
            ("any" | "all", [f]) => {
                let Some(fun) = closure::fun(cx, f) else { return Val::Never };
                let (found, _) = self.search(cx, |cx, rest| first_that(cx, rest, &fun, false, name == "any"));
                if name == "any" {
                    return Val::Scalar(found, Type::Bool);
                }
                let found = cx.operand_tokens(&found);
                cx.bool_code(quote!(!#found))
            }
            ("position", [f]) => {
                let Some(fun) = closure::fun(cx, f) else { return Val::Never };
                let (found, at) = self.search(cx, |cx, rest| first_that(cx, rest, &fun, false, true));
                maybe(found, Val::Scalar(at, Type::Int))
            }
            ("find", [f]) => {
                let Some(fun) = closure::fun(cx, f) else { return Val::Never };
                let rest = self.rest(cx);
                let (present, at) = self.search(cx, |cx, rest| first_that(cx, rest, &fun, true, true));
                wrap(Optional { present, item: Item::At(rest, at) })
            }
            _ => cx.reject(
                Kind::Iterator,
                call,
                &format!("`{name}` of an iterator in a variable is not followed"),
                "use `next`, `nth`, `peek`, `any`, `all`, `find` or `position`, or `collect` the items first",
            ),
        }
    }

    /// The item of this number, which is taken, with all before it.
    fn item(&self, cx: &mut Lower<'_>, at: Operand) -> Val {
        let present = self.has(cx, &at);
        let next = saturating(cx, &at, &Operand::int(1));
        self.advance(cx, next);
        wrap(Optional { present, item: Item::At(self.of.clone(), at) })
    }

    /// Takes items until one is found, or all.
    fn search(
        &self,
        cx: &mut Lower<'_>,
        first: impl FnOnce(&mut Lower<'_>, &Pipe) -> (Operand, Operand),
    ) -> (Operand, Operand) {
        let (from, rest) = (self.position(cx), self.rest(cx));
        let (found, at) = first(cx, &rest);
        let behind = number::add(cx, &from, &at);
        let behind = number::add(cx, &behind, &Operand::int(1));
        let end = match self.of.length(cx) {
            Length::Known(len) => len,
            // Without an end it was found.
            Length::Endless | Length::Unknown => behind.clone(),
        };
        let int = |operand| Val::Scalar(operand, Type::Int);
        let next = cx.branch(found.clone(), |_| int(behind), |_| int(end));
        let next = cx.as_int(next);
        self.advance(cx, next);
        (found, at)
    }

    /// One more item was taken.
    pub(super) fn step(&self, cx: &mut Lower<'_>) {
        let at = self.position(cx);
        let next = number::add(cx, &at, &Operand::int(1));
        self.advance(cx, next);
    }
}

fn saturating(cx: &mut Lower<'_>, a: &Operand, b: &Operand) -> Operand {
    let [a, b] = [a, b].map(|operand| cx.operand_tokens(operand));
    let sum = cx.int_code(quote!(::core::primitive::usize::saturating_add(#a, #b)));
    cx.as_int(sum)
}
