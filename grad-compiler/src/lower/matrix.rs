//! Matrices of other libraries: their methods and their elements.
//!
//! A method with a row is a call, whose derivatives the runtime has; one that asks for the shape is a constant.

use super::build::Counted;
use super::location::Located;
use super::types::{Origin, Type};
use super::value::{CodeVal, Memory, Val};
use super::{
    Kind, Lower, array, call, code, constant, expr, flow, glam, iter, matrix_changed, matrix_geometry,
    matrix_parts, method, own_method, own_type, place,
};
use crate::ir::{Code, Init, Op, Operand, Proj, Stmt};
use crate::matrix::Form;
use crate::matrix::rows::{self, Library, Method, Returns};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use std::rc::Rc;
use syn::{Expr, ExprMethodCall};

/// The floats of a matrix, if it is one.
pub(super) fn element(cx: &Lower<'_>, ty: &Type) -> Option<Type> {
    match cx.types.peel(ty) {
        Type::Matrix(of, _) => Some(*of),
        _ => None,
    }
}

/// What is known of a matrix; of something else nothing.
pub(super) fn form(cx: &Lower<'_>, ty: &Type) -> Form {
    match cx.types.peel(ty) {
        Type::Matrix(_, form) => form,
        _ => Form::Unknown,
    }
}

/// Whether it is an array of ndarray, or leads to one.
pub(super) fn is_array(cx: &Lower<'_>, val: &Val) -> bool {
    let ty = cx.type_of(val);
    matches!(form(cx, &ty), Form::Array(_))
}

/// What is known of the result of an operator: of two arrays, the one with fewer axes is repeated along the others.
pub(super) fn form_of_result(cx: &Lower<'_>, operands: &[Type]) -> Form {
    let mut result = Form::Unknown;
    for ty in operands.iter().filter(|ty| element(cx, ty).is_some()) {
        result = match (result, form(cx, ty)) {
            (Form::Array(one), Form::Array(other)) => {
                Form::Array(one.zip(other).map(|(one, other)| one.max(other)))
            }
            (Form::Unknown, form) if result == Form::Unknown && operands.len() == 1 => form,
            (result, form) => result.and(form),
        };
    }
    // Beside an operand that may have more axes.
    match result {
        Form::Array(_) if operands.iter().any(|ty| element(cx, ty).is_none() && !cx.types.is_scalar(ty)) => {
            Form::Array(None)
        }
        result => result,
    }
}

/// How element `k` of a matrix is indexed, in the order of the library.
pub(super) fn number(cx: &mut Lower<'_>, memory: &Memory, k: Operand) -> Operand {
    match cx.types.peel(&memory.ty) {
        Type::Matrix(_, Form::Unknown | Form::Array(None | Some(0 | 2..))) => {
            let (of, k) = (cx.place_tokens(&memory.place), cx.operand_tokens(&k));
            let at = Code::new(quote!(__grad_runtime::nth(&#of, #k)), true).stopping();
            cx.push_let("at", Type::Opaque, Op::Code(at))
        }
        _ => k,
    }
}

/// A matrix that a method is called on: a constant gets a name where what it is called with is differentiated.
pub(super) fn settled(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val) -> Val {
    let is_followed = call.args.iter().any(|arg| own_type::is_followed(cx, arg));
    match receiver {
        Val::Code(code) if is_followed => cx.settle(Val::Code(code)),
        receiver => receiver,
    }
}

/// A method of a matrix in memory.
pub(super) fn lower_method(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: Memory) -> Val {
    let name = call.method.to_string();
    let Some(of) = element(cx, &memory.ty) else { return Val::Never };
    if let Form::Array(axes) = form(cx, &memory.ty) {
        return array::lower_method(cx, call, memory, &of, axes);
    }
    if form(cx, &memory.ty) == Form::Glam {
        return glam::lower_method(cx, call, memory);
    }
    if let Some(row) = rows::method(Library::Nalgebra, &name, call.args.len()) {
        let ty = cx.type_at(call, Origin::Call);
        cx.types.unify(&ty, &returned(cx, row, of, form(cx, &memory.ty)));
        return own_method::lower_call(cx, call, Val::Memory(memory), false);
    }
    let is_changed = matches!(name.as_str(), "fill" | "set_row" | "set_column" | "copy_from");
    if is_changed && matrix_geometry::refuse_copy(cx, &call.receiver) {
        return Val::Never;
    }
    if let Some(val) = matrix_changed::lower(cx, call, &memory) {
        return val;
    }
    match (name.as_str(), call.args.len()) {
        // Of a part, which is a copy, the matrix that it is a part of one as.
        ("into", 0) if is_part(&call.receiver) => Val::Memory(memory),
        ("clone" | "clone_owned" | "into_owned" | "to_owned", 0) => {
            cx.push_alloc("copy", memory.ty, Init::Clone(memory.place))
        }
        ("len", 0) => Val::Scalar(method::len(cx, Val::Memory(memory)), Type::Int),
        ("map" | "map_with_location", 1) | ("zip_map", 2) | ("zip_zip_map", 3) => map(cx, call, &memory),
        ("fold", 2) => iter::fold_elements(cx, call, memory),
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

/// `Cholesky::new(m)` as `m.cholesky()`, where that is a matrix: a factorisation of it by its other name.
pub(super) fn factored(cx: &Lower<'_>, call: &syn::ExprCall) -> Option<Rc<Vec<Expr>>> {
    let (Expr::Path(path), Some(of), 1) = (&*call.func, call.args.first(), call.args.len()) else {
        return None;
    };
    let method = rows::factorisation(&path.path)?;
    let mut at = flow::bare(of);
    while let Expr::MethodCall(copy) = at
        && matches!(copy.method.to_string().as_str(), "clone" | "clone_owned" | "into_owned")
    {
        at = flow::bare(&copy.receiver);
    }
    let Expr::Path(name) = at else { return None };
    let id = name.path.get_ident().and_then(|name| cx.lookup(name))?;
    let is_matrix = form(cx, &cx.type_of(&cx.local(id).val)) == Form::Nalgebra;
    let method = Ident::new(method, path.path.segments.last()?.ident.span());
    is_matrix.then(|| cx.keep(call, &syn::parse_quote!((#of).#method())))
}

/// `m.map(f)`, `m.zip_map(&n, f)`, `m.map_with_location(f)`: a copy, in which every element is replaced.
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
                    let ty = cx.types.matrix(cx.types.fresh(Origin::Float), form(cx, &memory.ty));
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
            let mut elements = Vec::new();
            if call.method == "map_with_location" {
                let (rows, at) = (matrix_parts::length(cx, &result, "nrows"), cx.operand_tokens(&k));
                for number in [quote!(#at % #rows), quote!(#at / #rows)] {
                    let number = cx.push_let("at", Type::Int, Op::Code(Code::new(number, true)));
                    elements.push((Val::Scalar(number, Type::Int), span));
                }
            }
            for operand in &operands {
                let element = cx.element(operand, k.clone());
                elements.push((cx.rvalue(element), span));
            }
            let val = call::apply(cx, function, elements);
            let (value, ty) = cx.as_float(val);
            if let Some(of) = element(cx, &result.ty) {
                cx.types.unify(&of, &ty);
            }
            let at = number(cx, &result, k);
            let place = cx.project(&result.place, Proj::Index(at));
            cx.push(Stmt::Store { place, value });
        });
        Val::Memory(result)
    })
}

/// `m.row(i)`, `m.fixed_rows::<3>(0)`
fn is_part(of: &Expr) -> bool {
    matches!(flow::bare(of), Expr::MethodCall(call) if rows::Part::of(&call.method.to_string(), call.args.len()).is_some())
}

fn returned(cx: &Lower<'_>, row: &Method, of: Type, form: Form) -> Type {
    match row.returns {
        Returns::Number | Returns::NumberAttempt => of,
        Returns::Matrix | Returns::Attempt => cx.types.matrix(of, form),
    }
}

/// Of constants, the user's own call. What is constant is known when all is lowered.
pub(super) fn without_row(cx: &mut Lower<'_>, call: &ExprMethodCall, memory: &Memory) -> Val {
    if cx.refuse_exits(call.args.iter()) {
        return Val::Never;
    }
    let name = call.method.to_string();
    if let Some(part) = matrix_parts::kept(cx, call, memory) {
        return if matrix_geometry::refuse_copy(cx, &call.receiver) { Val::Never } else { part };
    }
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
    cx.element_at(memory, at)
}

pub(super) fn fill(cx: &mut Lower<'_>, memory: &Memory, value: Val) {
    let (value, ty) = cx.as_float(value);
    if let Some(of) = element(cx, &memory.ty) {
        cx.types.unify(&of, &ty);
    }
    // The reverse of a fill goes over the elements by their numbers.
    if matches!(form(cx, &memory.ty), Form::Array(axes) if axes != Some(1)) {
        let count = method::len(cx, Val::Memory(memory.clone()));
        cx.counted_loop(Counted::up_to(count, "k"), None, |cx, k| {
            let place = array::numbered(cx, memory, k);
            cx.push(Stmt::Store { place, value });
        });
        return;
    }
    cx.push(Stmt::Fill { place: memory.place.clone(), value });
}
