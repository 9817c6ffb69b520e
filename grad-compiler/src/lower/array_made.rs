//! How arrays of ndarray are made: zeros, into which each number is stored, so that the derivatives are those of stores.

use super::array::{each, numbered};
use super::build::Counted;
use super::location::Located;
use super::matrix::{self, fill};
use super::matrix_made::{of_zeros, of_zeros_like, store_all};
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{Kind, Lower, call, code, expr, macros, method, own_type, place};
use crate::ir::{Code, Op, Operand, Proj, Stmt};
use crate::matrix::{Form, array};
use proc_macro2::Ident;
use quote::quote;
use std::collections::BTreeSet;
use syn::{Expr, PathArguments};

/// `Array2::zeros((m, n))`, `Array1::from_vec(v)`; `None` where that is no function of an array's type.
pub(super) fn construct(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let segments = &path.path.segments;
    let at = segments.len().checked_sub(2).filter(|_| path.qself.is_none())?;
    let named = array::named(&segments[at].ident.to_string()).filter(|named| !named.is_view)?;
    let function = segments[at + 1].ident.to_string();
    let args: Vec<&Expr> = call.args.iter().collect();
    let of = cx.type_at(call, Origin::Float);
    let ty = cx.types.matrix(of, Form::Array(named.axes));
    if !args.iter().any(|arg| own_type::is_followed(cx, arg)) {
        let constant = code::substitute(cx, &Expr::Call(call.clone()));
        return Some(Val::Code(CodeVal { tokens: constant.tokens, ty, cheap: false, typed: true }));
    }
    let mut zeros = path.clone();
    if let Some(last) = zeros.path.segments.last_mut() {
        last.ident = Ident::new("zeros", last.ident.span());
        last.arguments = PathArguments::None;
    }
    Some(match (function.as_str(), &args[..]) {
        ("zeros" | "ones" | "eye", [shape]) => {
            let shape = shape_of(cx, shape);
            Val::Code(CodeVal { tokens: quote!(#path(#shape)), ty, cheap: false, typed: true })
        }
        ("from_elem", [shape, value]) => {
            let value = expr::lower(cx, value);
            let shape = shape_of(cx, shape);
            let memory = of_zeros(cx, quote!(#zeros(#shape)), ty);
            fill(cx, &memory, value);
            Val::Memory(memory)
        }
        ("from_shape_fn", [shape, function]) => {
            let shape = shape_of(cx, shape);
            let memory = of_zeros(cx, quote!(#zeros(#shape)), ty);
            let axes = named.axes?;
            each(cx, &memory.clone(), |cx, at| {
                let at_tokens = cx.operand_tokens(&at);
                let index = if axes == 1 {
                    Val::Scalar(at.clone(), Type::Int)
                } else {
                    let index = |axis: usize| Code::new(quote!(#at_tokens[#axis]), true);
                    Val::Tuple(
                        (0..axes)
                            .map(|axis| {
                                let number = cx.push_let("at", Type::Int, Op::Code(index(axis)));
                                Val::Scalar(number, Type::Int)
                            })
                            .collect(),
                    )
                };
                let val = call::apply(cx, function, vec![(index, function.location())]);
                store(cx, &memory, at, val);
            });
            Val::Memory(memory)
        }
        ("from_vec" | "from_iter", [data]) if named.axes == Some(1) => {
            let kept;
            let data = if function == "from_iter" {
                kept = cx.keep(call, &syn::parse_quote!((#data).into_iter().collect::<Vec<_>>()));
                &kept[0]
            } else {
                data
            };
            let data = expr::lower_place(cx, data);
            let Val::Memory(data) = place::peel_place(cx, data) else {
                return Some(refuse(cx, path, &function));
            };
            let count = method::len(cx, Val::Memory(data.clone()));
            let length = cx.operand_tokens(&count);
            let memory = of_zeros(cx, quote!(#zeros(#length)), ty);
            each(cx, &memory.clone(), |cx, at| {
                let val = cx.element(&data, at.clone());
                store(cx, &memory, at, val);
            });
            Val::Memory(memory)
        }
        ("from_shape_vec", [shape, data]) => from_shape_vec(cx, path, call, shape, data, ty),
        _ => refuse(cx, path, &function),
    })
}

/// `arr1(&[x, y])`, `arr2(&[[a, b], [c, d]])`; `None` of another function.
pub(super) fn of_function(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let axes = match path.path.segments.last()?.ident.to_string().as_str() {
        "arr1" | "aview1" => 1,
        "arr2" | "aview2" => 2,
        _ => return None,
    };
    let [data] = &call.args.iter().collect::<Vec<_>>()[..] else { return None };
    if !own_type::is_followed(cx, data) {
        return None;
    }
    let made = code::substitute(cx, &Expr::Call(call.clone())).tokens;
    Some(cx.operands(&[data], &|cx, data| expr::lower_place(cx, data), |cx, mut vals| {
        let data = vals.pop().unwrap_or(Val::Never);
        let data = place::peel_place(cx, data);
        let Val::Memory(data) = cx.settle(data) else {
            return refuse(cx, path, "arr1");
        };
        let of = cx.type_at(call, Origin::Float);
        let ty = cx.types.matrix(of, Form::Array(Some(axes)));
        let memory = of_zeros_like(cx, quote!(__grad_runtime::ndarray::blank(&#made)), ty);
        each(cx, &memory.clone(), |cx, at| {
            let val = if axes == 1 {
                cx.element(&data, at.clone())
            } else {
                let tokens = cx.operand_tokens(&at);
                let [i, j] = [0_usize, 1].map(|axis| {
                    cx.push_let("at", Type::Int, Op::Code(Code::new(quote!(#tokens[#axis]), true)))
                });
                match cx.element(&data, i) {
                    Val::Memory(row) => cx.element(&row, j),
                    row => row,
                }
            };
            store(cx, &memory, at, val);
        });
        Val::Memory(memory)
    }))
}

/// `Array2::from_shape_vec((m, n), v)`, of which the library says whether there are as many numbers.
fn from_shape_vec(
    cx: &mut Lower<'_>,
    path: &syn::ExprPath,
    call: &syn::ExprCall,
    shape: &Expr,
    data: &Expr,
    ty: Type,
) -> Val {
    let suffix = cx.suffix_of(call).unwrap_or_default();
    let Some((shape, _)) = row_major(cx, shape) else { return Val::Never };
    cx.operands(&[data], &|cx, data| expr::lower_place(cx, data), |cx, mut vals| {
        let data = vals.pop().unwrap_or(Val::Never);
        let data = place::peel_place(cx, data);
        let Val::Memory(data) = cx.settle(data) else {
            return refuse(cx, path, "from_shape_vec");
        };
        let of = cx.place_tokens(&data.place);
        // Numbers that are not looked at, as many as there are.
        let made = quote!(#path(#shape, #of.to_vec()) #suffix);
        let memory = of_zeros_like(cx, quote!(__grad_runtime::ndarray::blank(&#made)), ty);
        let count = method::len(cx, Val::Memory(memory.clone()));
        cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
            let number = cx.as_int(k.clone());
            let val = cx.element(&data, number);
            let (value, ty) = cx.as_float(val);
            if let Some(of) = matrix::element(cx, &memory.ty) {
                cx.types.unify(&of, &ty);
            }
            let place = numbered(cx, &memory, k);
            cx.push(Stmt::Store { place, value });
        });
        Val::Memory(memory)
    })
}

/// A shape of which the last axis runs fastest, and how many axes it has.
pub(super) fn row_major(
    cx: &mut Lower<'_>,
    shape: &Expr,
) -> Option<(proc_macro2::TokenStream, Option<usize>)> {
    let is_other = match super::flow::bare(shape) {
        Expr::MethodCall(call) => !matches!(call.method.to_string().as_str(), "dim" | "raw_dim" | "len"),
        Expr::Tuple(of) => of.elems.iter().any(|of| matches!(super::flow::bare(of), Expr::Tuple(_))),
        _ => false,
    };
    let axes = match super::flow::bare(shape) {
        Expr::Tuple(of) => Some(of.elems.len()),
        Expr::Array(of) => Some(of.elems.len()),
        Expr::Lit(_) => Some(1),
        Expr::MethodCall(call) if call.method == "len" => Some(1),
        _ => None,
    };
    if is_other {
        cx.reject(
            Kind::UnknownMethod,
            shape,
            "the order of the elements is not known",
            "write the shape as it is, `(m, n)`: its last axis runs fastest",
        );
        return None;
    }
    Some((shape_of(cx, shape), axes))
}

fn store(cx: &mut Lower<'_>, memory: &Memory, at: Operand, val: Val) {
    let (value, ty) = cx.as_float(val);
    if let Some(of) = matrix::element(cx, &memory.ty) {
        cx.types.unify(&of, &ty);
    }
    let place = cx.project(&memory.place, Proj::Index(at));
    cx.push(Stmt::Store { place, value });
}

/// What says the shape: integers, or what was asked of another array.
fn shape_of(cx: &mut Lower<'_>, shape: &Expr) -> proc_macro2::TokenStream {
    let length = |cx: &mut Lower<'_>, val| {
        let length = cx.as_int(val);
        cx.operand_tokens(&length)
    };
    match expr::lower(cx, shape) {
        Val::Tuple(of) => {
            let of: Vec<_> = of.into_iter().map(|val| length(cx, val)).collect();
            quote!((#(#of),*))
        }
        Val::Memory(memory) => {
            let of = cx.place_tokens(&memory.place);
            quote!(#of.clone())
        }
        shape if cx.types.is_int(&cx.type_of(&shape)) => length(cx, shape),
        shape => expr::without_parens(cx.as_code(shape).tokens),
    }
}

/// `array![x, y]`, `array![[a, b], [c, d]]`, of the elements in their order.
pub(super) fn of_macro(cx: &mut Lower<'_>, mac: &syn::Macro, elements: &[Vec<Expr>]) -> Val {
    let rows: Vec<&syn::ExprArray> = elements
        .iter()
        .flatten()
        .filter_map(|row| match super::flow::bare(row) {
            Expr::Array(row) => Some(row),
            _ => None,
        })
        .collect();
    let (axes, rows): (_, Vec<Vec<&Expr>>) = if rows.is_empty() {
        (1, elements.iter().map(|row| row.iter().collect()).collect())
    } else {
        (2, rows.iter().map(|row| row.elems.iter().collect()).collect())
    };
    let of = cx.type_at(mac, Origin::Float);
    let ty = cx.types.matrix(of, Form::Array(Some(axes)));
    let all: Vec<&Expr> = rows.iter().flatten().copied().collect();
    if !all.iter().any(|element| own_type::is_followed(cx, element)) {
        let tokens = macros::substitute(cx, mac, &BTreeSet::new()).0;
        return Val::Code(CodeVal { tokens, ty, cheap: false, typed: true });
    }
    let settled = |cx: &mut Lower<'_>, arg: &Expr| {
        let val = expr::lower(cx, arg);
        cx.settle(val)
    };
    let (count, columns) = (rows.len(), rows.first().map_or(0, Vec::len));
    cx.operands(&all, &settled, |cx, vals| {
        // Under the name that the user's macro has.
        let path = &mac.path;
        let row = std::iter::repeat_n(quote!(0.0), columns);
        let row = quote!(#(#row),*);
        let zeros = match axes {
            1 => quote!(#path![#row]),
            _ => {
                let rows = std::iter::repeat_n(quote!([#row]), count);
                quote!(#path![#(#rows),*])
            }
        };
        let memory = of_zeros(cx, zeros, ty);
        store_all(cx, &memory, vals.into_iter().enumerate());
        Val::Memory(memory)
    })
}

/// A function of an array's type whose numbers come from its arguments in a way that is not known.
fn refuse(cx: &mut Lower<'_>, path: &syn::ExprPath, function: &str) -> Val {
    cx.reject(
        Kind::UnknownMethod,
        path,
        &format!("the constructor `{function}` of arrays has no derivative rule"),
        "make it with `from_elem`, `from_vec`, `from_shape_fn` or `array!`; or of zeros, and assign its elements",
    )
}
