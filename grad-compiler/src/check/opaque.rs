//! Does a derivative go through code that the compiler does not look into?

use super::carriers::{Carriers, Read};
use super::uses::Way;
use crate::diag::{Code, Errors};
use crate::ir::{ArgKind, Stmt, Var};
use crate::matrix::rows;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use std::collections::BTreeSet;
use syn::ItemFn;

/// A differentiated value, `name`, meets this code. `changes`: it gets lost in what the code changes.
pub fn opaque(errors: &mut Errors, function: &ItemFn, code: &TokenStream, name: &str, changes: bool) {
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

/// Says of code what more is known of it, and whether that is enough.
pub type Known<'a> = &'a dyn Fn(&mut Errors, &TokenStream) -> bool;

/// Refuses all code through which a derivative may go to the result, once for each variable.
pub(super) fn refuse(errors: &mut Errors, primal: &Carriers, function: &ItemFn, known: Known<'_>) {
    let mut seen: BTreeSet<Var> = BTreeSet::new();
    for read in primal.active() {
        let Some(code) = code_of(read) else { continue };
        if let Way::Code(crate::ir::Code { method: Some(method), .. }) = read.way {
            if seen.insert(read.from) {
                method_of_matrix(errors, method);
            }
        } else if seen.insert(read.from) && !known(errors, &code) {
            let changes = matches!(read.stmt, Stmt::Effect { .. });
            opaque(errors, function, &code, &primal.func.vars[read.from.index()].name, changes);
        }
        // What comes of it is lost with it.
        seen.extend(&read.to);
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
