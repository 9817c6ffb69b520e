//! What is an `Option` that is in memory: a parameter, a field, an element?
//!
//! To the IR it is a value that holds another, as a struct does: what is in it is a part of it, and its cotangent has the same
//! form. Here it becomes an item that may be missing, as what an iterator gives, with the item where it is.

use super::closure;
use super::types::Type;
use super::value::{Memory, Val};
use super::{Lower, constant, ended, exchange, expr, iter};
use crate::ir::{Code, Init, Op, Operand, Proj};
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// Methods that nothing but an `Option` has, as far as what is followed is concerned.
const TELLING: [&str; 18] = [
    "or",
    "xor",
    "or_else",
    "filter",
    "unwrap_or",
    "unwrap_or_else",
    "unwrap_or_default",
    "map_or",
    "map_or_else",
    "is_some",
    "is_none",
    "is_some_and",
    "is_none_or",
    "unwrap",
    "expect",
    "and_then",
    "ok_or",
    "ok_or_else",
];

/// Methods that an `Option` and others have, and that give another.
const PASSING: [&str; 6] = ["as_ref", "as_mut", "as_deref", "as_deref_mut", "map", "copied"];

/// The `Option` that a value is, if it is known to be one in memory.
pub(crate) fn in_memory(cx: &mut Lower<'_>, val: &Val) -> Option<iter::Optional> {
    let (memory, by_ref) = memory(val)?;
    let Type::Option(_) = cx.types.peel(&memory.ty) else { return None };
    iter::optional(&taken(cx, &memory, by_ref))
}

/// The same of one that is used as an `Option` here.
pub(crate) fn used(cx: &mut Lower<'_>, val: &Val) -> Option<iter::Optional> {
    let (memory, _) = memory(val)?;
    cx.types.inside(&memory.ty)?;
    in_memory(cx, val)
}

/// What is in memory, and by which reference it is reached.
fn memory(val: &Val) -> Option<(Memory, Option<bool>)> {
    match val {
        Val::Memory(memory) => Some((memory.clone(), None)),
        Val::Ref { to, mutable } => {
            let (memory, inner) = memory(to)?;
            Some((memory, Some(*mutable && inner.unwrap_or(true))))
        }
        _ => None,
    }
}

fn taken(cx: &mut Lower<'_>, memory: &Memory, by_ref: Option<bool>) -> Val {
    let of = cx.types.inside(&memory.ty).unwrap_or(Type::Opaque);
    let whole = cx.place_tokens(&memory.place);
    let present = cx.push_let("is_some", Type::Bool, Op::Code(Code::new(quote!(#whole.is_some()), false)));
    let part = cx.part(cx.project(&memory.place, Proj::Some), of);
    let item = match (part, by_ref) {
        (part @ Val::Ref { .. }, _) | (part, None) => part,
        (part, Some(mutable)) => Val::reference(mutable, part),
    };
    iter::maybe(present, item)
}

/// Whether the path is that of `Some`.
pub(crate) fn is_some(path: &syn::ExprPath) -> bool {
    let mut names = path.path.segments.iter().rev().map(|segment| &segment.ident);
    let last = names.next().is_some_and(|name| name == "Some");
    path.qself.is_none() && last && names.next().is_none_or(|of| of == "Option")
}

/// Whether there are references in a value, to what is followed.
pub(super) fn holds_reference(cx: &Lower<'_>, val: &Val) -> bool {
    match val {
        Val::Ref { to, .. } => !cx.is_constant(to),
        Val::Tuple(of) => of.iter().any(|val| holds_reference(cx, val)),
        _ => false,
    }
}

/// Of what a variable may be assigned that has references, or is not there yet.
fn is_of_references(pair: &Val) -> bool {
    match pair {
        Val::Ref { .. } | Val::Uninit => true,
        Val::Tuple(of) => of.iter().any(is_of_references),
        _ => false,
    }
}

/// `Some(val)`, of something that is followed.
pub(crate) fn some(cx: &mut Lower<'_>, val: Val) -> Val {
    // A reference stays one.
    if holds_reference(cx, &val) {
        return iter::maybe(Operand::bool(true), val);
    }
    let of = cx.variable_type(&val);
    let elem = expr::elem(cx, val);
    let path = quote!(::core::option::Option::Some);
    let init = Init::Record { path, members: vec![Proj::Some], elems: vec![elem] };
    cx.push_alloc("some", Type::option(cx.types.peel(&of)), init)
}

/// An item that may be missing, as an `Option` in memory, where it is stored, passed on, or one of several values. What refers
/// into memory stays what it is, and so does any other value.
pub(crate) fn stored(cx: &mut Lower<'_>, val: Val) -> Val {
    // What closures in it do is done now, where there is an item.
    let val = iter::kept(cx, val);
    let Some(optional) = iter::optional(&val) else { return val };
    // None that is in a variable.
    if *optional.present() == Operand::bool(false)
        && iter::as_pair(&val).is_some_and(|pair| is_of_references(&pair))
    {
        return val;
    }
    if let Some(constant) = iter::as_option(cx, &val) {
        return constant;
    }
    let (made, item) = cx.block(|cx| {
        let item = optional.lower_present(cx);
        cx.settle(item)
    });
    // What is only read is read again.
    if optional.is_kept(cx) && !matches!(item, Val::Ref { mutable: true, .. }) && holds_reference(cx, &item) {
        return iter::paired(cx, val, None);
    }
    if matches!(&item, Val::Ref { to, .. } if !matches!(**to, Val::Scalar(..)))
        || matches!(item, Val::Closure(_))
    {
        return val;
    }
    let present = optional.present().clone();
    if present == Operand::bool(true) {
        cx.splice(made);
        return some(cx, item);
    }
    let of = cx.variable_type(&item);
    let ty = Type::option(cx.types.peel(&of));
    let inside = |cx: &mut Lower<'_>| {
        cx.splice(made);
        some(cx, item)
    };
    cx.branch(present, inside, |cx| none(cx, ty))
}

/// `None`, of a type that is an `Option`.
pub(crate) fn none(cx: &mut Lower<'_>, ty: Type) -> Val {
    let none = Code::new(quote!(::core::option::Option::None), true);
    cx.push_alloc("none", ty, Init::Code(none))
}

/// `condition.then(|| item)` and `condition.then_some(item)`, where what is in it may be differentiated.
fn when(cx: &mut Lower<'_>, call: &ExprMethodCall, condition: &Val) -> Option<Val> {
    let (argument, is_evaluated) = match (call.method.to_string().as_str(), call.args.first()?) {
        ("then", argument @ Expr::Closure(closure)) if closure.inputs.is_empty() => (argument, false),
        ("then_some", argument) => (argument, true),
        _ => return None,
    };
    let ty = cx.type_of(condition);
    let floats = |val: &Val| !constant::is_without_floats(cx, &cx.type_of(val)) && !cx.is_constant(val);
    if !cx.types.is_bool(&cx.types.peel(&ty)) || !constant::handed_on(cx, argument).iter().any(floats) {
        return None;
    }
    let present = cx.as_bool(condition.clone());
    let item = if is_evaluated {
        let item = expr::lower(cx, argument);
        cx.settle(item)
    } else {
        let fun = closure::fun(cx, argument)?;
        cx.branch(present.clone(), |cx| fun.call(cx, Vec::new()), |_| Val::Uninit)
    };
    let made = iter::maybe(present, item);
    Some(stored(cx, made))
}

/// A method that makes an `Option`, or is called of one in memory; `None` if it is none. `outer`: the calls behind this one, the next last.
pub(crate) fn method(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: &Val,
    outer: &[&ExprMethodCall],
) -> Option<Val> {
    if let Some(made) = when(cx, call, receiver) {
        return Some(made);
    }
    if let Some(optional) = iter::optional(receiver) {
        return Some(iter::lower_optional_method(cx, optional, call));
    }
    let (memory, by_ref) = memory(receiver)?;
    let is_known = matches!(cx.types.peel(&memory.ty), Type::Option(_));
    let is_of_call = memory.place.path.is_empty() && cx.call_results.contains(&memory.place.root);
    let is_told = cx.types.is_unresolved(&cx.types.peel(&memory.ty))
        && (if is_of_call { tells_of_call(call, outer) } else { tells(call, outer) || takes_out(call) });
    if !is_known && !is_told {
        return None;
    }
    cx.types.inside(&memory.ty)?;
    let by_ref = match (call.method.to_string().as_str(), call.args.len()) {
        // The whole of it, by value.
        ("clone" | "to_owned", 0) => return None,
        ("take", 0) => {
            let none = none(cx, cx.types.peel(&memory.ty));
            return Some(exchange::replace(cx, Val::Memory(memory), none, &call.receiver));
        }
        ("replace", 1) => {
            if cx.refuse_exits(call.args.iter()) {
                return Some(Val::Never);
            }
            let new = expr::lower(cx, &call.args[0]);
            let new = cx.settle(new);
            let new = some(cx, new);
            return Some(exchange::replace(cx, Val::Memory(memory), new, &call.receiver));
        }
        ("as_ref" | "as_deref", 0) => Some(false),
        ("as_mut" | "as_deref_mut", 0) => Some(true),
        _ => {
            let optional = iter::optional(&taken(cx, &memory, by_ref))?;
            return Some(iter::lower_optional_method(cx, optional, call));
        }
    };
    Some(taken(cx, &memory, by_ref))
}

/// Whether a method, by its arguments, leaves something else in an `Option`.
fn takes_out(call: &ExprMethodCall) -> bool {
    matches!((call.method.to_string().as_str(), call.args.len()), ("take", 0) | ("replace", 1))
}

/// Whether a method, with those behind it, is one of an `Option`.
pub(crate) fn tells(call: &ExprMethodCall, outer: &[&ExprMethodCall]) -> bool {
    let is_one_of = |call: &ExprMethodCall, names: &[&str]| names.iter().any(|name| call.method == name);
    let mut calls = std::iter::once(call).chain(outer.iter().rev().copied());
    calls.find(|call| !is_one_of(call, &PASSING)).is_some_and(|call| is_one_of(call, &TELLING))
}

/// The same of what a function returned, which may be of a type of the user's with a method of that name.
fn tells_of_call(call: &ExprMethodCall, outer: &[&ExprMethodCall]) -> bool {
    let mut calls = std::iter::once(call).chain(outer.iter().rev().copied());
    calls.find(|call| call.method != "map").is_some_and(ended::tells)
}
