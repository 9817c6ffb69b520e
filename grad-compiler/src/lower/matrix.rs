//! Matrices of other libraries: their methods, their elements, and how they are made.
//!
//! A method with a row is a call, whose derivatives the runtime has; one that asks for the shape is a constant. A constructor of
//! numbers is memory of zeros, into which each number is stored, so that its derivatives are those of stores.

use super::build::Counted;
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{
    Kind, Lower, call, code, constant, expr, macros, matrix_parts, method, own_method, own_type, place,
};
use crate::ir::{Code, Init, Op, Operand, Proj, Stmt};
use crate::matrix::rows::{self, Returns, Row};
use crate::matrix::{self, Dimensions};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::{Expr, ExprMethodCall};

/// The floats of a matrix, if it is one.
pub(super) fn element(cx: &Lower<'_>, ty: &Type) -> Option<Type> {
    match cx.types.peel(ty) {
        Type::Matrix(of) => Some(*of),
        _ => None,
    }
}

/// A method of a matrix in memory.
pub(super) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory) -> Val {
    let name = call.method.to_string();
    let Some(of) = element(cx, &memory.ty) else { return Val::Never };
    if let Some(row) = rows::method(&name, call.args.len()) {
        let ty = cx.type_at(call, Origin::Call);
        cx.types.unify(&ty, &returned(cx, row, of));
        return own_method::lower_call(cx, call, Val::Memory(memory), false);
    }
    match (name.as_str(), call.args.len()) {
        ("clone" | "clone_owned" | "into_owned" | "to_owned", 0) => {
            cx.push_alloc("copy", memory.ty, Init::Clone(memory.place))
        }
        ("len", 0) => Val::Scalar(method::len(cx, Val::Memory(memory)), Type::Int),
        ("map", 1) | ("zip_map", 2) => map(cx, call, &memory),
        ("fill", 1) => {
            let value = expr::lower(cx, &call.args[0]);
            fill(cx, &memory, value);
            Val::Unit
        }
        (name, 0) if rows::is_of_shape(name) => {
            let place = cx.place_tokens(&memory.place);
            let asked = |method: &str, ty: Type| {
                let method = Ident::new(method, call.method.span());
                Val::Code(CodeVal { tokens: quote!(#place.#method()), ty, cheap: true, typed: true })
            };
            match name {
                "shape" => Val::Tuple(vec![asked("nrows", Type::Int), asked("ncols", Type::Int)]),
                "nrows" | "ncols" => asked(name, Type::Int),
                _ => asked(name, Type::Bool),
            }
        }
        (name, count) => match rows::Part::of(name, count) {
            Some(part) => matrix_parts::lower(cx, call, &memory, part),
            None => matrix_parts::write(cx, call, &memory).unwrap_or_else(|| without_row(cx, call, &memory)),
        },
    }
}

/// `m.map(f)`, `m.zip_map(&n, f)`: a copy, in which every element is replaced.
fn map(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    let Some((function, others)) = args.split_last() else { return Val::Never };
    cx.operands(others, &|cx, other| expr::lower_place(cx, other), |cx, others| {
        let mut operands = vec![memory.clone()];
        for (other, node) in others.into_iter().zip(&args) {
            match place::peel_place(cx, other) {
                Val::Memory(other) => operands.push(other),
                Val::Never => return Val::Never,
                // A constant of a kind that is not looked into.
                other => {
                    let val = cx.as_code(other).tokens;
                    let ty = cx.types.matrix(cx.types.fresh(Origin::Float));
                    let code = Code::new(expr::without_parens(quote!(#val)), false);
                    let reference = Type::reference(false, ty.clone());
                    let Val::Memory(named) =
                        cx.at(*node, |cx| cx.push_alloc("other", reference, Init::Code(code)))
                    else {
                        return Val::Never;
                    };
                    operands.push(Memory { ty, ..named });
                }
            }
        }
        let result = cx.push_alloc("mapped", memory.ty.clone(), Init::Clone(memory.place.clone()));
        let Val::Memory(result) = result else { return Val::Never };
        cx.vars[result.place.root.index()].mutable = true;
        let count = method::len(cx, Val::Memory(memory.clone()));
        cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
            let k = cx.as_int(k);
            let span = function.location();
            let elements = operands.iter().map(|operand| {
                let element = cx.element(operand, k.clone());
                (cx.rvalue(element), span)
            });
            let elements = elements.collect();
            let val = call::apply(cx, function, elements);
            let (value, ty) = cx.as_float(val);
            if let Some(of) = element(cx, &result.ty) {
                cx.types.unify(&of, &ty);
            }
            let place = cx.project(&result.place, Proj::Index(k));
            cx.push(Stmt::Store { place, value });
        });
        Val::Memory(result)
    })
}

fn returned(cx: &Lower<'_>, row: &Row, of: Type) -> Type {
    match row.returns {
        Returns::Number => of,
        Returns::Matrix | Returns::Attempt => cx.types.matrix(of),
    }
}

/// Of constants, the user's own call. What is constant is known when all is lowered.
pub(super) fn without_row(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    if cx.refuse_exits(call.args.iter()) {
        return Val::Never;
    }
    let name = call.method.to_string();
    if name.ends_with("_mut") && cx.dropped != Some(std::ptr::from_ref(call).addr()) {
        return cx.reject(
            Kind::UnknownMethod,
            &call.method,
            &format!("what `{name}` gives of a matrix is not followed"),
            "change the elements themselves, `m[(i, j)] = …`, or a row or column as a whole, `m.set_row(i, &v)`",
        );
    }
    let may_change = own_method::may_change(cx, &Val::Memory(memory.clone()));
    let val = code::opaque_call(cx, call, Val::Memory(memory.clone()));
    let Val::Code(CodeVal { tokens, ty, .. }) = val else { return val };
    let code = Code::new(tokens, false).calling(call.method.clone());
    let result = if cx.types.is_memory(&ty) {
        let init = match constant::of_type(cx, code.clone(), &ty) {
            Init::Point(_) => Init::Point(code),
            _ => Init::Code(code),
        };
        cx.push_alloc("value", ty, init)
    } else {
        let operand = cx.push_let("value", ty.clone(), Op::Code(code));
        Val::Scalar(operand, ty)
    };
    if may_change {
        // Says what the method may have changed; there is nothing left to do.
        let code = Code::new(TokenStream::new(), false);
        cx.push(Stmt::Effect { code, writes: vec![memory.place.root] });
    }
    result
}

/// `m[(i, j)]`
pub(super) fn index(cx: &mut Lower<'_>, memory: &Memory, at: Val) -> Val {
    let code = cx.as_code(at);
    let tokens = expr::without_parens(code.tokens);
    let at = cx.push_let("at", Type::Opaque, Op::Code(Code::new(tokens, code.cheap)));
    cx.element(memory, at)
}

/// `Vector3::new(x, y, z)`, `DMatrix::zeros(m, n)`; `None` where that is no function of a matrix type.
pub(super) fn construct(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let (dimensions, function) = matrix::associated(&path.path).filter(|_| path.qself.is_none())?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let of = cx.type_at(call, Origin::Float);
    let ty = cx.types.matrix(of);
    if !args.iter().any(|arg| own_type::is_followed(cx, arg)) {
        let constant = code::substitute(cx, &Expr::Call(call.clone()));
        return Some(Val::Code(CodeVal { tokens: constant.tokens, ty, cheap: false, typed: true }));
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
            let by_rows = function == "from_row_slice" && !is_column(path);
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
                    Dimensions::Rows | Dimensions::Both | Dimensions::Given(_) => {
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
    let of = cx.type_at(mac, Origin::Float);
    let ty = cx.types.matrix(of);
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
    let is_vector = mac.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("vector"));
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
        "make it with `new`, `from_element`, `from_vec`, `from_row_slice` or `from_column_slice`; or of zeros, and assign its elements",
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
        Dimensions::Fixed { .. } | Dimensions::Given(_) => 0,
        Dimensions::Rows => 1,
        Dimensions::Both => 2,
    }
}

/// Of one column: rows and columns are the same to it.
fn is_column(path: &syn::ExprPath) -> bool {
    let of = path.path.segments.iter().rev().nth(1);
    of.is_some_and(|of| of.ident.to_string().contains("Vector"))
}

fn of_zeros(cx: &mut Lower<'_>, zeros: TokenStream, ty: Type) -> Memory {
    let val = cx.push_alloc("matrix", ty.clone(), Init::Point(Code::new(zeros, true)));
    match val {
        Val::Memory(memory) => {
            cx.vars[memory.place.root.index()].mutable = true;
            memory
        }
        _ => unreachable!("what is allocated is memory"),
    }
}

fn store_all(cx: &mut Lower<'_>, memory: &Memory, vals: impl Iterator<Item = (usize, Val)>) {
    for (at, val) in vals {
        let (value, ty) = cx.as_float(val);
        if let Some(of) = element(cx, &memory.ty) {
            cx.types.unify(&of, &ty);
        }
        let place = cx.project(&memory.place, Proj::Index(Operand::int(at)));
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
            None => k,
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

fn fill(cx: &mut Lower<'_>, memory: &Memory, value: Val) {
    let (value, ty) = cx.as_float(value);
    if let Some(of) = element(cx, &memory.ty) {
        cx.types.unify(&of, &ty);
    }
    cx.push(Stmt::Fill { place: memory.place.clone(), value });
}
