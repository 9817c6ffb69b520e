//! Where is it that an import in the body brings?
//!
//! A function and its derivatives have one name in two namespaces, and an import brings of these what there is. Where the function
//! has no derivatives, its name alone would be that of another's which a glob outside has: the path of the import is not.

use super::Lower;
use syn::{ItemUse, Path, PathArguments, PathSegment, UseTree};

/// The names that an import brings, each with its path; those of a glob are not seen.
pub(super) fn paths(import: &ItemUse) -> Vec<(String, Path)> {
    let mut found = Vec::new();
    // Under a condition there may be another.
    if import.attrs.is_empty() {
        let start =
            Path { leading_colon: import.leading_colon, segments: syn::punctuated::Punctuated::new() };
        collect(&import.tree, &start, &mut found);
    }
    found
}

fn collect(tree: &UseTree, before: &Path, found: &mut Vec<(String, Path)>) {
    let behind = |name: &syn::Ident| {
        let mut path = before.clone();
        if name != "self" || path.segments.is_empty() {
            path.segments.push(PathSegment::from(name.clone()));
        }
        path
    };
    match tree {
        UseTree::Path(path) => collect(&path.tree, &behind(&path.ident), found),
        UseTree::Name(name) => {
            let path = behind(&name.ident);
            found.extend(path.segments.last().map(|last| last.ident.to_string()).map(|name| (name, path)));
        }
        UseTree::Rename(rename) => found.push((rename.rename.to_string(), behind(&rename.ident))),
        UseTree::Group(group) => group.items.iter().for_each(|tree| collect(tree, before, found)),
        UseTree::Glob(_) => {}
    }
}

/// The path of a function with that of the import that brings its first name.
pub(super) fn in_full(cx: &Lower<'_>, path: &syn::ExprPath) -> Path {
    let path = &path.path;
    let Some(first) = path.segments.first().filter(|first| {
        path.leading_colon.is_none()
            && (path.segments.len() == 1 || matches!(first.arguments, PathArguments::None))
    }) else {
        return path.clone();
    };
    let Some(import) = cx.imports.get(&first.ident.to_string()) else { return path.clone() };
    let mut full = import.clone();
    for segment in &mut full.segments {
        segment.ident.set_span(first.ident.span());
    }
    if let Some(last) = full.segments.last_mut() {
        last.arguments = first.arguments.clone();
    }
    full.segments.extend(path.segments.iter().skip(1).cloned());
    full
}
