//! Which lints can generated functions not help?

use super::cotangent_types::vec_element;
use super::items::Cx;
use super::{Tokens, site};
use crate::shape::ungrouped;
use proc_macro2::TokenTree;
use quote::quote_spanned;
use syn::Type;

impl Cx<'_> {
    /// The lints that generated functions cannot help.
    pub(super) fn allowed(&self, functions: &Tokens) -> Tokens {
        let s = site();
        // The derivatives of a deprecated function use it, and each other.
        let is_deprecated = !self.attrs("deprecated").is_empty();
        let mut allow = Tokens::new();
        if is_deprecated {
            allow.extend(quote_spanned!(s=> #[allow(deprecated)]));
        }
        // A function may always fail.
        if self.sig.failing.is_some() {
            allow.extend(quote_spanned!(s=> #[allow(unreachable_code)]));
        }
        // Of each parameter an argument, a direction, and two more tangents or markers: the most that a function takes. With
        // each order, the tangents of all.
        let order = if self.args.has_rule() { 2 } else { self.args.order };
        let most = 2 + (1 << order);
        if most * self.sig.params.len() > 7 {
            allow.extend(quote_spanned!(s=> #[allow(clippy::too_many_arguments)]));
        }
        let is_vec_behind_reference =
            |ty: &Type| matches!(ungrouped(ty), Type::Reference(to) if vec_element(&to.elem).is_some());
        if self.sig.params.iter().any(|param| is_vec_behind_reference(param.ty.ty)) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::ptr_arg)]));
        }
        if has_known_constant(functions.clone()) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::approx_constant)]));
        }
        // Of each constant there are the digits of an `f64`.
        if mentions_single(functions.clone()) && has_many_digits(functions.clone()) {
            allow.extend(quote_spanned!(s=> #[allow(clippy::excessive_precision)]));
        }
        // The user's bounds stand where the user has put them, and ours behind all.
        if self.sig.item.sig.generics.type_params().next().is_some() {
            allow.extend(quote_spanned!(s=> #[allow(clippy::multiple_bound_locations)]));
        }
        // What the user allows of the function is allowed of what is made of it.
        allow.extend(self.attrs("allow"));
        allow
    }
}

/// Whether there is a literal that clippy would have spelt by a name, which depends on the type.
fn has_known_constant(tokens: Tokens) -> bool {
    use std::f64::consts::{LN_2, LN_10, LOG2_E, LOG10_E};
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => has_known_constant(group.stream()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let digits = text.trim_end_matches("_f64").trim_end_matches("_f32");
            digits.parse::<f64>().is_ok_and(|value| [LN_2, LN_10, LOG2_E, LOG10_E].contains(&value))
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}

fn mentions_single(tokens: Tokens) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => mentions_single(group.stream()),
        TokenTree::Literal(literal) => literal.to_string().ends_with("f32"),
        TokenTree::Ident(ident) => ident == "f32",
        TokenTree::Punct(_) => false,
    })
}

/// Whether there is a literal with more digits than an `f32` has.
fn has_many_digits(tokens: Tokens) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => has_many_digits(group.stream()),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            let digits = text.trim_end_matches("_f64").trim_end_matches("_f32");
            #[allow(clippy::cast_possible_truncation, reason = "to see what is lost")]
            digits.parse::<f64>().is_ok_and(|value| (value as f32).to_string() != value.to_string())
        }
        TokenTree::Ident(_) | TokenTree::Punct(_) => false,
    })
}
