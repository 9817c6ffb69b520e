//! Matrices of other libraries as iterators: their elements, rows and columns.

use super::super::value::{Memory, Val};
use super::super::{Lower, expr, matrix, window};
use super::pipe::{By, Pipe};
use super::{consume, is_place};
use crate::ir::Operand;
use crate::matrix::{Form, array as table};
use syn::{Expr, ExprMethodCall};

/// `m.fold(init, f)` of a matrix: that of its elements.
pub(crate) fn fold_elements(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory) -> Val {
    let elements = cx.pipe(Val::reference(false, Val::Memory(memory)));
    consume::lower(cx, &Pipe::Copied(Box::new(elements)), call, "fold")
}

/// The same, of so many elements in an order that is known where it runs.
pub(crate) fn fold_in_order(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    of: Memory,
    len: Operand,
    order: Operand,
) -> Val {
    let elements = Pipe::Elements { of, by: By::Ref, len, order: Some(order) };
    consume::lower(cx, &Pipe::Copied(Box::new(elements)), call, "fold")
}

/// The rows or the columns of a matrix: each part by itself. `None` of something else.
pub(super) fn parts(cx: &mut Lower<'_>, call: &ExprMethodCall, name: &str) -> Option<Val> {
    let lines = match name {
        "row_iter" => Lines::Rows,
        "column_iter" => Lines::Columns,
        "row_iter_mut" => Lines::RowsMut,
        "column_iter_mut" => Lines::ColumnsMut,
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

/// What a matrix or an array is taken apart into.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lines {
    Rows,
    Columns,
    RowsMut,
    ColumnsMut,
    /// What is at each index of an axis.
    Along(usize, bool),
    /// The elements of an array with so many axes, with their indices.
    Indexed(usize, bool),
    /// The elements of a row or column that is changed.
    Elements(bool),
}

/// `m.rows()`, `m.outer_iter()`, `m.axis_iter(Axis(1))`, `m.indexed_iter()` of an array in a variable, or in a field of one.
pub(super) fn lines(cx: &Lower<'_>, call: &ExprMethodCall) -> Option<Lines> {
    let args: Vec<&Expr> = call.args.iter().collect();
    let name = call.method.to_string();
    if matches!(name.as_str(), "iter" | "iter_mut")
        && args.is_empty()
        && is_line(cx, super::bare(&call.receiver))
    {
        return Some(Lines::Elements(name == "iter_mut"));
    }
    let (plain, mutable) = match name.strip_suffix("_mut") {
        Some(plain) => (plain, true),
        None => (name.as_str(), false),
    };
    let axis = match (plain, &args[..]) {
        ("rows" | "columns" | "outer_iter" | "indexed_iter", []) => 0,
        ("axis_iter", [axis]) => table::axis(axis)?,
        _ => return None,
    };
    let Expr::Path(path) = super::bare(&call.receiver) else { return None };
    let id = path.path.get_ident().and_then(|name| cx.lookup(name))?;
    let val = &cx.local(id).val;
    let axes = match window::of(val) {
        Some(window) => window.lens().len(),
        None => match matrix::form(cx, &cx.type_of(val)) {
            Form::Array(Some(axes)) => axes,
            // As most that have rows and columns.
            Form::Array(None) if matches!(plain, "rows" | "columns") => {
                let ty = cx.types.peel(&cx.type_of(val));
                let of = matrix::element(cx, &ty)?;
                cx.types.unify(&ty, &cx.types.matrix(of, Form::Array(Some(2))));
                2
            }
            Form::Array(None) | Form::Unknown | Form::Nalgebra | Form::Glam => return None,
        },
    };
    Some(match (plain, axes) {
        ("indexed_iter", axes) => Lines::Indexed(axes, mutable),
        ("rows" | "outer_iter", 2) => {
            if mutable {
                Lines::RowsMut
            } else {
                Lines::Rows
            }
        }
        ("columns", 2) => {
            if mutable {
                Lines::ColumnsMut
            } else {
                Lines::Columns
            }
        }
        ("axis_iter", 2) => match (axis, mutable) {
            (0, false) => Lines::Rows,
            (0, true) => Lines::RowsMut,
            (1, false) => Lines::Columns,
            (1, true) => Lines::ColumnsMut,
            _ => return None,
        },
        ("outer_iter" | "axis_iter", axes) if axis < axes => Lines::Along(axis, mutable),
        _ => return None,
    })
}

/// A row or a column that is changed: in a variable, or of an array in a variable, `m.row_mut(i)`.
fn is_line(cx: &Lower<'_>, of: &Expr) -> bool {
    match of {
        Expr::Path(path) => {
            path.path.get_ident().and_then(|name| cx.lookup(name)).is_some_and(|id| {
                window::of(&cx.local(id).val).is_some_and(|window| window.lens().len() == 1)
            })
        }
        Expr::MethodCall(call) => {
            let is_array = |of: &Expr| match super::bare(of) {
                Expr::Path(path) => {
                    path.path.get_ident().and_then(|name| cx.lookup(name)).is_some_and(|id| {
                        matches!(matrix::form(cx, &cx.type_of(&cx.local(id).val)), Form::Array(_))
                    })
                }
                _ => false,
            };
            // It is asked again for each element.
            let is_index = |at: &Expr| matches!(super::bare(at), Expr::Path(_) | Expr::Lit(_));
            matches!(call.method.to_string().as_str(), "row_mut" | "column_mut")
                && call.args.iter().all(is_index)
                && is_array(&call.receiver)
        }
        _ => false,
    }
}

/// Each of them by itself.
pub(super) fn each_line(cx: &mut Lower<'_>, call: &ExprMethodCall, lines: Lines) -> Val {
    let of = &call.receiver;
    let parts: Expr = match lines {
        Lines::Rows => syn::parse_quote!((0..#of.nrows()).map(|k| #of.row(k))),
        Lines::Columns => syn::parse_quote!((0..#of.ncols()).map(|k| #of.column(k))),
        Lines::RowsMut => syn::parse_quote!((0..#of.nrows()).map(|k| #of.row_mut(k))),
        Lines::ColumnsMut => syn::parse_quote!((0..#of.ncols()).map(|k| #of.column_mut(k))),
        Lines::Along(axis, mutable) => {
            let method = syn::Ident::new(if mutable { "index_axis_mut" } else { "index_axis" }, cx.span);
            let axis: Expr = syn::parse_quote!(__grad_runtime::ndarray::Axis(#axis));
            syn::parse_quote!((0..#of.len_of(#axis)).map(|k| #of.#method(#axis, k)))
        }
        Lines::Indexed(axes, mutable) => indexed(of, axes, mutable),
        Lines::Elements(true) => {
            syn::parse_quote!((0..#of.len()).map(|__grad_k| #of.__grad_element(__grad_k)))
        }
        Lines::Elements(false) => syn::parse_quote!((0..#of.len()).map(|__grad_k| &#of[__grad_k])),
    };
    let parts = cx.keep(call, &parts);
    expr::lower(cx, &parts[0])
}

/// `((i, j), &m[[i, j]])`, the last axis running fastest.
fn indexed(of: &Expr, axes: usize, mutable: bool) -> Expr {
    let names: Vec<syn::Ident> = (0..axes)
        .map(|axis| syn::Ident::new(&format!("__grad_at_{axis}"), proc_macro2::Span::call_site()))
        .collect();
    let element: Expr = match (&names[..], mutable) {
        ([at], false) => syn::parse_quote!((#at, &#of[#at])),
        ([at], true) => syn::parse_quote!((#at, &mut #of[#at])),
        (names, false) => syn::parse_quote!(((#(#names),*), &#of[[#(#names),*]])),
        (names, true) => syn::parse_quote!(((#(#names),*), &mut #of[[#(#names),*]])),
    };
    let mut items = element;
    for (axis, name) in names.iter().enumerate().rev() {
        let along = if axis + 1 == axes { "map" } else { "flat_map" };
        let along = syn::Ident::new(along, name.span());
        items =
            syn::parse_quote!((0..#of.len_of(__grad_runtime::ndarray::Axis(#axis))).#along(|#name| #items));
    }
    items
}
