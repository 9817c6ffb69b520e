//! Functions of the standard library that make an iterator.

use super::number;
use super::pipe::Pipe;
use crate::lower::closure::{self, Closure, Fun};
use crate::lower::flow::bare;
use crate::lower::location::Located;
use crate::lower::value::Val;
use crate::lower::{Lower, expr, place};
use proc_macro2::{Ident, Span};
use std::rc::Rc;
use syn::Expr;

/// Which function of `std::iter` is called.
pub(super) fn iter_function(call: &syn::ExprCall) -> Option<&'static str> {
    let Expr::Path(path) = bare(&call.func) else { return None };
    let mut names = path.path.segments.iter().rev();
    let name = &names.next()?.ident;
    if names.next()?.ident != "iter" {
        return None;
    }
    ["repeat", "repeat_n", "repeat_with", "once", "empty", "zip", "from_fn", "successors"]
        .into_iter()
        .find(|known| name == known)
}

/// What it gives.
pub(super) fn free_function(cx: &mut Lower<'_>, call: &syn::ExprCall) -> Option<Pipe> {
    let name = iter_function(call)?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let value = |cx: &mut Lower<'_>, at: usize| {
        let val = expr::lower(cx, args.get(at)?);
        Some(Box::new(cx.settle(val)))
    };
    Some(match name {
        "repeat" => Pipe::Repeat(value(cx, 0)?),
        "repeat_n" => {
            let of = Pipe::Repeat(value(cx, 0)?);
            let count = *value(cx, 1)?;
            Pipe::Take(Box::new(of), cx.as_int(count))
        }
        "once" => Pipe::Once(value(cx, 0)?),
        "zip" => {
            let a = expr::lower(cx, args.first()?);
            let a = cx.pipe_at(a, &call.args);
            let b = expr::lower(cx, args.get(1)?);
            Pipe::Zip(Box::new(a), Box::new(cx.pipe_at(b, &call.paren_token)))
        }
        "repeat_with" => Pipe::Map(Box::new(numbers()), of_a_number(cx, call)?),
        "from_fn" => Pipe::MapWhile(Box::new(numbers()), of_a_number(cx, call)?, None),
        "successors" => {
            let first = expr::lower(cx, args.first()?);
            let first = place::own(cx, first, "state", call.func.location(), true);
            Pipe::Scan(Box::new(numbers()), Box::new(first), step(cx, call, args.get(1)?)?)
        }
        _ => Pipe::Empty,
    })
}

/// One number for each item that a closure gives.
fn numbers() -> Pipe {
    Pipe::Range { from: number::zero(), to: None, inclusive: false }
}

/// A function of nothing as one of a number, which it does not look at.
fn of_a_number(cx: &mut Lower<'_>, call: &syn::ExprCall) -> Option<Fun> {
    Some(match closure::fun(cx, call.args.first()?)? {
        Fun::Closure(function) => {
            let mut closure = function.syntax().clone();
            if closure.inputs.is_empty() {
                closure.inputs.push(syn::parse_quote!(_));
            }
            Fun::Closure(function.rewritten(cx, closure))
        }
        Fun::Path(path) => {
            let path = &path[0];
            Fun::Closure(closure::kept(cx, call, syn::parse_quote!(|_| #path())))
        }
        fun => fun,
    })
}

/// What `successors` does: gives the item that is there, and puts the next one in its place.
fn step(cx: &mut Lower<'_>, call: &syn::ExprCall, function: &Expr) -> Option<Fun> {
    let s = Span::mixed_site().located_at(call.func.location());
    let [next, item, after, found] = ["next", "item", "after", "found"].map(|name| Ident::new(name, s));
    let closure = syn::parse_quote_spanned! {s=>
        |#next, _| match *#next {
            Some(#item) => {
                *#next = match #after(&#item) {
                    Some(#found) => Some(#found),
                    None => None,
                };
                Some(#item)
            }
            None => None,
        }
    };
    let whole = closure::kept(cx, call, closure);
    Some(Fun::Closure(match closure::fun(cx, function)? {
        Fun::Closure(function) => {
            whole.with_name(cx, &after, Val::Closure(Rc::new(Closure::Function(function))))
        }
        Fun::Path(path) => {
            let Expr::Path(path) = &path[0] else { return None };
            whole.with_name(cx, &after, Val::Function(path.clone()))
        }
        Fun::Identity | Fun::Taken(..) => return None,
    }))
}
