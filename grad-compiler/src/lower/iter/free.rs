//! Functions of the standard library that make an iterator.

use super::pipe::Pipe;
use crate::lower::flow::bare;
use crate::lower::{Lower, expr};
use syn::Expr;

/// Which function of `std::iter` is called.
pub(super) fn iter_function(call: &syn::ExprCall) -> Option<&'static str> {
    let Expr::Path(path) = bare(&call.func) else { return None };
    let mut names = path.path.segments.iter().rev();
    let name = &names.next()?.ident;
    if names.next()?.ident != "iter" {
        return None;
    }
    ["repeat", "repeat_n", "once", "empty", "zip"].into_iter().find(|known| name == known)
}

/// What it gives.
pub(super) fn free_function(cx: &mut Lower<'_>, call: &syn::ExprCall) -> Option<Pipe> {
    let name = iter_function(call)?;
    let args: Vec<&Expr> = call.args.iter().collect();
    let value = |cx: &mut Lower<'_>, at: usize| {
        let val = expr::lower(cx, args.get(at)?);
        Some(Box::new(cx.settle(val)))
    };
    Some(match name {
        "repeat" => Pipe::Repeat(value(cx, 0)?),
        "repeat_n" => {
            let of = Pipe::Repeat(value(cx, 0)?);
            let count = *value(cx, 1)?;
            Pipe::Take(Box::new(of), cx.as_int(count))
        }
        "once" => Pipe::Once(value(cx, 0)?),
        "zip" => {
            let a = expr::lower(cx, args.first()?);
            let a = cx.pipe_at(a, &call.args);
            let b = expr::lower(cx, args.get(1)?);
            Pipe::Zip(Box::new(a), Box::new(cx.pipe_at(b, &call.paren_token)))
        }
        _ => Pipe::Empty,
    })
}
