//! Which item is the largest?
//!
//! Which one it is is found by running the iterator once, for nothing but comparing; the item itself is then
//! computed anew, alone. So the derivative visits one item, not all.

use super::consume::Slot;
use super::drive::{visit, when};
use super::number;
use super::optional::{Item, Optional, wrap};
use super::pipe::{Index, Length, Pipe, settled};
use crate::ir::Operand;
use crate::lower::closure::{self, Fun};
use crate::lower::flow::bare;
use crate::lower::types::{Origin, Type};
use crate::lower::value::Val;
use crate::lower::{Kind, Lower, expr};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall, Stmt};

/// How items are compared.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// `|a, b| a.total_cmp(b)`
    Closure(&'a Expr),
    /// `|a| a.key()`
    Key(&'a Expr),
    /// The order of integers.
    Order,
}

enum Order {
    Closure(Fun),
    Key(Fun),
    Plain,
}

/// `max_by`, `min_by` and their kin. Of equal items the largest is the last, the smallest the first.
pub(super) fn extreme(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall, by: By<'_>, max: bool) -> Val {
    let order = match by {
        By::Closure(f) => closure::fun(cx, f).map(Order::Closure),
        By::Key(f) => closure::fun(cx, f).map(Order::Key),
        By::Order => Some(Order::Plain),
    };
    let Some(order) = order else { return Val::Never };
    let ty = cx.type_at(call, Origin::Constant);
    let best = if pipe.is_of_unknown(cx) {
        None
    } else {
        Slot::try_new(cx, if max { "largest" } else { "smallest" }, &ty)
    };
    let length = if pipe.indexable() { pipe.length(cx) } else { Length::Unknown };
    if let Length::Known(len) = length {
        return by_index(cx, pipe, &Search { order, max, call, ty }, best.as_ref(), &len);
    }
    let Some(best) = best else {
        return cx.reject(
            Kind::Iterator,
            call,
            "this item is told by running the iterator, and is not a number",
            "find its index first, then use the item: `x[k]`",
        );
    };
    let search = Search { order, max, call, ty };
    let found = cx.pseudo("found", Val::bool(false));
    visit(cx, pipe, None, |cx, _, item| {
        let item = settled(cx, item);
        let had = cx.read(found);
        let had = cx.as_bool(had);
        let better = search.is_better(cx, had, &item, |cx| best.read(cx));
        when(cx, better, |cx| best.write(cx, item));
        cx.write(found, Val::bool(true));
    });
    let present = cx.read(found);
    let present = cx.as_bool(present);
    let item = best.read(cx);
    wrap(Optional { present, item: Item::Value(Box::new(item)) })
}

/// Finds the index of the best item.
fn by_index(cx: &mut Lower<'_>, pipe: &Pipe, search: &Search<'_>, best: Option<&Slot>, len: &Operand) -> Val {
    let best_at =
        cx.pseudo(if search.max { "argmax" } else { "argmin" }, Val::Scalar(number::zero(), Type::Int));
    visit(cx, &Pipe::Enumerate(Box::new(pipe.clone())), None, |cx, _, item| {
        let Val::Tuple(mut pair) = item else { return };
        let item = pair.pop().unwrap_or(Val::Never);
        let at = pair.pop().unwrap_or(Val::Never);
        let item = settled(cx, item);
        // The first item has nothing to be compared with.
        let index = cx.as_int(at.clone());
        let later = number::less(cx, &Operand::int(0), &index);
        let better = search.is_better(cx, later, &item, |cx| {
            if let Some(best) = best {
                return best.read(cx);
            }
            // An item in memory is looked up again.
            let at = cx.read(best_at);
            let at = cx.as_int(at);
            pipe.item(cx, &Index { at, of_span: false })
        });
        when(cx, better, |cx| {
            if let Some(best) = best {
                best.write(cx, item);
            }
            cx.write(best_at, at);
        });
    });
    let present = number::less(cx, &Operand::int(0), len);
    let at = cx.read(best_at);
    let at = cx.as_int(at);
    wrap(Optional { present, item: Item::At(pipe.clone(), at) })
}

struct Search<'a> {
    order: Order,
    max: bool,
    call: &'a ExprMethodCall,
    ty: Type,
}

impl Search<'_> {
    /// Whether an item takes the place of the best so far, if there is one.
    fn is_better(
        &self,
        cx: &mut Lower<'_>,
        had: Operand,
        item: &Val,
        best: impl FnOnce(&mut Lower<'_>) -> Val,
    ) -> Operand {
        let item_ty = cx.variable_type(item);
        cx.types.unify(&self.ty, &item_ty);
        let better = cx.branch(
            had,
            |cx| {
                let old = best(cx);
                let tokens = ordering(cx, &self.order, old, item.clone(), self.call);
                // The old one stays if it compares greater, of `max`; if it does not, of `min`.
                let test = if self.max { quote!(#tokens.is_le()) } else { quote!(#tokens.is_gt()) };
                let val = cx.bool_code(test);
                Val::Scalar(cx.as_bool(val), Type::Bool)
            },
            |_| Val::bool(true),
        );
        cx.as_bool(better)
    }
}

/// The `Ordering` of two items, as tokens.
fn ordering(cx: &mut Lower<'_>, order: &Order, old: Val, new: Val, call: &ExprMethodCall) -> TokenStream {
    let (old, new) = (Val::reference(false, old), Val::reference(false, new));
    match order {
        Order::Plain => {
            let (old, new) = (scalar_tokens(cx, old), scalar_tokens(cx, new));
            quote!(::core::cmp::Ord::cmp(&#old, &#new))
        }
        Order::Key(fun) => {
            let old = fun.call(cx, vec![old]);
            let old = scalar_tokens(cx, old);
            let new = fun.call(cx, vec![new]);
            let new = scalar_tokens(cx, new);
            quote!(::core::cmp::Ord::cmp(&#old, &#new))
        }
        Order::Closure(Fun::Closure(function)) => {
            let mut tokens = None;
            closure::enter(cx, function, vec![old, new], call, |cx, body| {
                tokens = comparison(cx, body);
                Val::Unit
            });
            tokens.unwrap_or_else(|| not_followed(cx, call))
        }
        Order::Closure(Fun::Path(path)) => match &path[0] {
            Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "total_cmp") => {
                let (old, new) = (scalar_tokens(cx, old), scalar_tokens(cx, new));
                quote!(#path(&#old, &#new))
            }
            _ => not_followed(cx, call),
        },
        Order::Closure(Fun::Identity | Fun::Taken(..)) => not_followed(cx, call),
    }
}

fn not_followed(cx: &mut Lower<'_>, call: &ExprMethodCall) -> TokenStream {
    cx.reject(
        Kind::Iterator,
        call,
        "this comparison of items is not followed",
        "compare numbers: `|a, b| a.total_cmp(b)` or `|a, b| a.partial_cmp(b).unwrap()`",
    );
    quote!(::core::cmp::Ordering::Equal)
}

fn scalar_tokens(cx: &mut Lower<'_>, val: Val) -> TokenStream {
    typed_tokens(cx, val).0
}

/// The number, and whether a method can be called on it: its type is known where it stands.
fn typed_tokens(cx: &mut Lower<'_>, val: Val) -> (TokenStream, bool) {
    let (operand, ty) = cx.as_scalar(val);
    let float = match cx.types.resolve(&ty) {
        Type::Float(float) => Some(float),
        _ => None,
    };
    let operand = match (operand, float) {
        (Operand::Lit(lit), Some(float)) => Operand::Lit(lit.typed(float)),
        (operand, _) => operand,
    };
    (cx.operand_tokens(&operand), float.is_some())
}

/// A comparison of two numbers, and what is done to its result.
fn comparison(cx: &mut Lower<'_>, body: &Expr) -> Option<TokenStream> {
    let body = match bare(body) {
        Expr::Block(block) => match block.block.stmts.as_slice() {
            [Stmt::Expr(expr, None)] => bare(expr),
            _ => return None,
        },
        body => body,
    };
    let Expr::MethodCall(call) = body else { return None };
    let (method, args) = (&call.method, &call.args);
    match (method.to_string().as_str(), args.len()) {
        ("total_cmp" | "partial_cmp" | "cmp", 1) => {
            let left = expr::lower(cx, &call.receiver);
            let (left, known) = typed_tokens(cx, left);
            let right = expr::lower(cx, &args[0]);
            let right = scalar_tokens(cx, right);
            Some(if method == "total_cmp" && !known {
                // One of the two may be a literal, the other what a call gives.
                quote!(__grad_runtime::total_cmp(&#left, &#right))
            } else {
                quote!(#left.#method(&#right))
            })
        }
        ("unwrap" | "reverse", 0) => {
            let inner = comparison(cx, &call.receiver)?;
            Some(quote!(#inner.#method()))
        }
        ("expect" | "unwrap_or" | "then", 1) => {
            let inner = comparison(cx, &call.receiver)?;
            let arg = if method == "then" {
                comparison(cx, &args[0])?
            } else {
                let arg = expr::lower(cx, &args[0]);
                cx.as_code(arg).tokens
            };
            Some(quote!(#inner.#method(#arg)))
        }
        _ => None,
    }
}
