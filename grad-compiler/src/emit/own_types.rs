//! Can the user's types be differentiated? One error for one mistake.
//!
//! Generated code names a followed type of the user's by way of a constant, [`TYPES`](super), which asks the type for its
//! derive, and each field out of which a differentiated value comes whether it is a constant of its type. What is wrong is
//! reported there; of types that depend on a constant that does not compile, rustc says nothing.

use super::items::Cx;
use super::{Tokens, site};
use crate::ir::visit::Item;
use crate::ir::{Block, Float, ForwardCall, Func, Init, Op, Place, Proj, Stmt, Ty, Var};
use crate::matrix::{self, Form};
use crate::shape::{Shape, Typed, Wrapper, is_in_constants};
use crate::transform::{ParamCotangent, Reversed};
use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use std::collections::BTreeMap;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, ExprField, Member, TypePath};

/// Questions about the fields out of which differentiated values come.
#[derive(Default)]
pub(super) struct FollowedFields {
    /// Whether they are there at all: what rustc says of that, it says in the words it has for the function.
    of_values: Tokens,
    /// Whether they have cotangents.
    of_tangents: Tokens,
}

impl Cx<'_> {
    /// The constant, of the type that users call and of that of the forms, if there are types of the user's.
    pub(super) fn types(&self, name: &Ident) -> Tokens {
        let (s, krate, bear, of_bear) = (site(), self.krate(), self.bear(), self.types_of_bear());
        if of_bear.is_empty() {
            return of_bear;
        }
        quote_spanned! {s=>
            #of_bear
            impl #krate::__private::Types for #name {
                const TYPES: ::core::primitive::usize = <#bear as #krate::__private::Types>::TYPES;
            }
        }
    }

    /// The same of the one type alone.
    pub(super) fn types_of_bear(&self) -> Tokens {
        let s = site();
        let paths = self.named_types();
        if paths.is_empty() {
            return Tokens::new();
        }
        let (krate, bear, of_fields) = (self.krate(), self.bear(), fields(s));
        let FollowedFields { of_values, of_tangents } = &self.followed_fields;
        let asked = paths.iter().map(|path| {
            let span = syn::spanned::Spanned::span(path);
            let asked = match matrix::element(path).map(|_| Form::of(path)) {
                Some(Form::Array(_)) => "has_tangents_of_an_array",
                Some(Form::Glam) => "has_tangents_of_glam",
                Some(Form::Nalgebra | Form::Unknown) => "has_tangents_of_a_matrix",
                None => "has_tangents",
            };
            let asked = Ident::new(asked, span.resolved_at(s));
            quote_spanned!(span.resolved_at(s)=> + #krate::__private::#asked::<#path>())
        });
        let types = if of_tangents.is_empty() && of_values.is_empty() {
            quote_spanned!(s=> 0 #(#asked)*)
        } else {
            quote_spanned! {s=>
                const #of_fields: ::core::primitive::usize = {
                    #of_values
                    0 #(#asked)*
                };
                #of_tangents
                #of_fields
            }
        };
        quote_spanned! {s=>
            impl #krate::__private::Types for #bear {
                const TYPES: ::core::primitive::usize = { #types };
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

    /// Whether there are any that a constant can name.
    pub(super) fn names_types(&self) -> bool {
        !self.named_types().is_empty()
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
        let (mut asked, mut of_values) = (Tokens::new(), Tokens::new());
        for (k, cotangent) in derivative.cotangents.iter().enumerate() {
            let (ParamCotangent::Slot(slot), Some(param)) = (cotangent, self.sig.params.get(k)) else {
                continue;
            };
            if !param.ty.own {
                continue;
            }
            let root = primal.params[k].var;
            let mut seen = BTreeMap::new();
            let kept = primal_uses(root, primal);
            for (path, use_) in paths_from(*slot, &[&derivative.func.body, &derivative.reverse], use_of_sum) {
                let is_boxed =
                    path.iter().rev().take_while(|proj| !proj.is_field()).any(|proj| *proj == Proj::Boxed);
                let path = until_field(&path);
                // What is read, or added to, may be that of a constant; not what it is in.
                let may_be_constant = use_ == Use::Part
                    && !is_boxed
                    && !kept.iter().any(|(of, use_)| *use_ == Use::Whole && is_in(of, &path));
                let around = until_field(&path[..path.len().saturating_sub(1)]);
                for (path, must_be_followed) in [(around, true), (path, !may_be_constant)] {
                    if path.iter().any(Proj::is_field) {
                        let named = self.field_of(&path).map(|field| field.span());
                        let span = named.or_else(|| span_of(root, &path, primal)).unwrap_or(param.span);
                        let asked = seen.entry(format!("{path:?}")).or_insert((path, span, false));
                        asked.2 |= must_be_followed;
                    }
                }
            }
            let Some(tangent) = tangent(param.ty, &fields(s).to_token_stream(), krate) else { continue };
            let value = value(param.ty);
            for (path, span, must_be_followed) in seen.into_values() {
                let place = spelt(&path, span, krate);
                // A field that is not there, rustc reports in the same words and at the same place as in the function.
                if let (Some(value), Some(field)) = (&value, self.field_of(&path)) {
                    let before = spelt(&path[..path.len() - 1], span, krate);
                    let s = site();
                    of_values.extend(
                        quote_spanned!(s=> let _ = |value: &#value| { let _ = &value #before.#field; };),
                    );
                }
                // What is in something that may be a constant, that may not have.
                if !must_be_followed && path.iter().filter(|proj| proj.is_field()).count() > 1 {
                    continue;
                }
                let question = if must_be_followed { "is_followed" } else { "is_there" };
                let question = Ident::new(question, span.resolved_at(s));
                asked.extend(quote_spanned! {span.resolved_at(s)=>
                    let _ = |tangent: &#tangent| #krate::__private::#question(&tangent #place);
                });
            }
        }
        self.followed_fields = FollowedFields { of_values, of_tangents: asked };
    }
}

impl Cx<'_> {
    /// Where the function names the field at the end of a path, and not to make a constant of it.
    fn field_of(&self, path: &[Proj]) -> Option<Ident> {
        let (Proj::Named(name), before) = path.split_last()? else { return None };
        // What is inside of an `Option` has no place of its own in a value.
        if before.iter().any(|proj| matches!(proj, Proj::Some | Proj::Variant(_) | Proj::Boxed)) {
            return None;
        }
        let mut search = FieldOf { name, found: None };
        search.visit_block(&self.sig.item.block);
        search.found
    }
}

/// Looks for a field's name.
struct FieldOf<'a> {
    name: &'a str,
    found: Option<Ident>,
}

impl<'ast> Visit<'ast> for FieldOf<'_> {
    fn visit_expr_field(&mut self, field: &'ast ExprField) {
        if let Member::Named(name) = &field.member
            && name == self.name
        {
            self.found.get_or_insert_with(|| name.clone());
        }
        visit::visit_expr_field(self, field);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        let is_constant = matches!(&*call.func, Expr::Path(path)
            if path.path.segments.last().is_some_and(|last| last.ident == "constant"));
        if !is_constant {
            visit::visit_expr_call(self, call);
        }
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

/// 0, if the types have tangents, and the fields that are asked for.
fn fields(span: Span) -> Ident {
    Ident::new("__GRAD_FIELDS", span)
}

/// The type of a value behind its reference, by the user's own names. `None` where a constant cannot name it.
fn value(ty: Typed<'_>) -> Option<Tokens> {
    let s = site();
    Some(match ty.shape() {
        Shape::Named(path) => is_in_constants(path).then(|| path.to_token_stream())?,
        Shape::Ref { to, .. } => value(ty.at(to))?,
        Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) => {
            let of = value(ty.at(of))?;
            quote_spanned!(s=> [#of])
        }
        Shape::Tuple(_)
        | Shape::F32
        | Shape::F64
        | Shape::Scalar(_)
        | Shape::Matrix(..)
        | Shape::Int
        | Shape::Bool
        | Shape::Unit
        | Shape::Wrapped(..)
        | Shape::WithoutFloats
        | Shape::Infer
        | Shape::Other => return None,
    })
}

/// The type of a cotangent, by the user's own names: what is asked for here is asked before all else. `None` where a
/// constant cannot name it, for its generic arguments. `constant` is 0 if it has one.
pub(super) fn tangent(ty: Typed<'_>, constant: &Tokens, krate: &Tokens) -> Option<Tokens> {
    let s = site();
    Some(match ty.shape() {
        Shape::Named(path) => {
            if path.path.segments.iter().any(|segment| !segment.arguments.is_none()) {
                return None;
            }
            quote_spanned!(s=> <<#path as #krate::__private::Callee<{ #constant }>>::It as #krate::Differentiable>::Tangent)
        }
        Shape::Ref { to, .. } => tangent(ty.at(to), constant, krate)?,
        Shape::Array(of, _) | Shape::Slice(of) | Shape::Vec(of) => {
            let of = tangent(ty.at(of), constant, krate)?;
            quote_spanned!(s=> [#of])
        }
        Shape::Wrapped(Wrapper::Option, of) if ty.is_optional() => {
            let of = tangent(ty.at(of), constant, krate)?;
            quote_spanned!(s=> ::core::option::Option<#of>)
        }
        Shape::Tuple(tuple) => {
            let of = tuple
                .elems
                .iter()
                .map(|of| tangent(ty.at(of), constant, krate))
                .collect::<Option<Vec<_>>>()?;
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

/// What is done with a part of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// A number in it is read or added to.
    Part,
    /// Anything else.
    Whole,
}

/// What a function does with the parts of a parameter.
fn primal_uses(root: Var, primal: &Func) -> Vec<(Vec<Proj>, Use)> {
    paths_from(root, &[&primal.body], |place, stmt| use_in_primal(place, stmt, primal))
}

fn use_in_primal(place: &Place, stmt: &Stmt, primal: &Func) -> Use {
    match stmt {
        Stmt::Call(call) | Stmt::ForwardCall(ForwardCall { call, .. }) if call.is_unchanged(place) => {
            Use::Part
        }
        Stmt::Let { var, op: Op::Load(_) } if *primal.ty(*var) == Ty::Float(Float::Inferred) => Use::Whole,
        Stmt::Let { op: Op::Load(_) | Op::Len(_), .. }
        | Stmt::Store { .. }
        | Stmt::Alloc { init: Init::ZerosLike(_) | Init::LanesLike(_) | Init::Again(_), .. } => Use::Part,
        Stmt::Alloc { var, init: Init::Move(_) | Init::Clone(_) } if is_read_by_numbers(*var, primal) => {
            Use::Part
        }
        _ => Use::Whole,
    }
}

/// Whether nothing is done with a copy but what is done with arrays and `Vec`s, element by element.
fn is_read_by_numbers(copy: Var, primal: &Func) -> bool {
    let mut is_returned = false;
    primal.result.for_each_read(&mut |var| is_returned |= var == copy);
    let uses = paths_from(copy, &[&primal.body], |place, stmt| match stmt {
        Stmt::Store { .. } | Stmt::Push { .. } | Stmt::Fill { .. } | Stmt::Clear { .. } => Use::Part,
        Stmt::Accumulate { .. } | Stmt::AccumulateAll { .. } => Use::Part,
        stmt => use_in_primal(place, stmt, primal),
    });
    !is_returned && uses.iter().all(|(path, use_)| *use_ == Use::Part && !path.iter().any(Proj::is_field))
}

/// What a derivative does with a part of a cotangent.
fn use_of_sum(place: &Place, stmt: &Stmt) -> Use {
    let is_part = match stmt {
        Stmt::Accumulate { .. } | Stmt::AccumulateAll { .. } => true,
        Stmt::Alloc { init: Init::ZerosLike(_), .. } => true,
        // A constant is stored there: of anything else, the cotangent is taken out first.
        Stmt::Clear { place } => !place.path.is_empty(),
        // Its slot.
        Stmt::ReverseCall(reverse) => reverse.is_slot_of_unchanged(place),
        _ => false,
    };
    if is_part { Use::Part } else { Use::Whole }
}

/// Whether a part may be in another one, whatever the indices.
fn is_in(part: &[Proj], whole: &[Proj]) -> bool {
    let index = |proj: &Proj| matches!(proj, Proj::Index(_) | Proj::Slice { .. });
    part.len() >= whole.len() && part.iter().zip(whole).all(|(a, b)| a == b || (index(a) && index(b)))
}

/// The paths by which code gets at parts of a root, through views of it, and what for.
fn paths_from(root: Var, blocks: &[&Block], use_of: impl Fn(&Place, &Stmt) -> Use) -> Vec<(Vec<Proj>, Use)> {
    let mut views: BTreeMap<Var, &Place> = BTreeMap::new();
    let mut places = Vec::new();
    for block in blocks {
        block.for_each_stmt(&mut |stmt| {
            if let Stmt::View { var, place, .. } = stmt {
                views.insert(*var, place);
                return;
            }
            stmt.walk(&mut |item| {
                if let Item::Place(place, _) = item {
                    places.push((place, stmt));
                }
            });
        });
    }
    let mut found = Vec::new();
    for (place, stmt) in places {
        let (mut at, mut path) = (place.root, place.path.clone());
        while let Some(of) = views.get(&at) {
            path.splice(0..0, of.path.iter().cloned());
            at = of.root;
        }
        if at == root {
            found.push((path, use_of(place, stmt)));
        }
    }
    found
}

/// A path as far as its last field with a name, or of a variant.
fn until_field(path: &[Proj]) -> Vec<Proj> {
    let end = path.iter().rposition(Proj::is_field).map_or(0, |at| at + 1);
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
pub(super) fn spelt(path: &[Proj], span: Span, krate: &Tokens) -> Tokens {
    let s = span.resolved_at(site());
    path.iter()
        .map(|proj| match proj {
            // Fields of what is in a `Box` are found through it.
            Proj::Boxed => Tokens::new(),
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
            Proj::Variant(name) => {
                let name = proc_macro2::Literal::string(name);
                quote_spanned!(s=> [#krate::__private::InVariant::<{ #krate::__private::in_variant(#name) }>])
            }
            Proj::Slice { .. } | Proj::Deref => Tokens::new(),
        })
        .collect()
}
