//! Type parameters that are neither floats nor functions: types that have a trait of the user's.
//!
//! What the trait promises is called by the names of its methods, as methods of types are. Nothing says whether there are floats
//! in such a type, so the attribute does: with respect to what it names, the type has tangents, and the derivatives ask for them.

use crate::args::{Args, RECEIVER};
use crate::function::stands_for_function;
use crate::shape::ungrouped;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, GenericParam, Generics, Pat, Signature, Type, TypeParam, TypeParamBound};

/// What the name of a type parameter begins with that the function has as `impl Trait`.
pub(crate) const UNNAMED: &str = "__GradType";

/// Gives `impl Trait` a name, and asks for tangents of what is differentiated.
pub(crate) fn rewrite(signature: &mut Signature, args: &mut Args) {
    if args.wrt.is_none() {
        return;
    }
    for position in 0..signature.inputs.len() {
        let FnArg::Typed(typed) = &mut signature.inputs[position] else { continue };
        let inner = match &mut *typed.ty {
            Type::Reference(reference) => &mut *reference.elem,
            ty => ty,
        };
        let Type::ImplTrait(of) = inner else { continue };
        let s = Span::mixed_site();
        let (name, bounds) = (format_ident!("{UNNAMED}{}", position, span = s), of.bounds.clone());
        *inner = syn::parse_quote!(#name);
        signature.generics.params.push(syn::parse_quote!(#name: #bounds));
        args.has_unnamed_types = true;
    }
    let objects: Vec<Ident> = signature
        .generics
        .type_params()
        .filter(|param| is_object(param, args) && is_followed(&param.ident, signature, args))
        .map(|param| param.ident.clone())
        .collect();
    for name in &objects {
        bind(&mut signature.generics, name, &args.krate);
        if let Some(method) = &mut args.method {
            bind(&mut method.generics, name, &args.krate);
        }
    }
    for input in &mut signature.inputs {
        // The type of a receiver has the generics of its block.
        if let FnArg::Typed(typed) = input
            && name_of(typed).is_none_or(|name| name != RECEIVER)
            && name_of(typed).is_some_and(|name| args.follows(&name.to_string()))
        {
            Itself { krate: &args.krate, objects: &objects }.visit_type_mut(&mut typed.ty);
        }
    }
}

/// Whether it is known what a type parameter is: a constant, or a type with tangents. A number could be passed for one that is
/// taken by value, and for one that is returned.
pub(crate) fn is_decided(param: &TypeParam, signature: &Signature, args: &Args) -> bool {
    let name = &param.ident;
    let others = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) if name_of(typed).is_none_or(|name| name != RECEIVER) => Some(typed),
        FnArg::Typed(_) | FnArg::Receiver(_) => None,
    });
    let mut others = others.filter(|typed| mentions(typed.ty.to_token_stream(), name));
    if mentions(signature.output.to_token_stream(), name) {
        return false;
    }
    match &args.wrt {
        None => others.next().is_none(),
        Some(_) => others.all(|typed| name_of(typed).is_none_or(|name| !args.follows(&name.to_string()))),
    }
}

/// Whether a function has such a type parameter. `signature`: as its derivatives see it.
pub(crate) fn has_objects(signature: &Signature, args: &Args) -> bool {
    let is_function = |param: &TypeParam| {
        param.bounds.iter().any(|bound| {
            matches!(bound, TypeParamBound::Trait(bound) if args.functions.iter().any(|function| {
                function.interface.to_string() == bound.path.to_token_stream().to_string()
            }))
        })
    };
    signature.generics.type_params().any(|param| !args.scalars.contains(&param.ident) && !is_function(param))
}

fn is_object(param: &TypeParam, args: &Args) -> bool {
    !args.scalars.contains(&param.ident) && !stands_for_function(param)
}

/// Whether a parameter that is differentiated is a reference to it, or a type around it.
fn is_followed(name: &Ident, signature: &Signature, args: &Args) -> bool {
    signature.inputs.iter().any(|input| match input {
        FnArg::Typed(typed) => {
            let is_named = name_of(typed).is_some_and(|name| args.follows(&name.to_string()));
            is_named && is_around(&typed.ty, name)
        }
        FnArg::Receiver(_) => false,
    })
}

fn is_around(ty: &Type, name: &Ident) -> bool {
    match ungrouped(ty) {
        Type::Reference(reference) => match ungrouped(&reference.elem) {
            Type::Path(path) if path.path.is_ident(name) => true,
            of => is_around(of, name),
        },
        Type::Path(path) => {
            path.path.segments.iter().any(|segment| mentions(segment.arguments.to_token_stream(), name))
        }
        _ => false,
    }
}

fn name_of(typed: &syn::PatType) -> Option<&Ident> {
    match &*typed.pat {
        Pat::Ident(pat) => Some(&pat.ident),
        _ => None,
    }
}

fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(word) => word == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// `K: Kernel` has tangents, too.
fn bind(generics: &mut Generics, name: &Ident, krate: &TokenStream) {
    for param in &mut generics.params {
        if let GenericParam::Type(param) = param
            && param.ident == *name
        {
            let bound: TypeParamBound = syn::parse_quote!(#krate::__private::HasTangents);
            param.colon_token.get_or_insert_default();
            param.bounds.push(bound);
        }
    }
}

/// Generated code asks every type that is but a name in a place that knows no type parameters.
struct Itself<'a> {
    krate: &'a TokenStream,
    objects: &'a [Ident],
}

impl VisitMut for Itself<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = &*ty
            && path.qself.is_none()
            && let Some(name) = path.path.get_ident()
            && self.objects.contains(name)
        {
            let krate = self.krate;
            *ty = syn::parse_quote!(#krate::__private::Itself<#name>);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
