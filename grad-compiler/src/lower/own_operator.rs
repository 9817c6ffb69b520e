//! Operators of the user's types: `a + b`, `-a`, `a += b` where an operand is of such a type.
//!
//! What a part of a type of the user's is, a number or another such type, only uses tell, and those of the result of an operator
//! may come later: so while the types are being learnt, an operator of what is not known yet may be either. What nothing has told
//! then is a number: first what meets one, which may tell of others, then the rest.

use super::call::{self, Argument};
use super::types::{Origin, Type};
use super::value::Val;
use super::{Lower, matrix, ops};
use crate::ir::{Callee, OfArray};
use crate::operator::Operator;
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;

/// The result of an operator, if it is one of the user's types. `node`: where it stands. `is_lent`: an operand is written as a
/// reference, `&p.a`.
pub(super) fn lower<T: ToTokens>(
    cx: &mut Lower<'_>,
    of: &'static Operator,
    operands: &[(&Val, Span)],
    node: &T,
    span: Span,
    is_lent: bool,
) -> Option<Val> {
    for (val, _) in operands {
        let ty = cx.variable_type(val);
        cx.types.computed_with(&ty);
    }
    if !is_one(cx, of, operands, node, is_lent) {
        return None;
    }
    let types: Vec<Type> = operands.iter().map(|(val, _)| peeled(cx, val)).collect();
    let has_float = types.iter().any(|ty| cx.types.is_float(ty));
    let is_sum = matches!(of.name, "Add" | "Sub" | "Neg" | "AddAssign" | "SubAssign");
    let result = cx.type_at(node, Origin::Call);
    // Of a sum both are such, of a product with a number the other is.
    if is_sum && types.iter().any(|ty| is_own(cx, ty)) || (is_sum || has_float) && is_own(cx, &result) {
        for ty in types.iter().filter(|ty| is_untold(cx, ty)) {
            cx.types.unify(ty, &cx.types.point());
        }
    }
    // What nothing tells: the product of two such may be a number, that with one is most likely such.
    let count = types.iter().filter(|ty| is_own(cx, ty)).count();
    let is_likely = count == 1 || is_sum && count > 0;
    if is_likely && !of.assigns && cx.learning != Learning::All && is_untold(cx, &result) {
        cx.types.unify(&result, &cx.types.point());
    }
    // Whatever meets a matrix, the result is one of the same numbers.
    if let Some(element) = types.iter().find_map(|ty| matrix::element(cx, ty))
        && !of.assigns
    {
        let form = matrix::form_of_result(cx, &types);
        cx.types.unify(&result, &cx.types.matrix(element, form));
    }
    let args = operands.iter().enumerate().map(|(at, (val, span))| {
        let val = if of.assigns && at == 0 { Val::reference(true, (*val).clone()) } else { (*val).clone() };
        Argument { val, span: *span, by_name: !(of.assigns && at == 0) }
    });
    let callee = Callee::Operator { of_trait: of.name, written: of.function(span) };
    let val = call::apply_callee(cx, callee, span, args.collect(), node, !of.assigns);
    if let Val::Memory(result) = &val
        && matrix::is_array(cx, &val)
    {
        cx.vars[result.place.root.index()].of_array = Some(OfArray::Other);
    }
    Some(val)
}

/// `Add::add(a, b)`: an operator that is called as the function of its trait.
pub(super) fn by_path<T: ToTokens>(
    cx: &mut Lower<'_>,
    of: &'static Operator,
    path: &syn::ExprPath,
    args: Vec<Argument>,
    node: &T,
) -> Val {
    is_standard(cx, of, path);
    let span = cx.span;
    let operands: Vec<(&Val, Span)> = args.iter().map(|arg| (&arg.val, arg.span)).collect();
    if let Some(val) = lower(cx, of, &operands, node, span, false) {
        return val;
    }
    let mut vals = args.into_iter().map(|arg| arg.val);
    match (vals.next(), vals.next(), of.symbol(span)) {
        (Some(left), Some(right), Some(op)) => ops::binary(cx, &op, left, right, path),
        (Some(val), None, _) => ops::negate(cx, val),
        _ => Val::Never,
    }
}

/// The trait of that name is the standard library's, or rustc says that it is not.
fn is_standard(cx: &mut Lower<'_>, of: &'static Operator, path: &syn::ExprPath) {
    let Some(surroundings) = &cx.surroundings else { return };
    let s = path.span().resolved_at(Span::mixed_site());
    let krate = surroundings.krate();
    let (mut own, method) = (path.path.clone(), Ident::new(of.method, s));
    own.segments.pop();
    own.segments.pop_punct();
    let name = Ident::new(of.name, s);
    let second = (of.operands == 2).then(|| quote_spanned!(s=> <B>));
    let params = if of.operands == 2 { quote_spanned!(s=> A, B) } else { quote_spanned!(s=> A) };
    cx.made_items.push(quote_spanned! {s=>
        const _: () = {
            #[allow(dead_code)]
            fn __grad_standard<#params>()
            where
                A: ::core::ops::#name #second,
            {
                #krate::__private::same(<A as #own #second>::#method, <A as ::core::ops::#name #second>::#method);
            }
        };
    });
}

fn is_one<T>(
    cx: &mut Lower<'_>,
    of: &'static Operator,
    operands: &[(&Val, Span)],
    node: &T,
    is_lent: bool,
) -> bool {
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
    let is_open = |ty: &Type| is_untold(cx, ty) || cx.types.is_opaque(ty);
    let could_be = match &types[..] {
        [ty] => is_open(ty),
        [left, right] if is_open(left) && is_open(right) => true,
        [left, right] => {
            let is_number = |ty: &Type| cx.types.is_float(ty) || cx.types.is_int(ty);
            let is_scaled = is_open(left) && is_number(right) || is_number(left) && is_open(right);
            is_scaled && matches!(of.name, "Mul" | "Div" | "MulAssign" | "DivAssign")
        }
        _ => false,
    };
    // A number may be the product of two such.
    let is_product = matches!(of.name, "Mul" | "Div") && types.iter().all(is_open);
    if !could_be {
        return false;
    }
    // Numbers are not lent to be computed with.
    if is_lent {
        return true;
    }
    let all_open = types.iter().all(is_open);
    let result = cx.type_at(node, Origin::Call);
    if is_own(cx, &result) {
        return true;
    }
    let is_assumed = match cx.learning {
        Learning::All => is_product || is_untold(cx, &result),
        Learning::Open => all_open && (is_product || is_untold(cx, &result)),
        Learning::Nothing => false,
    };
    cx.assumed |= is_assumed;
    is_assumed
}

/// What is assumed while types are being learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Learning {
    /// That everything may be of the user's types.
    All,
    /// What meets a number is one.
    Open,
    Nothing,
}

impl Learning {
    /// What is assumed when nothing more is learnt.
    pub(super) fn less(self) -> Learning {
        match self {
            Learning::All => Learning::Open,
            Learning::Open | Learning::Nothing => Learning::Nothing,
        }
    }
}

fn peeled(cx: &Lower<'_>, val: &Val) -> Type {
    let ty = cx.type_of(val);
    cx.types.peel(&ty)
}

/// Nothing is known of it, or that it has fields with numbers: a tuple struct, since it is an operand.
fn is_untold(cx: &Lower<'_>, ty: &Type) -> bool {
    cx.types.is_unresolved(ty) || matches!(cx.types.peel(ty), Type::Fields(_))
}

fn is_own(cx: &Lower<'_>, ty: &Type) -> bool {
    matches!(cx.types.peel(ty), Type::Record(_) | Type::Matrix(..))
}
