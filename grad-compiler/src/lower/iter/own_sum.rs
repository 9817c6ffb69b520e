//! `.sum()` of values of a type of the user's: its `Sum` is a function of all of them.

use super::consume::push;
use super::drive::visit;
use super::pipe::Pipe;
use crate::ir::{Callee, Init};
use crate::lower::Lower;
use crate::lower::call::{self, Argument};
use crate::lower::own_operator::Learning;
use crate::lower::types::{Origin, Type, lower_followed};
use crate::lower::value::Val;
use crate::operator::Operator;
use syn::ExprMethodCall;

/// The sum, if it is one of a type of the user's, as far as is known.
pub(super) fn lower(cx: &mut Lower<'_>, pipe: &Pipe, call: &ExprMethodCall) -> Option<Val> {
    if !cx.types.has_records() {
        return None;
    }
    let of = cx.type_at(call, Origin::Call);
    if let Some(written) = call.turbofish.as_ref().and_then(|list| list.args.first())
        && let syn::GenericArgument::Type(written) = written
        && matches!(crate::shape::Shape::of(written), crate::shape::Shape::Named(_))
    {
        cx.types.unify(&of, &lower_followed(&cx.types, written));
    }
    // While types are being learnt, what nothing tells may be one.
    let is_assumed = cx.learning == Learning::All && cx.types.is_unresolved(&of);
    cx.assumed |= is_assumed;
    if !is_assumed && !matches!(cx.types.peel(&of), Type::Record(_)) {
        return None;
    }
    let items = cx.push_alloc("items", Type::vec(of.clone()), Init::Empty { capacity: None });
    let mut are_references = false;
    visit(cx, pipe, None, |cx, _, item| {
        are_references |= matches!(item, Val::Ref { .. });
        push(cx, &items, &of, item.peeled(), call);
    });
    let operator = Operator::of_trait(if are_references { "SumOfReferences" } else { "SumOfItems" })?;
    let span = call.method.span();
    let callee = Callee::Operator { of_trait: operator.name, written: operator.function(span) };
    let args = vec![Argument { val: items, span, by_name: true }];
    Some(call::apply_callee(cx, callee, span, args, call, true))
}
