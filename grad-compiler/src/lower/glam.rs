//! Vectors, matrices and quaternions of glam: how they are made, and their methods.

use super::call::{self, Argument};
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, code, expr, matrix, matrix_made, own_method, own_type, place};
use crate::ir::{Callee, Init, Proj};
use crate::matrix::Form;
use crate::matrix::glam::{self, Known, Made};
use crate::matrix::rows::{self, Library, Returns};
use quote::{ToTokens, quote};
use syn::{Expr, ExprMethodCall};

/// `DVec3::new(x, y, z)`; `None` where that is no function of a type of glam's.
pub(super) fn construct(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let (known, function) = glam::associated(&path.path).filter(|_| path.qself.is_none())?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let ty = cx.types.matrix(Type::F64, Form::Glam);
    if !args.iter().any(|arg| own_type::is_followed(cx, arg)) {
        let constant = code::substitute(cx, &Expr::Call(call.clone()));
        return Some(Val::Code(CodeVal { tokens: constant.tokens, ty, cheap: false, typed: true }));
    }
    let settled = |cx: &mut Lower<'_>, arg: &Expr| {
        let val = expr::lower(cx, arg);
        cx.settle(val)
    };
    Some(match glam::constructor(known.name, &function, args.len()) {
        Some(Made::Operation(operation)) => {
            let node = cx.type_at(path, Origin::Call);
            cx.types.unify(&node, &ty);
            cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
                let callee = Callee::Operator { of_trait: operation, written: path.to_token_stream() };
                let args = args.iter().zip(vals);
                let args = args.map(|(arg, val)| Argument { val, span: arg.location(), by_name: true });
                call::apply_callee(cx, callee, call.func.location(), args.collect(), path, true)
            })
        }
        Some(Made::Fields) => cx.operands(&args, &settled, |cx, vals| of_fields(cx, path, known, vals)),
        Some(Made::Everywhere) => cx.operands(&args, &settled, |cx, vals| {
            let vals = known.fields.iter().filter_map(|_| vals.first().cloned()).collect();
            of_fields(cx, path, known, vals)
        }),
        None => cx.reject(
            Kind::UnknownMethod,
            path,
            &format!("the constructor `{function}` of glam has no derivative rule"),
            "make it with `new`, `splat`, `from_cols` or `from_xyzw`; or of a constant, and assign its fields",
        ),
    })
}

/// A value whose fields are these.
fn of_fields(cx: &mut Lower<'_>, path: &syn::ExprPath, known: &Known, vals: Vec<Val>) -> Val {
    let mut of = path.path.clone();
    of.segments.pop();
    of.segments.pop_punct();
    let ty = cx.types.matrix(Type::F64, Form::Glam);
    let nothing = quote!(<#of as __grad_runtime::MadeOfFields>::NOTHING);
    let memory = matrix_made::of_zeros(cx, nothing, ty.clone());
    let whole = Expr::Path(path.clone());
    for (field, val) in known.fields.iter().zip(vals) {
        let at = cx.project(&memory.place, Proj::Named((*field).to_string()));
        let part = cx.part(at, if glam::is_number(field) { Type::F64 } else { ty.clone() });
        place::assign(cx, part, val, &whole);
    }
    Val::Memory(memory)
}

/// A method.
pub(super) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory) -> Val {
    let name = call.method.to_string();
    if let Some(row) = rows::method(Library::Glam, &name, call.args.len()) {
        let ty = cx.type_at(call, Origin::Call);
        let returned = match row.returns {
            Returns::Number | Returns::NumberAttempt => Type::F64,
            Returns::Matrix | Returns::Attempt => memory.ty.clone(),
        };
        cx.types.unify(&ty, &returned);
        return own_method::lower_call(cx, call, Val::Memory(memory), false);
    }
    match (name.as_str(), call.args.len()) {
        ("clone" | "to_owned", 0) => cx.push_alloc("copy", memory.ty, Init::Clone(memory.place)),
        _ => matrix::without_row(cx, call, &memory),
    }
}
