//! From the types of the user's signature to those of cotangents.
//!
//! ```text
//! parameter                cotangent         buffer
//! f64, &f64                f64               &mut f64
//! [f64; N], &[f64; N]      [f64; N]          &mut [f64; N]
//! &[f64], Vec<f64>         Vec<f64>          &mut [f64]
//! (A, B)                   (Ā, B̄)            &mut (Ā, B̄)
//! Option<T>                Option<T̄>         &mut Option<T̄>
//! S, &S, followed          S::Tangent        &mut S::Tangent
//! ```
//!
//! What holds no floats has the cotangent `()`. The types are spelt with the user's own tokens, so that
//! they mean what they mean in the user's scope.

use super::{Tokens, site};
use crate::matrix::array;
pub(super) use crate::shape::ungrouped;
use crate::shape::{Shape, Typed, Wrapper};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Type;

/// The element type of a `Vec`.
pub(super) fn vec_element(ty: &Type) -> Option<&Type> {
    match Shape::of(ty) {
        Shape::Vec(of) => Some(of),
        _ => None,
    }
}

/// What stands in the place of the floats of a type.
#[derive(Clone, Copy)]
pub(super) enum Leaf<'a> {
    Float,
    /// So many tangents side by side.
    Lanes(&'a TokenStream, &'a Ident),
}

/// The owned form: the type of a cotangent that stands alone.
pub(super) fn owned(ty: Typed<'_>) -> TokenStream {
    owned_with(ty, Leaf::Float)
}

/// The owned form, with something else in the place of floats.
pub(super) fn owned_with(ty: Typed<'_>, leaf: Leaf<'_>) -> TokenStream {
    let s = site();
    match ty.shape() {
        Shape::Ref { to, .. } => owned_with(ty.at(to), leaf),
        Shape::Array(of, len) => {
            let element = owned_with(ty.at(of), leaf);
            quote_spanned!(s=> [#element; #len])
        }
        Shape::Slice(of) | Shape::Vec(of) => {
            let (vec, element) = (ty.vec(), owned_with(ty.at(of), leaf));
            quote_spanned!(s=> #vec<#element>)
        }
        Shape::Wrapped(Wrapper::Option, of) if ty.is_optional() => {
            let of = owned_with(ty.at(of), leaf);
            quote_spanned!(s=> ::core::option::Option<#of>)
        }
        Shape::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|of| owned_with(ty.at(of), leaf));
            quote_spanned!(s=> (#(#elements,)*))
        }
        Shape::F32 | Shape::F64 | Shape::Scalar(_) => {
            let float = ungrouped(ty.ty);
            match leaf {
                Leaf::Float => float.to_token_stream(),
                Leaf::Lanes(krate, lanes) => quote_spanned!(s=> #krate::__private::Lanes<#float, #lanes>),
            }
        }
        Shape::Matrix(path, _) if ty.is_followed() && array::is_view(path) => {
            let krate = ty.krate;
            let tangent = quote_spanned!(s=> <#path as #krate::__private::ZerosLike>::Zeros);
            match leaf {
                Leaf::Float => tangent,
                Leaf::Lanes(krate, lanes) => {
                    quote_spanned!(s=> <#tangent as #krate::__private::LanesLike<#lanes>>::Lanes)
                }
            }
        }
        Shape::Named(path) | Shape::Matrix(path, _) if ty.is_followed() => {
            let krate = ty.krate;
            let path = crate::shape::named(path, krate);
            let tangent = quote_spanned!(s=> <#path as #krate::Differentiable>::Tangent);
            match leaf {
                Leaf::Float => tangent,
                Leaf::Lanes(krate, lanes) => {
                    quote_spanned!(s=> <#tangent as #krate::__private::LanesLike<#lanes>>::Lanes)
                }
            }
        }
        Shape::Matrix(path, _) => path.to_token_stream(),
        Shape::Named(_)
        | Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => quote_spanned!(s=> ()),
    }
}

/// The owned form of the parameter itself: a point of a descent.
pub(super) fn borrowing_nothing(ty: Typed<'_>) -> TokenStream {
    let s = site();
    match ty.shape() {
        Shape::Ref { to, .. } => borrowing_nothing(ty.at(to)),
        Shape::Array(of, len) => {
            let element = borrowing_nothing(ty.at(of));
            quote_spanned!(s=> [#element; #len])
        }
        Shape::Slice(of) | Shape::Vec(of) => {
            let (vec, element) = (ty.vec(), borrowing_nothing(ty.at(of)));
            quote_spanned!(s=> #vec<#element>)
        }
        Shape::Wrapped(Wrapper::Option, of) if ty.options => {
            let of = borrowing_nothing(ty.at(of));
            quote_spanned!(s=> ::core::option::Option<#of>)
        }
        Shape::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|of| borrowing_nothing(ty.at(of)));
            quote_spanned!(s=> (#(#elements,)*))
        }
        Shape::F32
        | Shape::F64
        | Shape::Scalar(_)
        | Shape::Matrix(..)
        | Shape::Named(_)
        | Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => ty.to_token_stream(),
    }
}

/// What a buffer is a `&mut` of. A parameter `&mut Vec<…>` may change its length, so its buffer does, too.
pub(super) fn buffer(ty: Typed<'_>) -> TokenStream {
    buffer_with(ty, Leaf::Float)
}

/// The same for another owned form.
pub(super) fn buffer_with(ty: Typed<'_>, leaf: Leaf<'_>) -> TokenStream {
    let s = site();
    match ty.shape() {
        Shape::Ref { mutable: true, to } if vec_element(to).is_some() => owned_with(ty.at(to), leaf),
        Shape::Ref { to, .. } => buffer_with(ty.at(to), leaf),
        Shape::Slice(of) | Shape::Vec(of) => {
            let element = owned_with(ty.at(of), leaf);
            quote_spanned!(s=> [#element])
        }
        _ => owned_with(ty, leaf),
    }
}

/// Its buffer is a slice.
pub(super) fn is_slice(ty: Typed<'_>) -> bool {
    match ty.shape() {
        Shape::Ref { mutable: true, to } if vec_element(to).is_some() => false,
        Shape::Ref { to, .. } => is_slice(ty.at(to)),
        Shape::Slice(_) | Shape::Vec(_) => true,
        _ => false,
    }
}

/// A zero whose shape is in the type alone; `Vec`s are empty.
pub(super) fn zero(ty: Typed<'_>) -> TokenStream {
    zero_with(ty, &quote_spanned!(site()=> 0.0))
}

/// The same with another number in the place of 0.
pub(super) fn zero_with(ty: Typed<'_>, number: &TokenStream) -> TokenStream {
    let s = site();
    match ty.shape() {
        Shape::Ref { to, .. } => zero_with(ty.at(to), number),
        Shape::Array(of, len) => {
            let element = zero_with(ty.at(of), number);
            if is_copied(ty.at(of)) {
                quote_spanned!(s=> [#element; #len])
            } else {
                quote_spanned!(s=> ::core::array::from_fn::<_, { #len }, _>(|_| #element))
            }
        }
        Shape::Slice(_) | Shape::Vec(_) => {
            let vec = ty.vec();
            quote_spanned!(s=> #vec::new())
        }
        Shape::Wrapped(..) if ty.is_optional() => quote_spanned!(s=> ::core::option::Option::None),
        Shape::Tuple(tuple) => {
            let elements = tuple.elems.iter().map(|of| zero_with(ty.at(of), number));
            quote_spanned!(s=> (#(#elements,)*))
        }
        Shape::F32 | Shape::F64 => number.clone(),
        Shape::Scalar(_) => quote_spanned!(s=> ::core::default::Default::default()),
        Shape::Named(_) if ty.own => blank(ty.krate),
        Shape::Matrix(..) => blank(ty.krate),
        Shape::Named(_)
        | Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => quote_spanned!(s=> ()),
    }
}

/// A zero without lengths, of a type that rustc knows.
fn blank(krate: &TokenStream) -> TokenStream {
    quote_spanned!(site()=> #krate::__private::Blank::__grad_blank())
}

/// Its zero is `Copy`, so that `[zero; N]` will do.
fn is_copied(ty: Typed<'_>) -> bool {
    let is_moved =
        |part: Typed<'_>| matches!(part.shape(), Shape::Slice(_) | Shape::Vec(_) | Shape::Wrapped(..));
    !ty.names_own() && !ty.parts().into_iter().any(is_moved)
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
