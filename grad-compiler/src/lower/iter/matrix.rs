//! Matrices of other libraries as iterators: their elements, rows and columns.

use super::super::value::{Memory, Val};
use super::super::{Lower, expr, matrix};
use super::pipe::Pipe;
use super::{consume, is_place};
use syn::ExprMethodCall;

/// `m.fold(init, f)` of a matrix: that of its elements.
pub(crate) fn fold_elements(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    let elements = cx.pipe(Val::reference(false, Val::Memory(memory.clone())));
    let copied = Pipe::Copied(Box::new(elements));
    consume::lower(cx, &copied, call, "fold")
}

/// The rows or the columns of a matrix: each part by itself. `None` of something else.
pub(super) fn parts(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Option<Val> {
    let (count, part): (syn::Ident, syn::Ident) = match name {
        "row_iter" => (syn::parse_quote!(nrows), syn::parse_quote!(row)),
        "column_iter" => (syn::parse_quote!(ncols), syn::parse_quote!(column)),
        _ => return None,
    };
    let of = &call.receiver;
    if !is_place(cx, of) {
        return None;
    }
    let val = expr::lower_place(cx, of);
    let ty = cx.type_of(&val);
    matrix::element(cx, &ty)?;
    let parts = cx.keep(call, &syn::parse_quote!((0..#of.#count()).map(|k| #of.#part(k))));
    Some(expr::lower(cx, &parts[0]))
}
