//! What is in a `Box`: a part of what has the box, as a field is.

use super::own_type;
use super::types::{Origin, Type};
use super::value::{Memory, Val};
use super::{Lower, expr};
use crate::ir::{Init, Proj};
use quote::ToTokens;
use syn::{Expr, ExprCall, ExprPath};

/// `Box::new(x)` of what is followed.
pub(super) fn lower_new(cx: &mut Lower<'_>, path: &ExprPath, call: &ExprCall) -> Option<Val> {
    let mut names = path.path.segments.iter().rev().map(|segment| segment.ident.to_string());
    let is_it = names.next()? == "new" && names.next()? == "Box" && path.qself.is_none();
    let args: Vec<&Expr> = call.args.iter().collect();
    if !is_it || args.len() != 1 || !own_type::is_followed(cx, args[0]) {
        return None;
    }
    let node = call;
    Some(cx.operands(&args, &own_type::settled, |cx, mut vals| {
        let Some(val) = vals.pop() else { return Val::Never };
        let elem = expr::elem(cx, val);
        let init =
            Init::Record { path: path.to_token_stream(), members: vec![Proj::Boxed], elems: vec![elem] };
        let ty = cx.type_at(node, Origin::Field);
        let made = cx.push_alloc("boxed", ty, init);
        if let Val::Memory(memory) = &made {
            cx.boxes.insert(memory.place.root);
        }
        made
    }))
}

/// Whether memory is a box where it is dereferenced: a variable that was made as one, or a field, since that is no reference.
pub(super) fn is_one(cx: &Lower<'_>, memory: &Memory) -> bool {
    let is_record = matches!(cx.types.resolve(&memory.ty), Type::Record(_));
    let is_field = matches!(
        memory.place.path.last(),
        Some(Proj::Named(_) | Proj::Variant(_) | Proj::Boxed | Proj::Some | Proj::Index(_))
    );
    (is_record || cx.types.is_unresolved(&memory.ty))
        && (is_field || memory.place.path.is_empty() && cx.boxes.contains(&memory.place.root))
}

/// `*x` of one.
pub(super) fn deref(cx: &mut Lower<'_>, memory: &Memory, whole: &syn::ExprUnary) -> Val {
    // The fields that were found through it are those of what is in it.
    let is_record = matches!(cx.types.resolve(&memory.ty), Type::Record(_));
    let of = if is_record { memory.ty.clone() } else { cx.type_at(whole, Origin::Field) };
    let place = cx.project(&memory.place, Proj::Boxed);
    cx.part(place, of)
}
