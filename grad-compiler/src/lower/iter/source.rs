//! Methods of sequences that give an iterator.

use super::super::types::Origin;
use super::super::value::{CodeVal, Val};
use super::super::{Kind, Lower, array_changed, closure, expr, matrix_geometry, method, place};
use super::pipe::{Cut, Pipe};
use super::{iterator, matrix, not_zero};
use crate::matrix::Form;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// A method that makes an iterator of a sequence.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Val {
    if let Some(parts) = matrix::parts(cx, call, name) {
        return parts;
    }
    let receiver = expr::lower_place(cx, &call.receiver);
    let args: Vec<&Expr> = call.args.iter().collect();
    let cut = match (name, args.as_slice()) {
        ("into_iter", []) => return iterator(cx.pipe_at(receiver, &call.dot_token)),
        ("iter" | "iter_mut" | "row_iter" | "column_iter" | "row_iter_mut" | "column_iter_mut", []) => {
            let is_copy = name == "iter_mut" && matrix_geometry::refuse_copy(cx, &call.receiver);
            let of = if is_copy { Val::Never } else { place::peel_place(cx, receiver) };
            return match of {
                Val::Never => Val::Never,
                Val::Memory(_) if !name.starts_with("iter") => cx.reject(
                    Kind::Iterator,
                    call,
                    &format!("`{name}` of a value without a name is not followed"),
                    "give it a name with `let` first",
                ),
                // Of which it is not known how many axes it has.
                of @ Val::Memory(_) if name == "iter" && is_array_of_any_shape(cx, &of) => {
                    match array_changed::flat(cx, of, &call.method) {
                        Some(flat) => iterator(cx.pipe(Val::reference(false, Val::Memory(flat)))),
                        None => Val::Never,
                    }
                }
                Val::Memory(_) => iterator(cx.pipe(Val::reference(name == "iter_mut", of))),
                of => {
                    let of = outliving(cx, of);
                    let CodeVal { tokens: of, cheap, .. } = cx.as_code(of);
                    let method = &call.method;
                    let item = cx.type_at(call, Origin::Constant);
                    iterator(cx.constants(&quote!(#of.#method()), cheap && name == "iter", true, item))
                }
            };
        }
        ("windows", [_]) => Cut::Windows,
        ("chunks", [_]) => Cut::Chunks,
        ("chunks_exact", [_]) => Cut::ChunksExact,
        ("chunks_mut", [_]) => Cut::ChunksMut,
        ("chunks_exact_mut", [_]) => Cut::ChunksExactMut,
        _ => {
            return cx.reject(
                Kind::Iterator,
                call,
                "this is not called as an iterator's source is",
                "check its arguments",
            );
        }
    };
    let size = expr::lower(cx, args[0]);
    match place::peel_place(cx, receiver) {
        Val::Memory(of) => {
            let size = cx.as_int(size);
            let what = if cut == Cut::Windows { "window" } else { "chunk" };
            not_zero(cx, &size, &format!("{what} size must be non-zero"));
            let len = method::len(cx, Val::Memory(of.clone()));
            iterator(Pipe::Pieces { of, cut, size, len })
        }
        Val::Never => Val::Never,
        of => {
            let of = outliving(cx, of);
            let (of, size) = (cx.as_code(of), cx.as_code(size));
            let cheap =
                of.cheap && size.cheap && matches!(cut, Cut::Windows | Cut::Chunks | Cut::ChunksExact);
            let (of, size) = (of.tokens, size.tokens);
            let method = &call.method;
            let item = cx.type_at(call, Origin::Constant);
            iterator(cx.constants(&quote!(#of.#method(#size)), cheap, false, item))
        }
    }
}

fn is_array_of_any_shape(cx: &Lower<'_>, of: &Val) -> bool {
    let ty = cx.type_of(of);
    super::super::matrix::form(cx, &ty) == Form::Array(None)
}

/// What items are borrowed from lives as long as they do: a temporary gets a name.
pub(super) fn outliving(cx: &mut Lower<'_>, of: Val) -> Val {
    match of {
        Val::Code(code) if !code.cheap && !is_part(&code) => cx.settle(Val::Code(code)),
        of => of,
    }
}

/// A part of a variable, `x[1..]`, which lives as long as that.
fn is_part(code: &CodeVal) -> bool {
    syn::parse2::<Expr>(code.tokens.clone()).is_ok_and(|expr| closure::root(&expr).is_some())
}
