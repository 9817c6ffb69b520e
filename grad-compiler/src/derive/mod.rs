//! `#[derive(Differentiable)]`: a user's type as a point that one can take steps from.
//!
//! Beside the type `S` comes `STangent`, with the same fields, names and visibility: a field that may hold floats has the
//! tangent of its type, any other `()`. What generated code asks of tangents is implemented field by field, in
//! `implementations.rs` and `hidden.rs`; nothing is asked of a field's type but that it is `Differentiable`.

mod hidden;
mod implementations;
mod item;
mod variants;

use crate::diag::Errors;
use crate::{expand, lower};
use item::Item;
use proc_macro2::TokenStream;
use syn::DeriveInput;

/// What the derive on an item adds to it. Never panics.
pub fn derive(item: TokenStream) -> TokenStream {
    expand::border::guarded_derive(&item, || {
        let mut errors = Errors::new();
        if !lower::size::prescan(&mut errors, &item) {
            return errors.finish().unwrap_or_default();
        }
        // What cannot be read, rustc has reported.
        let Ok(input) = syn::parse2::<DeriveInput>(item.clone()) else { return TokenStream::new() };
        let implementations = Item::read(&mut errors, &input).map(|item| item.implementations());
        let errors = errors.finish();
        [errors, implementations].into_iter().flatten().collect()
    })
}
