//! What is in a variable that may be missing, and may become another: a reference, or none.
//!
//! `let mut best: Option<&f64> = None;` is a condition and an item, which branches join and loops carry as they do with tuples. The
//! item of what is missing is never read.

use super::optional::{Item, Optional, absent, is_none, lower_method, optional, wrap};
use crate::ir::{Code, Operand, Proj};
use crate::lower::env::LocalId;
use crate::lower::flow::bare;
use crate::lower::types::Type;
use crate::lower::value::Val;
use crate::lower::{Lower, called, option, own_type};
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// The condition and the item of what may be missing, if that has been computed.
pub(crate) fn as_pair(val: &Val) -> Option<Val> {
    let Optional { present, item: Item::Value(item) } = optional(val)? else { return None };
    Some(Val::Tuple(vec![Val::Scalar(present, Type::Bool), *item]))
}

/// The other way round.
pub(crate) fn of_pair(pair: Val) -> Val {
    match pair {
        Val::Tuple(of) => match <[Val; 2]>::try_from(of) {
            Ok([Val::Scalar(present, _), item]) => {
                wrap(Optional { present, item: Item::Value(Box::new(item)) })
            }
            _ => Val::Never,
        },
        _ => Val::Never,
    }
}

/// What arms give, as such pairs; `None`: one gives something else.
pub(crate) fn pairs_of_arms(vals: &[Option<Val>]) -> Option<Vec<Option<Val>>> {
    let pairs = vals.iter().map(|val| match val {
        Some(Val::Never | Val::Uninit) | None => Some(val.clone()),
        Some(val) if is_none(val) => Some(Some(absent())),
        Some(val) => as_pair(val).map(Some),
    });
    pairs.collect()
}

/// Whether a loop may carry a pair: an item that may be read in the first pass has a value before it.
pub(crate) fn is_carried(before: &Val, now: &Val) -> bool {
    let is_unset = |pair: &Val| matches!(pair, Val::Tuple(of) if matches!(of[..], [_, Val::Uninit]));
    !is_unset(before) || is_unset(now)
}

/// What is to be assigned, as a pair where the variable is one.
pub(crate) fn for_variable(cx: &mut Lower<'_>, left: &Expr, val: Val) -> Val {
    let Expr::Path(path) = bare(left) else { return val };
    let id = path.path.get_ident().and_then(|name| cx.lookup(name));
    let is_pair = id.is_some_and(|id| as_pair(&cx.local(id).val).is_some());
    if is_pair { paired(cx, val, None) } else { val }
}

/// Assigns to a variable that is a pair, or that the next run knows to be one: whether nothing else is to be done.
pub(crate) fn assign_pair(cx: &mut Lower<'_>, id: LocalId, old: &Val, val: &Val) -> bool {
    if as_pair(old).is_some() {
        let val = paired(cx, val.clone(), None);
        cx.write(id, val);
        return true;
    }
    // What is computed is computed once.
    let optional = optional(val).filter(|of| of.is_kept(cx));
    let Some((optional, node)) = optional.zip(cx.local(id).node) else { return false };
    let (_, item) = cx.block(|cx| {
        let item = optional.lower_present(cx);
        cx.settle(item)
    });
    if !option::holds_reference(cx, &item) {
        return false;
    }
    let ty = cx.type_of(&item);
    cx.optionals.insert(node, ty);
    !cx.hints.optionals.contains_key(&node)
}

/// What may be missing as a condition and an item. `like`: the type of the items that a variable may have.
pub(crate) fn paired(cx: &mut Lower<'_>, val: Val, like: Option<&Type>) -> Val {
    if is_none(&val) {
        let item = like.and_then(|ty| never_read(cx, ty)).unwrap_or(Val::Uninit);
        return wrap(Optional { present: Operand::bool(false), item: Item::Value(Box::new(item)) });
    }
    let Some(of) = optional(&val).or_else(|| option::used(cx, &val)) else { return val };
    let is_there = matches!(&of.item, Item::Value(item) if !is_inside(cx, item));
    let item = if *of.present() == Operand::bool(true) || is_there {
        of.lower_present(cx)
    } else {
        cx.branch(of.present().clone(), |cx| of.lower_present(cx), |_| Val::Uninit)
    };
    let item = cx.settle_shape(item);
    wrap(Optional { present: of.present, item: Item::Value(Box::new(item)) })
}

/// Whether a value is what is in an `Option` in memory: where there is none, it may not be read.
pub(super) fn is_inside(cx: &Lower<'_>, val: &Val) -> bool {
    match val {
        Val::Memory(memory) => cx.viewed(&memory.place).path.iter().any(|proj| matches!(proj, Proj::Some)),
        Val::Tuple(of) => of.iter().any(|val| is_inside(cx, val)),
        _ => false,
    }
}

/// A value of a type that nobody reads.
fn never_read(cx: &Lower<'_>, ty: &Type) -> Option<Val> {
    match cx.types.resolve(ty) {
        Type::Ref { mutable: false, to } => Some(Val::reference(false, never_read(cx, &to)?)),
        Type::Tuple(of) => Some(Val::Tuple(of.iter().map(|ty| never_read(cx, ty)).collect::<Option<_>>()?)),
        ty => cx.dummy(&ty).map(|dummy| Val::Scalar(dummy, ty)),
    }
}

/// `constant.and_then(|i| v.get(i))`, of an `Option` that is a constant, where what becomes of it is followed.
pub(crate) fn of_constant(cx: &mut Lower<'_>, call: &ExprMethodCall, constant: &Val) -> Option<Val> {
    let arg = call.args.first().filter(|_| call.args.len() == 1)?;
    let is_it = ["and_then", "or", "or_else", "xor"].iter().any(|name| call.method == name);
    if !is_it || !cx.is_constant(constant) || !own_type::is_followed(cx, arg) {
        return None;
    }
    if cx.refuse_exits([arg]) {
        return Some(Val::Never);
    }
    // What a reference leads to is copied, as by the method.
    let (of, as_option) = (cx.as_code(constant.clone()).tokens, called::as_option());
    let constant = Code::new(quote!(#of #as_option), false);
    let there = |cx: &mut Lower<'_>, item: Val| Val::Tuple(vec![Val::bool(true), cx.settle_shape(item)]);
    let pair = called::select_constant(cx, constant, &called::some(), there, |cx, arms| {
        called::any_other(cx, arms, |_| absent());
    });
    Some(match optional(&of_pair(pair)) {
        Some(of) => lower_method(cx, of, call),
        None => Val::Never,
    })
}
