//! Can the user's types be differentiated? One error for one mistake.
//!
//! Generated code names a followed type of the user's by way of a constant, [`TYPES`](super), which asks the type for its
//! derive, and each field out of which a differentiated value comes whether it is a constant of its type. What is wrong is
//! reported there; of types that depend on a constant that does not compile, rustc says nothing.

use super::items::Cx;
use super::{Tokens, site};
use crate::ir::visit::Item;
use crate::ir::{Block, Func, Init, Op, Place, Proj, Stmt, Var};
use crate::matrix;
use crate::shape::{Shape, Typed, Wrapper, is_in_constants};
use crate::transform::{ParamCotangent, Reversed};
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use std::collections::BTreeMap;
use syn::TypePath;

impl Cx<'_> {
    /// The constant, of the type that users call and of that of the forms, if there are types of the user's.
    pub(super) fn types(&self, name: &Ident) -> Tokens {
        let s = site();
        let paths = self.named_types();
        if paths.is_empty() {
            return Tokens::new();
        }
        let (krate, bear, fields) = (self.krate(), self.bear(), &self.followed_fields);
        let asked = paths.iter().map(|path| {
            let span = syn::spanned::Spanned::span(path);
            let asked =
                if matrix::element(path).is_some() { "has_tangents_of_a_matrix" } else { "has_tangents" };
            let asked = Ident::new(asked, span.resolved_at(s));
            quote_spanned!(span.resolved_at(s)=> + #krate::__private::#asked::<#path>())
        });
        quote_spanned! {s=>
            impl #krate::__private::Types for #bear {
                const TYPES: ::core::primitive::usize = {
                    #fields
                    0 #(#asked)*
                };
            }
            impl #krate::__private::Types for #name {
                const TYPES: ::core::primitive::usize = <#bear as #krate::__private::Types>::TYPES;
            }
        }
    }

    /// What is 0 if the types in the signature can be differentiated.
    pub(super) fn types_here(&self) -> Tokens {
        let (s, krate, bear) = (site(), self.krate(), self.bear());
        if self.named_types().is_empty() {
            return quote_spanned!(s=> 0);
        }
        quote_spanned!(s=> <#bear as #krate::__private::Types>::TYPES)
    }

    /// The types of the user's in the signature, each once.
    fn named_types(&self) -> Vec<&TypePath> {
        let mut paths = Vec::new();
        for ty in self.sig.params.iter().map(|param| param.ty).chain(self.sig.result) {
            named(ty, &mut paths);
        }
        paths
    }

    /// Asks each field of a parameter whose cotangent is not zero whether it has one.
    pub(super) fn ask_fields(&mut self, primal: &Func, derivative: &Reversed) {
        let s = site();
        let krate = self.krate();
        let mut asked = Tokens::new();
        for (k, cotangent) in derivative.cotangents.iter().enumerate() {
            let (ParamCotangent::Slot(slot), Some(param)) = (cotangent, self.sig.params.get(k)) else {
                continue;
            };
            if !param.ty.own {
                continue;
            }
            let root = primal.params[k].var;
            let mut seen = BTreeMap::new();
            for path in paths_from(*slot, &[&derivative.func.body, &derivative.reverse]) {
                let path = until_field(&path);
                if path.iter().any(|proj| matches!(proj, Proj::Named(_))) {
                    let span = span_of(root, &path, primal).unwrap_or(param.span);
                    seen.entry(format!("{path:?}")).or_insert((path, span));
                }
            }
            let Some(tangent) = tangent(param.ty, krate) else { continue };
            for (path, span) in seen.into_values() {
                let place = spelt(&path, span, krate);
                asked.extend(quote_spanned! {span.resolved_at(s)=>
                    let _ = |tangent: &#tangent| #krate::__private::is_followed(&tangent #place);
                });
            }
        }
        self.followed_fields = asked;
    }
}

/// The types of the user's in a type, each once.
fn named<'a>(ty: Typed<'a>, found: &mut Vec<&'a TypePath>) {
    for part in ty.parts() {
        let path = match part.shape() {
            Shape::Named(path) if part.own => path,
            Shape::Matrix(path, _) if part.matrices => path,
            _ => continue,
        };
        if is_in_constants(path) && !found.iter().any(|other| other == &path) {
            found.push(path);
        }
    }
}

/// The type of a cotangent, by the user's own names: what is asked for here is asked before all else. `None` where a
/// constant cannot name it, for its generic arguments.
fn tangent(ty: Typed<'_>, krate: &Tokens) -> Option<Tokens> {
    let s = site();
    Some(match ty.shape() {
        Shape::Named(path) => {
            if path.path.segments.iter().any(|segment| !segment.arguments.is_none()) {
                return None;
            }
            quote_spanned!(s=> <#path as #krate::Differentiable>::Tangent)
        }
        Shape::Ref { to, .. } => tangent(ty.at(to), krate)?,
        Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) => {
            let of = tangent(ty.at(of), krate)?;
            quote_spanned!(s=> [#of])
        }
        Shape::Wrapped(Wrapper::Option, of) if ty.is_optional() => {
            let of = tangent(ty.at(of), krate)?;
            quote_spanned!(s=> ::core::option::Option<#of>)
        }
        Shape::Tuple(tuple) => {
            let of = tuple.elems.iter().map(|of| tangent(ty.at(of), krate)).collect::<Option<Vec<_>>>()?;
            quote_spanned!(s=> (#(#of,)*))
        }
        Shape::F32 | Shape::F64 => ty.ty.to_token_stream(),
        Shape::Scalar(_) | Shape::Matrix(..) => return None,
        Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => quote_spanned!(s=> ()),
    })
}

/// The paths by which code gets at parts of a root, views of it included.
fn paths_from(root: Var, blocks: &[&Block]) -> Vec<Vec<Proj>> {
    let mut views: BTreeMap<Var, &Place> = BTreeMap::new();
    let mut places = Vec::new();
    for block in blocks {
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::View { var, place, .. } = stmt {
                views.insert(*var, place);
            }
            stmt.walk(&mut |item| {
                if let Item::Place(place, _) = item {
                    places.push(place);
                }
            });
        });
    }
    let mut found = Vec::new();
    for place in places {
        let (mut at, mut path) = (place.root, place.path.clone());
        while let Some(of) = views.get(&at) {
            path.splice(0..0, of.path.iter().cloned());
            at = of.root;
        }
        if at == root {
            found.push(path);
        }
    }
    found
}

/// A path as far as its last field with a name.
fn until_field(path: &[Proj]) -> Vec<Proj> {
    let end = path.iter().rposition(|proj| matches!(proj, Proj::Named(_))).map_or(0, |at| at + 1);
    path[..end].to_vec()
}

/// Where the function reads this part of a parameter.
fn span_of(root: Var, path: &[Proj], primal: &Func) -> Option<Span> {
    let mut found = None;
    primal.body.for_each_stmt(&mut |stmt| {
        let (Stmt::Let { var, op: Op::Load(place) }
        | Stmt::View { var, place, .. }
        | Stmt::Alloc { var, init: Init::Move(place) | Init::Clone(place) }) = stmt
        else {
            return;
        };
        if place.root == root && place.path.starts_with(path) {
            found.get_or_insert(primal.vars[var.index()].span);
        }
    });
    found
}

/// `.springs[0].k`, of a value that nobody makes: any index will do.
fn spelt(path: &[Proj], span: Span, krate: &Tokens) -> Tokens {
    let s = span.resolved_at(site());
    path.iter()
        .map(|proj| match proj {
            Proj::Index(_) => quote_spanned!(s=> [0]),
            Proj::Field(at) => {
                let at = proc_macro2::Literal::usize_unsuffixed(*at);
                quote_spanned!(s=> .#at)
            }
            Proj::Named(name) => {
                let name = crate::ir::field_name(name, s).to_token_stream();
                quote_spanned!(s=> .#name)
            }
            Proj::Some => quote_spanned!(s=> [#krate::__private::Inside]),
            Proj::Slice { .. } | Proj::Deref => Tokens::new(),
        })
        .collect()
}
