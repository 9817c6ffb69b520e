//! How does a constant come into memory, where something that is not constant is put into it?
//!
//! What a call of constants or a `const` gives stays the user's tokens, of whatever type it is. Where it is declared to be
//! changed, with its type; where it is moved into memory; and where an element is assigned what may be differentiated, it is
//! memory like any other from its declaration on.

use super::Lower;
use super::types::{Origin, Type};
use super::value::Val;
use crate::ir::{Code, Init, Op, Operand, Stmt, Var};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

pub(super) fn is_aggregate(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Array(..) | Type::Vec(_) | Type::Slice(_) | Type::Tuple(_) => true,
        Type::Ref { to, .. } => is_aggregate(cx, &to),
        _ => false,
    }
}

/// `let mut v: Vec<f64> = …;`: memory, if it holds floats.
pub(super) fn owned(cx: &mut Lower<'_>, val: Val, ty: &Type) -> Val {
    let is_owned = !matches!(cx.types.resolve(ty), Type::Ref { .. }) && cx.types.to_ir(ty).holds_floats();
    if is_owned && is_aggregate(cx, ty) { in_memory(cx, val, ty) } else { val }
}

/// Memory of a type that rustc knows.
pub(super) fn of_unknown_type(cx: &mut Lower<'_>, val: Val) -> Val {
    let ty = cx.types.fresh(Origin::Call);
    let known = cx.type_of(&val);
    cx.types.unify(&known, &ty);
    in_memory(cx, val, &ty)
}

/// What constants make, and is no number, as memory of type `ty`.
pub(super) fn in_memory(cx: &mut Lower<'_>, val: Val, ty: &Type) -> Val {
    let var = match val {
        Val::Code(code) => {
            let init = Init::Code(Code::new(code.tokens, code.cheap));
            return cx.push_alloc("value", ty.clone(), init);
        }
        Val::Scalar(Operand::Var(var), _) if !cx.types.is_scalar(&cx.type_of(&val)) => var,
        val => return val,
    };
    let Some(made) = cx.blocks.last_mut().and_then(|block| block.last_mut()) else { return val };
    let init = match &*made {
        Stmt::Let { var: last, op: Op::Code(code) } if *last == var => Init::Code(code.clone()),
        _ => return val,
    };
    *made = Stmt::Alloc { var, init };
    cx.inactive.remove(&var);
    Val::fresh(var, ty.clone())
}

/// `val` is assigned to a part of a constant. If `val` may be differentiated, the next run makes the constant memory.
pub(super) fn assigned(cx: &mut Lower<'_>, to: &TokenStream, val: &Val) {
    let stays_constant = match val {
        Val::Scalar(Operand::Var(var), _) => cx.is_inactive(*var),
        val => cx.is_constant(val),
    };
    let (false, Some(var)) = (stays_constant, indexed_var(to)) else { return };
    let local = cx.locals.iter().find(|local| {
        matches!(&local.val, Val::Scalar(Operand::Var(held), ty)
            if *held == var && local.mutable && cx.types.is_unresolved(ty))
    });
    if let Some(node) = local.and_then(|local| local.node) {
        cx.memories.insert(node);
    }
}

/// The variable of which the tokens are an element, or an element of an element: `x[i]`, `x[i][j]`.
fn indexed_var(tokens: &TokenStream) -> Option<Var> {
    let mut trees = tokens.clone().into_iter();
    let Some(TokenTree::Ident(ident)) = trees.next() else { return None };
    let is_index =
        |tree: TokenTree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
    trees.all(is_index).then(|| crate::ir::placeholder_index(&ident)).flatten()
}
