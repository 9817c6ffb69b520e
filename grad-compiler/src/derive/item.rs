//! The user's type, taken apart: its variants (a struct has one), their fields, and which of them may hold floats.

use crate::diag::{Code, Errors};
use crate::shape::{Shape, Wrapper};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{Attribute, Data, DeriveInput, Fields, GenericParam, Member, Type, Visibility};

pub(super) struct Item<'a> {
    pub(super) input: &'a DeriveInput,
    /// The name of the type of tangents.
    pub(super) tangent: Ident,
    /// Path to the facade crate.
    pub(super) krate: TokenStream,
    pub(super) variants: Vec<Variant<'a>>,
    /// The generic parameters that tangents have, too: those of fields that may hold floats.
    pub(super) generics: Vec<&'a GenericParam>,
}

pub(super) struct Variant<'a> {
    /// `None` for a struct.
    pub(super) name: Option<&'a Ident>,
    pub(super) style: Style,
    pub(super) fields: Vec<Field<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Braced,
    Tuple,
    Unit,
}

pub(super) struct Field<'a> {
    pub(super) member: Member,
    pub(super) vis: &'a Visibility,
    pub(super) ty: &'a Type,
    /// `#[grad(constant)]`: its tangent is `()`.
    pub(super) is_constant: bool,
    /// Its type mentions a parameter of the type, and the macro cannot tell its tangent.
    pub(super) is_generic: bool,
    /// The type of its tangents, where the macro can tell: rustc is asked elsewhere.
    pub(super) tangent: Option<TokenStream>,
}

const HELP: &str = "a type takes `#[grad(crate = path)]`, a field `#[grad(constant)]`";

impl<'a> Item<'a> {
    pub(super) fn read(errors: &mut Errors, input: &'a DeriveInput) -> Option<Item<'a>> {
        let mut krate = quote!(::grad);
        for words in words(errors, &input.attrs) {
            let path = |input: syn::parse::ParseStream<'_>| {
                Ident::parse_any(input)?;
                input.parse::<syn::Token![=]>()?;
                syn::Path::parse_mod_style(input)
            };
            match path.parse2(words.clone()) {
                Ok(path) if is_word(&words, "crate") => krate = path.into_token_stream(),
                _ => errors.push_at(
                    Code::DeriveAttribute,
                    &words,
                    "this is not what the attribute says of a type",
                    HELP,
                ),
            }
        }
        let variants = match &input.data {
            Data::Struct(data) => vec![variant(errors, input, &krate, None, &data.fields)],
            Data::Enum(data) if data.variants.is_empty() => {
                errors.push(
                    Code::DeriveType,
                    input.ident.span(),
                    "a type without values has no tangents",
                    "leave the derive out",
                );
                return None;
            }
            Data::Enum(data) => data
                .variants
                .iter()
                .map(|found| {
                    for words in words(errors, &found.attrs) {
                        errors.push_at(
                            Code::DeriveAttribute,
                            &words,
                            "the attribute says nothing of a variant",
                            HELP,
                        );
                    }
                    variant(errors, input, &krate, Some(&found.ident), &found.fields)
                })
                .collect(),
            Data::Union(data) => {
                errors.push(
                    Code::DeriveType,
                    data.union_token.span,
                    "a union has no tangents: which of its fields is there is not known",
                    "use an enum",
                );
                return None;
            }
        };
        let used = |param: &&GenericParam| {
            let name = name_of(param);
            let mut fields = variants.iter().flat_map(|variant| &variant.fields);
            fields.any(|field| !field.is_constant && mentions(field.ty.to_token_stream(), &name))
        };
        let generics = input.generics.params.iter().filter(used).collect();
        let tangent = format_ident!("{}Tangent", input.ident.unraw(), span = input.ident.span());
        Some(Item { input, tangent, krate, variants, generics })
    }
}

fn variant<'a>(
    errors: &mut Errors,
    input: &DeriveInput,
    krate: &TokenStream,
    name: Option<&'a Ident>,
    fields: &'a Fields,
) -> Variant<'a> {
    let style = match fields {
        Fields::Named(_) => Style::Braced,
        Fields::Unnamed(_) => Style::Tuple,
        Fields::Unit => Style::Unit,
    };
    let params: Vec<String> = input.generics.params.iter().map(name_of).collect();
    let fields = fields.iter().enumerate().map(|(at, field)| {
        let mut is_constant = false;
        for words in words(errors, &field.attrs) {
            if is_word(&words, "constant") && words.clone().into_iter().count() == 1 {
                is_constant = true;
            } else {
                errors.push_at(
                    Code::DeriveAttribute,
                    &words,
                    "this is not what the attribute says of a field",
                    HELP,
                );
            }
        }
        if !is_constant && let Some((token, what)) = not_owned(&field.ty) {
            errors.push_at(
                Code::DeriveType,
                token,
                format!("no step can be taken from {what}"),
                "let the type own its floats; or write `#[grad(constant)]` on the field, if it is data",
            );
            // It was reported, and the rest of the type is there.
            is_constant = true;
        }
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::from(at),
        };
        let is_generic = params.iter().any(|param| mentions(field.ty.to_token_stream(), param));
        let tangent = known_tangent(&field.ty, krate);
        let is_generic = is_generic && tangent.is_none();
        Field { member, vis: &field.vis, ty: &field.ty, is_constant, is_generic, tangent }
    });
    Variant { name, style, fields: fields.collect() }
}

/// The owned form of the same shape, of a type whose every part is known.
fn known_tangent(ty: &Type, krate: &TokenStream) -> Option<TokenStream> {
    match Shape::of(ty) {
        Shape::F32 | Shape::F64 => Some(ty.to_token_stream()),
        Shape::Int | Shape::Bool | Shape::Unit | Shape::WithoutFloats => Some(quote!(())),
        Shape::Array(of, len) => known_tangent(of, krate).map(|of| quote!([#of; #len])),
        Shape::Vec(of) => known_tangent(of, krate).map(|of| quote!(#krate::__private::vec::Vec<#of>)),
        Shape::Wrapped(Wrapper::Option, of) => {
            known_tangent(of, krate).map(|of| quote!(::core::option::Option<#of>))
        }
        Shape::Wrapped(Wrapper::Box, of) => match Shape::of(of) {
            // As of a slice.
            Shape::Slice(of) => known_tangent(of, krate).map(|of| quote!(#krate::__private::vec::Vec<#of>)),
            _ => known_tangent(of, krate).map(|of| quote!(#krate::__private::boxed::Box<#of>)),
        },
        Shape::Tuple(tuple) => {
            let of: Option<Vec<_>> = tuple.elems.iter().map(|of| known_tangent(of, krate)).collect();
            of.map(|of| quote!((#(#of,)*)))
        }
        Shape::Slice(_)
        | Shape::Ref { .. }
        | Shape::Matrix(..)
        | Shape::Named(_)
        | Shape::Scalar(_)
        | Shape::Infer
        | Shape::Other => None,
    }
}

/// A type that owns no floats of which a step could be taken: known by its form.
fn not_owned(ty: &Type) -> Option<(TokenStream, &'static str)> {
    match ty {
        Type::Group(group) => not_owned(&group.elem),
        Type::Paren(paren) => not_owned(&paren.elem),
        Type::Reference(_) => Some((ty.to_token_stream(), "a reference")),
        Type::Ptr(_) => Some((ty.to_token_stream(), "a raw pointer")),
        Type::FnPtr(_) => Some((ty.to_token_stream(), "a function")),
        Type::Array(array) => not_owned(&array.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(not_owned),
        _ => None,
    }
}

/// What stands in the parentheses of `#[grad(…)]`, for each of them.
fn words(errors: &mut Errors, attrs: &[Attribute]) -> Vec<TokenStream> {
    let mut found = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("grad")) {
        match &attr.meta {
            syn::Meta::List(list) if !list.tokens.is_empty() => found.push(list.tokens.clone()),
            meta => errors.push_at(Code::DeriveAttribute, meta, "the attribute says nothing", HELP),
        }
    }
    found
}

fn is_word(words: &TokenStream, word: &str) -> bool {
    matches!(words.clone().into_iter().next(), Some(TokenTree::Ident(ident)) if ident == word)
}

pub(super) fn name_of(param: &GenericParam) -> String {
    match param {
        GenericParam::Lifetime(param) => param.lifetime.ident.to_string(),
        GenericParam::Type(param) => param.ident.to_string(),
        GenericParam::Const(param) => param.ident.to_string(),
    }
}

/// Whether a word is among tokens.
pub(super) fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// Where what the derive writes is resolved: at the derive, like the user's own type.
pub(super) fn site() -> Span {
    Span::call_site()
}
