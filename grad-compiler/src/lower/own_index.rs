//! Elements of types of the user's with an `Index` of their own: `m[(i, j)]`.
//!
//! Where such an element is, only the user's function knows. It is read as a copy, by a call of that function, and written by
//! one of its `IndexMut`.

use super::call::{self, Argument};
use super::location::Located;
use super::types::{Fields, State, Type, Types};
use super::value::{Memory, Val};
use super::{Lower, expr, matrix_geometry, place};
use crate::ir::Callee;
use crate::operator::Operator;
use proc_macro2::Span;
use syn::Expr;

/// Whether an element is one of a type of the user's, as far as is known of it.
pub(super) fn is_one(cx: &Lower<'_>, memory: &Memory, at: &Val) -> bool {
    let is_number = cx.types.is_int(&cx.type_of(at));
    match cx.types.peel(&memory.ty) {
        Type::Record(_) => !is_number || cx.types.has_fields(&memory.ty),
        Type::Var(_) => matches!(at, Val::Tuple(_)) && cx.types.has_records(),
        _ => false,
    }
}

/// `m[at]`, of which nobody may change a part.
pub(super) fn read(cx: &mut Lower<'_>, memory: Memory, at: Val, whole: &Expr) -> Val {
    if let Expr::Index(index) = super::flow::bare(whole) {
        cx.copied_fields.insert(std::ptr::from_ref(index).addr());
    }
    let span = bracket(whole);
    let args = [(Val::reference(false, Val::Memory(memory)), span), (at, span)];
    apply(cx, "Index", &args, whole, true)
}

/// The memory and the index of `m[at]`, where that is an element of such a type which is written.
pub(super) fn written(cx: &mut Lower<'_>, left: &Expr) -> Option<(Memory, Val)> {
    let Expr::Index(index) = super::flow::bare(left) else { return None };
    if !is_place(&index.expr) || matrix_geometry::refuse_copy(cx, &index.expr) {
        return None;
    }
    let (stmts, base) = cx.block(|cx| {
        let base = expr::lower_place(cx, &index.expr);
        place::peel_place(cx, base)
    });
    let Val::Memory(memory) = base else { return None };
    let is_tuple = matches!(super::flow::bare(&index.index), Expr::Tuple(_));
    let is_own = match cx.types.peel(&memory.ty) {
        Type::Record(_) => is_tuple || cx.types.has_fields(&memory.ty),
        Type::Var(_) => is_tuple && cx.types.has_records(),
        _ => false,
    };
    if !is_own {
        return None;
    }
    cx.splice(stmts);
    let at = expr::lower(cx, &index.index);
    Some((memory, cx.settle(at)))
}

/// A path, or a part of what it names: to look at it does nothing.
fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        _ => false,
    }
}

/// `m[at] = val`
pub(super) fn write(cx: &mut Lower<'_>, (memory, at): (Memory, Val), val: Val, left: &Expr) {
    let span = bracket(left);
    let args = [(Val::reference(true, Val::Memory(memory)), span), (at, span), (val, span)];
    apply(cx, "IndexMut", &args, left, false);
}

/// Where the index begins: what is wrong with an element is said there.
fn bracket(element: &Expr) -> Span {
    match super::flow::bare(element) {
        Expr::Index(index) => index.bracket_token.span.open(),
        other => other.location(),
    }
}

fn apply(cx: &mut Lower<'_>, of_trait: &'static str, args: &[(Val, Span)], node: &Expr, used: bool) -> Val {
    let written = Operator::of_trait(of_trait).map(|of| of.function(cx.span)).unwrap_or_default();
    let args = args.iter().map(|(val, span)| Argument { val: val.clone(), span: *span, by_name: false });
    call::apply_callee(
        cx,
        Callee::Operator { of_trait, written },
        node.location(),
        args.collect(),
        node,
        used,
    )
}

impl Types {
    /// What was taken for another name of an array, since it has elements, has fields, too: its `Index` is its own.
    pub(super) fn has_an_index(&self, ty: &Type) {
        let mut at = ty.clone();
        loop {
            at = match at {
                Type::Ref { to, .. } => *to,
                Type::Record(record) => {
                    let (record, _) = self.fields_of(record);
                    let mut records = self.records.borrow_mut();
                    if matches!(&records[record.0 as usize], Fields::Is(Type::Seq(_))) {
                        records[record.0 as usize] = Fields::Of(Vec::new());
                    }
                    return;
                }
                Type::Var(var) => {
                    let bound = match &self.vars.borrow()[var.0 as usize] {
                        State::Bound(bound) => bound.clone(),
                        State::Free(_) => return,
                    };
                    if let Type::Seq(_) = bound {
                        self.bind(var, self.point());
                        return;
                    }
                    bound
                }
                _ => return,
            };
        }
    }
}
