//! What is said of a name that is no variable, and perhaps should be one?
//!
//! Rustc says which variable has a similar name. In a derivative, variables have names that the user's tokens do not see, so
//! that rustc would have nothing to propose, and would report the same name in two ways. Where a variable has a name that is
//! like one in small letters that is none, a number of the variable's name stands in front of the derivative: what rustc
//! proposes, it proposes there, too, and an error that is the same twice it reports once.

use super::{Tokens, site};
use crate::ir::visit::Item as Part;
use crate::ir::{Code, Func};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use std::collections::BTreeSet;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprClosure, ExprPath, Item, ItemFn, PatIdent};

/// The variables that a name of the function resembles, which is none of them.
pub(super) fn variables_again(item: &ItemFn, bindings: &[String]) -> Tokens {
    let mut unknown = Unknown { bindings, names: BTreeSet::new() };
    unknown.visit_block(&item.block);
    let resembled = unknown.names.iter().filter_map(|name| {
        // As far as rustc goes.
        let farthest = name.chars().count().max(3) / 3;
        let near = bindings.iter().map(|other| (distance(name, other), other));
        near.filter(|(distance, _)| *distance <= farthest).min().map(|(_, other)| other)
    });
    let names: BTreeSet<&String> = resembled.filter(|name| is_plain(name)).collect();
    let variables = names.into_iter().map(|name| Ident::new(name, Span::call_site()));
    let s = site();
    variables.map(|variable| quote_spanned!(s=> let #variable = 0; let _ = #variable;)).collect()
}

/// The variables of inner blocks whose names are used outside of these. Rustc says where such a variable is, by the place of its
/// name, which is why this is the user's own.
pub(super) fn inner_variables_again(item: &ItemFn, primal: &Func) -> Tokens {
    let mut outside = BTreeSet::new();
    primal.body.for_each_stmt(&mut |stmt| {
        stmt.walk(&mut |part| {
            if let Part::Code(Code { tokens, .. }) = part {
                names_in(tokens.clone(), &mut outside);
            }
        });
    });
    let mut bound = Bound { outside: &outside, found: Vec::new() };
    bound.visit_block(&item.block);
    let variables = bound.found;
    if variables.is_empty() {
        return Tokens::new();
    }
    let s = site();
    quote_spanned!(s=> { #(let #variables = 0; let _ = #variables;)* })
}

/// The names that stand alone in tokens, where every variable is a placeholder: of items, or of nothing.
fn names_in(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is_part = |tree: Option<&TokenTree>| matches!(tree, Some(TokenTree::Punct(punct)) if ['.', ':', '!', '\''].contains(&punct.as_char()));
    for (at, tree) in trees.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| trees.get(before));
        match tree {
            TokenTree::Ident(name) if !is_part(before) && !is_part(trees.get(at + 1)) => {
                names.insert(name.to_string());
            }
            TokenTree::Group(group) => names_in(group.stream(), names),
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Looks for variables of these names.
struct Bound<'a> {
    outside: &'a BTreeSet<String>,
    found: Vec<Ident>,
}

impl<'ast> Visit<'ast> for Bound<'_> {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        let name = pat.ident.to_string();
        if self.outside.contains(&name) && is_plain(&name) {
            self.found.push(pat.ident.clone());
        }
        visit::visit_pat_ident(self, pat);
    }

    /// Its parameters are not variables of the function.
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.visit_expr(&closure.body);
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}

/// A name that may stand anywhere, without a word of a lint.
fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_lowercase() || c.is_ascii_digit() || c == '_')
        && !matches!(name, "self" | "gen" | "_")
        && syn::parse_str::<Ident>(name).is_ok()
}

/// How many letters have to be changed, left out or put in.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

struct Unknown<'a> {
    bindings: &'a [String],
    names: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Unknown<'_> {
    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let (None, Some(ident)) = (&path.qself, path.path.get_ident()) {
            let name = ident.to_string();
            if name.starts_with(char::is_lowercase) && name != "self" && !self.bindings.contains(&name) {
                self.names.insert(name);
            }
        }
    }

    /// What is called is a function.
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if !matches!(*call.func, Expr::Path(_)) {
            visit::visit_expr(self, &call.func);
        }
        call.args.iter().for_each(|arg| self.visit_expr(arg));
    }

    fn visit_item(&mut self, _: &'ast Item) {}
}
