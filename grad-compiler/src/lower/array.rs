//! Arrays of ndarray: their methods and their elements.

use super::array_changed::{self, Target};
use super::build::Counted;
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{Lower, array_made, call, expr, iter, matrix, own_method, place, window};
use crate::ir::{Callee, Code, ELEMENTS, Init, OfArray, Op, Operand, Place, Proj, Stmt};
use crate::matrix::Form;
use crate::matrix::array as table;
use crate::matrix::rows::{self, Library, Method, Returns};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// The type of a receiver: what nothing else tells is an array, where a method is called on it that nothing else has.
pub(super) fn told(cx: &Lower<'_>, receiver: &Val, ty: &Type, method: &str) -> Type {
    let ty = cx.types.peel(ty);
    let is_told = matches!(receiver, Val::Memory(_))
        && cx.types.is_unresolved(&ty)
        && cx.types.has_records()
        && table::is_only_of_arrays(method);
    if is_told {
        let of = cx.types.fresh(Origin::Float);
        cx.types.unify(&ty, &cx.types.matrix(of, Form::Array(None)));
    }
    cx.types.peel(&ty)
}

/// `[i, j]` of `m[[i, j]]`, as it is written; `None` of another index.
pub(super) fn index(cx: &mut Lower<'_>, base: &Val, at: &Expr) -> Option<Val> {
    let Expr::Array(at) = super::flow::bare(at) else { return None };
    let base = place::peel_place(cx, base.clone());
    if window::of(&base).is_some() {
        let elements: Vec<&Expr> = at.elems.iter().collect();
        return Some(cx.operands(&elements, &|cx, at| expr::lower(cx, at), |_, vals| Val::Tuple(vals)));
    }
    let ty = cx.type_of(&base);
    if matches!(base, Val::Memory(_)) && cx.types.is_unresolved(&ty) {
        let of = cx.types.fresh(Origin::Float);
        cx.types.unify(&ty, &cx.types.matrix(of, Form::Array(Some(at.elems.len()))));
    }
    let elements: Vec<&Expr> = at.elems.iter().collect();
    Some(cx.operands(&elements, &|cx, at| expr::lower(cx, at), |cx, vals| {
        let elements: Vec<Operand> = vals.into_iter().map(|val| cx.as_int(val)).collect();
        let elements = elements.iter().map(|at| cx.operand_tokens(at));
        let tokens = quote!([#(#elements),*]);
        Val::Code(CodeVal { tokens, ty: Type::Opaque, cheap: true, typed: true })
    }))
}

/// A method of an array in memory.
pub(super) fn lower_method(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: Memory,
    of_element: &Type,
    axes: Option<usize>,
) -> Val {
    let name = call.method.to_string();
    match (name.as_str(), call.args.len()) {
        ("insert_axis", 1) => return insert_axis(cx, call, memory, of_element, axes),
        ("var_axis" | "std_axis", 2) => return spread_along(cx, call, memory, of_element, axes),
        ("map_axis", 2) | ("fold_axis", 3) => return each_lane(cx, call, memory, axes),
        _ => {}
    }
    if let Some(row) = rows::method(Library::Ndarray, &name, call.args.len()) {
        let (ty, of) = (cx.type_at(call, Origin::Call), of_element.clone());
        let val = own_method::lower_telling(cx, call, Val::Memory(memory), false, |cx, vals| {
            let argument = vals.first().and_then(|val| {
                let ty = cx.type_of(val);
                match matrix::form(cx, &ty) {
                    Form::Array(axes) => axes,
                    Form::Unknown | Form::Nalgebra | Form::Glam => None,
                }
            });
            let returned = returned(cx, row, call, &of, axes, argument);
            if let Some(returned) = returned {
                cx.types.unify(&ty, &returned);
            }
        });
        let var = match &val {
            Val::Memory(part) => Some(part.place.root),
            Val::Scalar(operand, _) => operand.var(),
            _ => None,
        };
        if let Some(var) = var {
            cx.vars[var.index()].of_array = Some(OfArray::by(&name));
        }
        // A copy of a part stands for a view of it.
        return match val {
            val @ Val::Memory(_) if table::is_view_of(&name) => Val::reference(false, val),
            val => val,
        };
    }
    if table::is_elementwise(&name, call.args.len()) {
        let (method, args) = (&call.method, &call.args);
        let function =
            cx.keep(&call.method, &syn::parse_quote!(|__grad_element| __grad_element.#method(#args)));
        return map(cx, &memory, &function[0], false, false);
    }
    match (name.as_str(), call.args.len()) {
        ("clone", 0) => cx.push_alloc("copy", memory.ty, Init::Clone(memory.place)),
        ("to_owned" | "into_owned", 0) => {
            let copy = cx.push_alloc("copy", memory.ty, Init::Clone(memory.place));
            if let Val::Memory(copy) = &copy {
                cx.vars[copy.place.root.index()].of_array = Some(OfArray::Copy);
            }
            copy
        }
        ("view", 0) => Val::reference(false, Val::Memory(memory)),
        ("map", 1) => map(cx, &memory, &call.args[0], true, false),
        ("mapv", 1) => map(cx, &memory, &call.args[0], false, false),
        // Each element in the place of its argument: nothing else reads what was given away.
        ("mapv_into", 1) => match place::own(cx, Val::Memory(memory), "mapped", call.method.span(), true) {
            Val::Memory(owned) => match map(cx, &owned, &call.args[0], false, true) {
                Val::Never => Val::Never,
                _ => Val::Memory(Memory { fresh: true, ..owned }),
            },
            _ => Val::Never,
        },
        ("mapv_inplace", 1) => map(cx, &memory, &call.args[0], false, true),
        ("index_axis", 2) => index_axis(cx, call, memory, of_element, axes),
        ("into_shape_with_order", 1) => into_shape(cx, call, memory, of_element),
        ("view_mut", 0) => window::of_all(cx, call, &memory),
        ("row_mut" | "column_mut" | "slice_mut", 1) | ("index_axis_mut", 2) => {
            window::of_all(cx, call, &memory)
        }
        ("fold", 2) => fold(cx, call, &memory),
        ("fill", 1) if axes.is_none() => array_changed::lower(cx, call, &Target::Whole(memory)),
        ("fill", 1) => {
            let value = expr::lower(cx, &call.args[0]);
            matrix::fill(cx, &memory, value);
            Val::Unit
        }
        ("assign" | "map_inplace", 1) | ("scaled_add" | "zip_mut_with", 2) => {
            array_changed::lower(cx, call, &Target::Whole(memory))
        }
        ("axis_iter_mut" | "columns_mut" | "indexed_iter_mut" | "outer_iter_mut" | "rows_mut", _) => {
            window::refuse_axes(cx, call.receiver.location())
        }
        (name, count) if table::is_of_shape(name, count) => asked(cx, call, &memory, axes),
        _ => matrix::without_row(cx, call, &memory),
    }
}

/// A row of the runtime that is called with what is constant beside the array.
fn operation(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: Memory,
    (of_trait, written): (&'static str, TokenStream),
    constant: TokenStream,
    returned: &Type,
) -> Val {
    let span = call.receiver.location();
    let constant = Val::Code(CodeVal { tokens: constant, ty: Type::Opaque, cheap: true, typed: true });
    let operands = [Val::reference(false, Val::Memory(memory)), constant];
    let args = operands.map(|val| call::Argument { val, span, by_name: true });
    let ty = cx.type_at(call, Origin::Call);
    cx.types.unify(&ty, returned);
    call::apply_callee(cx, Callee::Operator { of_trait, written }, span, args.into(), call, true)
}

/// `m.index_axis(Axis(0), i)`
fn index_axis(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: Memory,
    of: &Type,
    axes: Option<usize>,
) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, mut vals| {
        let at = cx.as_int(vals.pop().unwrap_or(Val::Never));
        let axis = cx.as_code(vals.pop().unwrap_or(Val::Never)).tokens;
        let (at, axis) = (cx.operand_tokens(&at), expr::without_parens(axis));
        let returned = cx.types.matrix(of.clone(), Form::Array(axes.and_then(|axes| axes.checked_sub(1))));
        let row = ("IndexAxis", quote!(__grad_runtime::ndarray::index_axis));
        let at = quote!(__grad_runtime::ndarray::place(#axis, #at));
        let val = operation(cx, call, memory, row, at, &returned);
        match val {
            val @ Val::Memory(_) => Val::reference(false, val),
            val => val,
        }
    })
}

/// `m.insert_axis(Axis(1))`, which takes what it is a method of: of a view, not what that looks at.
fn insert_axis(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: Memory,
    of: &Type,
    axes: Option<usize>,
) -> Val {
    let axis = expr::lower(cx, &call.args[0]);
    let axis = expr::without_parens(cx.as_code(axis).tokens);
    let returned = cx.types.matrix(of.clone(), Form::Array(axes.map(|axes| axes + 1)));
    let row = ("InsertAxis", quote!(__grad_runtime::ndarray::insert_axis));
    operation(cx, call, memory, row, axis, &returned)
}

/// `m.var_axis(Axis(0), 1.0)`, `m.std_axis(Axis(0), 1.0)`: what is subtracted of the count is a constant.
fn spread_along(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    memory: Memory,
    of: &Type,
    axes: Option<usize>,
) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    if args.get(1).is_some_and(|less| super::own_type::is_followed(cx, less)) {
        return cx.reject(
            super::Kind::UnknownMethod,
            args[1],
            "what is subtracted of the count is differentiated",
            "give a number, `1.0`; or compute the mean of the squares yourself",
        );
    }
    cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, mut vals| {
        let less = cx.as_code(vals.pop().unwrap_or(Val::Never)).tokens;
        let axis = cx.as_code(vals.pop().unwrap_or(Val::Never)).tokens;
        let (less, axis) = (expr::without_parens(less), expr::without_parens(axis));
        let returned = cx.types.matrix(of.clone(), Form::Array(axes.and_then(|axes| axes.checked_sub(1))));
        let row = if call.method == "var_axis" {
            ("VarAxis", quote!(__grad_runtime::ndarray::var_axis))
        } else {
            ("StdAxis", quote!(__grad_runtime::ndarray::std_axis))
        };
        let spread = quote!(__grad_runtime::ndarray::spread(#axis, #less));
        operation(cx, call, memory, row, spread, &returned)
    })
}

/// `m.map_axis(Axis(1), |row| …)`, `m.fold_axis(Axis(1), init, |a, b| …)` of a matrix: an array of what is made of each row, or column.
fn each_lane(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory, axes: Option<usize>) -> Val {
    let args: Vec<&Expr> = call.args.iter().collect();
    let (Some(axis @ (0 | 1)), Some(2)) = (table::axis(args[0]), axes) else {
        return cx.reject(
            super::Kind::UnknownMethod,
            &call.method,
            &format!("`{}` is followed along the axes of a matrix, that are written there", call.method),
            "write `Axis(0)` or `Axis(1)` of an array with two axes; or go over its parts in a loop",
        );
    };
    let function = args[args.len() - 1];
    if array_changed::refuse_order(cx, function) {
        return Val::Never;
    }
    let (count, lane) = if axis == 1 { ("nrows", "row") } else { ("ncols", "column") };
    let (count, lane) = (quote::format_ident!("{count}"), quote::format_ident!("{lane}"));
    let lanes = quote!((0..__grad_of.#count()).map(|__grad_k| __grad_of.#lane(__grad_k)));
    let array = quote!(__grad_runtime::ndarray::Array1::from_iter);
    let span = call.receiver.location();
    let of = (Val::reference(false, Val::Memory(memory)), span);
    if call.method == "map_axis" {
        let made = cx.keep(call, &syn::parse_quote!(|__grad_of| #array(#lanes.map(#function))));
        return call::apply(cx, &made[0], vec![of]);
    }
    let made = cx.keep(
        call,
        &syn::parse_quote!(|__grad_of, __grad_init| #array(#lanes.map(|__grad_lane| {
            __grad_lane.iter().fold(__grad_init, |__grad_y, __grad_x| (#function)(&__grad_y, __grad_x))
        }))),
    );
    let init = expr::lower(cx, args[1]);
    let init = cx.settle(init);
    call::apply(cx, &made[0], vec![of, (init, args[1].location())])
}

/// `m.into_shape_with_order((2, 3))`
fn into_shape(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory, of: &Type) -> Val {
    let Some((shape, axes)) = array_made::row_major(cx, &call.args[0]) else { return Val::Never };
    let returned = cx.types.matrix(of.clone(), Form::Array(axes));
    let row = ("IntoShape", quote!(__grad_runtime::ndarray::into_shape));
    operation(cx, call, memory, row, quote!(__grad_runtime::ndarray::shape(#shape)), &returned)
}

/// The type of a result, as far as the operands tell it.
fn returned(
    cx: &Lower<'_>,
    row: &Method,
    call: &ExprMethodCall,
    of: &Type,
    axes: Option<usize>,
    argument: Option<usize>,
) -> Option<Type> {
    let axes = match row.name {
        "slice" => call.args.first().and_then(axes_of_slice),
        method => table::axes(method, axes, argument),
    };
    match (row.returns, axes) {
        (Returns::Number | Returns::NumberAttempt, _) | (Returns::Matrix, Some(0)) => Some(of.clone()),
        // A vector by a vector is a number.
        (Returns::Matrix, None) if row.name == "dot" => None,
        (Returns::Matrix | Returns::Attempt, axes) => Some(cx.types.matrix(of.clone(), Form::Array(axes))),
    }
}

/// How many axes `s![…]` leaves: those of which there is a range, and new ones.
fn axes_of_slice(slice: &Expr) -> Option<usize> {
    let Expr::Macro(slice) = super::flow::bare(slice) else { return None };
    let parts =
        slice.mac.parse_body_with(syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated);
    // A part with a step, `..;2`, is no expression.
    let parts = parts.ok()?;
    let is_axis = |part: &&Expr| match super::flow::bare(part) {
        Expr::Range(_) => true,
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "NewAxis"),
        _ => false,
    };
    Some(parts.iter().filter(is_axis).count())
}

/// What tells of the shape.
fn asked(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory, axes: Option<usize>) -> Val {
    let place = cx.place_tokens(&memory.place);
    let asked = |tokens: proc_macro2::TokenStream, ty: Type| {
        Val::Code(CodeVal { tokens, ty, cheap: true, typed: true })
    };
    let name = call.method.to_string();
    let method = &call.method;
    match (name.as_str(), axes) {
        ("dim", Some(1)) => asked(quote!(#place.dim()), Type::Int),
        ("dim", Some(axes)) => {
            Val::Tuple((0..axes).map(|axis| asked(quote!(#place.shape()[#axis]), Type::Int)).collect())
        }
        ("nrows" | "ncols" | "ndim", _) => asked(quote!(#place.#method()), Type::Int),
        ("len", _) => Val::Scalar(super::method::len(cx, Val::Memory(memory.clone())), Type::Int),
        ("is_empty" | "is_square" | "is_standard_layout", _) => asked(quote!(#place.#method()), Type::Bool),
        ("len_of", _) => {
            let axis = expr::lower(cx, &call.args[0]);
            let axis = cx.as_code(axis).tokens;
            asked(quote!(#place.len_of(#axis)), Type::Int)
        }
        _ => {
            let code = Code::new(quote!(#place.#method().clone()), false).stopping();
            let code = if name == "shape" {
                Code::new(quote!(#place.shape().to_vec()), false).stopping()
            } else {
                code
            };
            cx.push_alloc(
                "shape",
                if name == "shape" { Type::vec(Type::Int) } else { Type::Opaque },
                Init::Code(code),
            )
        }
    }
}

/// An element by its number, in the order of the library.
pub(super) fn numbered(cx: &mut Lower<'_>, of: &Memory, k: Val) -> Place {
    let k = cx.as_int(k);
    let elements = cx.project(&of.place, Proj::Named(ELEMENTS.to_owned()));
    cx.project(&elements, Proj::Index(k))
}

/// Does something with every element, which is indexed so: in the order of the library.
pub(super) fn each(cx: &mut Lower<'_>, of: &Memory, body: impl FnOnce(&mut Lower<'_>, Operand)) {
    let Form::Array(Some(2)) = matrix::form(cx, &of.ty) else {
        let count = super::method::len(cx, Val::Memory(of.clone()));
        cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
            let k = cx.as_int(k);
            let at = matrix::number(cx, of, k);
            body(cx, at);
        });
        return;
    };
    // Without a division for every element.
    let [rows, columns] = ["nrows", "ncols"].map(|name| {
        let of = cx.place_tokens(&of.place);
        let name = Ident::new(name, cx.span);
        cx.push_let("count", Type::Int, Op::Code(Code::new(quote!(#of.#name()), true).stopping()))
    });
    cx.counted_loop(Counted::up_to(rows, "i"), None, |cx, i| {
        let i = cx.as_int(i);
        cx.counted_loop(Counted::up_to(columns, "j"), None, |cx, j| {
            let j = cx.as_int(j);
            let [i, j] = [i, j].map(|at| cx.operand_tokens(&at));
            let at = cx.push_let("at", Type::Opaque, Op::Code(Code::new(quote!([#i, #j]), true)));
            body(cx, at);
        });
    });
}

/// `m.map(f)`, `m.mapv(f)`: another array, or the same, with what a function makes of each element. `is_lent`: it takes references.
fn map(cx: &mut Lower<'_>, memory: &Memory, function: &Expr, is_lent: bool, in_place: bool) -> Val {
    if array_changed::refuse_order(cx, function) {
        return Val::Never;
    }
    let result = if in_place {
        memory.clone()
    } else {
        let of = cx.place_tokens(&memory.place);
        let zeros = Code::new(quote!(__grad_runtime::mapped(&#of)), false).stopping();
        let Val::Memory(result) = cx.push_alloc("mapped", memory.ty.clone(), Init::Point(zeros)) else {
            return Val::Never;
        };
        cx.vars[result.place.root.index()].mutable = true;
        result
    };
    let count = super::method::len(cx, Val::Memory(result.clone()));
    cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
        let at = Proj::Index(cx.as_int(k));
        let [from, to] = [memory, &result].map(|of| {
            let elements = cx.project(&of.place, Proj::Named(ELEMENTS.to_owned()));
            cx.project(&elements, at.clone())
        });
        let of = cx.types.element(&memory.ty).unwrap_or_else(|| cx.unknown_constant());
        let element = cx.part(from, of);
        let element = if is_lent { Val::reference(false, element) } else { cx.rvalue(element) };
        let val = call::apply(cx, function, vec![(element, function.location())]);
        let (value, ty) = cx.as_float(val);
        if let Some(of) = matrix::element(cx, &result.ty) {
            cx.types.unify(&of, &ty);
        }
        cx.push(Stmt::Store { place: to, value });
    });
    if in_place { Val::Unit } else { Val::Memory(result) }
}

/// `m.fold(init, f)`: over the elements in an order that their places in memory tell.
fn fold(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    let Some(of) = matrix::element(cx, &memory.ty) else { return Val::Never };
    let array = cx.place_tokens(&memory.place);
    let order = Code::new(quote!(__grad_runtime::ndarray::order_of_fold(&#array)), false).stopping();
    let order = cx.push_let("order", Type::Opaque, Op::Code(order));
    let len = super::method::len(cx, Val::Memory(memory.clone()));
    let place = cx.project(&memory.place, Proj::Named(ELEMENTS.to_owned()));
    let elements = Memory { place, ty: Type::Seq(Box::new(of)), ..memory.clone() };
    iter::fold_in_order(cx, call, elements, len, order)
}
