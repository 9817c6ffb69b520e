//! What is at the ends of a slice, or at an index, if it is there?

use super::pipe::Length;
use super::{consume, is_range, number, optional};
use crate::ir::Operand;
use crate::lower::value::Val;
use crate::lower::{Kind, Lower, expr, place};
use syn::ExprMethodCall;

/// `first`, `last` and `get` of a slice.
pub(super) fn end_of_slice(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Val {
    let of = expr::lower_place(cx, &call.receiver);
    let pipe = {
        let of = place::peel_place(cx, of);
        cx.pipe(Val::reference(false, of))
    };
    let Length::Known(len) = pipe.length(cx) else { return Val::Never };
    let at = match (name, call.args.first()) {
        ("first", None) => Operand::int(0),
        ("last", None) => return consume::last(cx, &pipe, call),
        ("split_first" | "split_last", None) => return split(cx, call, name, &len),
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

/// `v.split_first()`, `v.split_last()`: an element and the others.
fn split(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str, len: &Operand) -> Val {
    let of = &call.receiver;
    let parts = if name == "split_first" {
        syn::parse_quote!((&#of[0], &#of[1..]))
    } else {
        syn::parse_quote!((&#of[#of.len() - 1], &#of[..#of.len() - 1]))
    };
    let written = cx.keep(call, &parts);
    let present = number::less(cx, &Operand::int(0), len);
    optional::wrap(optional::Optional { present, item: optional::Item::Written(written, cx.scopes.clone()) })
}
