//! Matrices of other libraries as iterators: their elements, rows and columns.

use super::super::value::{Memory, Val};
use super::super::{Lower, expr, matrix};
use super::pipe::Pipe;
use super::{consume, is_place};
use crate::matrix::Form;
use quote::ToTokens;
use syn::{Expr, ExprMethodCall};

/// `m.fold(init, f)` of a matrix: that of its elements.
pub(crate) fn fold_elements(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    let elements = cx.pipe(Val::reference(false, Val::Memory(memory.clone())));
    let copied = Pipe::Copied(Box::new(elements));
    consume::lower(cx, &copied, call, "fold")
}

/// The rows or the columns of a matrix: each part by itself. `None` of something else.
pub(super) fn parts(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Option<Val> {
    let lines = match name {
        "row_iter" => Lines::Rows,
        "column_iter" => Lines::Columns,
        _ => return None,
    };
    let of = &call.receiver;
    if !is_place(cx, of) {
        return None;
    }
    let val = expr::lower_place(cx, of);
    let ty = cx.type_of(&val);
    matrix::element(cx, &ty)?;
    Some(each_line(cx, call, lines))
}

/// The rows or the columns of a matrix.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lines {
    Rows,
    Columns,
}

/// `m.rows()`, `m.outer_iter()`, `m.axis_iter(Axis(1))` of an array with two axes in a variable.
pub(super) fn lines(cx: &Lower<'_>, call: &ExprMethodCall) -> Option<Lines> {
    let args: Vec<&Expr> = call.args.iter().collect();
    let lines = match (call.method.to_string().as_str(), &args[..]) {
        ("rows" | "outer_iter", []) => Lines::Rows,
        ("columns", []) => Lines::Columns,
        ("axis_iter", [axis]) => {
            match axis.to_token_stream().to_string().replace(' ', "").rsplit("::").next() {
                Some("Axis(0)") => Lines::Rows,
                Some("Axis(1)") => Lines::Columns,
                _ => return None,
            }
        }
        _ => return None,
    };
    let Expr::Path(path) = super::bare(&call.receiver) else { return None };
    let id = path.path.get_ident().and_then(|name| cx.lookup(name))?;
    let ty = cx.type_of(&cx.local(id).val);
    matches!(matrix::form(cx, &ty), Form::Array(Some(2))).then_some(lines)
}

/// Each of them by itself.
pub(super) fn each_line(cx: &mut Lower<'_>, call: &ExprMethodCall, lines: Lines) -> Val {
    let (count, part): (syn::Ident, syn::Ident) = match lines {
        Lines::Rows => (syn::parse_quote!(nrows), syn::parse_quote!(row)),
        Lines::Columns => (syn::parse_quote!(ncols), syn::parse_quote!(column)),
    };
    let of = &call.receiver;
    let parts = cx.keep(call, &syn::parse_quote!((0..#of.#count()).map(|k| #of.#part(k))));
    expr::lower(cx, &parts[0])
}
