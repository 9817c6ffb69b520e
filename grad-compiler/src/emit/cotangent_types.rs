//! From the types of the user's signature to those of cotangents.
//!
//! ```text
//! parameter                cotangent         buffer
//! f64, &f64                f64               &mut f64
//! [f64; N], &[f64; N]      [f64; N]          &mut [f64; N]
//! &[f64], Vec<f64>         Vec<f64>          &mut [f64]
//! (A, B)                   (Ā, B̄)            &mut (Ā, B̄)
//! ```
//!
//! What holds no floats has the cotangent `()`. The types are spelt with the user's own tokens, so that
//! they mean what they mean in the user's scope.

use super::{Tokens, site};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{GenericArgument, PathArguments, Type, TypePath};

/// Looks through the groups that macros and parentheses leave around a type.
pub(super) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// `f32` or `f64`, also by the path `core::primitive::f64`.
pub(super) fn is_float(ty: &Type) -> bool {
    let Type::Path(TypePath { qself: None, path, .. }) = ungrouped(ty) else { return false };
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["f32" | "f64"] => path.leading_colon.is_none(),
        ["core" | "std", "primitive", "f32" | "f64"] => true,
        _ => false,
    }
}

/// The element type of a `Vec`.
pub(super) fn vec_element(ty: &Type) -> Option<&Type> {
    let Type::Path(TypePath { qself: None, path, .. }) = ungrouped(ty) else { return None };
    let last = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(element) if last.ident == "Vec" && arguments.args.len() == 1 => Some(element),
        _ => None,
    }
}

/// Whether there is a float to be found in it.
pub(super) fn holds_floats(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(reference) => holds_floats(&reference.elem),
        Type::Array(array) => holds_floats(&array.elem),
        Type::Slice(slice) => holds_floats(&slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter().any(holds_floats),
        ty => is_float(ty) || vec_element(ty).is_some_and(holds_floats),
    }
}

/// The owned form: the type of a cotangent that stands alone.
pub(super) fn owned(ty: &Type) -> TokenStream {
    owned_with(ty, &|float| float.to_token_stream())
}

/// The owned form, with something else in the place of floats.
pub(super) fn owned_with(ty: &Type, leaf: &dyn Fn(&Type) -> TokenStream) -> TokenStream {
    let s = site();
    match ungrouped(ty) {
        Type::Reference(reference) => owned_with(&reference.elem, leaf),
        Type::Array(array) => {
            let (element, len) = (owned_with(&array.elem, leaf), &array.len);
            quote_spanned!(s=> [#element; #len])
        }
        Type::Slice(slice) => {
            let element = owned_with(&slice.elem, leaf);
            quote_spanned!(s=> ::std::vec::Vec<#element>)
        }
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|ty| owned_with(ty, leaf));
            quote_spanned!(s=> (#(#elements,)*))
        }
        ty if is_float(ty) => leaf(ty),
        ty => {
            let Some(element) = vec_element(ty) else { return quote_spanned!(s=> ()) };
            let element = owned_with(element, leaf);
            quote_spanned!(s=> ::std::vec::Vec<#element>)
        }
    }
}

/// What a buffer is a `&mut` of. A parameter `&mut Vec<…>` may change its length, so its buffer does, too.
pub(super) fn buffer(ty: &Type) -> TokenStream {
    buffer_with(ty, &owned)
}

/// The same for another owned form.
pub(super) fn buffer_with(ty: &Type, owned: &dyn Fn(&Type) -> TokenStream) -> TokenStream {
    let s = site();
    match ungrouped(ty) {
        Type::Reference(reference)
            if reference.mutability.is_some() && vec_element(&reference.elem).is_some() =>
        {
            owned(&reference.elem)
        }
        Type::Reference(reference) => buffer_with(&reference.elem, owned),
        Type::Slice(slice) => {
            let element = owned(&slice.elem);
            quote_spanned!(s=> [#element])
        }
        ty => {
            let Some(element) = vec_element(ty) else { return owned(ty) };
            let element = owned(element);
            quote_spanned!(s=> [#element])
        }
    }
}

/// Its buffer is a slice.
pub(super) fn is_slice(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(reference)
            if reference.mutability.is_some() && vec_element(&reference.elem).is_some() =>
        {
            false
        }
        Type::Reference(reference) => is_slice(&reference.elem),
        Type::Slice(_) => true,
        ty => vec_element(ty).is_some(),
    }
}

/// A zero whose shape is in the type alone; `Vec`s are empty.
pub(super) fn zero(ty: &Type) -> TokenStream {
    zero_with(ty, &quote_spanned!(site()=> 0.0))
}

/// The same with another number in the place of 0.
pub(super) fn zero_with(ty: &Type, number: &TokenStream) -> TokenStream {
    let s = site();
    match ungrouped(ty) {
        Type::Reference(reference) => zero_with(&reference.elem, number),
        Type::Array(array) => {
            let (element, len) = (&array.elem, &array.len);
            if is_vec_inside(element) {
                let element = zero_with(element, number);
                return quote_spanned!(s=> ::core::array::from_fn::<_, { #len }, _>(|_| #element));
            }
            let element = zero_with(element, number);
            quote_spanned!(s=> [#element; #len])
        }
        Type::Slice(_) => quote_spanned!(s=> ::std::vec::Vec::new()),
        Type::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|ty| zero_with(ty, number));
            quote_spanned!(s=> (#(#elements,)*))
        }
        ty if is_float(ty) => number.clone(),
        ty if vec_element(ty).is_some() => quote_spanned!(s=> ::std::vec::Vec::new()),
        _ => quote_spanned!(s=> ()),
    }
}

/// Not `Copy`, so that `[zero; N]` would not do.
fn is_vec_inside(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(reference) => is_vec_inside(&reference.elem),
        Type::Array(array) => is_vec_inside(&array.elem),
        Type::Slice(_) => true,
        Type::Tuple(tuple) => tuple.elems.iter().any(is_vec_inside),
        ty => vec_element(ty).is_some(),
    }
}

/// The type without the names of lifetimes: `'a` becomes `'_`, and goes away behind `&`. For the parameters of closures.
pub(super) fn without_lifetimes(ty: impl ToTokens) -> TokenStream {
    let mut out = Tokens::new();
    let mut trees = ty.into_token_stream().into_iter().peekable();
    let mut after_ampersand = false;
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(quote) if quote.as_char() == '\'' => {
                let is_static = matches!(trees.peek(), Some(TokenTree::Ident(name)) if name == "static");
                let Some(mut name) = trees.next() else { break };
                if is_static {
                    out.extend([TokenTree::Punct(quote), name]);
                } else if !after_ampersand {
                    name = TokenTree::Ident(proc_macro2::Ident::new("_", name.span()));
                    out.extend([TokenTree::Punct(quote), name]);
                }
                after_ampersand = false;
            }
            TokenTree::Group(group) => {
                let delimiter = group.delimiter();
                // The length of an array or a block may hold anything; lifetimes are in types only.
                let inner = if delimiter == Delimiter::Brace {
                    group.stream()
                } else {
                    without_lifetimes(group.stream())
                };
                let mut replaced = Group::new(delimiter, inner);
                replaced.set_span(group.span());
                out.extend([TokenTree::Group(replaced)]);
                after_ampersand = false;
            }
            tree => {
                after_ampersand = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '&');
                out.extend([tree]);
            }
        }
    }
    out
}

/// The type with a name for every lifetime that is left out behind `&`, or written `'_`: for a bound.
pub(super) fn with_lifetime(ty: impl ToTokens, name: &syn::Lifetime) -> TokenStream {
    let mut out = Tokens::new();
    let mut trees = ty.into_token_stream().into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(ampersand) if ampersand.as_char() == '&' => {
                out.extend([TokenTree::Punct(ampersand)]);
                if !matches!(trees.peek(), Some(TokenTree::Punct(quote)) if quote.as_char() == '\'') {
                    name.to_tokens(&mut out);
                }
            }
            TokenTree::Punct(quote) if quote.as_char() == '\'' => match trees.next() {
                Some(TokenTree::Ident(elided)) if elided == "_" => name.to_tokens(&mut out),
                named => out.extend([Some(TokenTree::Punct(quote)), named].into_iter().flatten()),
            },
            TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
                let mut replaced = Group::new(group.delimiter(), with_lifetime(group.stream(), name));
                replaced.set_span(group.span());
                out.extend([TokenTree::Group(replaced)]);
            }
            tree => out.extend([tree]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelt(of: impl Fn(&Type) -> TokenStream, ty: &str) -> String {
        let ty: Type = syn::parse_str(ty).unwrap();
        of(&ty)
            .to_string()
            .replace(":: std :: vec :: ", "")
            .replace(' ', "")
            .replace(",)", ")")
            .replace(',', ", ")
    }

    #[test]
    fn cotangents_are_owned_and_buffers_borrowed() {
        for (ty, cotangent, slot) in [
            ("f64", "f64", "f64"),
            ("&f32", "f32", "f32"),
            ("[f64; 3]", "[f64;3]", "[f64;3]"),
            ("&'a [f64; N]", "[f64;N]", "[f64;N]"),
            ("&[f64]", "Vec<f64>", "[f64]"),
            ("&Vec<f64>", "Vec<f64>", "[f64]"),
            ("Vec<f64>", "Vec<f64>", "[f64]"),
            ("&mut Vec<f64>", "Vec<f64>", "Vec<f64>"),
            ("&[Vec<f64>]", "Vec<Vec<f64>>", "[Vec<f64>]"),
            ("&[[f64; 3]]", "Vec<[f64;3]>", "[[f64;3]]"),
            ("&[&[f64]]", "Vec<Vec<f64>>", "[Vec<f64>]"),
            ("(f64, &[f64], usize)", "(f64, Vec<f64>, ())", "(f64, Vec<f64>, ())"),
            ("(core::primitive::f64)", "core::primitive::f64", "core::primitive::f64"),
        ] {
            assert_eq!(spelt(owned, ty), cotangent, "owned form of {ty}");
            assert_eq!(spelt(buffer, ty), slot, "buffer of {ty}");
        }
    }

    #[test]
    fn only_floats_are_found() {
        for (ty, expected) in [
            ("&[(usize, f64)]", true),
            ("&[usize]", false),
            ("Config", false),
            ("Vec<Vec<f32>>", true),
            ("my::f64", false),
            ("fn(f64) -> f64", false),
        ] {
            assert_eq!(holds_floats(&syn::parse_str(ty).unwrap()), expected, "{ty}");
        }
    }

    #[test]
    fn lifetimes_that_were_left_out_get_a_name() {
        let name = syn::Lifetime::new("'g", proc_macro2::Span::call_site());
        for (ty, expected) in [
            ("Option<&[f64]>", "Option<&'g[f64]>"),
            ("Option<(&'a [f64], &Row<'_>)>", "Option<(&'a[f64], &'gRow<'g>)>"),
        ] {
            assert_eq!(spelt(|ty| with_lifetime(ty, &name), ty), expected);
        }
    }

    #[test]
    fn lifetimes_lose_their_names() {
        assert_eq!(spelt(|ty| without_lifetimes(ty), "&'a [Row<'b, f64>]"), "&[Row<'_, f64>]");
        assert_eq!(spelt(|ty| without_lifetimes(ty), "&'static str"), "&'staticstr");
    }
}
