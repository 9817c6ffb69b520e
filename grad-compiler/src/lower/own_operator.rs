//! Operators of the user's types: `a + b`, `-a`, `a += b` where an operand is of such a type.
//!
//! What a part of a type of the user's is, a number or another such type, only uses tell, and those of the result of an operator
//! may come later: so while the types are being learnt, an operator of what is not known yet may be either. What nothing has told
//! then is a number.

use super::Lower;
use super::call::{self, Argument};
use super::types::{Origin, Type};
use super::value::Val;
use crate::ir::Callee;
use crate::operator::Operator;
use proc_macro2::Span;
use quote::ToTokens;

/// The result of an operator, if it is one of the user's types. `node`: where it stands.
pub(super) fn lower<T: ToTokens>(
    cx: &mut Lower<'_>,
    of: &'static Operator,
    operands: &[(&Val, Span)],
    node: &T,
    span: Span,
) -> Option<Val> {
    if !is_one(cx, of, operands, node) {
        return None;
    }
    let types: Vec<Type> = operands.iter().map(|(val, _)| peeled(cx, val)).collect();
    let has_float = types.iter().any(|ty| cx.types.is_float(ty));
    // Of a sum both are such, of a product with a number the other is.
    let is_like = has_float || matches!(of.name, "Add" | "Sub" | "Neg" | "AddAssign" | "SubAssign");
    let result = cx.type_at(node, Origin::Call);
    if is_like && is_own(cx, &result) {
        for ty in types.iter().filter(|ty| cx.types.is_unresolved(ty)) {
            cx.types.unify(ty, &cx.types.point());
        }
    }
    if is_like && !of.assigns && !cx.learning && cx.types.is_unresolved(&result) {
        cx.types.unify(&result, &cx.types.point());
    }
    let args = operands.iter().enumerate().map(|(at, (val, span))| {
        let val = if of.assigns && at == 0 { Val::reference(true, (*val).clone()) } else { (*val).clone() };
        Argument { val, span: *span, by_name: !(of.assigns && at == 0) }
    });
    let callee = Callee::Operator { of_trait: of.name, written: of.function(span) };
    Some(call::apply_callee(cx, callee, span, args.collect(), node, !of.assigns))
}

fn is_one<T>(cx: &mut Lower<'_>, of: &'static Operator, operands: &[(&Val, Span)], node: &T) -> bool {
    if operands.iter().any(|(val, _)| matches!(val, Val::Never)) {
        return false;
    }
    let types: Vec<Type> = operands.iter().map(|(val, _)| peeled(cx, val)).collect();
    if !cx.types.has_records() || operands.iter().all(|(val, _)| cx.is_constant(val)) {
        return false;
    }
    if types.iter().any(|ty| is_own(cx, ty)) {
        return true;
    }
    let is_open = |ty: &Type| cx.types.is_unresolved(ty) || cx.types.is_opaque(ty);
    let could_be = match &types[..] {
        [ty] => is_open(ty),
        [left, right] if is_open(left) && is_open(right) => true,
        [left, right] => {
            let is_scaled =
                (is_open(left) && cx.types.is_float(right)) || (cx.types.is_float(left) && is_open(right));
            is_scaled && matches!(of.name, "Mul" | "Div" | "MulAssign" | "DivAssign")
        }
        _ => false,
    };
    // A number may be the product of two such.
    let is_product = matches!(of.name, "Mul" | "Div") && types.iter().all(is_open);
    if !could_be {
        return false;
    }
    let result = cx.type_at(node, Origin::Call);
    if is_own(cx, &result) {
        return true;
    }
    let is_assumed = cx.learning && (is_product || cx.types.is_unresolved(&result));
    cx.assumed |= is_assumed;
    is_assumed
}

fn peeled(cx: &Lower<'_>, val: &Val) -> Type {
    let ty = cx.type_of(val);
    cx.types.peel(&ty)
}

fn is_own(cx: &Lower<'_>, ty: &Type) -> bool {
    matches!(cx.types.peel(ty), Type::Record(_))
}
