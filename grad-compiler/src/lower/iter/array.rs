//! Arrays whose elements a closure gives: `a.map(f)`, `array::from_fn(f)`.

use super::drive::visit;
use super::pipe::{By, Pipe};
use crate::ir::{Code, Elem, Init, Operand, Proj, Stmt};
use crate::lower::closure;
use crate::lower::flow::bare;
use crate::lower::types::{Origin, Type};
use crate::lower::value::{Memory, Val};
use crate::lower::{Kind, Lower, expr, matrix, method, option, place};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprCall, ExprMethodCall};

/// `array.map(f)`; `None` if it is neither an array nor a part of memory, which may be a matrix.
pub(super) fn map(cx: &mut Lower<'_>, call: &ExprMethodCall) -> Option<Val> {
    let is_array = match bare(&call.receiver) {
        Expr::Array(_) | Expr::Repeat(_) => true,
        receiver => {
            let local = closure::root(receiver).and_then(|name| cx.lookup(name))?;
            // A part of an array may be an array, too: the type of the whole does not tell.
            let plain = matches!(receiver, Expr::Path(_));
            match cx.local(local).val.clone().peeled() {
                Val::Memory(memory) => !plain || matches!(cx.types.peel(&memory.ty), Type::Array(..)),
                _ => false,
            }
        }
    };
    let [f] = call.args.iter().collect::<Vec<_>>()[..] else { return None };
    if !is_array {
        return None;
    }
    let val = expr::lower(cx, &call.receiver);
    if let Some(val) = option::method(cx, call, &val, &[]) {
        return Some(val);
    }
    let Val::Memory(of) = val.peeled() else { return Some(Val::Never) };
    if matrix::element(cx, &of.ty).is_some() {
        return Some(matrix::lower_method(cx, call, of));
    }
    let len = match cx.types.peel(&of.ty) {
        Type::Array(_, len) => Some(len),
        _ => None,
    };
    let fun = closure::fun(cx, f)?;
    if len.is_none() && matches!(cx.types.peel(&of.ty), Type::Var(_) | Type::Seq(_)) {
        return Some(map_in_copy(cx, call, &of, &fun));
    }
    let Val::Memory(of) = cx.take(Val::Memory(of), call) else { return Some(Val::Never) };
    let count = method::len(cx, Val::Memory(of.clone()));
    let elements = Pipe::Elements { of, by: By::Value, len: count, order: None };
    let of = cx.type_at(&call.args, Origin::Constant);
    Some(build(cx, call, &of, len, Pipe::Map(Box::new(elements), fun)))
}

/// The same of an array whose length only rustc knows: a copy of it has room for as many numbers.
fn map_in_copy(cx: &mut Lower<'_>, call: &ExprMethodCall, of: &Memory, fun: &closure::Fun) -> Val {
    let element = cx.types.element(&of.ty).unwrap_or_else(|| cx.unknown_constant());
    let copy = cx.push_alloc("mapped", of.ty.clone(), Init::Clone(of.place.clone()));
    let Val::Memory(to) = &copy else { return Val::Never };
    cx.vars[to.place.root.index()].mutable = true;
    let count = method::len(cx, Val::Memory(of.clone()));
    cx.counted_loop(crate::lower::build::Counted::up_to(count, "i"), None, |cx, i| {
        let at = cx.as_int(i);
        let item = cx.element(of, at.clone());
        let item = cx.rvalue(item);
        let new = fun.call(cx, vec![item]);
        let (value, ty) = cx.as_float(new);
        cx.types.unify(&element, &ty);
        cx.push(Stmt::Store { place: cx.project(&to.place, Proj::Index(at)), value });
    });
    cx.at(call, |_| copy)
}

/// `std::array::from_fn(f)`; `None` if it is another call.
pub(super) fn from_fn(cx: &mut Lower<'_>, call: &ExprCall) -> Option<Val> {
    let Expr::Path(path) = bare(&call.func) else { return None };
    let mut names = path.path.segments.iter().rev();
    if names.next()?.ident != "from_fn" || names.next()?.ident != "array" {
        return None;
    }
    let fun = closure::fun(cx, call.args.first()?)?;
    let ty = cx.type_at(call, Origin::Call);
    let len = match cx.types.peel(&ty) {
        Type::Array(_, len) => Some(len),
        _ => length_in(path),
    };
    // A literal is none of a type parameter's numbers.
    if len.is_none() && cx.stays_unknown(call) && !cx.is_generic() {
        return Some(of_a_length_that_rustc_knows(cx, call, ty, &fun));
    }
    let written = len.clone().unwrap_or_else(|| "0".to_string());
    let count = if let Ok(len) = written.parse::<usize>() {
        Operand::int(len)
    } else {
        let tokens: TokenStream = written.parse().unwrap_or_default();
        let val = cx.int_code(tokens);
        cx.as_int(val)
    };
    let indices = Pipe::Range { from: Operand::int(0), to: Some(count), inclusive: false };
    let known = len.is_some();
    let of = cx.type_at(&call.args, Origin::Constant);
    let built = build(cx, call, &of, len, Pipe::Map(Box::new(indices), fun));
    if known {
        let built_ty = cx.type_of(&built);
        cx.types.unify(&ty, &built_ty);
    }
    match built {
        Val::Memory(memory) => Some(Val::Memory(Memory { ty, ..memory })),
        val => Some(val),
    }
}

/// The length in `from_fn::<f64, 3, _>`.
fn length_in(path: &syn::ExprPath) -> Option<String> {
    let syn::PathArguments::AngleBracketed(list) = &path.path.segments.last()?.arguments else { return None };
    match list.args.iter().nth(1)? {
        syn::GenericArgument::Const(len) => Some(len.to_token_stream().to_string()),
        // A path may be one of a constant.
        syn::GenericArgument::Type(syn::Type::Path(path)) => Some(path.to_token_stream().to_string()),
        _ => None,
    }
}

/// An array whose length only its use tells: one of zeros, which rustc gives that length, has room for the items.
fn of_a_length_that_rustc_knows(cx: &mut Lower<'_>, call: &ExprCall, ty: Type, fun: &closure::Fun) -> Val {
    let element = cx.types.element(&ty).unwrap_or_else(|| cx.unknown_constant());
    let zeros = quote!(::core::array::from_fn(|_| ::core::default::Default::default()));
    let made = cx.push_alloc("made", ty, Init::Code(Code::new(zeros, false)));
    let Val::Memory(to) = &made else { return Val::Never };
    cx.vars[to.place.root.index()].mutable = true;
    let count = method::len(cx, made.clone());
    cx.counted_loop(crate::lower::build::Counted::up_to(count, "i"), None, |cx, i| {
        let at = cx.as_int(i);
        let new = fun.call(cx, vec![Val::Scalar(at.clone(), Type::Int)]);
        let new = cx.rvalue(new);
        let ty = cx.variable_type(&new);
        cx.types.unify(&element, &ty);
        let place = cx.element(to, at);
        place::assign(cx, place, new, &call.func);
    });
    if has_default(cx, &element) {
        return made;
    }
    cx.reject(
        Kind::Iterator,
        call,
        "the length of this array is not known here",
        "bind it with a type: `let a: [f64; 3] = …`; of other elements than numbers, fill it in a loop",
    )
}

/// Whether values of a type are there before they are computed.
fn has_default(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Vec(_) | Type::Option(_) => true,
        // As far as the standard library goes.
        Type::Array(of, len) => len.parse::<usize>().is_ok_and(|len| len <= 32) && has_default(cx, &of),
        Type::Tuple(of) => of.len() <= 12 && of.iter().all(|of| has_default(cx, of)),
        Type::Var(_) => cx.types.is_float(ty),
        Type::Slice(_)
        | Type::Seq(_)
        | Type::Fields(_)
        | Type::Record(_)
        | Type::Matrix(..)
        | Type::Ref { .. }
        | Type::Opaque => false,
    }
}

/// `slice.try_into()` and the `unwrap()` behind it: an array of these numbers. It fails where the lengths differ, as a copy does.
pub(crate) fn of_slice(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: &Val,
    behind: Option<&&ExprMethodCall>,
) -> Option<Val> {
    let behind = behind.filter(|behind| behind.method == "unwrap" || behind.method == "expect")?;
    if call.method != "try_into" || !call.args.is_empty() || cx.is_constant(receiver) {
        return None;
    }
    let receiver = cx.rvalue(receiver.clone());
    let Val::Memory(from) = place::peel_place(cx, receiver) else { return None };
    let of = cx.types.element(&from.ty)?;
    let ty = cx.type_at(*behind, Origin::Call);
    let len = match cx.types.resolve(&ty) {
        Type::Array(_, len) => Some(len),
        // A reference to the same numbers is something else.
        Type::Ref { .. } => return None,
        _ => None,
    };
    let known = len.is_some();
    let array = match &len {
        Some(len) if !cx.types.is_scalar(&of) => cx.unread(&Type::Array(Box::new(of), len.clone()))?,
        _ => zeros(cx, call, &of, len),
    };
    if known {
        let array_ty = cx.type_of(&array);
        cx.types.unify(&ty, &array_ty);
    }
    let Val::Memory(to) = array else { return None };
    cx.vars[to.place.root.index()].mutable = true;
    cx.push(Stmt::CopyFrom { to: to.place.clone(), from: from.place });
    Some(Val::Memory(Memory { ty, ..to }))
}

/// An array with as many elements as there are items.
fn build(cx: &mut Lower<'_>, node: &dyn ToTokens, of: &Type, len: Option<String>, items: Pipe) -> Val {
    let array = zeros(cx, node, of, len);
    let Val::Memory(memory) = &array else { return array };
    visit(cx, &Pipe::Enumerate(Box::new(items)), None, |cx, _, item| {
        let Val::Tuple(mut pair) = item else { return };
        let (value, ty) = cx.as_scalar(pair.pop().unwrap_or(Val::Never));
        let at = cx.as_int(pair.pop().unwrap_or(Val::Never));
        cx.types.unify(of, &ty);
        let place = cx.project(&memory.place, Proj::Index(at));
        cx.push(Stmt::Store { place, value });
    });
    array
}

/// An array that is written afterwards.
fn zeros(cx: &mut Lower<'_>, node: &dyn ToTokens, of: &Type, len: Option<String>) -> Val {
    if len.is_none() {
        cx.reject(
            Kind::Iterator,
            &node.to_token_stream(),
            "the length of this array is not known here",
            "bind it with a type: `let a: [f64; 3] = …`",
        );
    }
    let len = len.unwrap_or_else(|| "0".to_string());
    let zero = cx.dummy(of).unwrap_or_else(|| {
        cx.reject(
            Kind::Iterator,
            &node.to_token_stream(),
            "the elements of this array are not numbers",
            "fill an array of numbers in a loop",
        );
        Operand::float(0.0)
    });
    let tokens: TokenStream = len.parse().unwrap_or_default();
    let init = Init::ArrayRepeat { value: Elem::Scalar(zero), len: Code::new(tokens, true) };
    let array = cx.push_alloc("mapped", Type::Array(Box::new(of.clone()), len), init);
    if let Val::Memory(memory) = &array {
        cx.vars[memory.place.root.index()].mutable = true;
    }
    array
}
