//! May a call change what a closure captures, or is given?
//!
//! A macro does not see what a method does with what it is called of. What is followed has methods that the compiler knows; of all
//! else, whatever may be changed is taken to be, unless the method has the name of one of the standard library's that look only.

use super::changes;
use super::env::LocalId;
use super::types::Type;
use super::value::Val;
use super::{Lower, closure};
use crate::ir::Operand;

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
const LENDING: [&str; 8] = [
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

/// Whether a method may change the variable that it is called of, or a part of it.
pub(super) fn may_change(cx: &Lower<'_>, id: LocalId, method: &str, arguments: usize) -> bool {
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

/// Whether calling a variable changes something: a closure that does.
pub(super) fn call_changes(cx: &Lower<'_>, id: LocalId) -> bool {
    match &cx.local(id).val {
        Val::Closure(closure) => match &**closure {
            closure::Closure::Function(function) => function.changes(),
            closure::Closure::Iterator(..)
            | closure::Closure::Cursor(_)
            | closure::Closure::Optional(_)
            | closure::Closure::Window(_) => false,
        },
        // One that only rustc knows may be `FnMut`.
        Val::Cell(..) => true,
        _ => cx.local(id).mutable,
    }
}
