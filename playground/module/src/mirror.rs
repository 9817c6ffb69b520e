//! Which expression of the primal each line of the generated code stands for.
//!
//! Generated tokens keep the places of what they were made for, and lose them when they are printed. The printed text is
//! read again, and its tokens are set beside those that were printed: they are the same, but for commas and brackets.

use crate::json;
use crate::place::{self, Range, Source};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, ItemFn, Pat, Stmt, parse_quote};

/// How far apart both may get: a bracket and a comma or two.
const REACH: usize = 6;

/// The code as a page shows it: its text, and for every line of it the places in the source.
pub(crate) fn printed(function: &ItemFn, source: &Source, wholes: &Wholes) -> String {
    let text = prettyplease::unparse(&parse_quote!(#function));
    let lines = mirrored(function.to_token_stream(), &text, source, wholes);
    json::object([("text", json::string(&text)), ("lines", json::list(lines.into_iter().map(place::all)))])
}

fn mirrored(tokens: TokenStream, text: &str, source: &Source, wholes: &Wholes) -> Vec<BTreeSet<Range>> {
    let mut lines = vec![BTreeSet::new(); text.lines().count()];
    // A line that begins with a token of the user's stands for that alone.
    let mut decided = vec![None; lines.len()];
    let Ok(printed) = text.parse::<TokenStream>() else { return lines };
    let (mut made, mut shown) = (Vec::new(), Vec::new());
    flatten(tokens, &mut made);
    flatten(printed, &mut shown);
    let (mut i, mut j) = (0, 0);
    while i < made.len() && j < shown.len() {
        if made[i].0 == shown[j].0 {
            let line = shown[j].1.start().line - 1;
            let range = source.of(made[i].1).map(|head| wholes.of(head));
            if let (Some(ranges), Some(decided)) = (lines.get_mut(line), decided.get_mut(line)) {
                let alone = *decided.get_or_insert(range.is_some());
                if !alone || ranges.is_empty() {
                    ranges.extend(range);
                }
            }
            (i, j) = (i + 1, j + 1);
            continue;
        }
        // The nearest pair that is the same again.
        let next = (1..REACH).find_map(|sum| {
            (0..=sum)
                .map(|skip| (i + skip, j + sum - skip))
                .find(|&(i, j)| made.get(i).zip(shown.get(j)).is_some_and(|(made, shown)| made.0 == shown.0))
        });
        (i, j) = next.unwrap_or((i + 1, j + 1));
    }
    lines
}

/// The expressions of the primal, by the token that the compiler finds them by.
pub(crate) struct Wholes<'s> {
    source: &'s Source<'s>,
    by_head: BTreeMap<Range, Range>,
}

impl<'s> Wholes<'s> {
    pub(crate) fn new(function: &ItemFn, source: &'s Source) -> Wholes<'s> {
        let mut wholes = Wholes { source, by_head: BTreeMap::new() };
        // The last value is called by the function's name.
        if let Some(Stmt::Expr(last, None)) = function.block.stmts.last() {
            wholes.add(function.sig.ident.span(), last);
        }
        wholes.visit_item_fn(function);
        wholes
    }

    /// What the token stands for.
    pub(crate) fn at(&self, span: Span) -> Option<Range> {
        self.source.of(span).map(|head| self.of(head))
    }

    fn of(&self, head: Range) -> Range {
        self.by_head.get(&head).copied().unwrap_or(head)
    }

    fn add(&mut self, head: Span, whole: impl ToTokens) {
        let tokens: Vec<TokenTree> = whole.into_token_stream().into_iter().collect();
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        if let (Some(head), Some(whole)) =
            (self.source.of(head), self.source.between(first.span(), last.span()))
        {
            self.by_head.insert(head, whole);
        }
    }
}

impl<'ast> Visit<'ast> for Wholes<'_> {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let Pat::Ident(name) = named(&local.pat) {
            self.add(name.ident.span(), local);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Binary(binary) => self.add(binary.op.span(), expr),
            Expr::Unary(unary) => self.add(unary.op.span(), expr),
            Expr::MethodCall(call) => self.add(call.method.span(), expr),
            Expr::Assign(assign) => self.add(assign.eq_token.span, expr),
            Expr::Call(call) => {
                if let Expr::Path(path) = &*call.func
                    && let Some(segment) = path.path.segments.last()
                {
                    self.add(segment.ident.span(), expr);
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

/// A name behind its type.
fn named(pat: &Pat) -> &Pat {
    match pat {
        Pat::Type(typed) => named(&typed.pat),
        pat => pat,
    }
}

/// Every token with its brackets, as text.
fn flatten(tokens: TokenStream, out: &mut Vec<(String, Span)>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => {
                        flatten(group.stream(), out);
                        continue;
                    }
                };
                out.push((open.to_owned(), group.span_open()));
                flatten(group.stream(), out);
                out.push((close.to_owned(), group.span_close()));
            }
            tree => out.push((tree.to_string(), tree.span())),
        }
    }
}
