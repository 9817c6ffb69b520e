//! May a call change what a closure captures, or is given?
//!
//! A macro does not see what a method does with what it is called of. What is followed has methods that the compiler knows; of all
//! else, whatever may be changed is taken to be, unless the method has the name of one of the standard library's that look only.

use super::closure::{Closure, Effects};
use super::contents::Done;
use super::env::LocalId;
use super::types::Type;
use super::value::Val;
use super::{Lower, changes, method};
use crate::ir::{Operand, Var};
use proc_macro2::Ident;
use syn::Expr;

/// Methods that change what they are called of, of those that are followed.
const CHANGING: [&str; 57] = [
    "append",
    "as_mut",
    "assign",
    "clear",
    "clone_from_slice",
    "copy_from",
    "copy_from_slice",
    "copy_within",
    "dedup",
    "dedup_by",
    "dedup_by_key",
    "drain",
    "entry",
    "extend",
    "extend_from_slice",
    "extend_from_within",
    "fill",
    "fill_with",
    "get_or_insert",
    "get_or_insert_with",
    "insert",
    "make_contiguous",
    "map_inplace",
    "mapv_inplace",
    "pop",
    "pop_back",
    "pop_front",
    "push",
    "push_back",
    "push_front",
    "push_str",
    "remove",
    "resize",
    "resize_with",
    "retain",
    "reverse",
    "rotate_left",
    "rotate_right",
    "scaled_add",
    "select_nth_unstable",
    "select_nth_unstable_by",
    "set_column",
    "set_row",
    "sort",
    "sort_by",
    "sort_by_cached_key",
    "sort_by_key",
    "sort_unstable",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "split_off",
    "swap",
    "swap_remove",
    "swap_with_slice",
    "truncate",
    "zip_mut_with",
    "zip_mut_from",
];

/// Methods that change what is behind a shared reference: of cells, locks and atomics.
const INSIDE: [&str; 22] = [
    "borrow_mut",
    "compare_exchange",
    "fetch_add",
    "fetch_and",
    "fetch_max",
    "fetch_min",
    "fetch_or",
    "fetch_sub",
    "fetch_update",
    "fetch_xor",
    "get_or_init",
    "lock",
    "replace",
    "send",
    "set",
    "store",
    "swap",
    "take",
    "try_borrow_mut",
    "try_lock",
    "update",
    "write",
];

/// Methods of the standard library that leave what they are called of as it is, or take it as a whole.
const LOOKING: [&str; 32] = [
    "and_then",
    "as_deref",
    "as_ref",
    "binary_search",
    "binary_search_by",
    "binary_search_by_key",
    "chunks_exact",
    "clone",
    "cloned",
    "concat",
    "copied",
    "expect",
    "filter",
    "into_iter",
    "is_none",
    "is_some",
    "is_some_and",
    "last",
    "map",
    "map_or",
    "map_or_else",
    "ok_or",
    "or",
    "partition_point",
    "split_at",
    "split_last",
    "to_owned",
    "to_string",
    "to_vec",
    "unwrap",
    "unwrap_or",
    "unwrap_or_else",
];

/// Methods that lend a part of an array to be changed: what is called of the part changes it, or not.
const LENDING: [&str; 9] = [
    // What the compiler calls where it takes the elements of a row.
    "__grad_element",
    "column_mut",
    "columns_mut",
    "index_axis_mut",
    "outer_iter_mut",
    "row_mut",
    "rows_mut",
    "slice_mut",
    "view_mut",
];

/// A method changes what it is called of, by its name.
pub(super) fn changes(method: &str, arguments: usize) -> bool {
    CHANGING.contains(&method)
        || method.ends_with("_mut") && !LENDING.contains(&method)
        || method.ends_with("_assign")
        || method == "take" && arguments == 0
        || method == "replace" && arguments == 1
}

/// A method is known to look only.
pub(super) fn looks(method: &str, arguments: usize) -> bool {
    LOOKING.contains(&method) || changes::looks(method, arguments)
}

/// A method that lends a part of an array to be changed.
pub(super) fn lends(call: &syn::ExprMethodCall) -> bool {
    LENDING.iter().any(|name| call.method == name)
}

/// What a closure does to a parameter.
pub(super) enum OfParameter {
    Looks,
    Changes,
    /// If it is `&mut`, or has one, others get it: they may change what is there.
    HandsOn,
}

pub(super) fn of_parameter(done: &Done) -> OfParameter {
    match done {
        Done::Changed => OfParameter::Changes,
        Done::Asked(method, arguments)
            if looks(method, *arguments) || method::row(method, arguments + 1).is_some() =>
        {
            OfParameter::Looks
        }
        Done::Asked(..) | Done::Called | Done::Passed | Done::PassedPart(_) => OfParameter::HandsOn,
        Done::Given => OfParameter::Looks,
    }
}

/// What a closure does to what it captures.
pub(super) fn of_captured(cx: &Lower<'_>, name: &Ident, done: &Done) -> Effects {
    let Some(id) = cx.lookup(name) else { return of_static(name, done) };
    let changes = match done {
        Done::Changed => true,
        Done::Called => return of_call(cx, id),
        Done::Asked(method, arguments) => {
            if !may_change(cx, id, method, *arguments) {
                let has_state =
                    !looks(method, *arguments) && may_have_state(cx, &cx.type_of(&cx.local(id).val));
                return if has_state { Effects::Panics } else { Effects::None };
            }
            true
        }
        Done::Passed => is_exclusive(cx, id),
        Done::PassedPart(part) => {
            let ty = cx.type_of(&cx.local(id).val);
            is_exclusive(cx, id) && part_of(cx, &ty, part).is_none_or(|ty| may_be_exclusive(cx, &ty))
        }
        Done::Given => {
            let has_state = may_have_state(cx, &cx.type_of(&cx.local(id).val));
            return if has_state { Effects::Panics } else { Effects::None };
        }
    };
    if changes { Effects::Changes } else { Effects::None }
}

/// What is done to something that is no variable: a `static` may be another thing each time it is asked.
fn of_static(name: &Ident, done: &Done) -> Effects {
    match done {
        Done::Asked(method, arguments)
            if name.to_string().starts_with(char::is_uppercase)
                && !looks(method, *arguments)
                && method::row(method, arguments + 1).is_none() =>
        {
            Effects::Panics
        }
        _ => Effects::None,
    }
}

/// Whether a variable is a `&mut`, or has one: who gets it may change what is there.
fn is_exclusive(cx: &Lower<'_>, id: LocalId) -> bool {
    fn look(cx: &Lower<'_>, val: &Val) -> bool {
        let exclusive = |var: Var| cx.vars[var.index()].exclusive;
        match val {
            Val::Ref { mutable, to } => *mutable || look(cx, to),
            Val::Memory(memory) => exclusive(memory.place.root),
            Val::Scalar(operand, ty) => operand.var().is_some_and(exclusive) || may_be_exclusive(cx, ty),
            Val::Cell(var, _) => exclusive(*var),
            Val::Tuple(parts) => parts.iter().any(|part| look(cx, part)),
            Val::Closure(closure) => matches!(&**closure, Closure::Window(_) | Closure::Cursor(_)),
            Val::Unit
            | Val::Never
            | Val::Uninit
            | Val::Code(_)
            | Val::Local(_)
            | Val::Range(_)
            | Val::Function(_) => false,
        }
    }
    look(cx, &cx.local(id).val)
}

/// A type that is `&mut`, or has one in it.
fn may_be_exclusive(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Ref { mutable, to } => mutable || may_be_exclusive(cx, &to),
        Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Option(of) | Type::Seq(of) => {
            may_be_exclusive(cx, &of)
        }
        Type::Tuple(parts) | Type::Fields(parts) => parts.iter().any(|part| may_be_exclusive(cx, part)),
        Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Matrix(..) => false,
        Type::Var(_) | Type::Record(_) | Type::Opaque => false,
    }
}

/// The type of a part, as far as it is known.
fn part_of(cx: &Lower<'_>, ty: &Type, part: &Expr) -> Option<Type> {
    let inner = |base: &Expr| part_of(cx, ty, base).map(|ty| cx.types.peel(&ty));
    match part {
        Expr::Path(_) => Some(ty.clone()),
        Expr::Paren(paren) => part_of(cx, ty, &paren.expr),
        Expr::Group(group) => part_of(cx, ty, &group.expr),
        Expr::Unary(unary) => inner(&unary.expr),
        Expr::Index(index) => match cx.types.resolve(&inner(&index.expr)?) {
            Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Seq(of) => Some(*of),
            Type::Matrix(of, _) => Some(*of),
            _ => None,
        },
        Expr::Field(field) => match (cx.types.resolve(&inner(&field.base)?), &field.member) {
            (Type::Record(record), member) => {
                let name = quote::ToTokens::to_token_stream(member).to_string();
                let fields = cx.types.fields_of(record).1;
                fields.into_iter().find(|(field, _)| *field == name).map(|(_, ty)| ty)
            }
            (Type::Tuple(parts) | Type::Fields(parts), syn::Member::Unnamed(at)) => {
                parts.get(at.index as usize).cloned()
            }
            _ => None,
        },
        _ => None,
    }
}

/// A type that may be another thing each time it is asked, of whatever reference: a cell, a generator of random numbers.
fn may_have_state(cx: &Lower<'_>, ty: &Type) -> bool {
    match cx.types.resolve(ty) {
        Type::Opaque | Type::Var(_) => true,
        Type::Ref { to, .. } => may_have_state(cx, &to),
        Type::Array(of, _) | Type::Slice(of) | Type::Vec(of) | Type::Option(of) | Type::Seq(of) => {
            may_have_state(cx, &of)
        }
        Type::Tuple(parts) | Type::Fields(parts) => parts.iter().any(|part| may_have_state(cx, part)),
        Type::Record(_) => false,
        Type::Float(_) | Type::Int | Type::Bool | Type::Unit | Type::Matrix(..) => false,
    }
}

/// Whether a method may change the variable that it is called of, or a part of it.
fn may_change(cx: &Lower<'_>, id: LocalId, method: &str, arguments: usize) -> bool {
    let local = cx.local(id);
    let (val, lent) = match &local.val {
        Val::Ref { to, mutable } => ((**to).clone().peeled(), *mutable),
        val => (val.clone().peeled(), false),
    };
    let exclusive = |operand: &Operand| operand.var().is_some_and(|var| cx.vars[var.index()].exclusive);
    let by_name = changes(method, arguments);
    match &val {
        Val::Memory(memory) => match cx.types.resolve(&memory.ty) {
            Type::Record(_) | Type::Opaque | Type::Var(_) | Type::Fields(_) => {
                let is_mutable = local.mutable || lent || cx.vars[memory.place.root.index()].exclusive;
                is_mutable && !looks(method, arguments)
            }
            _ => by_name,
        },
        Val::Scalar(_, ty) if cx.types.is_scalar(ty) => false,
        Val::Scalar(operand, _) if local.mutable || lent || exclusive(operand) => !looks(method, arguments),
        Val::Cell(..) => !looks(method, arguments),
        Val::Code(_) if local.mutable || lent => !looks(method, arguments),
        Val::Scalar(..) | Val::Code(_) => INSIDE.contains(&method),
        _ => by_name,
    }
}

/// What calling a variable does.
fn of_call(cx: &Lower<'_>, id: LocalId) -> Effects {
    match &cx.local(id).val {
        Val::Closure(closure) => match &**closure {
            Closure::Function(function) => function.effects(),
            Closure::Iterator(..) | Closure::Cursor(_) | Closure::Optional(_) | Closure::Window(_) => {
                Effects::None
            }
        },
        // One that only rustc knows may be `FnMut`.
        Val::Cell(..) => Effects::Changes,
        _ if cx.local(id).mutable => Effects::Changes,
        _ => Effects::None,
    }
}
