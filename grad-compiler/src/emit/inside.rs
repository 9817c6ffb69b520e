//! What the tests of the passes look at and nobody else: types and names before they are a part of an expansion.

use super::body::Emitter;
use super::facts::Facts;
use super::namer::{KEYWORDS, Namer};
use super::{cotangent_types, misspelt};
use crate::args::Args;
use crate::ir::{Block, Func};
use crate::shape::Typed;
use proc_macro2::TokenStream;
use std::rc::Rc;
use syn::{ItemFn, Lifetime, Type};

/// The type of a cotangent that is returned.
pub fn owned(ty: &Type) -> TokenStream {
    cotangent_types::owned(Typed::plain(ty, &Args::default()))
}

/// The type of the buffer that a cotangent is added to.
pub fn buffer(ty: &Type) -> TokenStream {
    cotangent_types::buffer(Typed::plain(ty, &Args::default()))
}

pub fn holds_floats(ty: &Type) -> bool {
    Typed::plain(ty, &Args::default()).holds_floats()
}

/// The type with this lifetime wherever one was left out.
pub fn with_lifetime(ty: &Type, name: &Lifetime) -> TokenStream {
    cotangent_types::with_lifetime(ty, name)
}

pub fn without_lifetimes(ty: &Type) -> TokenStream {
    cotangent_types::without_lifetimes(ty)
}

/// The variables that are there once more, since a name that is not there is like theirs.
pub fn variables_again(item: &ItemFn, names: &[String]) -> TokenStream {
    misspelt::variables_again(item, names)
}

/// How many letters have to be changed, left out or put in.
pub fn distance(one: &str, other: &str) -> usize {
    misspelt::distance(one, other)
}

/// The words that are no names.
pub fn keywords() -> [&'static str; KEYWORDS.len()] {
    KEYWORDS
}

/// A function of the IR as a function of Rust.
pub fn emit_function(func: &Func, signature: &TokenStream) -> TokenStream {
    let krate = quote::quote!(::grad);
    let empty = Block::default();
    let facts = Facts::of(func, &empty, |turn| turn.value(&func.result), |_| {});
    let mut emitter = Emitter::new(func, &krate, Rc::default(), facts, Namer::default());
    func.params.iter().for_each(|param| drop(emitter.define(param.var)));
    let body = emitter.block(&func.body);
    let result = emitter.value(&func.result);
    quote::quote!(#signature { #body #result })
}
