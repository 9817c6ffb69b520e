//! `grad::with_cotangent(x, hook)`: a number whose cotangent goes through a hook on its way back.
//!
//! To the other passes it is a call of an annotated function, with the hook as its second, constant argument. The reverse
//! sweep gets the hook again, as it gets every argument: it is written out twice.

use super::value::Val;
use super::{Kind, Lower, code, expr};
use crate::ir::{Arg, ArgKind, Call, Callee, Code, Operand, Stmt};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

/// Whether a path with so many arguments may name the function; that it does is found out beside it.
pub(super) fn is_hook(path: &syn::ExprPath, arguments: usize) -> bool {
    arguments == 2 && path.path.segments.last().is_some_and(|last| last.ident == "with_cotangent")
}

pub(super) fn lower(cx: &mut Lower<'_>, path: &syn::ExprPath, call: &syn::ExprCall) -> Val {
    let (x, hook) = (&call.args[0], &call.args[1]);
    let val = expr::lower(cx, x);
    let val = cx.settle(val);
    if matches!(val, Val::Never) || cx.is_constant(&val) {
        // There is no cotangent to be seen.
        return val;
    }
    let number = match val {
        Val::Scalar(operand, ty) if cx.types.is_float(&ty) => Some((operand, ty)),
        _ => None,
    };
    let Some((operand, ty)) = number else {
        return cx.reject(
            Kind::Hook,
            x,
            "the cotangent of a number can be seen, and this is none",
            "put the hook on the elements, one by one",
        );
    };
    let hook_code = code::substitute(cx, hook);
    if !hook_code.writes.is_empty() {
        return cx.reject(
            Kind::Hook,
            hook,
            "the hook changes a variable of the function",
            "use a `Cell`: the hook runs in the reverse sweep, when the function is over",
        );
    }
    // A closure's parameter has its type from where the closure is passed to.
    let hook_tokens = expr::without_parens(hook_code.tokens);
    let hook_tokens = match hook {
        Expr::Reference(_) => hook_tokens,
        _ => quote_spanned!(hook.span()=> &#hook_tokens),
    };
    let span = path.span();
    let mut bare = path.clone();
    if let Some(last) = bare.path.segments.last_mut() {
        last.arguments = syn::PathArguments::None;
    }
    let result = cx.new_var("hooked", ty.clone());
    let args = vec![
        Arg { kind: ArgKind::Scalar(operand), span: x.span() },
        Arg {
            kind: ArgKind::Code { code: Code::new(hook_tokens, true), exclusive: false, checked: false },
            span: hook.span(),
        },
    ];
    let callee = Callee::Function(quote!(#bare::__grad_hooked));
    cx.push(Stmt::Call(Call::of(callee, args, Some(result), span)));
    Val::Scalar(Operand::Var(result), ty)
}
