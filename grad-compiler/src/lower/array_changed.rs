//! Methods that change all elements of an array, or of a part of it: `a.assign(&b)`, `a.scaled_add(k, &b)`, `a.mapv_inplace(f)`.

use super::array;
use super::call::{self, Argument};
use super::closure::{self, Effects};
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::window::{self, Window};
use super::{Kind, Lower, expr, matrix, place};
use crate::ir::{Callee, Code, Op, Operand, Proj, Stmt};
use crate::matrix::Form;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// What is changed.
pub(super) enum Target {
    Part(Window),
    Whole(Memory),
    /// The elements, one behind the other, of an array of which it is not known how many axes it has, and how that is laid out.
    Flat(Memory, Memory, TokenStream),
}

/// Which element.
pub(super) enum Index<'a> {
    /// By an index for each axis of the part.
    Of(&'a [Operand]),
    /// As the library indexes it.
    At(Operand),
}

impl Target {
    fn array(&self) -> &Memory {
        match self {
            Target::Part(window) => &window.of,
            Target::Whole(memory) | Target::Flat(memory, ..) => memory,
        }
    }

    /// Does something with each element.
    fn each(&self, cx: &mut Lower<'_>, body: &mut dyn FnMut(&mut Lower<'_>, &Index<'_>)) {
        match self {
            Target::Part(window) => window::each(cx, &window.lens(), &mut |cx, ks| body(cx, &Index::Of(ks))),
            Target::Whole(memory) | Target::Flat(memory, ..) => {
                array::each(cx, memory, |cx, at| body(cx, &Index::At(at)));
            }
        }
    }

    fn item(&self, cx: &mut Lower<'_>, index: &Index<'_>) -> Val {
        match (self, index) {
            (Target::Part(window), Index::Of(ks)) => window::item(cx, window, ks),
            (_, index) => item(cx, self.array(), index),
        }
    }

    fn store(&self, cx: &mut Lower<'_>, index: &Index<'_>, val: Val) {
        match (self, index) {
            (Target::Part(window), Index::Of(ks)) => window::store(cx, window, ks, val),
            (_, Index::Of(_)) => {}
            (_, Index::At(at)) => {
                let (value, ty) = cx.as_float(val);
                if let Some(of) = matrix::element(cx, &self.array().ty) {
                    cx.types.unify(&of, &ty);
                }
                let place = cx.project(&self.array().place, Proj::Index(at.clone()));
                cx.push(Stmt::Store { place, value });
            }
        }
    }

    /// The type of a copy.
    fn ty(&self, cx: &mut Lower<'_>) -> Type {
        match self {
            Target::Part(window) => {
                let of = matrix::element(cx, &window.of.ty);
                let of = of.unwrap_or_else(|| cx.types.fresh(Origin::Float));
                cx.types.matrix(of, Form::Array(Some(window.axis_count())))
            }
            Target::Whole(memory) | Target::Flat(_, memory, _) => memory.ty.clone(),
        }
    }

    /// Its shape, and how the library lays it out.
    fn layout(&self, cx: &mut Lower<'_>) -> TokenStream {
        match self {
            Target::Part(window) => {
                let lens: Vec<TokenStream> = window.lens().iter().map(|len| cx.operand_tokens(len)).collect();
                match &lens[..] {
                    [len] => quote!(__grad_runtime::ndarray::shape(#len)),
                    lens => quote!(__grad_runtime::ndarray::shape((#(#lens),*))),
                }
            }
            Target::Whole(memory) => layout(cx, memory),
            Target::Flat(_, _, layout) => layout.clone(),
        }
    }
}

/// How an array is laid out.
fn layout(cx: &mut Lower<'_>, memory: &Memory) -> TokenStream {
    let of = cx.place_tokens(&memory.place);
    let layout = Code::new(quote!(__grad_runtime::ndarray::layout(&#of)), true).stopping();
    let layout = cx.push_let("layout", Type::Opaque, Op::Code(layout));
    cx.operand_tokens(&layout)
}

/// The elements of an array of which it is not known how many axes it has, one behind the other, how it is laid out, and what
/// `change` makes of them, as such an array. `None` of another array.
pub(super) fn flattened(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: &Memory,
    change: impl FnOnce(&mut Lower<'_>, Memory, TokenStream) -> Option<Memory>,
) -> Option<Val> {
    if matrix::form(cx, &memory.ty) != Form::Array(None) {
        return None;
    }
    let layout = layout(cx, memory);
    let Some(changed) = flat(cx, Val::Memory(memory.clone()), &call.dot_token)
        .and_then(|flat| change(cx, flat, layout.clone()))
    else {
        return Some(Val::Never);
    };
    let layout = Val::Code(CodeVal { tokens: layout, ty: Type::Opaque, cheap: true, typed: true });
    let row = ("OfFlat", quote!(__grad_runtime::ndarray::of_flat));
    Some(operation(
        cx,
        row,
        vec![Val::reference(false, Val::Memory(changed)), layout],
        &memory.ty,
        &call.method,
    ))
}

/// The elements of an array, one behind the other, the last axis running fastest.
pub(super) fn flat<T>(cx: &mut Lower<'_>, of: Val, node: &T) -> Option<Memory> {
    let ty = cx.type_of(&of);
    let element = matrix::element(cx, &ty)?;
    let ty = cx.types.matrix(element, Form::Array(Some(1)));
    let row = ("Flat", quote!(__grad_runtime::ndarray::flat));
    match operation(cx, row, vec![Val::reference(false, of)], &ty, node) {
        Val::Memory(flat) => {
            cx.vars[flat.place.root.index()].mutable = true;
            Some(flat)
        }
        _ => None,
    }
}

fn operation<T>(
    cx: &mut Lower<'_>,
    (of_trait, written): (&'static str, TokenStream),
    operands: Vec<Val>,
    ty: &Type,
    node: &T,
) -> Val {
    let span = cx.span;
    let known = cx.type_at(node, Origin::Call);
    cx.types.unify(&known, ty);
    let args = operands.into_iter().map(|val| Argument { val, span, by_name: true }).collect();
    call::apply_callee(cx, Callee::Operator { of_trait, written }, span, args, node, true)
}

/// An element of an array of the same shape.
fn item(cx: &mut Lower<'_>, of: &Memory, index: &Index<'_>) -> Val {
    match index {
        Index::Of(ks) => window::element(cx, of, ks),
        Index::At(at) => cx.element_at(of, at.clone()),
    }
}

/// Methods that do.
pub(super) fn is_one(name: &str, arguments: usize) -> bool {
    matches!(
        (name, arguments),
        ("assign" | "fill" | "mapv_inplace" | "map_inplace", 1) | ("scaled_add" | "zip_mut_with", 2)
    )
}

/// A method that changes all elements, each by itself.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, target: &Target) -> Val {
    if let Target::Whole(memory) = target
        && call.method != "assign"
        && let Some(val) = flattened(cx, call, memory, |cx, flat, layout| {
            let target = Target::Flat(flat.clone(), memory.clone(), layout);
            match lower(cx, call, &target) {
                Val::Never => None,
                _ => Some(flat),
            }
        })
    {
        return match val {
            Val::Never => Val::Never,
            val => {
                place::assign(cx, Val::Memory(memory.clone()), val, &call.receiver);
                Val::Unit
            }
        };
    }
    let args: Vec<&Expr> = call.args.iter().collect();
    match (call.method.to_string().as_str(), &args[..]) {
        ("fill", [value]) => cx.operands(&[value], &|cx, value| expr::lower(cx, value), |cx, mut vals| {
            let value = cx.settle(vals.pop().unwrap_or(Val::Never));
            target.each(cx, &mut |cx, at| target.store(cx, at, value.clone()));
            Val::Unit
        }),
        ("assign", [from]) => {
            with_other(cx, call, target, from, |cx, from| match target {
                Target::Part(window) => window::write(cx, window, &Val::Memory(from)),
                // Another array in its place.
                Target::Whole(memory) | Target::Flat(memory, ..) => {
                    place::assign(cx, Val::Memory(memory.clone()), Val::Memory(from), &call.receiver);
                }
            })
        }
        ("mapv_inplace" | "map_inplace", [function]) => {
            if refuse_order(cx, function) {
                return Val::Never;
            }
            let by_ref = call.method == "map_inplace";
            target.each(cx, &mut |cx, at| {
                let element = target.item(cx, at);
                let element = if by_ref { Val::reference(true, element) } else { cx.rvalue(element) };
                let val = call::apply(cx, function, vec![(element, function.location())]);
                if !by_ref {
                    target.store(cx, at, val);
                }
            });
            Val::Unit
        }
        ("scaled_add", [by, from]) => {
            let sum: Expr = syn::parse_quote!(|__grad_x, __grad_k, __grad_y| __grad_x + __grad_k * __grad_y);
            let sum = cx.keep(&call.method, &sum);
            cx.operands(&[by], &|cx, by| expr::lower(cx, by), |cx, mut vals| {
                let by = cx.settle(vals.pop().unwrap_or(Val::Never));
                with_other(cx, call, target, from, |cx, from| {
                    target.each(cx, &mut |cx, at| {
                        let span = cx.span;
                        let operands = [target.item(cx, at), by.clone(), item(cx, &from, at)];
                        let operands = operands.map(|val| (cx.rvalue(val), span));
                        let val = call::apply(cx, &sum[0], operands.into());
                        target.store(cx, at, val);
                    });
                })
            })
        }
        ("zip_mut_with", [from, function]) => {
            if refuse_order(cx, function) {
                return Val::Never;
            }
            with_other(cx, call, target, from, |cx, from| {
                target.each(cx, &mut |cx, at| {
                    let operands = [
                        Val::reference(true, target.item(cx, at)),
                        Val::reference(false, item(cx, &from, at)),
                    ];
                    let operands = operands.map(|val| (val, function.location()));
                    call::apply(cx, function, operands.into());
                });
            })
        }
        _ => Val::Never,
    }
}

/// With another array, as large as the window.
fn with_other(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    target: &Target,
    other: &Expr,
    then: impl FnOnce(&mut Lower<'_>, Memory),
) -> Val {
    cx.operands(&[other], &|cx, other| expr::lower(cx, other), |cx, mut vals| {
        let other = vals.pop().unwrap_or(Val::Never);
        let (layout, ty) = (target.layout(cx), target.ty(cx));
        let other = spread(cx, call, other, &layout, &ty);
        let other = match (target, other) {
            (Target::Flat(..), other @ Val::Memory(_)) => {
                flat(cx, other, &call.args).map_or(Val::Never, Val::Memory)
            }
            (_, other) => other,
        };
        match other {
            Val::Memory(other) => {
                then(cx, other);
                Val::Unit
            }
            _ => refuse_unknown(cx, call),
        }
    })
}

/// What is no array, as far as is known; what is known to be something else, rustc refuses.
fn refuse_unknown(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Val {
    cx.reject(
        Kind::UnknownMethod,
        &call.args,
        "what this array is changed by is not known to be an array",
        "give it a name and a type, `let x: Array1<f64> = …`",
    )
}

/// What an array of such a layout has after it was assigned another one, which is repeated along axes that it lacks.
fn spread(cx: &mut Lower<'_>, call: &ExprMethodCall, other: Val, layout: &TokenStream, ty: &Type) -> Val {
    let other = place::peel_place(cx, other);
    let other = match window::of(&other).cloned() {
        Some(window) => window::copy(cx, &window, &call.paren_token),
        None => other,
    };
    if let Val::Code(constant) = &other {
        let (of, span) = (&constant.tokens, cx.span);
        let spread = quote!(__grad_runtime::ndarray::assigned(&#of, #layout));
        let name = proc_macro2::Ident::new("assigned", span);
        let init = crate::ir::Init::Code(Code::new(spread, false));
        return cx.push_alloc(&name.to_string(), ty.clone(), init);
    }
    let span = call.method.span();
    let callee =
        Callee::Operator { of_trait: "Assigned", written: quote!(__grad_runtime::ndarray::assigned) };
    let layout = Val::Code(CodeVal { tokens: layout.clone(), ty: Type::Opaque, cheap: true, typed: true });
    let operands = [Val::reference(false, other), layout];
    let args = operands.map(|val| Argument { val, span, by_name: true });
    let node = cx.type_at(&call.method, Origin::Call);
    cx.types.unify(&node, ty);
    call::apply_callee(cx, callee, span, args.into(), &call.method, true)
}

/// Which element comes next is a matter of how the array lies in memory.
pub(super) fn refuse_order(cx: &mut Lower<'_>, function: &Expr) -> bool {
    let Some(fun) = closure::fun(cx, function) else { return true };
    let changes = fun.effects_beside_parameters() == Effects::Changes;
    if changes {
        cx.reject(
            Kind::Closure,
            function,
            "the order in which this closure sees the elements is not known, and it changes what it captures",
            "write a loop over the indices",
        );
    }
    changes
}
