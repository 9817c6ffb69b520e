//! `Zip::from(&mut a).and(&b).for_each(|a, &b| …)`: a loop over the indices of arrays of one shape.

use super::location::Located;
use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::window::{self, Window};
use super::{Kind, Lower, array_changed, call, expr, matrix, matrix_made, place};
use crate::ir::{Code, Init, Operand};
use crate::matrix::{Form, array as table};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprCall, ExprMethodCall};

/// What gives an item at each index.
enum Producer {
    Elements {
        of: Memory,
        mutable: bool,
    },
    Part(Window),
    /// `m.rows()`: what is at each index of an axis.
    Lines {
        of: Window,
        axis: usize,
        mutable: bool,
    },
}

impl Producer {
    fn lens(&self, cx: &mut Lower<'_>) -> Vec<Operand> {
        match self {
            Producer::Elements { of, .. } => window::whole(cx, of).map_or_else(Vec::new, |of| of.lens()),
            Producer::Part(window) => window.lens(),
            Producer::Lines { of, axis, .. } => vec![of.lens().swap_remove(*axis)],
        }
    }

    fn item<T>(&self, cx: &mut Lower<'_>, ks: &[Operand], node: &T) -> Val {
        match self {
            Producer::Elements { of, mutable } => {
                let element = window::element(cx, of, ks);
                Val::reference(*mutable, element)
            }
            Producer::Part(of) => Val::reference(true, window::item(cx, of, ks)),
            Producer::Lines { of, axis, mutable } => {
                let line = window::only(cx, of, *axis, ks[0].clone());
                if *mutable {
                    return line.val();
                }
                let copy = window::copy(cx, &line, node);
                Val::reference(false, copy)
            }
        }
    }
}

/// The value of the zip that a chain of calls begins with, and where in `calls` that ends; `None` of another chain.
pub(super) fn lower(cx: &mut Lower<'_>, calls: &[&ExprMethodCall]) -> Option<(Val, usize)> {
    let Expr::Call(from) = super::flow::bare(&calls.last()?.receiver) else { return None };
    let is_indexed = is_zip(from)?;
    let behind = calls.iter().rev().take_while(|call| call.method == "and" && call.args.len() == 1).count();
    let at = calls.len().checked_sub(behind + 1)?;
    let call = calls[at];
    if calls[at + 1..].is_empty() && call.method == "and" {
        return None;
    }
    let operands: Vec<&Expr> =
        from.args.iter().chain(calls[at + 1..].iter().rev().flat_map(|call| &call.args)).collect();
    let (collects, function) = match (call.method.to_string().as_str(), call.args.first()) {
        ("for_each", Some(function)) => (false, function),
        ("map_collect", Some(function)) => (true, function),
        (name, _) => {
            let what = format!("`{name}` of a `Zip` is not followed");
            cx.reject(
                Kind::UnknownMethod,
                &call.method,
                &what,
                "use `for_each` or `map_collect`, or write a loop over the indices",
            );
            return Some((Val::Never, at));
        }
    };
    if array_changed::refuse_order(cx, function) {
        return Some((Val::Never, at));
    }
    let val = cx.operands(&operands, &produced, |cx, vals| {
        let producers: Option<Vec<(Producer, &Expr)>> = operands
            .iter()
            .zip(vals)
            .map(|(operand, val)| Some((producer(cx, operand, val)?, *operand)))
            .collect();
        match producers {
            Some(producers) => cx.at(call, |cx| zip(cx, &producers, function, is_indexed, collects, from)),
            None => Val::Never,
        }
    });
    Some((val, at))
}

/// Whether a call begins a zip, and one that counts.
fn is_zip(call: &ExprCall) -> Option<bool> {
    let Expr::Path(path) = super::flow::bare(&call.func) else { return None };
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let function = names.next()?;
    let is_zip = names.next()? == "Zip" && call.args.len() == 1;
    (is_zip && matches!(function.as_str(), "from" | "indexed")).then(|| function == "indexed")
}

/// `m.rows()`, `m.axis_iter_mut(Axis(1))`: of what it is, and along which axis.
fn lines(cx: &mut Lower<'_>, operand: &Expr) -> Option<(Expr, Option<usize>, bool)> {
    let Expr::MethodCall(call) = super::flow::bare(operand) else { return None };
    let name = call.method.to_string();
    let plain = name.trim_end_matches("_mut");
    let axis = match (plain, call.args.first()) {
        ("rows" | "outer_iter", None) => Some(0),
        ("columns", None) => Some(1),
        ("axis_iter", Some(axis)) => {
            let number = table::axis(axis);
            if number.is_none() {
                window::refuse_axis(cx, axis);
            }
            number
        }
        _ => return None,
    };
    Some(((*call.receiver).clone(), axis, plain != name))
}

/// What an operand is, or what its lines are of.
fn produced(cx: &mut Lower<'_>, operand: &Expr) -> Val {
    match super::flow::bare(operand) {
        // Lent: an operand that is a place is taken by value.
        Expr::MethodCall(call) if lines(cx, operand).is_some() => {
            let of = expr::lower_place(cx, &call.receiver);
            Val::reference(call.method.to_string().ends_with("_mut"), of)
        }
        operand => expr::lower(cx, operand),
    }
}

fn producer(cx: &mut Lower<'_>, operand: &Expr, val: Val) -> Option<Producer> {
    let mutable = matches!(val, Val::Ref { mutable: true, .. });
    let val = place::peel_place(cx, val);
    let lines = lines(cx, operand);
    if let Some(window) = window::of(&val) {
        return Some(match lines {
            Some((_, axis, mutable)) => Producer::Lines { of: window.clone(), axis: axis?, mutable },
            None => Producer::Part(window.clone()),
        });
    }
    let of = match val {
        Val::Memory(of) => of,
        Val::Never => return None,
        constant => named(cx, constant, operand)?,
    };
    let Some(whole) = window::whole(cx, &of) else {
        window::refuse_axes(cx, operand.location());
        return None;
    };
    Some(match lines {
        Some((_, axis, mutable)) => Producer::Lines { of: whole, axis: axis?, mutable },
        None => Producer::Elements { of, mutable },
    })
}

/// A constant that is not looked into gets a name.
fn named(cx: &mut Lower<'_>, val: Val, node: &Expr) -> Option<Memory> {
    let code = cx.as_code(val);
    let ty = match matrix::form(cx, &code.ty) {
        Form::Array(_) => cx.types.peel(&code.ty),
        Form::Unknown | Form::Nalgebra => {
            window::refuse_axes(cx, node.location());
            return None;
        }
    };
    let tokens = expr::without_parens(code.tokens);
    let reference = Type::reference(false, ty.clone());
    let init = Init::Code(Code::new(quote!(&#tokens), false));
    match cx.at(node, |cx| cx.push_alloc("other", reference, init)) {
        Val::Memory(named) => Some(Memory { ty, ..named }),
        _ => None,
    }
}

fn zip(
    cx: &mut Lower<'_>,
    producers: &[(Producer, &Expr)],
    function: &Expr,
    is_indexed: bool,
    collects: bool,
    from: &ExprCall,
) -> Val {
    let Some((first, _)) = producers.first() else { return Val::Never };
    let lens = first.lens(cx);
    for (other, _) in &producers[1..] {
        let others = other.lens(cx);
        let [one, other] = [&lens, &others].map(|lens| {
            let lens: Vec<TokenStream> = lens.iter().map(|len| cx.operand_tokens(len)).collect();
            quote!([#(#lens),*])
        });
        cx.push_effect(quote!(__grad_runtime::ndarray::fit(#one, #other);), Vec::new());
    }
    let result = if collects {
        match collected(cx, producers, &lens, from) {
            Some(result) => Some(result),
            None => return Val::Never,
        }
    } else {
        None
    };
    window::each(cx, &lens, &mut |cx, ks| {
        let span = function.location();
        let mut args = Vec::new();
        if is_indexed {
            let index = match ks {
                [k] => Val::Scalar(k.clone(), Type::Int),
                ks => Val::Tuple(ks.iter().map(|k| Val::Scalar(k.clone(), Type::Int)).collect()),
            };
            args.push((index, span));
        }
        for (producer, node) in producers {
            args.push((producer.item(cx, ks, *node), span));
        }
        let val = call::apply(cx, function, args);
        if let Some(result) = &result {
            window::store_at(cx, result, ks, val);
        }
    });
    result.map_or(Val::Unit, Val::Memory)
}

/// Zeros for what is collected, laid out as the library does that.
fn collected(
    cx: &mut Lower<'_>,
    producers: &[(Producer, &Expr)],
    lens: &[Operand],
    from: &ExprCall,
) -> Option<Memory> {
    let elements: Vec<TokenStream> = producers
        .iter()
        .filter_map(|(producer, _)| match producer {
            Producer::Elements { of, .. } => {
                let of = cx.place_tokens(&of.place);
                Some(quote!(#of.view()))
            }
            Producer::Part(_) | Producer::Lines { .. } => None,
        })
        .collect();
    let ty = cx.type_at(&from.paren_token, Origin::Float);
    let ty = cx.types.matrix(ty, Form::Array(Some(lens.len())));
    let zeros = match lens {
        [len] => {
            let len = cx.operand_tokens(len);
            quote!(__grad_runtime::ndarray::zeros(#len))
        }
        _ if elements.len() == producers.len() => {
            let Expr::Path(path) = super::flow::bare(&from.func) else { return None };
            let mut path = path.clone();
            if let Some(last) = path.path.segments.last_mut() {
                last.ident = syn::Ident::new("from", last.ident.span());
            }
            let (path, first, rest) = (path.to_token_stream(), &elements[0], &elements[1..]);
            let ignored = elements.iter().map(|_| quote!(_));
            quote!(#path(#first) #(.and(#rest))*.map_collect(|#(#ignored),*| 0.0))
        }
        _ => {
            cx.reject(
                Kind::UnknownMethod,
                from,
                "what is collected here from parts of arrays is laid out as these are",
                "give the parts names, as copies, `let r = m.slice(s![1.., ..]).to_owned()`; or use `for_each`",
            );
            return None;
        }
    };
    Some(matrix_made::of_zeros_like(cx, zeros, ty))
}
