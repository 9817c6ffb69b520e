//! `Sum` of a type of the user's, whose derivatives take the items in a `Vec`.

use crate::operator::Operator;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Block, FnArg, GenericArgument, GenericParam, Pat, Path, PathArguments, Signature, Type};

/// Which of the two a block is of, by its trait: of values, or of references to them.
pub(super) fn operator(of_trait: &Path) -> Option<&'static Operator> {
    let last = of_trait.segments.last().filter(|last| last.ident == "Sum")?;
    let of_references = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => {
            matches!(arguments.args.first(), Some(GenericArgument::Type(Type::Reference(_))))
        }
        PathArguments::None | PathArguments::Parenthesized(_) => false,
    };
    Operator::of_trait(if of_references { "SumOfReferences" } else { "SumOfItems" })
}

/// The function of a `Vec` of items; what it is differentiated with respect to.
pub(super) fn of_items(
    operator: &Operator,
    (of, krate): (&Type, &TokenStream),
    signature: &mut Signature,
    body: &mut Block,
) -> Vec<Ident> {
    let span = signature.ident.span().resolved_at(Span::mixed_site());
    // That of the iterator.
    let generics = std::mem::take(&mut signature.generics.params);
    signature.generics.params =
        generics.into_iter().filter(|param| !matches!(param, GenericParam::Type(_))).collect();
    signature.generics.where_clause = None;
    let Some(FnArg::Typed(typed)) = signature.inputs.first_mut() else { return Vec::new() };
    let Pat::Ident(pat) = &mut *typed.pat else { return Vec::new() };
    let (name, mutability) = (pat.ident.clone(), pat.mutability.take());
    *typed.ty = syn::parse_quote!(#krate::__private::vec::Vec<#of>);
    let items = Ident::new("__items", span);
    pat.ident = items.clone();
    let iterator: syn::Expr = if operator.name == "SumOfReferences" {
        syn::parse_quote!(#items.iter())
    } else {
        syn::parse_quote!(#items.into_iter())
    };
    body.stmts.insert(0, syn::parse_quote!(let #mutability #name = #iterator;));
    vec![items]
}

/// The user's function, without the lifetime that the block has for references.
pub(super) fn function(operator: &Operator, of: &Type) -> TokenStream {
    let lent = (operator.name == "SumOfReferences").then(syn::token::And::default);
    quote::quote!(<#of as ::core::iter::Sum<#lent #of>>::sum)
}
