//! What is at the ends of a slice, or at an index, if it is there?

use super::pipe::Length;
use super::{consume, is_range, number, optional};
use crate::ir::Operand;
use crate::lower::value::Val;
use crate::lower::{Kind, Lower, expr, place};
use syn::ExprMethodCall;

/// Methods that give an element of a slice, if it is there, or that and the others.
pub(super) const NAMES: [&str; 8] =
    ["first", "last", "get", "first_mut", "last_mut", "get_mut", "split_first", "split_last"];

/// `first`, `last` and `get` of a slice.
pub(super) fn end_of_slice(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Val {
    let of = expr::lower_place(cx, &call.receiver);
    let of = place::peel_place(cx, of);
    let pipe = cx.pipe(Val::reference(false, of.clone()));
    let Length::Known(len) = pipe.length(cx) else { return Val::Never };
    if let Some(val) = exclusive(cx, call, name, &len) {
        return val;
    }
    let at = match (name, call.args.first()) {
        ("first", None) => Operand::int(0),
        ("last", None) => return consume::last(cx, &pipe, call),
        ("split_first" | "split_last", None) => return split(cx, call, &of, name, &len),
        ("get", Some(at)) if !is_range(at) => {
            let at = expr::lower(cx, at);
            cx.as_int(at)
        }
        _ => {
            return cx.reject(
                Kind::Iterator,
                call,
                "a part of a slice as an `Option` is not supported",
                "index it: `&x[a..b]`",
            );
        }
    };
    let present = number::less(cx, &at, &len);
    optional::wrap(optional::Optional { present, item: optional::Item::At(pipe, at) })
}

/// `first_mut`, `last_mut` and `get_mut`: the element itself, to be changed.
fn exclusive(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str, len: &Operand) -> Option<Val> {
    let at = match (name, call.args.first()) {
        ("first_mut", None) => Operand::int(0),
        ("last_mut", None) => number::saturating_sub(cx, len, &Operand::int(1)),
        ("get_mut", Some(at)) if !is_range(at) => {
            let at = expr::lower(cx, at);
            cx.as_int(at)
        }
        _ => return None,
    };
    let of = expr::lower_place(cx, &call.receiver);
    let Val::Memory(of) = place::peel_place(cx, of) else { return None };
    let present = number::less(cx, &at, len);
    let element = cx.element(&of, at);
    Some(super::maybe(present, Val::reference(true, element)))
}

/// `v.split_first()`, `v.split_last()`: an element and the others.
fn split(cx: &mut Lower<'_>, call: &ExprMethodCall, of: &Val, name: &str, len: &Operand) -> Val {
    let present = number::less(cx, &Operand::int(0), len);
    if let Val::Memory(of) = of {
        // Of nothing, no end is asked for.
        let last = number::saturating_sub(cx, len, &Operand::int(1));
        let (at, others) = match name {
            "split_first" => (Operand::int(0), [Operand::int(1), len.clone()]),
            _ => (last.clone(), [Operand::int(0), last]),
        };
        let item = optional::Item::Split { of: of.clone(), at, others };
        return optional::wrap(optional::Optional { present, item });
    }
    let of = &call.receiver;
    let parts = if name == "split_first" {
        syn::parse_quote!((&#of[0], &#of[1..]))
    } else {
        syn::parse_quote!((&#of[#of.len() - 1], &#of[..#of.len() - 1]))
    };
    let written = cx.keep(call, &parts);
    optional::wrap(optional::Optional { present, item: optional::Item::Written(written, cx.scopes.clone()) })
}
