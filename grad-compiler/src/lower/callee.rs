//! What does the path of a called function tell about it?

use super::{Lower, method};

pub(super) fn is_constructor(path: &syn::ExprPath) -> bool {
    path.path.segments.last().is_some_and(|segment| segment.ident.to_string().starts_with(char::is_uppercase))
}

/// `Type::function`, `f64::function`, `<T as Trait>::function`.
pub(super) fn is_associated(path: &syn::ExprPath) -> bool {
    let names: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let of = names.len().checked_sub(2).and_then(|at| names.get(at));
    path.qself.is_some()
        || of.is_some_and(|of| {
            of.starts_with(char::is_uppercase)
                || matches!(of.as_str(), "f64" | "f32")
                || super::types::is_int_name(of)
        })
}

/// The names of a path; `<f64>::sin` is `f64::sin`.
pub(super) fn path_names(path: &syn::ExprPath) -> Vec<String> {
    if let Some(qself) = &path.qself
        && let syn::Type::Path(ty) = &*qself.ty
    {
        // `<T as Float>::sin` is `T::sin`.
        let behind = path.path.segments.iter().skip(qself.position);
        let all = ty.path.segments.iter().chain(behind);
        return all.map(|segment| segment.ident.to_string()).collect();
    }
    path.path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// A function whose rule or meaning is known by its path.
pub(super) fn is_known_function(cx: &Lower<'_>, names: &[&str], arity: usize) -> bool {
    match names {
        [.., "f64" | "f32", "from"] | [.., "convert", "identity"] | [.., "hint", "black_box"] => arity == 1,
        [.., of, name] if matches!(*of, "f64" | "f32") || cx.has_float_methods(of) => {
            method::row(name, arity).is_some() || method::is_float_test(name)
        }
        _ => false,
    }
}
