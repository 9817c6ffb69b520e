//! Constants of the file: items, those in functions too, and what is imported from `std::f64::consts`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use std::collections::BTreeMap;
use syn::visit::{self, Visit};
use syn::{Expr, Item, ItemConst, ItemUse, UseTree, parse_quote};

/// Each by its name. A name that means two things, in two functions say, is none.
pub(crate) fn constants(items: &[Item]) -> BTreeMap<String, Expr> {
    let mut found = Found::default();
    items.iter().for_each(|item| found.visit_item(item));
    let mut left: BTreeMap<String, Expr> =
        found.0.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    // Those made of others come behind these; what is made of itself, which is no Rust, never does.
    let mut known = BTreeMap::new();
    loop {
        let is_made_of_known =
            |value: &Expr| !mentions(value.to_token_stream(), &|name| left.contains_key(name));
        let ready: Vec<String> =
            left.iter().filter(|(_, value)| is_made_of_known(value)).map(|(name, _)| name.clone()).collect();
        if ready.is_empty() {
            return known;
        }
        known.extend(ready.into_iter().filter_map(|name| left.remove_entry(&name)));
    }
}

fn mentions(tokens: TokenStream, is_one: &dyn Fn(&str) -> bool) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(name) => is_one(&name.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), is_one),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// By a name that is none of the file's.
fn imported(name: &Ident) -> Expr {
    let name = format_ident!("{}", name.to_string().to_ascii_lowercase());
    parse_quote!(consts::#name)
}

#[derive(Default)]
struct Found(BTreeMap<String, Option<Expr>>);

impl Found {
    fn add(&mut self, name: String, value: Expr) {
        self.0.entry(name).and_modify(|known| *known = None).or_insert(Some(value));
    }

    /// What an import from a module of constants brings.
    fn import(&mut self, tree: &UseTree, is_inside: bool) {
        match tree {
            UseTree::Path(path) => self.import(&path.tree, path.ident == "consts"),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.import(item, is_inside)),
            UseTree::Name(name) if is_inside => {
                self.add(name.ident.to_string(), imported(&name.ident));
            }
            UseTree::Rename(renamed) if is_inside => {
                self.add(renamed.rename.to_string(), imported(&renamed.ident));
            }
            UseTree::Name(_) | UseTree::Rename(_) | UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_const(&mut self, item: &'ast ItemConst) {
        self.add(item.ident.to_string(), (*item.expr).clone());
        visit::visit_item_const(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, false);
    }
}
