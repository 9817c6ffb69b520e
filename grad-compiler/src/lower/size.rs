//! Is the function small enough to be read? Checked on the tokens, in a loop, before anything recursive sees them:
//! no input overflows the stack.

use super::{Kind, Lower};
use crate::diag::Errors;
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// How the names of the generated code begin.
const RESERVED: &str = "__grad";

/// How deep brackets may be nested.
const DEPTH: usize = 128;

/// How many tokens one expression may have without a bracket around a part of it.
const LENGTH: usize = 4000;

/// How many operators, calls and indices one expression may have without a bracket around a part of it.
const LINKS: usize = 1000;

/// How many prefix operators may follow each other.
const PREFIXES: usize = 32;

/// How many constructs may be begun inside each other without a bracket: `return`, `=`, `|`, `<`, `@`.
const NESTED: usize = 96;

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
            let (code, what, help) = if stretch.prefixes > PREFIXES || stretch.nested > NESTED {
                (
                    Kind::TooDeep,
                    "too much follows each other without a bracket",
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
    links: usize,
    nested: usize,
    prefixes: usize,
    /// The token before ends an operand: what follows continues it.
    operand: bool,
    /// The token before is the first half of an operator: `&&`, `==`, `::`.
    joint: bool,
    else_ifs: usize,
}

impl Stretch {
    /// Takes a token in; `false`: that is too much.
    fn add(&mut self, tree: &TokenTree) -> bool {
        let joint = std::mem::take(&mut self.joint);
        self.length += 1;
        match tree {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') => {
                *self = Stretch::default();
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let else_ifs = self.else_ifs;
                *self = Stretch { else_ifs, operand: true, ..Stretch::default() };
            }
            TokenTree::Punct(punct) => {
                self.joint = punct.spacing() == Spacing::Joint;
                let char = punct.as_char();
                if matches!(char, '-' | '!' | '*' | '&' | '|') && !self.operand {
                    self.prefixes += 1;
                } else {
                    self.prefixes = 0;
                }
                if !joint && !matches!(char, ':' | '\'' | '#') {
                    self.links += 1;
                }
                let assigns = char == '=' && !joint && !self.joint;
                // A closure begins where an operand is missing; a `|` behind one is an operator.
                let closure = char == '|' && !self.operand && !joint;
                if assigns || closure || matches!(char, '<' | '@') {
                    self.nested += 1;
                }
                self.operand = false;
            }
            TokenTree::Ident(ident) => match ident.to_string().as_str() {
                "else" => self.else_ifs += 1,
                "return" | "break" | "move" | "let" | "if" | "match" | "while" | "for" | "yield"
                | "unsafe" | "async" | "const" => {
                    self.nested += 1;
                    self.operand = false;
                }
                "as" => {
                    self.links += 1;
                    self.operand = false;
                }
                _ => {
                    self.prefixes = 0;
                    self.operand = true;
                }
            },
            TokenTree::Group(_) => {
                self.links += usize::from(self.operand);
                self.prefixes = 0;
                self.operand = true;
            }
            TokenTree::Literal(_) => {
                self.prefixes = 0;
                self.operand = true;
            }
        }
        self.length <= LENGTH
            && self.links <= LINKS
            && self.nested <= NESTED
            && self.prefixes <= PREFIXES
            && self.else_ifs <= LINKS
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
