//! Points, rotations and isometries: how they are made of other values, and what is read of them.

use super::call::{self, Argument};
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::{Kind, Lower, expr, matrix, matrix_made};
use crate::ir::{Callee, Proj};
use crate::matrix::Form;
use crate::matrix::geometry::{self, Arguments, Field};
use proc_macro2::Ident;
use quote::{ToTokens, quote};
use syn::Expr;

/// `UnitQuaternion::from_scaled_axis(v)`, `Point3::new(x, y, z)`; `None` of what has no row.
pub(super) fn construct(
    cx: &mut Lower<'_>,
    path: &syn::ExprPath,
    call: &syn::ExprCall,
    ty: &Type,
) -> Option<Val> {
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let [.., of, function] = &names[..] else { return None };
    let made = geometry::constructor(of, function, call.args.len())?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let span = call.func.location();
    let node = cx.type_at(path, Origin::Call);
    cx.types.unify(&node, ty);
    Some(match made.arguments {
        Arguments::Operands(_) => cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
            let callee = Callee::Operator { of_trait: made.operation, written: path.to_token_stream() };
            let args =
                args.iter().zip(vals).map(|(arg, val)| Argument { val, span: arg.location(), by_name: true });
            call::apply_callee(cx, callee, span, args.collect(), path, true)
        }),
        Arguments::Numbers(count) => {
            let settled = |cx: &mut Lower<'_>, arg: &Expr| {
                let val = expr::lower(cx, arg);
                cx.settle(val)
            };
            cx.operands(&args, &settled, |cx, vals| {
                let zeros = quote!(__grad_runtime::zeros::vector::<#count, _>());
                let numbers = matrix_made::of_zeros(cx, zeros, ty.clone());
                matrix_made::store_all(cx, &numbers, (0..count).zip(vals));
                let operation = Ident::new(made.operation, cx.span);
                let written = quote!(__grad_runtime::made::<__grad_runtime::operators::#operation, _>);
                let callee = Callee::Operator { of_trait: made.operation, written };
                let args = vec![Argument { val: Val::Memory(numbers), span, by_name: true }];
                call::apply_callee(cx, callee, span, args, path, true)
            })
        }
    })
}

/// Whether a field of memory is read by an operation: `p.coords`, `q.i`.
pub(super) fn is_read(cx: &Lower<'_>, memory: &Memory, name: &Ident) -> bool {
    let is_field = matches!(geometry::field(&name.to_string()), Some(Field::Read(_) | Field::Coordinate(_)));
    // In a type of the user's, beside matrices: `self.pose.translation.vector`.
    let is_part = || match memory.place.path.last() {
        Some(Proj::Named(part)) => geometry::field(part) == Some(Field::Part),
        _ => false,
    };
    if is_field && cx.types.has_matrices() && cx.types.is_unresolved(&memory.ty) && is_part() {
        cx.types.unify(&memory.ty, &cx.types.matrix(cx.types.fresh(Origin::Float), Form::Nalgebra));
    }
    is_field && matrix::element(cx, &memory.ty).is_some()
}

/// A place that is changed: the copy of a field is none.
pub(super) fn written(cx: &mut Lower<'_>, place: &Expr) -> Val {
    let val = expr::lower_place(cx, place);
    if refuse_copy(cx, place) { Val::Never } else { val }
}

/// Refuses to change what is read as a copy, or a part of that.
pub(super) fn refuse_copy(cx: &mut Lower<'_>, place: &Expr) -> bool {
    let mut at = place;
    loop {
        at = match super::flow::bare(at) {
            Expr::Field(field) => {
                if cx.copied_fields.contains(&std::ptr::from_ref(field).addr()) {
                    let name = &field.member;
                    cx.reject(
                        Kind::UnknownMethod,
                        name,
                        &format!("`{}` is read as a copy, and cannot be changed", name.to_token_stream()),
                        "change the elements, `p.x = …`, or make another value",
                    );
                    return true;
                }
                &field.base
            }
            Expr::Index(index) => {
                if cx.copied_fields.contains(&std::ptr::from_ref(index).addr()) {
                    cx.reject(
                        Kind::UnknownMethod,
                        place,
                        "an element by an `Index` of your own is read as a copy, and cannot be changed in part, nor lent",
                        "assign the whole element, `m[i] = …`, by an `IndexMut` with `#[grad]`",
                    );
                    return true;
                }
                &index.expr
            }
            Expr::MethodCall(call) => &call.receiver,
            Expr::Reference(reference) => &reference.expr,
            Expr::Unary(unary) => &unary.expr,
            _ => return false,
        };
    }
}

/// Such a field.
pub(super) fn read(cx: &mut Lower<'_>, memory: &Memory, name: &Ident, whole: &Expr) -> Val {
    if let Expr::Field(field) = super::flow::bare(whole) {
        cx.copied_fields.insert(std::ptr::from_ref(field).addr());
    }
    let field = geometry::field(&name.to_string());
    let operation = match field {
        Some(Field::Read(operation)) => operation,
        Some(Field::Coordinate(_) | Field::Part) | None => "Coords",
    };
    let op = Ident::new(operation, cx.span);
    let written = quote!(__grad_runtime::read::<__grad_runtime::operators::#op, _>);
    let callee = Callee::Operator { of_trait: operation, written };
    let val = Val::reference(false, Val::Memory(memory.clone()));
    let args = vec![Argument { val, span: whole.location(), by_name: true }];
    let ty = cx.type_at(whole, Origin::Call);
    cx.types.unify(&ty, &memory.ty);
    let val = call::apply_callee(cx, callee, name.span(), args, whole, true);
    match (field, val) {
        (Some(Field::Coordinate(at)), Val::Memory(coordinates)) => {
            let element = cx.element(&coordinates, crate::ir::Operand::int(at));
            cx.rvalue(element)
        }
        (_, val) => val,
    }
}
