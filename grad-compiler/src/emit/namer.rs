//! Names of the generated variables.
//!
//! Guarantees: a name is unique among those in scope, and is none of the identifiers of the user's function
//! except where it stands for that very variable. (Hygiene would keep the compiler from mixing
//! them up; a reader has no hygiene.)

use super::site;
use crate::hash::{HashMap, HashSet};
use crate::ir::VarInfo;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use std::rc::Rc;

/// A temporary's name is not longer than this.
const LONGEST_HINT: usize = 16;

/// Words that only a raw identifier can be spelt by, in the edition of this crate. The compiler's list of them: asking a
/// parser about each name would be a tenth of the time of an expansion. In order, to be searched.
pub(super) const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The identifiers of the user's function: those that bind variables, and the others.
#[derive(Default)]
pub(super) struct Words {
    bindings: HashSet<String>,
    others: HashSet<String>,
}

impl Words {
    /// `item`: all tokens of the user's function; `variables`: what the user calls its variables.
    pub(super) fn of(item: TokenStream, variables: impl IntoIterator<Item = String>) -> Words {
        let bindings: HashSet<String> = variables.into_iter().collect();
        let mut others = HashSet::default();
        collect(item, &mut others);
        for name in &bindings {
            others.remove(name);
        }
        Words { bindings, others }
    }

    fn has(&self, name: &str) -> bool {
        self.bindings.contains(name) || self.others.contains(name)
    }
}

#[derive(Default)]
pub(super) struct Namer {
    words: Rc<Words>,
    /// Names in scope, innermost last; of a name with a number, the stem and the number.
    in_scope: Vec<(String, Option<(String, usize)>)>,
    /// For each stem, a number below which none is free.
    next: HashMap<String, usize>,
    taken: HashSet<String>,
    scopes: Vec<usize>,
}

impl Namer {
    /// Names for a function with these words.
    pub(super) fn beside(words: &Rc<Words>) -> Namer {
        Namer { words: Rc::clone(words), ..Namer::default() }
    }

    pub(super) fn enter(&mut self) {
        self.scopes.push(self.in_scope.len());
    }

    pub(super) fn leave(&mut self) {
        let len = self.scopes.pop().expect("every scope is entered before it is left");
        for (name, numbered) in self.in_scope.drain(len..) {
            self.taken.remove(&name);
            if let Some((stem, number)) = numbered
                && let Some(next) = self.next.get_mut(&stem)
            {
                *next = number.min(*next);
            }
        }
    }

    /// The name of a variable of the IR, in scope from here on.
    pub(super) fn define(&mut self, info: &VarInfo) -> Ident {
        let hint = &info.name.replace("r#", "");
        if self.words.bindings.contains(hint.as_str()) && !self.taken.contains(hint.as_str()) {
            return self.take(hint.clone(), None, info.span);
        }
        if !self.words.bindings.contains(hint.as_str()) && hint.chars().count() > LONGEST_HINT {
            return self.fresh_numbered("t", info.span);
        }
        self.fresh(hint, info.span)
    }

    /// Whether the user calls something so.
    pub(super) fn is_users(&self, name: &str) -> bool {
        self.words.bindings.contains(without_raw(name))
    }

    /// A new name like the hint.
    pub(super) fn fresh(&mut self, hint: &str, span: Span) -> Ident {
        let hint = without_raw(hint);
        if self.is_free(hint) {
            self.take(hint.to_owned(), None, span)
        } else {
            self.fresh_numbered(&format!("{hint}_"), span)
        }
    }

    fn fresh_numbered(&mut self, stem: &str, span: Span) -> Ident {
        let mut k = self.next.get(stem).copied().unwrap_or(1);
        while !self.is_free(&format!("{stem}{k}")) {
            k += 1;
        }
        self.next.insert(stem.to_owned(), k + 1);
        self.take(format!("{stem}{k}"), Some((stem.to_owned(), k)), span)
    }

    fn is_free(&self, name: &str) -> bool {
        !self.words.has(name) && !self.taken.contains(name)
    }

    fn take(&mut self, name: String, numbered: Option<(String, usize)>, span: Span) -> Ident {
        let span = span.resolved_at(site());
        let ident = match name.as_str() {
            "self" | "Self" | "super" | "crate" | "_" | "" => Ident::new(&format!("{name}_0"), span),
            word if KEYWORDS.binary_search(&word).is_ok() => Ident::new_raw(word, span),
            _ => Ident::new(&name, span),
        };
        self.taken.insert(name.clone());
        self.in_scope.push((name, numbered));
        ident
    }
}

fn without_raw(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

fn collect(tokens: TokenStream, names: &mut HashSet<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => {
                names.insert(without_raw(&ident.to_string()).to_owned());
            }
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
