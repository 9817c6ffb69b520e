//! Which items of a function's body does something need that stands elsewhere? Calls in it need the callees that are declared
//! there, a closure that is passed on what it mentions; both need imports, and what all of these use.

use crate::hash::HashSet;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::visit::Visit;
use syn::{Attribute, Block, Item, Type};

/// Those that calls in a body need: each once, in the order of their declaration.
pub(crate) fn of_calls(block: &Block) -> Vec<TokenStream> {
    let mut found = Found { items: Vec::new() };
    found.visit_block(block);
    needed(&found.items, HashSet::default(), is_callee)
}

/// Those of a function that code needs which is part of it, and stands elsewhere.
pub(crate) fn of_code(items: &[TokenStream], code: TokenStream) -> Vec<TokenStream> {
    let items: Vec<Item> = items.iter().filter_map(|item| syn::parse2(item.clone()).ok()).collect();
    let mut mentioned = HashSet::default();
    mention(code, &mut mentioned);
    // An import says no name that something else may have.
    needed(&items.iter().collect::<Vec<_>>(), mentioned, |item| matches!(item, Item::Use(_)))
}

/// Those with a name that is mentioned, or of which `always` holds, and what these need.
fn needed(items: &[&Item], mut mentioned: HashSet<String>, always: fn(&Item) -> bool) -> Vec<TokenStream> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut texts = HashSet::default();
    for item in items {
        let tokens = item.to_token_stream();
        if texts.insert(tokens.to_string()) {
            let is_implementation = matches!(item, Item::Impl(_));
            let is_needed = always(item);
            // The copies need not be used.
            let tokens = quote_spanned!(Span::mixed_site()=> #[allow(dead_code, unused_imports)] #tokens);
            candidates.push(Candidate { name: name_of(item), is_implementation, is_needed, tokens });
        }
    }
    let mut defined: HashSet<String> = HashSet::default();
    let mut left: Vec<usize> = (0..candidates.len()).filter(|k| candidates[*k].is_needed).collect();
    loop {
        for (k, item) in candidates.iter_mut().enumerate() {
            let Some(name) = item.name.as_ref().filter(|name| mentioned.contains(*name)) else { continue };
            // Of one name there may be one in each block; the outermost is the first.
            if !item.is_needed && (item.is_implementation || defined.insert(name.clone())) {
                item.is_needed = true;
                left.push(k);
            }
        }
        let Some(k) = left.pop() else { break };
        mention(candidates[k].tokens.clone(), &mut mentioned);
    }
    candidates.into_iter().filter(|item| item.is_needed).map(|item| item.tokens).collect()
}

struct Candidate {
    /// What it is needed by; for an implementation, its type.
    name: Option<String>,
    is_implementation: bool,
    is_needed: bool,
    tokens: TokenStream,
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

pub(crate) fn name_of(item: &Item) -> Option<String> {
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

fn mention(tokens: TokenStream, names: &mut HashSet<String>) {
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
