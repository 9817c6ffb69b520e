//! Methods that change all elements of a matrix, or its diagonal, and those that give one with more of them: loops of stores.

use super::array_changed::refuse_order;
use super::build::Counted;
use super::location::Located;
use super::matrix_made::{of_zeros_like, on_diagonal, store_at};
use super::types::Type;
use super::value::{Memory, Val};
use super::{Lower, call, expr, matrix, matrix_geometry, matrix_parts, method, place};
use crate::ir::{Code, Op, Operand, Proj, Stmt};
use crate::matrix::Form;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// What a method makes of each element, of that of another matrix, or of a number.
fn of_each(name: &str) -> Option<(Beside, Expr)> {
    Some(match name {
        "add_scalar_mut" => (Beside::Number, syn::parse_quote!(|__grad_x, __grad_y| __grad_x + __grad_y)),
        "component_div_assign" => {
            (Beside::Matrix, syn::parse_quote!(|__grad_x, __grad_y| __grad_x / __grad_y))
        }
        "component_mul_assign" => {
            (Beside::Matrix, syn::parse_quote!(|__grad_x, __grad_y| __grad_x * __grad_y))
        }
        "neg_mut" => (Beside::Nothing, syn::parse_quote!(|__grad_x| -__grad_x)),
        "scale_mut" => (Beside::Number, syn::parse_quote!(|__grad_x, __grad_y| __grad_x * __grad_y)),
        "unscale_mut" => (Beside::Number, syn::parse_quote!(|__grad_x, __grad_y| __grad_x / __grad_y)),
        _ => return None,
    })
}

/// What there is beside the elements.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    Number,
    Matrix,
}

/// Whether a method changes its receiver, of these and of those that write a part.
pub(super) fn changes(name: &str, arguments: usize) -> bool {
    of_each(name).is_some_and(|(beside, _)| arguments == usize::from(beside != Beside::Nothing))
        || matches!(
            (name, arguments),
            ("apply" | "copy_from" | "fill" | "fill_diagonal" | "set_diagonal", 1)
                | ("zip_apply" | "set_row" | "set_column", 2)
        )
}

/// Such a method; `None` of others.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Option<Val> {
    let name = call.method.to_string();
    let args: Vec<&Expr> = call.args.iter().collect();
    if name == "push" && args.len() == 1 {
        return Some(push(cx, memory, args[0]));
    }
    let each = of_each(&name).filter(|(beside, _)| args.len() == usize::from(*beside != Beside::Nothing));
    let is_here = each.is_some()
        || matches!(
            (name.as_str(), args.len()),
            ("apply" | "fill_diagonal" | "set_diagonal", 1) | ("zip_apply", 2)
        );
    if !is_here {
        return None;
    }
    if matrix_geometry::refuse_copy(cx, &call.receiver) {
        return Some(Val::Never);
    }
    if let Some((beside, function)) = each {
        let function = cx.keep(&call.method, &function);
        return Some(changed(cx, memory, &args, beside, &function[0]));
    }
    Some(match (name.as_str(), &args[..]) {
        ("apply", [function]) => applied(cx, memory, None, function),
        ("zip_apply", [other, function]) => with_matrix(cx, call, other, |cx, other| {
            applied(cx, memory, Some(&other), function);
        }),
        ("set_diagonal", [from]) => with_matrix(cx, call, from, |cx, from| {
            let count = method::len(cx, Val::Memory(from.clone()));
            on_diagonal(cx, memory, count, |cx, k| {
                let val = cx.element(&from, k);
                cx.rvalue(val)
            });
        }),
        (_, [value]) => cx.operands(&[value], &|cx, value| expr::lower(cx, value), |cx, mut vals| {
            let value = cx.settle(vals.pop().unwrap_or(Val::Never));
            let of = cx.place_tokens(&memory.place);
            let count = Op::Code(Code::new(quote!(#of.nrows().min(#of.ncols())), true));
            let count = cx.push_let("count", Type::Int, count);
            on_diagonal(cx, memory, count, |_, _| value);
            Val::Unit
        }),
        _ => return None,
    })
}

/// Each element becomes what a function makes of it.
fn changed(cx: &mut Lower<'_>, memory: &Memory, args: &[&Expr], beside: Beside, function: &Expr) -> Val {
    cx.operands(args, &|cx, arg| expr::lower(cx, arg), |cx, mut vals| {
        let other = vals.pop().map(|other| match beside {
            Beside::Matrix => place::peel_place(cx, other),
            Beside::Nothing | Beside::Number => other,
        });
        let other = other.map(|other| cx.settle(other));
        each(cx, memory, |cx, k| {
            let element = cx.element(memory, k.clone());
            let mut operands = vec![cx.rvalue(element)];
            operands.extend(other.as_ref().map(|other| match other {
                Val::Memory(other) if beside == Beside::Matrix => {
                    let element = cx.element(other, k.clone());
                    cx.rvalue(element)
                }
                other => other.clone(),
            }));
            let span = cx.span;
            let val = call::apply(cx, function, operands.into_iter().map(|val| (val, span)).collect());
            let (value, ty) = cx.as_float(val);
            if let Some(of) = matrix::element(cx, &memory.ty) {
                cx.types.unify(&of, &ty);
            }
            let at = matrix::number(cx, memory, k);
            let place = cx.project(&memory.place, Proj::Index(at));
            cx.push(Stmt::Store { place, value });
        });
        Val::Unit
    })
}

/// `m.apply(|x| *x = …)`, `m.zip_apply(&n, |x, y| *x *= y)`
fn applied(cx: &mut Lower<'_>, memory: &Memory, other: Option<&Memory>, function: &Expr) -> Val {
    if refuse_order(cx, function) {
        return Val::Never;
    }
    each(cx, memory, |cx, k| {
        let element = cx.element(memory, k.clone());
        let mut operands = vec![Val::reference(true, element)];
        if let Some(other) = other {
            let element = cx.element(other, k);
            operands.push(cx.rvalue(element));
        }
        call::apply(cx, function, operands.into_iter().map(|val| (val, function.location())).collect());
    });
    Val::Unit
}

/// With another matrix, which is in memory.
fn with_matrix(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    other: &Expr,
    then: impl FnOnce(&mut Lower<'_>, Memory),
) -> Val {
    cx.operands(&[other], &|cx, other| expr::lower_place(cx, other), |cx, mut vals| {
        let other = vals.pop().unwrap_or(Val::Never);
        let other = place::peel_place(cx, other);
        match cx.settle(other) {
            Val::Memory(other) => {
                then(cx, other);
                Val::Unit
            }
            Val::Never => Val::Never,
            _ => matrix_parts::refuse_unknown(cx, call),
        }
    })
}

/// `v.push(x)`: a vector that has one more element.
fn push(cx: &mut Lower<'_>, memory: &Memory, value: &Expr) -> Val {
    cx.operands(&[value], &|cx, value| expr::lower(cx, value), |cx, mut vals| {
        let value = cx.settle(vals.pop().unwrap_or(Val::Never));
        let of = cx.place_tokens(&memory.place);
        let count = method::len(cx, Val::Memory(memory.clone()));
        let element = matrix::element(cx, &memory.ty);
        let element = element.unwrap_or_else(|| cx.types.fresh(super::types::Origin::Float));
        let ty = cx.types.matrix(element, Form::Nalgebra);
        let longer = of_zeros_like(cx, quote!(__grad_runtime::zeros::longer(&#of)), ty);
        cx.counted_loop(Counted::up_to(count.clone(), "k"), None, |cx, k| {
            let k = cx.as_int(k);
            let from = cx.element(memory, k.clone());
            let from = cx.rvalue(from);
            store(cx, &longer, k, from);
        });
        store(cx, &longer, count, value);
        Val::Memory(longer)
    })
}

fn store(cx: &mut Lower<'_>, memory: &Memory, k: Operand, val: Val) {
    let k = cx.operand_tokens(&k);
    store_at(cx, memory, &[k, quote!(0)], val);
}

fn each(cx: &mut Lower<'_>, of: &Memory, body: impl FnOnce(&mut Lower<'_>, Operand)) {
    let count = method::len(cx, Val::Memory(of.clone()));
    cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
        let k = cx.as_int(k);
        body(cx, k);
    });
}
