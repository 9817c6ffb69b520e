//! Maps in fields, by whose keys constants are found: `self.names.get(name)?`.
//!
//! What a field is, only rustc knows. An index is no text, so that what is asked for by one is a map, or has a method of the
//! user's; the runtime takes maps only, which have no tangents.

use super::location::Located;
use super::types::Type;
use super::value::Val;
use super::{Lower, flow};
use crate::ir::{Code, Op};
use crate::shape::{Shape, ungrouped};
use quote::quote_spanned;
use syn::{Expr, ExprLit, ExprMethodCall, Lit};

/// Whether something is looked up by a text.
pub(super) fn is_looked_up(cx: &Lower<'_>, call: &ExprMethodCall) -> bool {
    let is_text = |key: &Expr| match flow::bare(key) {
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => true,
        Expr::Path(path) => {
            let id = path.path.get_ident().and_then(|name| cx.lookup(name));
            id.and_then(|id| cx.declared.get(&id)).is_some_and(|ty| match ungrouped(ty) {
                syn::Type::Reference(reference) => {
                    matches!(Shape::of(&reference.elem), Shape::WithoutFloats)
                }
                _ => false,
            })
        }
        _ => false,
    };
    call.method == "get" && call.args.len() == 1 && is_text(&call.args[0])
}

/// The map, as a constant.
pub(super) fn constant(cx: &mut Lower<'_>, call: &ExprMethodCall, of: Val) -> Val {
    let Val::Memory(memory) = &of else { return of };
    let place = cx.viewed(&memory.place);
    let is_map = cx.types.is_unresolved(&memory.ty)
        && cx.shared.contains(&place.root)
        && place.path.iter().any(crate::ir::Proj::is_field)
        && is_looked_up(cx, call);
    if !is_map {
        return of;
    }
    let map = cx.place_tokens(&memory.place);
    let span = call.receiver.location();
    let code = Code::new(quote_spanned!(span=> __grad_runtime::map(&#map)), true).stopping();
    Val::Scalar(cx.push_let("map", Type::Opaque, Op::Code(code)), Type::Opaque)
}
