//! Is the function small enough to be read? Checked on the tokens, in a loop, before anything recursive sees them:
//! no input overflows the stack.

use super::{Kind, Lower};
use crate::diag::Errors;
use proc_macro2::{Group, TokenStream, TokenTree};

/// How the names of the generated code begin.
const RESERVED: &str = "__grad";

/// How deep brackets may be nested.
const DEPTH: usize = 128;

/// How many tokens one expression may have without a bracket around a part of it.
const LENGTH: usize = 4000;

/// How many prefix operators may follow each other.
const PREFIXES: usize = 32;

/// Checks the size of an item. `false`: it must not be read at all.
pub fn prescan(errors: &mut Errors, tokens: &TokenStream) -> bool {
    let mut open: Vec<(proc_macro2::token_stream::IntoIter, Stretch)> =
        vec![(tokens.clone().into_iter(), Stretch::default())];
    while let Some((trees, stretch)) = open.last_mut() {
        let Some(tree) = trees.next() else {
            open.pop();
            continue;
        };
        if !stretch.add(&tree) {
            let (code, what, help) = if stretch.prefixes > PREFIXES {
                (
                    Kind::TooDeep,
                    "too many operators follow each other",
                    "name intermediate results with `let`",
                )
            } else {
                (Kind::TooLong, "this expression is too long", "split it with `let`, or write a loop")
            };
            errors.push(code, tree.span(), what, help);
            return false;
        }
        if let TokenTree::Group(group) = tree {
            if open.len() >= DEPTH {
                errors.push(
                    Kind::TooDeep,
                    group.span_open(),
                    "this is nested too deeply",
                    "name intermediate results with `let`, or move a part into a function of its own",
                );
                return false;
            }
            open.push((Group::stream(&group).into_iter(), Stretch::default()));
        }
    }
    true
}

/// Tokens since the last comma, semicolon or block.
#[derive(Default)]
struct Stretch {
    length: usize,
    prefixes: usize,
    operand: bool,
    else_ifs: usize,
}

impl Stretch {
    fn add(&mut self, tree: &TokenTree) -> bool {
        match tree {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => *self = Stretch::default(),
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => {
                let else_ifs = self.else_ifs;
                *self = Stretch { else_ifs, operand: true, ..Stretch::default() };
            }
            TokenTree::Punct(punct) => {
                self.length += 1;
                if matches!(punct.as_char(), '-' | '!' | '*' | '&' | '|') && !self.operand {
                    self.prefixes += 1;
                } else {
                    self.prefixes = 0;
                }
                self.operand = false;
            }
            TokenTree::Ident(ident) if ident == "else" => self.else_ifs += 1,
            TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Group(_) => {
                self.length += 1;
                self.prefixes = 0;
                self.operand = true;
            }
        }
        self.length <= LENGTH && self.prefixes <= PREFIXES && self.else_ifs <= LENGTH
    }
}

/// Rejects names that belong to the generated code.
pub(crate) fn check_names(cx: &mut Lower<'_>, tokens: &TokenStream) {
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(trees) = open.last_mut() {
        match trees.next() {
            None => {
                open.pop();
            }
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(TokenTree::Ident(ident)) if ident.to_string().starts_with(RESERVED) => {
                cx.reject(
                    Kind::ReservedName,
                    &ident,
                    "names that begin with `__grad` belong to the generated code",
                    "choose another name",
                );
            }
            Some(_) => {}
        }
    }
}
