//! Arrays of arrays: `stack(Axis(0), &[a.view(), b.view()])`, `concatenate![Axis(1), a, b]`.

use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::window;
use super::{Kind, Lower, code, expr, macros, matrix, matrix_made, own_type, place};
use crate::ir::{Code, Op, Operand};
use crate::matrix::{Form, array as table};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::collections::BTreeSet;
use syn::Expr;

/// How they are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// Along a new axis.
    Stack,
    /// Along one that they have.
    Concatenate,
}

impl Join {
    fn of(path: &syn::Path) -> Option<Join> {
        match path.segments.last()?.ident.to_string().as_str() {
            "stack" => Some(Join::Stack),
            "concatenate" => Some(Join::Concatenate),
            _ => None,
        }
    }
}

/// `stack(axis, parts)`, `concatenate(axis, parts)`; `None` of another function.
pub(super) fn lower(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Option<Val> {
    let join = Join::of(&path.path).filter(|_| call.args.len() == 2)?;
    let (axis, parts) = (&call.args[0], super::flow::bare(&call.args[1]));
    let is_axis = |axis: &Expr| axis.to_token_stream().to_string().contains("Axis");
    if !is_axis(axis) || !own_type::is_followed(cx, parts) {
        return None;
    }
    let parts = match parts {
        Expr::Reference(parts) => super::flow::bare(&parts.expr),
        parts => parts,
    };
    let Expr::Array(parts) = parts else {
        return Some(cx.reject(
            Kind::UnknownMethod,
            parts,
            "which arrays are joined must be written here",
            "write them as `&[a.view(), b.view()]`; or make zeros, and `assign` their parts",
        ));
    };
    let suffix = cx.suffix_of(call).unwrap_or_default();
    let made = code::substitute(cx, &Expr::Call(call.clone())).tokens;
    let parts: Vec<&Expr> = parts.elems.iter().collect();
    Some(joined(cx, join, axis, &parts, &quote!(#made #suffix), path))
}

/// `stack![axis, a, b]`, which are arrays or views.
pub(super) fn of_macro(cx: &mut Lower<'_>, mac: &syn::Macro, rows: &[Vec<Expr>]) -> Option<Val> {
    let join = Join::of(&mac.path)?;
    let [row] = rows else { return None };
    let [axis, parts @ ..] = &row[..] else { return None };
    if !parts.iter().any(|part| own_type::is_followed(cx, part)) {
        return None;
    }
    let made = macros::substitute(cx, mac, &BTreeSet::new()).0;
    let parts: Vec<&Expr> = parts.iter().collect();
    Some(joined(cx, join, axis, &parts, &made, mac))
}

/// `made`: the user's own expression, which is laid out as the library does that.
fn joined<T>(
    cx: &mut Lower<'_>,
    join: Join,
    axis: &Expr,
    parts: &[&Expr],
    made: &TokenStream,
    node: &T,
) -> Val {
    let Some(axis) = table::axis(axis) else { return window::refuse_axis(cx, axis) };
    cx.operands(parts, &|cx, part| expr::lower(cx, part), |cx, vals| {
        let mut of = Vec::new();
        for val in vals {
            let val = place::peel_place(cx, val);
            let val = match window::of(&val).cloned() {
                Some(window) => window::copy(cx, &window, &made),
                None => cx.settle(val),
            };
            match place::peel_place(cx, val) {
                Val::Memory(part) => of.push(part),
                Val::Never => return Val::Never,
                _ => return window::refuse_axes(cx, cx.span),
            }
        }
        let Some(axes) = of.iter().find_map(|part| match matrix::form(cx, &part.ty) {
            Form::Array(axes) => axes,
            Form::Unknown | Form::Nalgebra | Form::Glam => None,
        }) else {
            return window::refuse_axes(cx, cx.span);
        };
        let all = if join == Join::Stack { axes + 1 } else { axes };
        let element = cx.type_at(node, Origin::Float);
        let ty = cx.types.matrix(element, Form::Array(Some(all)));
        let zeros = quote!(__grad_runtime::ndarray::blank(&#made));
        let result = matrix_made::of_zeros_like(cx, zeros, ty);
        fill(cx, join, axis, &of, &result);
        Val::Memory(result)
    })
}

fn fill(cx: &mut Lower<'_>, join: Join, axis: usize, parts: &[Memory], result: &Memory) {
    let Some(whole) = window::whole(cx, result) else { return };
    let mut start = Operand::int(0);
    for (at, part) in parts.iter().enumerate() {
        let part_of = match join {
            Join::Stack => window::only(cx, &whole, axis, Operand::int(at)),
            Join::Concatenate => {
                let of = cx.place_tokens(&part.place);
                let len = Code::new(quote!(#of.shape()[#axis]), true).stopping();
                let len = cx.push_let("len", Type::Int, Op::Code(len));
                let next = [&start, &len].map(|of| cx.operand_tokens(of));
                let next = next.iter().map(|of| quote!(#of)).reduce(|a, b| quote!(#a + #b));
                let next = Code::new(next.unwrap_or_default(), true);
                let from = std::mem::replace(&mut start, cx.push_let("start", Type::Int, Op::Code(next)));
                window::narrow(&whole, axis, from, len)
            }
        };
        window::write(cx, &part_of, &Val::Memory(part.clone()));
    }
}
