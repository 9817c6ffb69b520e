//! `usize::min(model.n, 5)`: functions of the primitive integer types, whose arguments are integers, whatever else tells.

use super::Lower;
use super::call::Argument;
use super::types::Type;
use super::value::Val;
use crate::shape::is_int_name;

/// The arguments of such a function, as what they are; of others, as they are.
pub(super) fn arguments(cx: &mut Lower<'_>, path: &syn::ExprPath, args: Vec<Argument>) -> Vec<Argument> {
    if !takes_integers(path) {
        return args;
    }
    args.into_iter()
        .map(|arg| {
            let ty = cx.type_of(&arg.val);
            let is_open = cx.types.is_unresolved(&ty) || cx.types.is_int(&ty);
            if cx.is_constant(&arg.val) || !is_open {
                return arg;
            }
            Argument { val: Val::Scalar(cx.as_int(arg.val), Type::Int), ..arg }
        })
        .collect()
}

fn takes_integers(path: &syn::ExprPath) -> bool {
    let segments: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let [of, method] = &segments[..] else { return false };
    let is_one = matches!(
        method.as_str(),
        "min" | "max" | "pow" | "abs_diff" | "saturating_sub" | "saturating_add" | "checked_sub" | "div_ceil"
    );
    is_one && path.qself.is_none() && is_int_name(of)
}
