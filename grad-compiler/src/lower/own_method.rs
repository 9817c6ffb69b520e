//! Calls of methods of the user's types: of which the macro sees the name alone.
//!
//! A method has its derivatives from the attribute on its block. Whether it is there, rustc finds out: where the receiver
//! leads to none, it says so at the method's name.

use super::call::{self, Argument};
use super::callee::path_names;
use super::location::Located;
use super::own_operator::Learning;
use super::types::{Origin, Type};
use super::value::{CodeVal, Val};
use super::{Kind, Lower, code, constant, expr, method, own_type};
use crate::args::RECEIVER;
use crate::ir::{Callee, Code, Op, Operand, Stmt};
use crate::matrix::rows::{self, Library};
use crate::shape::Shape;
use crate::sibling::Sibling;
use quote::{quote, quote_spanned};
use syn::{Expr, ExprMethodCall};

/// Whether a call is one of a method of the user's. `ty`: the type of the receiver.
pub(super) fn is_one(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: &Val, ty: &Type) -> bool {
    let name = call.method.to_string();
    match (receiver, cx.types.resolve(ty)) {
        (Val::Memory(_), Type::Record(_)) => {
            (!method::is_sequence_method(&name)
                || !method::may_be_of_sequences(call)
                || cx.types.has_fields(ty)
                || sibling(cx, call).is_some())
                && !matches!(name.as_str(), "clone" | "to_owned")
        }
        // The result of a call, or a part of one.
        (Val::Memory(_), Type::Var(_)) => {
            let is_own = !is_of_library(&name)
                || !method::may_be_of_sequences(call)
                || rows::method(Library::Nalgebra, &name, call.args.len()).is_some();
            if is_own && cx.learning != Learning::Nothing && cx.types.has_records() {
                cx.types.unify(ty, &cx.types.point());
            }
            is_own
        }
        (Val::Code(_) | Val::Scalar(..) | Val::Cell(..), Type::Var(_) | Type::Opaque | Type::Record(_)) => {
            cx.is_constant(receiver)
                && (!is_of_library(&name) || sibling(cx, call).is_some())
                && !call.args.iter().any(|arg| matches!(super::flow::bare(arg), Expr::Closure(_)))
                && call.args.iter().any(|arg| own_type::is_followed(cx, arg))
        }
        _ => false,
    }
}

/// The method of the same block that `self.method(..)` means.
pub(super) fn sibling(cx: &Lower<'_>, call: &ExprMethodCall) -> Option<Sibling> {
    let of_self =
        matches!(super::flow::bare(&call.receiver), Expr::Path(path) if path.path.is_ident(RECEIVER));
    if of_self { cx.siblings.get(&call.method.to_string()).copied() } else { None }
}

/// What a function of the same block returns, it says itself.
pub(super) fn told(cx: &Lower<'_>, function: &str, ty: &Type) {
    if let (Some(returned), true) = (cx.types.neighbours.result(function), cx.types.is_unresolved(ty)) {
        let returned = match Shape::of(returned) {
            Shape::Named(path) => cx.types.record(path),
            _ => super::annotation::lower_type(&cx.types, returned),
        };
        cx.types.unify(ty, &returned);
    }
}

/// The same, where a differentiated value goes through the function: whether it has derivatives, or gives none.
pub(super) fn asks_of_block(cx: &mut Lower<'_>, function: &proc_macro2::Ident, ty: &Type) -> bool {
    let name = function.to_string();
    let sibling = cx.siblings.get(&name).copied();
    if let Some(sibling) = sibling.filter(|sibling| !sibling.has_derivatives && !sibling.answers) {
        sibling.refuse(cx.errors, function);
        return false;
    }
    told(cx, &name, ty);
    true
}

/// Whether a method has the name of one that vectors have, and numbers and the standard library have not.
pub(crate) fn is_of_vectors(call: &ExprMethodCall) -> bool {
    let name = call.method.to_string();
    rows::method(Library::Nalgebra, &name, call.args.len()).is_some()
        && !method::is_of_floats(call)
        && !is_of_library(&name)
}

/// Whether a method may change its receiver, as far as that can be told from here.
pub(super) fn may_change(cx: &Lower<'_>, receiver: &Val) -> bool {
    match receiver {
        Val::Ref { mutable, .. } => *mutable,
        Val::Memory(memory) => {
            let root = memory.place.root.index();
            match cx.types.resolve(&cx.var_types[root]) {
                Type::Ref { mutable, .. } => mutable,
                _ => cx.vars[root].mutable,
            }
        }
        Val::Local(path) => may_change(cx, &cx.component(path)),
        _ => false,
    }
}

/// `receiver.method(arguments)`. `exclusive`: the method may change the receiver.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val, exclusive: bool) -> Val {
    let name = call.method.to_string();
    let sibling = sibling(cx, call);
    let ty = cx.type_at(call, Origin::Call);
    if sibling.is_some() {
        told(cx, &name, &ty);
    }
    let is_answer = matches!(cx.types.resolve(&ty), Type::Int | Type::Bool);
    if is_answer || sibling.is_some_and(|sibling| !sibling.has_derivatives) {
        if cx.refuse_exits(call.args.iter()) {
            return Val::Never;
        }
        if sibling.is_some_and(|sibling| sibling.exclusive && !sibling.has_derivatives)
            && !cx.is_constant(&receiver)
        {
            return cx.reject(
                Kind::UnknownMethod,
                &call.method,
                &format!("`{name}` changes what is differentiated with respect to, and has no derivatives"),
                "let it have derivatives: remove its `#[grad(skip)]`, or put `#[grad(wrt(self))]` on it",
            );
        }
        let answer = asked(cx, call, receiver);
        let answers = sibling.is_some_and(|sibling| sibling.answers && !sibling.has_derivatives);
        return if answers { told_once(cx, call, answer) } else { answer };
    }
    let exclusive = sibling.map_or(exclusive, |sibling| sibling.exclusive);
    lower_call(cx, call, receiver, exclusive)
}

/// The same of a method that has derivatives.
pub(super) fn lower_call(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val, exclusive: bool) -> Val {
    lower_telling(cx, call, receiver, exclusive, |_, _| {})
}

/// The same, where the arguments tell something.
pub(super) fn lower_telling(
    cx: &mut Lower<'_>,
    call: &ExprMethodCall,
    receiver: Val,
    exclusive: bool,
    tell: impl FnOnce(&mut Lower<'_>, &[Val]),
) -> Val {
    let is_sibling = sibling(cx, call).is_some();
    let used = cx.dropped != Some(std::ptr::from_ref(call).addr());
    let args: Vec<&Expr> = call.args.iter().collect();
    let since = cx.taken();
    // By value: while it is lent, rustc lets nobody write it.
    let receiver = cx.take(receiver, &call.method);
    let val = cx.operands(&args, &|cx, arg| expr::lower(cx, arg), |cx, vals| {
        // The call itself may write it; what it gets by value beside it is still what it was.
        cx.use_taken(&call.method);
        tell(cx, &vals);
        let constant = |val: &Val| constant::stays_constant(cx, val);
        if constant(&receiver) && vals.iter().all(constant) {
            return constant_call(cx, call, receiver, vals);
        }
        constant::changed_by_method(cx, &receiver, &vals);
        if !exclusive && is_changing(cx, &receiver) {
            return cx.reject(
                Kind::Method,
                call,
                "a method of a constant behind `&mut` is called with differentiated values",
                "take `&self`; or differentiate with respect to it, `wrt(self, …)`, for which its type needs the derive",
            );
        }
        let receiver = Argument {
            val: as_argument(cx, receiver, exclusive),
            span: call.receiver.location(),
            by_name: !is_sibling,
        };
        let others = args.iter().zip(vals).map(|(arg, val)| {
            let by_name = !matches!(super::flow::bare(arg), Expr::Reference(_));
            Argument { val, span: arg.location(), by_name }
        });
        let args = [receiver].into_iter().chain(others).collect();
        let (name, turbofish) = (&call.method, &call.turbofish);
        let callee = Callee::Method(quote!(#name #turbofish));
        call::apply_callee(cx, callee, name.span(), args, call, used)
    });
    cx.end_taken(since);
    val
}

/// What tells something of the receiver, and does not change it: of what is differentiated, that is for rustc to see.
fn asked(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val) -> Val {
    let receiver = match receiver {
        Val::Memory(memory) => {
            let ty = Type::reference(false, memory.ty.clone());
            let place = cx.place_tokens(&memory.place);
            // Not of the reference, which may have a method of that name as well: `max`.
            Val::Code(CodeVal {
                tokens: quote_spanned!(cx.span=> (*(&#place))),
                ty,
                cheap: true,
                typed: true,
            })
        }
        receiver => receiver,
    };
    code::opaque_call(cx, call, receiver)
}

/// An answer without floats, of whatever type: what follows from it is constant.
fn told_once(cx: &mut Lower<'_>, call: &ExprMethodCall, answer: Val) -> Val {
    let Val::Code(CodeVal { tokens, ty, .. }) = answer else { return answer };
    let tokens = super::expr::without_parens(tokens);
    if cx.dropped == Some(std::ptr::from_ref(call).addr()) {
        // It may panic.
        let code = Code::new(quote!(let _ = #tokens;), false).stopping().acting();
        cx.push(Stmt::Effect { code, writes: Vec::new() });
        return Val::Unit;
    }
    let answer = cx.push_let("answer", Type::Opaque, Op::Code(Code::new(tokens, false).stopping()));
    Val::Code(CodeVal { tokens: cx.operand_tokens(&answer), ty, cheap: true, typed: true })
}

/// A constant behind `&mut`: nobody can keep it until the reverse sweep, in which its methods are asked again.
fn is_changing(cx: &Lower<'_>, receiver: &Val) -> bool {
    match receiver {
        Val::Scalar(Operand::Var(var), _) => cx.vars[var.index()].exclusive,
        Val::Ref { to, .. } => is_changing(cx, to),
        _ => false,
    }
}

/// The receiver as the argument that it is.
fn as_argument(cx: &mut Lower<'_>, receiver: Val, exclusive: bool) -> Val {
    if !cx.is_constant(&receiver) {
        return Val::reference(exclusive, receiver);
    }
    let receiver = match receiver {
        Val::Code(code) if !code.cheap => cx.settle(Val::Code(code)),
        receiver => receiver,
    };
    // A constant that is changed: the parameter `self`.
    if exclusive && let Val::Scalar(operand @ Operand::Var(_), _) = &receiver {
        return constant_part(cx, operand);
    }
    Val::reference(false, receiver)
}

/// `&mut *self`
fn constant_part(cx: &mut Lower<'_>, operand: &Operand) -> Val {
    let tokens = cx.operand_tokens(operand);
    let code = Val::Code(CodeVal { tokens: quote!((*#tokens)), ty: Type::Opaque, cheap: true, typed: true });
    Val::reference(true, code)
}

/// Of constants only: as it is.
fn constant_call(cx: &mut Lower<'_>, call: &ExprMethodCall, receiver: Val, vals: Vec<Val>) -> Val {
    let receiver = cx.as_code_in_place(receiver);
    let args: Vec<_> = vals.into_iter().map(|val| expr::without_parens(cx.as_code(val).tokens)).collect();
    let (name, turbofish) = (&call.method, &call.turbofish);
    let ty = cx.type_at(call, Origin::Call);
    let tokens = quote!(#receiver.#name #turbofish (#(#args),*));
    Val::Code(CodeVal { tokens, ty, cheap: false, typed: false })
}

/// Whether a function of a type is one of the standard library's, as far as names tell.
pub(super) fn is_known(path: &syn::ExprPath) -> bool {
    let names = path_names(path);
    let Some(of) = names.len().checked_sub(2).and_then(|at| names.get(at)) else { return true };
    if let Some(qself) = &path.qself
        && qself.as_token.is_some()
    {
        return true;
    }
    let is_primitive = of.starts_with(char::is_lowercase);
    is_primitive
        || matches!(
            of.as_str(),
            "Arc"
                | "BTreeMap"
                | "BTreeSet"
                | "BinaryHeap"
                | "Box"
                | "Cell"
                | "Clone"
                | "Complex"
                | "Cow"
                | "Default"
                | "Duration"
                | "From"
                | "HashMap"
                | "HashSet"
                | "Into"
                | "Iterator"
                | "Mutex"
                | "Option"
                | "Rc"
                | "RefCell"
                | "Result"
                | "RwLock"
                | "Self"
                | "String"
                | "Vec"
                | "VecDeque"
                | "Wrapping"
        )
}

/// Whether a method has the name of one of the standard library's types.
pub(crate) fn is_of_library(name: &str) -> bool {
    method::is_sequence_method(name)
        || method::is_float_test(name)
        || matches!(
            name,
            "abs"
                | "all"
                | "and"
                | "and_then"
                | "any"
                | "append"
                | "as_bytes"
                | "as_deref"
                | "as_mut"
                | "as_mut_slice"
                | "as_ref"
                | "as_slice"
                | "as_str"
                | "back"
                | "binary_search"
                | "binary_search_by"
                | "binary_search_by_key"
                | "borrow"
                | "borrow_mut"
                | "chain"
                | "chunk_by"
                | "chunks"
                | "chunks_exact"
                | "chunks_mut"
                | "clear"
                | "clone"
                | "clone_from"
                | "clone_from_slice"
                | "cloned"
                | "cmp"
                | "collect"
                | "concat"
                | "contains"
                | "contains_key"
                | "copied"
                | "copy_within"
                | "count"
                | "cycle"
                | "dedup"
                | "dedup_by"
                | "dedup_by_key"
                | "drain"
                | "ends_with"
                | "entry"
                | "enumerate"
                | "expect"
                | "extend"
                | "extend_from_slice"
                | "fill_with"
                | "filter"
                | "filter_map"
                | "find"
                | "find_map"
                | "first_chunk"
                | "first_mut"
                | "flat_map"
                | "flatten"
                | "fold"
                | "for_each"
                | "front"
                | "get"
                | "get_mut"
                | "get_or_insert"
                | "get_or_insert_with"
                | "insert"
                | "inspect"
                | "into"
                | "into_boxed_slice"
                | "into_iter"
                | "into_vec"
                | "is_empty"
                | "is_err"
                | "is_err_and"
                | "is_none"
                | "is_none_or"
                | "is_ok"
                | "is_ok_and"
                | "is_some"
                | "is_some_and"
                | "is_sorted"
                | "is_sorted_by"
                | "is_sorted_by_key"
                | "iter"
                | "iter_mut"
                | "join"
                | "keys"
                | "last_chunk"
                | "last_mut"
                | "load"
                | "lock"
                | "map"
                | "map_err"
                | "map_or"
                | "map_or_else"
                | "map_while"
                | "max_by"
                | "max_by_key"
                | "min_by"
                | "min_by_key"
                | "next"
                | "nth"
                | "ok"
                | "ok_or"
                | "ok_or_else"
                | "or"
                | "or_else"
                | "partition"
                | "partition_point"
                | "peekable"
                | "pop"
                | "pop_back"
                | "pop_front"
                | "position"
                | "product"
                | "push_back"
                | "push_front"
                | "range"
                | "rchunks"
                | "remove"
                | "repeat"
                | "replace"
                | "reserve"
                | "resize"
                | "retain"
                | "rev"
                | "reverse"
                | "rotate_left"
                | "rotate_right"
                | "rposition"
                | "scan"
                | "select_nth_unstable"
                | "send"
                | "set"
                | "skip"
                | "sort"
                | "sort_by"
                | "sort_by_cached_key"
                | "sort_by_key"
                | "sort_unstable"
                | "sort_unstable_by"
                | "sort_unstable_by_key"
                | "split"
                | "split_at"
                | "split_at_mut"
                | "split_first"
                | "split_last"
                | "split_off"
                | "starts_with"
                | "step_by"
                | "store"
                | "sum"
                | "swap_remove"
                | "swap_with_slice"
                | "take"
                | "take_while"
                | "then"
                | "then_some"
                | "then_with"
                | "to_owned"
                | "to_string"
                | "truncate"
                | "try_borrow"
                | "try_into"
                | "unwrap"
                | "unwrap_err"
                | "unwrap_or"
                | "unwrap_or_default"
                | "unwrap_or_else"
                | "unzip"
                | "update"
                | "values"
                | "values_mut"
                | "windows"
                | "with"
                | "write"
                | "zip"
                | "zip_with"
        )
}
