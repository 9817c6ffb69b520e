//! Is a number in a range? `(0.0..1.0).contains(&x)`

use crate::lower::types::Type;
use crate::lower::value::{CodeVal, RangeVal, Val};
use crate::lower::{Lower, expr};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprMethodCall};

/// `range.contains(&item)`: a condition, which has no derivative.
pub(super) fn lower(cx: &mut Lower<'_>, call: &ExprMethodCall, item: &Expr) -> Val {
    let range = match expr::lower(cx, &call.receiver) {
        Val::Local(path) => cx.read_component(&path),
        range => range,
    };
    let item = expr::lower(cx, item).peeled();
    let Val::Range(range) = range else { return Val::Never };
    if matches!(item, Val::Never) {
        return Val::Never;
    }
    let RangeVal { from, to, inclusive } = *range;
    let ty = cx.type_of(&item);
    let ty = cx.types.peel(&ty);
    for end in from.iter().chain(&to) {
        let end = cx.type_of(end);
        let end = cx.types.peel(&end);
        cx.types.unify(&ty, &end);
    }
    let mut cheap = true;
    let mut written = |cx: &mut Lower<'_>, val: Val| {
        let code = cx.as_code(val);
        cheap &= code.cheap;
        in_brackets(code.tokens)
    };
    let from = from.map(|end| written(cx, end.peeled()));
    let to = to.map(|end| written(cx, end.peeled()));
    let item = written(cx, item);
    let tokens = if inclusive {
        quote!((#from..=#to).contains(&#item))
    } else {
        quote!((#from..#to).contains(&#item))
    };
    Val::Code(CodeVal { tokens, ty: Type::Bool, cheap, typed: true })
}

/// Operators bind less than `&` does, and some less than `..`.
fn in_brackets(tokens: TokenStream) -> TokenStream {
    match syn::parse2::<Expr>(tokens.clone()) {
        Ok(Expr::Lit(_) | Expr::Path(_) | Expr::Paren(_) | Expr::Field(_) | Expr::Index(_)) => tokens,
        Ok(Expr::Call(_) | Expr::MethodCall(_)) => tokens,
        _ => quote!((#tokens)),
    }
}
