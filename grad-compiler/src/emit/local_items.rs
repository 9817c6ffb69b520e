//! Which items of a function's body do the calls in it need? Callees that are declared there, imports, and what those use.

use super::{Tokens, site};
use proc_macro2::TokenTree;
use quote::{ToTokens, quote_spanned};
use std::collections::HashSet;
use syn::visit::Visit;
use syn::{Attribute, Block, Item, Type};

/// Each once, in the order of their declaration.
pub(super) fn needed(block: &Block) -> Vec<Tokens> {
    let mut found = Found { items: Vec::new() };
    found.visit_block(block);
    let mut items: Vec<Candidate> = Vec::new();
    let mut texts = HashSet::new();
    for item in found.items {
        let tokens = item.to_token_stream();
        if texts.insert(tokens.to_string()) {
            let is_implementation = matches!(item, Item::Impl(_));
            let is_needed = is_callee(item);
            // The copies need not be used.
            let tokens = quote_spanned!(site()=> #[allow(dead_code)] #tokens);
            items.push(Candidate { name: name_of(item), is_implementation, is_needed, tokens });
        }
    }
    let mut mentioned = HashSet::new();
    let mut defined: HashSet<String> = HashSet::new();
    let mut left: Vec<usize> = (0..items.len()).filter(|k| items[*k].is_needed).collect();
    while let Some(k) = left.pop() {
        mention(items[k].tokens.clone(), &mut mentioned);
        for (k, item) in items.iter_mut().enumerate() {
            let Some(name) = item.name.as_ref().filter(|name| mentioned.contains(*name)) else { continue };
            // Of one name there may be one in each block; the outermost is the first.
            if !item.is_needed && (item.is_implementation || defined.insert(name.clone())) {
                item.is_needed = true;
                left.push(k);
            }
        }
    }
    items.into_iter().filter(|item| item.is_needed).map(|item| item.tokens).collect()
}

struct Candidate {
    /// What it is needed by; for an implementation, its type.
    name: Option<String>,
    is_implementation: bool,
    is_needed: bool,
    tokens: Tokens,
}

struct Found<'ast> {
    items: Vec<&'ast Item>,
}

impl<'ast> Visit<'ast> for Found<'ast> {
    fn visit_item(&mut self, item: &'ast Item) {
        self.items.push(item);
    }
}

/// Whether it may be a callee, or name some.
fn is_callee(item: &Item) -> bool {
    match item {
        Item::Use(_) => true,
        Item::Fn(function) => function.attrs.iter().any(|attr| !is_built_in(attr)),
        _ => false,
    }
}

/// Whether rustc knows the attribute by itself: it makes no derivative.
fn is_built_in(attr: &Attribute) -> bool {
    const NAMES: [&str; 13] = [
        "allow",
        "cfg",
        "cold",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "forbid",
        "inline",
        "must_use",
        "rustfmt",
        "track_caller",
        "warn",
    ];
    attr.path().segments.first().is_some_and(|first| NAMES.iter().any(|name| first.ident == name))
}

fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        Item::Impl(item) => match &*item.self_ty {
            Type::Path(path) => &path.path.segments.last()?.ident,
            _ => return None,
        },
        _ => return None,
    };
    Some(name.to_string())
}

fn mention(tokens: Tokens, names: &mut HashSet<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Group(group) => mention(group.stream(), names),
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
