//! `Zip::from(&mut a).and(&b).for_each(|a, &b| …)`: a loop over the indices of arrays of one shape.

use super::location::Located;
use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::window::{self, Window};
use super::{Kind, Lower, array_changed, call, closure, expr, iter, matrix, matrix_made, place};
use crate::ir::{Code, Init, Op, Operand};
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
    let args: Vec<&Expr> = call.args.iter().collect();
    let (way, function) = match (call.method.to_string().as_str(), &args[..]) {
        ("for_each", [function]) => (Way::ForEach, *function),
        ("map_collect", [function]) => (Way::Collect, *function),
        ("fold", [init, function]) => (Way::Fold(init), *function),
        (name, _) => {
            let what = format!("`{name}` of a `Zip` is not followed");
            cx.reject(
                Kind::UnknownMethod,
                &call.method,
                &what,
                "use `for_each`, `map_collect` or `fold`, or write a loop over the indices",
            );
            return Some((Val::Never, at));
        }
    };
    if !matches!(way, Way::Fold(_)) && array_changed::refuse_order(cx, function) {
        return Some((Val::Never, at));
    }
    let val = cx.operands(&operands, &produced, |cx, vals| {
        let producers: Option<Vec<(Producer, &Expr)>> = operands
            .iter()
            .zip(vals)
            .map(|(operand, val)| Some((producer(cx, operand, val)?, *operand)))
            .collect();
        match producers {
            Some(producers) => cx.at(call, |cx| zip(cx, &producers, function, is_indexed, &way, from)),
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
        Form::Unknown | Form::Nalgebra | Form::Glam => {
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

/// What is made of the items.
enum Way<'a> {
    ForEach,
    Collect,
    /// From this on.
    Fold(&'a Expr),
}

fn zip(
    cx: &mut Lower<'_>,
    producers: &[(Producer, &Expr)],
    function: &Expr,
    is_indexed: bool,
    way: &Way<'_>,
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
    let items = |cx: &mut Lower<'_>, ks: &[Operand]| {
        let mut args = Vec::new();
        if is_indexed {
            args.push(match ks {
                [k] => Val::Scalar(k.clone(), Type::Int),
                ks => Val::Tuple(ks.iter().map(|k| Val::Scalar(k.clone(), Type::Int)).collect()),
            });
        }
        args.extend(producers.iter().map(|(producer, node)| producer.item(cx, ks, *node)));
        args
    };
    let span = function.location();
    match way {
        Way::ForEach => window::each(cx, &lens, &mut |cx, ks| {
            let args = items(cx, ks).into_iter().map(|val| (val, span)).collect();
            call::apply(cx, function, args);
        }),
        Way::Collect => {
            let Some(result) = collected(cx, producers, &lens, from) else { return Val::Never };
            window::each(cx, &lens, &mut |cx, ks| {
                let args = items(cx, ks).into_iter().map(|val| (val, span)).collect();
                let val = call::apply(cx, function, args);
                window::store_at(cx, &result, ks, val);
            });
            return Val::Memory(result);
        }
        Way::Fold(init) => {
            let Some(order) = Order::of(cx, producers, &lens, from) else { return Val::Never };
            let init = expr::lower(cx, init);
            let Some(fun) = closure::fun(cx, function) else { return Val::Never };
            return iter::accumulated(cx, init, (&fun, function), |cx, step| {
                let lens = order.turned(cx, &lens);
                window::each(cx, &lens, &mut |cx, ks| {
                    let ks = order.turned(cx, ks);
                    let args = items(cx, &ks);
                    step(cx, args);
                });
            });
        }
    }
    Val::Unit
}

/// In which order the library goes over the elements: the last axis runs fastest, or, where that is true, the first.
struct Order(Option<Operand>);

impl Order {
    /// That in which it lays out what is collected.
    fn of(
        cx: &mut Lower<'_>,
        producers: &[(Producer, &Expr)],
        lens: &[Operand],
        from: &ExprCall,
    ) -> Option<Order> {
        if lens.len() < 2 {
            return Some(Order(None));
        }
        let Some(blank) = blank(cx, producers, from, &quote!(())) else {
            cx.reject(
                Kind::UnknownMethod,
                from,
                "the order of the elements of parts of arrays is not known",
                "give the parts names, as copies, `let r = m.slice(s![1.., ..]).to_owned()`; or write a loop over the indices",
            );
            return None;
        };
        let is_turned = Code::new(quote!(!#blank.is_standard_layout()), false).stopping();
        Some(Order(Some(cx.push_let("turned", Type::Bool, Op::Code(is_turned)))))
    }

    /// Lengths or indices of the loops, or of the axes.
    fn turned(&self, cx: &mut Lower<'_>, of: &[Operand]) -> Vec<Operand> {
        let Some(is_turned) = &self.0 else { return of.to_vec() };
        let is_turned = cx.operand_tokens(is_turned);
        let mut turned = Vec::new();
        for (one, other) in of.iter().zip(of.iter().rev()) {
            let (one, other) = (cx.operand_tokens(one), cx.operand_tokens(other));
            let at = Code::new(quote!(if #is_turned { #other } else { #one }), true);
            turned.push(cx.push_let("at", Type::Int, Op::Code(at)));
        }
        turned
    }
}

/// An array that is collected from the same arrays, of one value. `None` where they have no names.
fn blank(
    cx: &mut Lower<'_>,
    producers: &[(Producer, &Expr)],
    from: &ExprCall,
    value: &TokenStream,
) -> Option<TokenStream> {
    let mut views = Vec::new();
    for (producer, _) in producers {
        let Producer::Elements { of, .. } = producer else { return None };
        let of = cx.place_tokens(&of.place);
        views.push(quote!(#of.view()));
    }
    let Expr::Path(path) = super::flow::bare(&from.func) else { return None };
    let is_indexed = is_zip(from)?;
    let ignored = views.iter().map(|_| quote!(_)).chain(is_indexed.then(|| quote!(_)));
    let (path, first, rest) = (path.to_token_stream(), &views[0], &views[1..]);
    Some(quote!(#path(#first) #(.and(#rest))*.map_collect(|#(#ignored),*| #value)))
}

/// Zeros for what is collected, laid out as the library does that.
fn collected(
    cx: &mut Lower<'_>,
    producers: &[(Producer, &Expr)],
    lens: &[Operand],
    from: &ExprCall,
) -> Option<Memory> {
    let ty = cx.type_at(&from.paren_token, Origin::Float);
    let ty = cx.types.matrix(ty, Form::Array(Some(lens.len())));
    let zeros = match lens {
        [len] => {
            let len = cx.operand_tokens(len);
            quote!(__grad_runtime::ndarray::zeros(#len))
        }
        _ => {
            let Some(zeros) = blank(cx, producers, from, &quote!(0.0)) else {
                cx.reject(
                    Kind::UnknownMethod,
                    from,
                    "what is collected here from parts of arrays is laid out as these are",
                    "give the parts names, as copies, `let r = m.slice(s![1.., ..]).to_owned()`; or use `for_each`",
                );
                return None;
            };
            zeros
        }
    };
    Some(matrix_made::of_zeros_like(cx, zeros, ty))
}
