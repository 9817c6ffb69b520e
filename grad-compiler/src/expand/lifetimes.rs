//! Lifetimes written as `'_` in types that are differentiated: each has one name in all that is made of a function, whose
//! results and pullbacks name the type again.

use crate::args::Args;
use proc_macro2::Span;
use syn::visit_mut::VisitMut;
use syn::{FnArg, GenericParam, Generics, ItemImpl, Lifetime, Pat, Signature};

/// `fit: &Fit<'_>`, where it is differentiated with respect to.
pub(super) fn name_in(sig: &mut Signature, args: &Args) {
    let mut names = Names::default();
    for input in &mut sig.inputs {
        let FnArg::Typed(typed) = input else { continue };
        let Pat::Ident(pat) = &*typed.pat else { continue };
        if args.wrt.iter().flatten().any(|name| *name == pat.ident) {
            names.visit_type_mut(&mut typed.ty);
        }
    }
    names.declare(&mut sig.generics);
}

/// `impl Fit<'_>`
pub(super) fn name_of_block(block: &mut ItemImpl) {
    let mut names = Names::default();
    names.visit_type_mut(&mut block.self_ty);
    if let Some((path, _)) = &mut block.trait_ {
        names.visit_path_mut(path);
    }
    names.declare(&mut block.generics);
}

#[derive(Default)]
struct Names(Vec<Lifetime>);

impl Names {
    fn declare(self, generics: &mut Generics) {
        for name in self.0.into_iter().rev() {
            let param: GenericParam = syn::parse_quote!(#name);
            generics.params.insert(0, param);
        }
        if !generics.params.is_empty() {
            generics.lt_token.get_or_insert_default();
            generics.gt_token.get_or_insert_default();
        }
    }
}

impl VisitMut for Names {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = Lifetime::new(&format!("'of_type{}", self.0.len()), Span::mixed_site());
            self.0.push(lifetime.clone());
        }
    }
}
