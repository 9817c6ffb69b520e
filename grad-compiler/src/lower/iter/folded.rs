//! What is made of items one after the other, as long as there is something?

use super::consume::{accumulator, handed_on, keep};
use super::drive::visit;
use super::optional::{Item, Optional, each, wrap};
use super::pipe::Pipe;
use crate::lower::outcome::{self, Leaving};
use crate::lower::value::Val;
use crate::lower::{Lower, closure, expr};
use syn::Expr;

/// `items.try_fold(init, |acc, item| …)`, of a closure that gives an `Option`.
pub(super) fn while_there(cx: &mut Lower<'_>, pipe: &Pipe, init: &Expr, f: &Expr) -> Val {
    let init = expr::lower(cx, init);
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let init = accumulator(cx, init, "folded", f);
    let acc = cx.pseudo("folded", init);
    let there = cx.pseudo("there", Val::bool(true));
    visit(cx, pipe, fun.parameter(1), |cx, exit, item| {
        let old = handed_on(cx, acc);
        let mut present = |cx: &mut Lower<'_>, val: Val| keep(cx, acc, val, f);
        let mut absent = |cx: &mut Lower<'_>| {
            cx.write(there, Val::bool(false));
            exit.leave(cx);
        };
        each(cx, &fun, vec![old, item], &mut present, &mut absent);
    });
    let present = cx.read(there);
    let present = cx.as_bool(present);
    let item = handed_on(cx, acc);
    cx.forget_name(&item);
    wrap(Optional { present, item: Item::Value(Box::new(item)) })
}

/// The same where the function is left as soon as there is nothing.
pub(super) fn taken(cx: &mut Lower<'_>, pipe: &Pipe, init: &Expr, f: &Expr, leaving: Leaving) -> Val {
    let init = expr::lower(cx, init);
    let Some(fun) = closure::fun(cx, f) else { return Val::Never };
    let init = accumulator(cx, init, "folded", f);
    let acc = cx.pseudo("folded", init);
    visit(cx, pipe, fun.parameter(1), |cx, _, item| {
        let old = handed_on(cx, acc);
        let val = outcome::taken(cx, &fun, vec![old, item], leaving);
        keep(cx, acc, val, f);
    });
    let folded = handed_on(cx, acc);
    cx.forget_name(&folded);
    folded
}
