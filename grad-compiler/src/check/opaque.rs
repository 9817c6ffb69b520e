//! Does a derivative go through code that the compiler does not look into?

use super::carriers::{Carriers, Read};
use super::uses::Way;
use crate::args::{Args, RECEIVER, Sibling};
use crate::diag::{Code, Errors};
use crate::ir::{ArgKind, Func, Stmt, Var, placeholder_index};
use crate::matrix::rows;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::{Expr, ItemFn};

/// A differentiated value, `name`, meets this code. `changes`: it gets lost in what the code changes.
pub fn opaque(
    errors: &mut Errors,
    (function, args, primal): (&ItemFn, &Args, &Func),
    code: &TokenStream,
    name: &str,
    changes: bool,
) {
    if let Some((method, sibling)) = underived(args, primal, code) {
        sibling.refuse(errors, &method);
        return;
    }
    // Intermediate results have names that the user does not know.
    let is_written = mentions(&function.block.to_token_stream(), name)
        || mentions(&function.sig.inputs.to_token_stream(), name);
    let value = if is_written {
        format!("`{name}`, which is differentiated,")
    } else {
        "a differentiated value".into()
    };
    let (what, help) = if changes {
        (
            format!("{value} gets lost in this code, which the compiler does not look into"),
            "keep it in a variable, an array or a `Vec`; or, if the result does not depend on this, stop differentiation with `let c = grad::constant(…);`",
        )
    } else {
        (
            format!("{value} is read by this code, which the compiler does not look into"),
            "compute it with scalars, arrays, slices, `Vec`s and tuples; or stop differentiation with `let c = grad::constant(…);`",
        )
    };
    errors.push_at(Code::OpaqueActive, code, what, help);
}

/// The method of the same block that the code calls of `self`, where that has no derivatives.
fn underived(args: &Args, primal: &Func, code: &TokenStream) -> Option<(Ident, Sibling)> {
    let siblings = &args.method.as_ref()?.siblings;
    let Ok(Expr::MethodCall(call)) = syn::parse2(code.clone()) else { return None };
    let mut receiver = &*call.receiver;
    loop {
        receiver = match receiver {
            Expr::Paren(paren) => &paren.expr,
            Expr::Group(group) => &group.expr,
            Expr::Reference(reference) => &reference.expr,
            _ => break,
        };
    }
    let Expr::Path(receiver) = receiver else { return None };
    let var = placeholder_index(receiver.path.get_ident()?)?;
    let is_self = primal.vars.get(var.index())?.name == RECEIVER;
    let sibling = siblings.get(&call.method.to_string()).filter(|sibling| !sibling.has_derivatives)?;
    is_self.then(|| (call.method.clone(), *sibling))
}

/// A method of matrices that has no row.
pub fn method_of_matrix(errors: &mut Errors, method: &Ident) {
    let near = match rows::near(&method.to_string()) {
        Some(near) => format!("the near one that has is `{near}`; "),
        None => String::new(),
    };
    errors.push_at(
        Code::UnknownMethod,
        method,
        format!("the method `{method}` of matrices has no derivative rule"),
        format!(
            "{near}write it with elements, `m[(i, j)]`, in a loop, or as a function with a rule of your own, `#[grad(vjp = …)]`"
        ),
    );
}

/// A method of sequences that is followed for constants only.
pub fn method(errors: &mut Errors, method: &Ident) {
    let help = if method.to_string().starts_with("sort_unstable") {
        "sort with `sort_by`: what is equal keeps its order then; or with `sort_unstable_by(f64::total_cmp)`"
    } else {
        "write it with indices and loops; or order the indices, `order.sort_by(|&i, &j| x[i].total_cmp(&x[j]))`, and index with them"
    };
    let what =
        format!("the method `{method}` of arrays and `Vec`s is not supported for differentiated values");
    errors.push_at(Code::UnknownMethod, method, what, help);
}

/// Refuses all code through which a derivative may go to the result, once for each variable.
pub(super) fn refuse(errors: &mut Errors, primal: &Carriers, (function, args): (&ItemFn, &Args)) {
    let mut known: BTreeSet<Var> = BTreeSet::new();
    for read in primal.active() {
        let Some(code) = code_of(read) else { continue };
        if let Way::Code(crate::ir::Code { method: Some(method), .. }) = read.way {
            if known.insert(read.from) {
                method_of_matrix(errors, method);
            }
        } else if known.insert(read.from) {
            let changes = matches!(read.stmt, Stmt::Effect { .. });
            opaque(
                errors,
                (function, args, primal.func),
                &code,
                &primal.func.vars[read.from.index()].name,
                changes,
            );
        }
        // What comes of it is lost with it.
        known.extend(&read.to);
    }
}

/// The code by which a value goes on.
fn code_of(read: &Read) -> Option<TokenStream> {
    match read.way {
        Way::Code(code) => Some(code.tokens.clone()),
        Way::Argument(_, arg) => match &arg.kind {
            ArgKind::Code { code, .. } => Some(code.tokens.clone()),
            _ => None,
        },
        Way::Whole | Way::Loaded | Way::Partial(_) => None,
    }
}

/// Whether the word stands in the tokens, other than as the name of a method or a field.
pub(crate) fn mentions(tokens: &TokenStream, word: &str) -> bool {
    use proc_macro2::TokenTree;
    let mut after_dot = false;
    tokens.clone().into_iter().any(|tree| {
        let is_part = std::mem::replace(
            &mut after_dot,
            matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '.'),
        );
        match tree {
            TokenTree::Ident(ident) => ident == word && !is_part,
            TokenTree::Group(group) => mentions(&group.stream(), word),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        }
    })
}
