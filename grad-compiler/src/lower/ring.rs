//! `VecDeque`s as windows and queues, of what is differentiated.
//!
//! Who puts numbers in at one end, takes them out at the other and looks at what is between sees no difference between a
//! `VecDeque` and a `Vec`: derivatives have the latter. One into which nothing differentiated comes stays as it is written; the
//! first run finds out which are others. What is lent as a whole, or asked for what a `Vec` does not know, is refused.

use super::callee::path_names;
use super::types::{Origin, Type, lower_type};
use super::value::{Memory, Val};
use super::{Kind, Lower, closure, constant, expr, iter, method, pattern, rearrange};
use crate::ir::{ArgKind, Init, Operand, Proj, Stmt};
use quote::quote;
use syn::{Expr, ExprMethodCall, GenericArgument, Pat, PatIdent, PathArguments};

/// How such a variable is made.
enum Made<'a> {
    Empty(Option<&'a Expr>),
    /// Of an array or a `Vec`.
    Of(&'a Expr),
    Collected(&'a ExprMethodCall),
}

/// How a `VecDeque` is made, if the declaration is one of such; and the type of its elements, if that is written.
fn made(local: &syn::Local) -> Option<(Made<'_>, Option<&syn::Type>)> {
    let declared = match &local.pat {
        Pat::Type(typed) => Some(queue(&typed.ty)?),
        _ => None,
    };
    match super::flow::bare(&local.init.as_ref()?.expr) {
        Expr::Call(call) => {
            let Expr::Path(path) = super::flow::bare(&call.func) else { return None };
            let names = path_names(path);
            let [.., of, name] = &names[..] else { return None };
            if of != "VecDeque" {
                return None;
            }
            let made = match (name.as_str(), &call.args.iter().collect::<Vec<_>>()[..]) {
                ("new", []) => Made::Empty(None),
                ("with_capacity", [capacity]) => Made::Empty(Some(capacity)),
                ("from", [of]) => Made::Of(of),
                _ => return None,
            };
            let written = path.path.segments.iter().rev().nth(1).and_then(argument);
            Some((made, declared.and_then(argument).or(written)))
        }
        Expr::MethodCall(call) if call.args.is_empty() => {
            let written = call.turbofish.as_ref().and_then(|list| match list.args.first()? {
                GenericArgument::Type(ty) => queue(ty),
                _ => None,
            });
            let of = argument(declared.or(written)?);
            match call.method.to_string().as_str() {
                "collect" => Some((Made::Collected(call), of)),
                "into" => Some((Made::Of(&call.receiver), of)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `VecDeque<f64>` at the end of a type; `None` of another type.
fn queue(ty: &syn::Type) -> Option<&syn::PathSegment> {
    let syn::Type::Path(path) = crate::shape::ungrouped(ty) else { return None };
    path.path.segments.last().filter(|last| last.ident == "VecDeque")
}

/// The type of the elements, if it is written.
fn argument(segment: &syn::PathSegment) -> Option<&syn::Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else { return None };
    match list.args.first()? {
        GenericArgument::Type(syn::Type::Infer(_)) => None,
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

fn named(pat: &Pat) -> Option<(&Pat, &PatIdent)> {
    match pat {
        Pat::Ident(ident) => Some((pat, ident)),
        Pat::Type(typed) => named(&typed.pat),
        _ => None,
    }
}

/// The declaration of a `VecDeque`: `true` if that is followed, and done here.
pub(super) fn declare(cx: &mut Lower<'_>, local: &syn::Local) -> bool {
    let (Some((pat, ident)), Some((made, of))) = (named(&local.pat), made(local)) else { return false };
    let node = std::ptr::from_ref(ident).addr();
    cx.deques.insert(node);
    if !cx.hints.rings.contains(&node) {
        let from = match made {
            Made::Empty(_) => return false,
            Made::Of(from) => from,
            Made::Collected(_) => &local.init.as_ref().expect("it is made of something").expr,
        };
        // What is in memory already is followed. Nothing comes of this look: if it is one, it is made in the next run.
        cx.begin_log();
        let (_, from) = cx.block(|cx| expr::lower_place(cx, from));
        cx.roll_back();
        if matches!(from.peeled(), Val::Memory(_)) {
            cx.followed_rings.insert(node);
        }
        return false;
    }
    let element = cx.type_at(local, Origin::Constant);
    if let Some(of) = of {
        let of = lower_type(&cx.types, of);
        cx.types.unify(&element, &of);
    }
    let val = match made {
        Made::Empty(capacity) => {
            let capacity = capacity.map(|capacity| {
                let capacity = expr::lower(cx, capacity);
                cx.as_int(capacity)
            });
            cx.push_alloc("values", Type::vec(element), Init::Empty { capacity })
        }
        Made::Of(from) => {
            let from = expr::lower_place(cx, from);
            method::to_vec(cx, from, local)
        }
        Made::Collected(call) => {
            let all = cx.push_alloc("values", Type::vec(element), Init::Empty { capacity: None });
            let from = expr::lower(cx, &call.receiver);
            if let Val::Memory(to) = &all {
                cx.vars[to.place.root.index()].mutable = true;
                iter::extend_by(cx, to, from, call);
            }
            all
        }
    };
    pattern::bind(cx, pat, val);
    if let Some(id) = cx.lookup(&ident.ident)
        && let Val::Memory(memory) = &cx.local(id).val
    {
        let root = memory.place.root;
        cx.rings.insert(root);
    }
    true
}

/// The variable, where it is the receiver of a method, if it is followed.
fn of(cx: &Lower<'_>, receiver: &Expr) -> Option<Memory> {
    let Expr::Path(path) = super::flow::bare(receiver) else { return None };
    let id = cx.lookup(path.path.get_ident()?)?;
    match &cx.local(id).val {
        Val::Memory(memory) if cx.rings.contains(&memory.place.root) => Some(memory.clone()),
        _ => None,
    }
}

/// Whether a method of such a variable gives an item that may be missing.
pub(super) fn is_optional(cx: &Lower<'_>, call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    matches!(
        name.as_str(),
        "pop_front" | "pop_back" | "front" | "back" | "front_mut" | "back_mut" | "get" | "get_mut"
    ) && of(cx, &call.receiver).is_some()
}

/// A method of a `VecDeque`; `None` of another variable, and of methods that a `Vec` has, too.
pub(super) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Option<Val> {
    let Some(memory) = of(cx, &call.receiver) else {
        learn(cx, call);
        return None;
    };
    let name = call.method.to_string();
    let args: Vec<&Expr> = call.args.iter().collect();
    let n = method::len(cx, Val::Memory(memory.clone()));
    let present = |cx: &mut Lower<'_>| {
        let n = cx.operand_tokens(&n);
        let present = cx.bool_code(quote!(#n != 0));
        cx.as_bool(present)
    };
    Some(match (name.as_str(), &args[..]) {
        ("push_back" | "push_front", [value]) => {
            if cx.refuse_exits(call.args.iter()) {
                return Some(Val::Never);
            }
            let value = expr::lower(cx, value);
            let value = cx.settle(value);
            rearrange::push(cx, &memory, value);
            if name == "push_front" {
                rearrange::move_down(cx, &memory, Operand::int(0), n);
            }
            Val::Unit
        }
        ("pop_back", []) => {
            let present = present(cx);
            let item = rearrange::pop(cx, call, &memory, &n);
            iter::maybe(present, item)
        }
        ("pop_front", []) => {
            let present = present(cx);
            let n = cx.operand_tokens(&n);
            let first = cx.int_code(quote!(::core::cmp::Ord::min(#n, 1)));
            let first = cx.as_int(first);
            cx.mark_usize(&first);
            let rest = Proj::Slice { from: Some(first), to: None, inclusive: false };
            let Val::Memory(rest) = rearrange::copy(cx, call, &memory, rest) else { return Some(Val::Never) };
            cx.types.unify(&memory.ty, &rest.ty);
            cx.push(Stmt::Swap { a: rest.place.clone(), b: memory.place.clone() });
            let item = cx.element(&rest, Operand::int(0));
            iter::maybe(present, item)
        }
        ("front" | "back", []) => {
            let present = present(cx);
            let at = if name == "front" { Operand::int(0) } else { rearrange::before(cx, &n) };
            let item = cx.element(&memory, at);
            iter::maybe(present, Val::reference(false, item))
        }
        ("front_mut" | "back_mut", []) => {
            let present = present(cx);
            let at = if name == "front_mut" { Operand::int(0) } else { rearrange::before(cx, &n) };
            let item = cx.element(&memory, at);
            iter::maybe(present, Val::reference(true, item))
        }
        ("make_contiguous", []) => {
            let whole = Proj::Slice { from: None, to: None, inclusive: false };
            let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
            let place = cx.project(&memory.place, whole);
            Val::reference(true, Val::memory(place, Type::slice(of)))
        }
        (
            "len" | "is_empty" | "iter" | "iter_mut" | "into_iter" | "get" | "get_mut" | "swap" | "clear"
            | "truncate" | "resize" | "insert" | "rotate_left" | "rotate_right" | "retain" | "extend"
            | "drain" | "contains" | "reserve" | "shrink_to_fit" | "capacity",
            _,
        ) => return None,
        _ => cx.reject(
            Kind::UnknownMethod,
            &call.method,
            &format!("the method `{name}` of a `VecDeque` is not supported for differentiated values"),
            "use `push_back`, `pop_front`, `front`, `back`, `iter`, indices and their kin; or a `Vec`",
        ),
    })
}

/// Something may be put into a constant: if that may be differentiated, the next run follows the variable.
fn learn(cx: &mut Lower<'_>, call: &ExprMethodCall) {
    let Some(id) = closure::root(&call.receiver).and_then(|name| cx.lookup(name)) else { return };
    let Some(node) = cx.local(id).node.filter(|node| cx.deques.contains(node)) else { return };
    let mut mentioned = call.args.iter().flat_map(|arg| constant::mentioned(cx, arg));
    if mentioned.any(|val| !constant::stays_constant(cx, &val)) {
        cx.followed_rings.insert(node);
    }
}

/// One that is passed to a function as a whole is a `Vec` there, which is something else.
pub(super) fn check_argument(cx: &mut Lower<'_>, kind: &ArgKind) {
    if let ArgKind::Memory { place, .. } = kind
        && place.path.is_empty()
        && cx.rings.contains(&place.root)
    {
        let span = cx.span;
        cx.reject_at(
            Kind::UnknownMethod,
            span,
            "a `VecDeque` of differentiated values is passed to a function",
            "pass its elements: `q.make_contiguous()`, or collect them into a `Vec`",
        );
    }
}
