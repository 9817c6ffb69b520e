//! How matrices of other libraries are made: zeros, into which each number is stored, so that the derivatives are those of stores.

use super::build::Counted;
use super::location::Located;
use super::matrix::{self, element, fill};
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{
    Kind, Lower, array_joined, array_made, call, code, expr, macros, matrix_geometry, method, own_type, place,
};
use crate::ir::{Code, Init, Op, Operand, Proj, Stmt};
use crate::matrix::{Dimensions, Form, associated};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::Expr;

/// `Vector3::new(x, y, z)`, `DMatrix::zeros(m, n)`; `None` where that is no function of a matrix type.
pub(super) fn construct(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let (dimensions, function) = associated(&path.path).filter(|_| path.qself.is_none())?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let of = cx.type_at(call, Origin::Float);
    let ty = cx.types.matrix(of, Form::Nalgebra);
    if !args.iter().any(|arg| own_type::is_followed(cx, arg)) {
        let constant = code::substitute(cx, &Expr::Call(call.clone()));
        return Some(Val::Code(CodeVal { tokens: constant.tokens, ty, cheap: false, typed: true }));
    }
    if let Some(made) = matrix_geometry::construct(cx, path, call, &ty) {
        return Some(made);
    }
    let zeros = |shape: &[TokenStream]| {
        let mut path = path.clone();
        if let Some(last) = path.path.segments.last_mut() {
            *last = Ident::new("zeros", last.ident.span()).into();
        }
        quote!(#path(#(#shape),*))
    };
    match (function.as_str(), dimensions) {
        ("new", Dimensions::Fixed { rows, columns }) if args.len() == rows * columns => {
            let settled = |cx: &mut Lower<'_>, arg: &Expr| {
                let val = expr::lower(cx, arg);
                cx.settle(val)
            };
            Some(cx.operands(&args, &settled, |cx, vals| {
                let memory = of_zeros(cx, zeros(&[]), ty);
                // They are written row by row, and stored column by column.
                let places = (0..vals.len()).map(|at| (at % columns) * rows + at / columns);
                store_all(cx, &memory, places.zip(vals));
                Val::Memory(memory)
            }))
        }
        ("from_fn", _) if args.len() == shape_arguments(dimensions) + 1 => {
            let (shape, function) = args.split_at(args.len() - 1);
            Some(cx.operands(shape, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
                let shape = lengths(cx, vals);
                let memory = of_zeros(cx, zeros(&shape), ty);
                of_function(cx, &memory, function[0]);
                Val::Memory(memory)
            }))
        }
        ("from_iterator", _) if args.len() == shape_arguments(dimensions) + 1 => {
            let items = args[args.len() - 1];
            let collected = cx.keep(call, &syn::parse_quote!((#items).into_iter().collect::<Vec<_>>()));
            let mut operands = args.clone();
            operands.pop();
            operands.extend(collected.first());
            Some(cx.operands(&operands, &|cx, arg| expr::lower_place(cx, arg), |cx, mut vals| {
                let data = vals.pop().unwrap_or(Val::Never);
                let Val::Memory(data) = place::peel_place(cx, data) else {
                    return refuse(cx, path, &function);
                };
                let shape = lengths(cx, vals);
                let memory = of_zeros(cx, zeros(&shape), ty);
                // What is left over of the items is not looked at.
                let count = method::len(cx, Val::Memory(memory.clone()));
                copy_all(cx, &memory, &data, count, None);
                Val::Memory(memory)
            }))
        }
        ("from_columns" | "from_rows", Dimensions::Fixed { .. } | Dimensions::Both) if args.len() == 1 => {
            let by_rows = function == "from_rows";
            Some(cx.operands(&args, &|cx, arg| expr::lower_place(cx, arg), |cx, mut vals| {
                let lines = vals.pop().unwrap_or(Val::Never);
                let Val::Memory(lines) = place::peel_place(cx, lines) else {
                    return refuse(cx, path, &function);
                };
                let count = method::len(cx, Val::Memory(lines.clone()));
                let mut shape = Vec::new();
                if matches!(dimensions, Dimensions::Both) {
                    let (of, count) = (cx.place_tokens(&lines.place), cx.operand_tokens(&count));
                    let length = Op::Code(Code::new(quote!(#of[0].len()), true));
                    let length = cx.push_let("length", Type::Int, length);
                    let length = cx.operand_tokens(&length);
                    shape = if by_rows { vec![count, length] } else { vec![length, count] };
                }
                let memory = of_zeros(cx, zeros(&shape), ty);
                of_lines(cx, &memory, &lines, count, by_rows);
                Val::Memory(memory)
            }))
        }
        ("from_diagonal", Dimensions::Fixed { .. } | Dimensions::Both) if args.len() == 1 => {
            Some(cx.operands(&args, &|cx, arg| expr::lower_place(cx, arg), |cx, mut vals| {
                let diagonal = vals.pop().unwrap_or(Val::Never);
                let Val::Memory(diagonal) = place::peel_place(cx, diagonal) else {
                    return refuse(cx, path, &function);
                };
                let count = method::len(cx, Val::Memory(diagonal.clone()));
                let length = cx.operand_tokens(&count);
                let is_dynamic = matches!(dimensions, Dimensions::Both);
                let shape = if is_dynamic { vec![length.clone(), length] } else { Vec::new() };
                let memory = of_zeros(cx, zeros(&shape), ty);
                on_diagonal(cx, &memory, count, |cx, k| {
                    let val = cx.element(&diagonal, k);
                    cx.rvalue(val)
                });
                Val::Memory(memory)
            }))
        }
        ("from_diagonal_element", Dimensions::Fixed { .. } | Dimensions::Both)
            if args.len() == shape_arguments(dimensions) + 1 =>
        {
            Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, mut vals| {
                let value = vals.pop().unwrap_or(Val::Never);
                let value = cx.settle(value);
                let shape = lengths(cx, vals);
                let memory = of_zeros(cx, zeros(&shape), ty);
                let of = cx.place_tokens(&memory.place);
                let count = Op::Code(Code::new(quote!(#of.nrows().min(#of.ncols())), true));
                let count = cx.push_let("count", Type::Int, count);
                on_diagonal(cx, &memory, count, |_, _| value);
                Val::Memory(memory)
            }))
        }
        ("zeros" | "identity", _) if args.len() == shape_arguments(dimensions) => {
            Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
                let shape = lengths(cx, vals);
                Val::Code(CodeVal { tokens: quote!(#path(#(#shape),*)), ty, cheap: false, typed: true })
            }))
        }
        ("from_element" | "repeat", _) if args.len() == shape_arguments(dimensions) + 1 => {
            Some(cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, mut vals| {
                let value = vals.pop();
                let shape = lengths(cx, vals);
                let memory = of_zeros(cx, zeros(&shape), ty);
                if let Some(value) = value {
                    fill(cx, &memory, value);
                }
                Val::Memory(memory)
            }))
        }
        ("from_vec" | "from_column_slice" | "from_row_slice", _) => {
            let by_rows = function == "from_row_slice" && !dimensions.is_vector();
            let len_is_shape = matches!(dimensions, Dimensions::Rows) && args.len() == 1;
            if !len_is_shape && args.len() != shape_arguments(dimensions) + 1
                || by_rows && !matches!(dimensions, Dimensions::Both | Dimensions::Fixed { .. })
            {
                return Some(refuse(cx, path, &function));
            }
            Some(cx.operands(&args, &|cx, arg| expr::lower_place(cx, arg), |cx, mut vals| {
                let data = vals.pop().unwrap_or(Val::Never);
                let Val::Memory(data) = place::peel_place(cx, data) else {
                    return refuse(cx, path, &function);
                };
                let mut shape = lengths(cx, vals);
                let count = method::len(cx, Val::Memory(data.clone()));
                if len_is_shape {
                    shape = vec![cx.operand_tokens(&count)];
                }
                let columns = match dimensions {
                    Dimensions::Fixed { columns, .. } => quote!(#columns),
                    Dimensions::Rows | Dimensions::Both | Dimensions::Given(_) | Dimensions::Geometry => {
                        shape.last().cloned().unwrap_or_default()
                    }
                };
                let memory = of_zeros(cx, zeros(&shape), ty);
                copy_all(cx, &memory, &data, count, by_rows.then_some(columns));
                Val::Memory(memory)
            }))
        }
        _ => Some(refuse(cx, path, &function)),
    }
}

/// `vector![x, y, z]`, `dvector![…]`, `matrix![a, b; c, d]`, `dmatrix![…]`, of the elements row by row.
pub(super) fn of_elements(cx: &mut Lower<'_>, mac: &syn::Macro, rows: &[Vec<Expr>]) -> Val {
    if let Some(joined) = array_joined::of_macro(cx, mac, rows) {
        return joined;
    }
    if mac.path.segments.last().is_some_and(|last| last.ident == "array") {
        return array_made::of_macro(cx, mac, rows);
    }
    let of = cx.type_at(mac, Origin::Float);
    let ty = cx.types.matrix(of, Form::Nalgebra);
    let all: Vec<&Expr> = rows.iter().flatten().collect();
    if !all.iter().any(|element| own_type::is_followed(cx, element)) {
        let tokens = macros::substitute(cx, mac, &BTreeSet::new()).0;
        return Val::Code(CodeVal { tokens, ty, cheap: false, typed: true });
    }
    let mut zeros = mac.clone();
    let zero_rows = rows.iter().map(|row| {
        let zeros = row.iter().map(|_| quote!(0.0));
        quote!(#(#zeros),*)
    });
    zeros.tokens = quote!(#(#zero_rows);*);
    // A vector is written as one row.
    let is_vector =
        mac.path.segments.last().is_some_and(|last| last.ident == "vector" || last.ident == "dvector");
    let (count, columns) =
        if is_vector { (all.len(), 1) } else { (rows.len(), rows.first().map_or(0, Vec::len)) };
    let settled = |cx: &mut Lower<'_>, arg: &Expr| {
        let val = expr::lower(cx, arg);
        cx.settle(val)
    };
    cx.operands(&all, &settled, |cx, vals| {
        let memory = of_zeros(cx, zeros.to_token_stream(), ty);
        let places = (0..vals.len()).map(|at| (at % columns) * count + at / columns);
        store_all(cx, &memory, places.zip(vals));
        Val::Memory(memory)
    })
}

/// A function of a matrix type whose numbers come from its arguments in a way that is not known.
fn refuse(cx: &mut Lower<'_>, path: &syn::ExprPath, function: &str) -> Val {
    cx.reject(
        Kind::UnknownMethod,
        path,
        &format!("the constructor `{function}` of matrices has no derivative rule"),
        "make it with `new`, `from_element`, `from_vec`, `from_fn` or `from_columns`; or of zeros, and assign its elements",
    )
}

/// What says the shape: integers.
fn lengths(cx: &mut Lower<'_>, vals: Vec<Val>) -> Vec<TokenStream> {
    let length = |val| {
        let length = cx.as_int(val);
        cx.operand_tokens(&length)
    };
    vals.into_iter().map(length).collect()
}

/// How many arguments say the shape.
fn shape_arguments(dimensions: Dimensions) -> usize {
    match dimensions {
        Dimensions::Fixed { .. } | Dimensions::Given(_) | Dimensions::Geometry => 0,
        Dimensions::Rows => 1,
        Dimensions::Both => 2,
    }
}

pub(super) fn of_zeros(cx: &mut Lower<'_>, zeros: TokenStream, ty: Type) -> Memory {
    of_code(cx, Code::new(zeros, true), ty)
}

/// Zeros in the shape of what may be differentiated.
pub(super) fn of_zeros_like(cx: &mut Lower<'_>, zeros: TokenStream, ty: Type) -> Memory {
    of_code(cx, Code::new(zeros, false).stopping(), ty)
}

fn of_code(cx: &mut Lower<'_>, zeros: Code, ty: Type) -> Memory {
    let val = cx.push_alloc("matrix", ty, Init::Point(zeros));
    match val {
        Val::Memory(memory) => {
            cx.vars[memory.place.root.index()].mutable = true;
            memory
        }
        _ => unreachable!("what is allocated is memory"),
    }
}

pub(super) fn store_all(cx: &mut Lower<'_>, memory: &Memory, vals: impl Iterator<Item = (usize, Val)>) {
    for (at, val) in vals {
        let (value, ty) = cx.as_float(val);
        if let Some(of) = element(cx, &memory.ty) {
            cx.types.unify(&of, &ty);
        }
        let at = matrix::number(cx, memory, Operand::int(at));
        let place = cx.project(&memory.place, Proj::Index(at));
        cx.push(Stmt::Store { place, value });
    }
}

/// `by_rows`: the numbers of a row follow each other, of so many columns.
fn copy_all(cx: &mut Lower<'_>, to: &Memory, from: &Memory, count: Operand, by_rows: Option<TokenStream>) {
    cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
        let k = cx.as_int(k);
        let val = cx.element(from, k.clone());
        let (value, ty) = cx.as_float(val);
        if let Some(of) = element(cx, &to.ty) {
            cx.types.unify(&of, &ty);
        }
        let at = match by_rows {
            None => matrix::number(cx, to, k),
            Some(columns) => {
                let k = cx.operand_tokens(&k);
                let at = Code::new(quote!((#k / #columns, #k % #columns)), true);
                cx.push_let("at", Type::Opaque, Op::Code(at))
            }
        };
        let place = cx.project(&to.place, Proj::Index(at));
        cx.push(Stmt::Store { place, value });
    });
}

/// Of a function of row and column, called in the order of the library.
fn of_function(cx: &mut Lower<'_>, memory: &Memory, function: &Expr) {
    let [rows, columns] = ["nrows", "ncols"].map(|name| {
        let of = cx.place_tokens(&memory.place);
        let name = Ident::new(name, cx.span);
        cx.push_let("count", Type::Int, Op::Code(Code::new(quote!(#of.#name()), true)))
    });
    cx.counted_loop(Counted::up_to(columns, "j"), None, |cx, j| {
        cx.counted_loop(Counted::up_to(rows, "i"), None, |cx, i| {
            let span = function.location();
            let val = call::apply(cx, function, vec![(i.clone(), span), (j.clone(), span)]);
            let at = [i, j].map(|at| {
                let at = cx.as_int(at);
                cx.operand_tokens(&at)
            });
            store_at(cx, memory, &at, val);
        });
    });
}

/// Of columns, or of rows, one behind the other.
fn of_lines(cx: &mut Lower<'_>, memory: &Memory, lines: &Memory, count: Operand, by_rows: bool) {
    cx.counted_loop(Counted::up_to(count, "j"), None, |cx, j| {
        let j = cx.as_int(j);
        let line = cx.element(lines, j.clone());
        let Val::Memory(line) = place::peel_place(cx, line) else { return };
        if matrix::element(cx, &line.ty).is_none() {
            cx.types.element(&line.ty);
        }
        let length = method::len(cx, Val::Memory(line.clone()));
        cx.counted_loop(Counted::up_to(length, "i"), None, |cx, i| {
            let i = cx.as_int(i);
            let val = cx.element(&line, i.clone());
            let val = cx.rvalue(val);
            let mut at = [i, j].map(|at| cx.operand_tokens(&at));
            if by_rows {
                at.reverse();
            }
            store_at(cx, memory, &at, val);
        });
    });
}

pub(super) fn on_diagonal(
    cx: &mut Lower<'_>,
    memory: &Memory,
    count: Operand,
    val: impl FnOnce(&mut Lower<'_>, Operand) -> Val,
) {
    cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
        let k = cx.as_int(k);
        let val = val(cx, k.clone());
        let k = cx.operand_tokens(&k);
        store_at(cx, memory, &[k.clone(), k], val);
    });
}

/// `m[(i, j)] = val`
pub(super) fn store_at(cx: &mut Lower<'_>, memory: &Memory, [i, j]: &[TokenStream; 2], val: Val) {
    let (value, ty) = cx.as_float(val);
    if let Some(of) = element(cx, &memory.ty) {
        cx.types.unify(&of, &ty);
    }
    let at = cx.push_let("at", Type::Opaque, Op::Code(Code::new(quote!((#i, #j)), true)));
    let place = cx.project(&memory.place, Proj::Index(at));
    cx.push(Stmt::Store { place, value });
}
