//! What changes places: `mem::swap`, `mem::replace` and `mem::take`.
//!
//! A value in memory is where it lies until it is moved or copied. What is exchanged is written before the other half of it is
//! read: so memory is swapped as such, part by part, and what is replaced is moved away first.

use super::types::Type;
use super::value::{LocalPath, Val};
use super::{Kind, Lower, code, constant, expr, option, place};
use crate::ir::{Init, Stmt};
use quote::{ToTokens, quote};
use syn::Expr;

/// `mem::swap(a, b)`
pub(crate) fn swap(cx: &mut Lower<'_>, a: Val, b: Val, at: &dyn ToTokens) {
    let a = place::peel_place(cx, a);
    let b = place::peel_place(cx, b);
    match (a, b) {
        (Val::Memory(a), Val::Memory(b)) => {
            cx.types.unify(&a.ty, &b.ty);
            cx.push(Stmt::Swap { a: a.place, b: b.place });
        }
        (Val::Local(a), Val::Local(b)) => swap_components(cx, &a, &b, at),
        (a @ (Val::Local(_) | Val::Memory(_)), b @ (Val::Local(_) | Val::Memory(_))) => {
            let whole = Expr::Verbatim(at.to_token_stream());
            if let Some(parts) = parts(cx, &a).or_else(|| parts(cx, &b)) {
                for part in 0..parts {
                    let a = place::field(cx, a.clone(), part, &whole);
                    let b = place::field(cx, b.clone(), part, &whole);
                    swap(cx, a, b, at);
                }
                return;
            }
            let (old_a, old_b) = (held(cx, a.clone()), held(cx, b.clone()));
            place::assign(cx, a, old_b, &whole);
            place::assign(cx, b, old_a, &whole);
        }
        (Val::Never, _) | (_, Val::Never) => {}
        (a, b) => {
            if cx.is_constant(&a) && cx.is_constant(&b) {
                let a = cx.as_code(Val::reference(true, a)).tokens;
                let b = cx.as_code(Val::reference(true, b)).tokens;
                let swap = quote!(::core::mem::swap(#a, #b););
                let writes = crate::ir::Code::new(swap.clone(), false).reads;
                cx.push_effect(swap, writes);
            } else {
                cx.reject(
                    Kind::Assignment,
                    &at.to_token_stream(),
                    "these cannot be swapped",
                    "swap variables, elements, arrays or `Vec`s",
                );
            }
        }
    }
}

/// Swaps variables that are not in memory, or parts of such: of references, the names.
fn swap_components(cx: &mut Lower<'_>, a: &LocalPath, b: &LocalPath, at: &dyn ToTokens) {
    let (old_a, old_b) = (cx.read_component(a), cx.read_component(b));
    match (old_a, old_b) {
        (Val::Tuple(x), Val::Tuple(y)) if x.len() == y.len() => {
            for part in 0..x.len() {
                swap_components(cx, &a.part(part), &b.part(part), at);
            }
        }
        (old_a @ (Val::Memory(_) | Val::Cell(..)), old_b @ (Val::Memory(_) | Val::Cell(..))) => {
            swap(cx, old_a, old_b, at);
        }
        (old_a, old_b) => {
            let (old_a, old_b) = (held(cx, old_a), held(cx, old_b));
            cx.write_component(a, old_b);
            cx.write_component(b, old_a);
        }
    }
}

/// How many parts a variable has that is no memory, but a tuple.
fn parts(cx: &Lower<'_>, val: &Val) -> Option<usize> {
    match val {
        Val::Local(path) => parts(cx, &cx.component(path)),
        Val::Tuple(of) => Some(of.len()),
        _ => None,
    }
}

/// What a place holds now, whatever becomes of the place.
fn held(cx: &mut Lower<'_>, val: Val) -> Val {
    match cx.rvalue(val) {
        Val::Memory(memory) if !memory.fresh => cx.push_alloc("held", memory.ty, Init::Move(memory.place)),
        Val::Tuple(of) => Val::Tuple(of.into_iter().map(|val| held(cx, val)).collect()),
        val @ Val::Cell(..) => super::pattern::taken(cx, val, "held", cx.span, true),
        val => val,
    }
}

/// `mem::take(to)`
pub(super) fn take(cx: &mut Lower<'_>, to: Val, call: &syn::ExprCall) -> Val {
    let place = place::peel_place(cx, to.clone());
    let ty = cx.type_of(&place);
    let whole = &call.args[0];
    if matches!(cx.types.resolve(&ty), Type::Vec(_)) {
        let empty = cx.push_alloc("values", ty, Init::Empty { capacity: None });
        return replace(cx, to, empty, whole);
    }
    if matches!(cx.types.resolve(&ty), Type::Option(_)) {
        let none = option::none(cx, ty);
        return replace(cx, to, none, whole);
    }
    match cx.dummy(&ty) {
        Some(zero) if cx.types.is_scalar(&ty) => replace(cx, to, Val::Scalar(zero, ty), whole),
        _ if cx.is_constant(&place) => code::opaque_function(cx, call),
        _ => cx.reject(Kind::Assignment, call, "this cannot be taken", "take a number or a `Vec`"),
    }
}

/// Whether a constant of a type that only rustc knows is replaced by another.
pub(super) fn is_replaced_constant(cx: &mut Lower<'_>, to: &Val, val: &Expr) -> bool {
    let to = place::peel_place(cx, to.clone());
    matches!(to, Val::Scalar(..) | Val::Code(_) | Val::Cell(..))
        && cx.is_constant(&to)
        && constant::mentioned(cx, val).iter().all(|val| constant::stays_constant(cx, val))
}

/// `mem::replace(to, val)`
pub(super) fn replace(cx: &mut Lower<'_>, to: Val, val: Val, at: &Expr) -> Val {
    let to = place::peel_place(cx, to);
    let val = cx.settle(val);
    match (&to, val) {
        (Val::Memory(to), val) if !cx.types.is_scalar(&to.ty) && new_memory(&val) => {
            // The new content in a variable of its own, which then holds the old.
            let new_ty = cx.type_of(&val);
            cx.types.unify(&to.ty, &new_ty);
            let init = match val {
                Val::Tuple(of) => Init::Tuple(of.into_iter().map(|val| expr::elem(cx, val)).collect()),
                Val::Memory(new) => Init::Move(new.place),
                _ => return Val::Never,
            };
            let held = cx.push_alloc("replaced", to.ty.clone(), init);
            swap(cx, Val::Memory(to.clone()), held.clone(), at);
            held
        }
        (Val::Local(path), val) => replace_component(cx, path, val, at),
        (_, val) => {
            let old = held(cx, to.clone());
            place::assign(cx, to, val, at);
            old
        }
    }
}

fn new_memory(val: &Val) -> bool {
    matches!(val, Val::Memory(_) | Val::Tuple(_))
}

/// Replaces a variable that is not in memory, or a part of it: of a reference, the name.
fn replace_component(cx: &mut Lower<'_>, path: &LocalPath, val: Val, at: &Expr) -> Val {
    match cx.read_component(path) {
        Val::Tuple(old) if new_memory(&val) => {
            let parts = (0..old.len()).map(|part| {
                let new = place::field(cx, val.clone(), part, at);
                let new = cx.rvalue(new);
                replace_component(cx, &path.part(part), new, at)
            });
            Val::Tuple(parts.collect())
        }
        old @ Val::Memory(_) => replace(cx, old, val, at),
        old => {
            let old = held(cx, old);
            place::assign(cx, Val::Local(path.clone()), val, at);
            old
        }
    }
}
