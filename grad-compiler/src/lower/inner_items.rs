//! Items in inner blocks, `{ const K: f64 = 2.0; … }`, stand in front of the whole body in what is generated: do their names mean
//! the same there?
//!
//! A name that is mentioned outside of its block means something else there, which the item would hide.

use super::{Kind, Lower};
use crate::local_items::name_of;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Block, Item, ItemFn, UseTree};

/// Refuses items of inner blocks that would change what a name means elsewhere.
pub(super) fn refuse(cx: &mut Lower<'_>, function: &ItemFn) {
    let mut found = Inner { around: Vec::new(), items: Vec::new() };
    found.visit_block(&function.block);
    if found.items.is_empty() {
        return;
    }
    let (sig, body) = (&function.sig, &function.block);
    let whole = quote!(#sig #body);
    for one in &found.items {
        let blocks = found.of_the_same(one.item);
        let is_mentioned_elsewhere = |name: &&String| {
            let inside = blocks.iter().map(|block| mentions(block.to_token_stream(), name));
            mentions(whole.clone(), name) > inside.sum()
        };
        // What a glob brings is not seen.
        let Some(names) = names(one.item) else {
            cx.reject(
                Kind::Statement,
                one.item,
                "`*` in an inner block may bring names that mean something else outside of it",
                "name what is imported, or move it to the beginning of the function",
            );
            continue;
        };
        if let Some(name) = names.iter().find(is_mentioned_elsewhere) {
            cx.reject(
                Kind::Statement,
                one.item,
                &format!("`{name}` is declared in an inner block, and may mean something else outside of it"),
                "move it to the beginning of the function, under a name of its own",
            );
        }
    }
}

struct Declared<'ast> {
    item: &'ast Item,
    /// The blocks it is in, without the body; the last one declares it.
    around: Vec<&'ast Block>,
}

struct Inner<'ast> {
    around: Vec<&'ast Block>,
    items: Vec<Declared<'ast>>,
}

impl<'ast> Inner<'ast> {
    /// The blocks that declare the same, each once; of blocks in each other, the outer one.
    fn of_the_same(&self, item: &Item) -> Vec<&'ast Block> {
        let text = item.to_token_stream().to_string();
        let is_same = |other: &&Declared<'_>| other.item.to_token_stream().to_string() == text;
        let mut same: Vec<&Declared<'ast>> = self.items.iter().filter(is_same).collect();
        same.sort_by_key(|other| other.around.len());
        let mut blocks: Vec<&'ast Block> = Vec::new();
        for other in same {
            let is_known = |block: &&Block| blocks.iter().any(|known| std::ptr::eq(*known, *block));
            if !other.around.iter().any(is_known) {
                blocks.extend(other.around.last());
            }
        }
        blocks
    }
}

impl<'ast> Visit<'ast> for Inner<'ast> {
    fn visit_block(&mut self, block: &'ast Block) {
        self.around.push(block);
        visit::visit_block(self, block);
        self.around.pop();
    }

    fn visit_item(&mut self, item: &'ast Item) {
        if let [_, around @ ..] = &self.around[..]
            && !around.is_empty()
        {
            self.items.push(Declared { item, around: around.to_vec() });
        }
    }
}

/// The names that an item declares. `None`: some that are not seen.
fn names(item: &Item) -> Option<Vec<String>> {
    match item {
        Item::Use(item) => {
            let mut names = Vec::new();
            imported(&item.tree, None, &mut names).then_some(names)
        }
        // Of wherever its type is.
        Item::Impl(_) => Some(Vec::new()),
        item => Some(name_of(item).into_iter().collect()),
    }
}

/// What an import brings; `parent` is what `self` means. Whether all of it is seen.
fn imported(tree: &UseTree, parent: Option<&syn::Ident>, names: &mut Vec<String>) -> bool {
    match tree {
        UseTree::Path(path) => imported(&path.tree, Some(&path.ident), names),
        UseTree::Name(name) if name.ident == "self" => {
            names.extend(parent.map(ToString::to_string));
            true
        }
        UseTree::Name(name) => {
            names.push(name.ident.to_string());
            true
        }
        UseTree::Rename(rename) => {
            if rename.rename != "_" {
                names.push(rename.rename.to_string());
            }
            true
        }
        UseTree::Group(group) => group.items.iter().all(|tree| imported(tree, parent, names)),
        UseTree::Glob(_) => false,
    }
}

/// How often a name stands alone or at the beginning of a path: not as a field, a method, or a part of something.
fn mentions(tokens: TokenStream, name: &str) -> usize {
    let mut count = 0;
    let mut before = [' ', ' '];
    for tree in tokens {
        let mut mark = ' ';
        match tree {
            TokenTree::Group(group) => count += mentions(group.stream(), name),
            TokenTree::Ident(ident) => {
                let is_part = matches!(before, [':', ':']) || before[1] == '.' && before[0] != '.';
                count += usize::from(ident == name && !is_part);
            }
            TokenTree::Punct(punct) => mark = punct.as_char(),
            TokenTree::Literal(_) => {}
        }
        before = [before[1], mark];
    }
    count
}
