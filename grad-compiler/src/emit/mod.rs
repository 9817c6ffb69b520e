//! ir → tokens: the generated code, and the only place that writes it.
//!
//! Needs: the user's item and the derivative in both forms. Guarantees: the code compiles without a
//! warning under any lints of the user's; paths are absolute; local names are hygienic; the size is linear in that
//! of the IR.

mod arms;
mod at_once;
mod body;
mod call;
mod compiles;
mod cotangent_types;
mod custom;
mod expr;
mod facts;
mod failing;
mod fields;
mod float_bounds;
mod flow;
mod fold;
mod forms;
mod generic;
mod given;
mod halves;
mod hessian;
pub mod in_place;
#[cfg(feature = "testing")]
pub mod inside;
mod items;
mod jacobian;
mod kept;
mod lent;
mod lints;
mod method;
mod misspelt;
mod namer;
mod nested;
mod nested_tangent;
mod numbers;
mod objective;
mod order_bounds;
mod overwrites;
mod own_types;
mod parts;
mod place;
mod primal;
mod products;
mod promised;
mod promised_twice;
mod protocol;
mod public;
mod reused;
mod signature;
mod tangent;
mod usage;
mod views;
mod workers;
mod zeros;

use crate::args::Args;
use crate::transform::{Given, Higher, Reversed, Seeded, Tangents};
use proc_macro2::{Span, TokenStream};
use signature::Signature;
use syn::ItemFn;

/// Tokens under construction.
type Tokens = TokenStream;

/// Where generated tokens come from: names of items mean what they mean to the user, names of variables are
/// our own, and lints know that nobody wrote them.
fn site() -> Span {
    Span::mixed_site()
}

/// What the transforms made of a function.
#[derive(Clone, Copy, Debug)]
pub struct Derivatives<'a> {
    pub joint: &'a Reversed,
    /// The joint form on assumptions about callees, where they help.
    pub trusting: Option<&'a Reversed>,
    /// For each parameter: the one that says how much of it the function overwrites before it reads it.
    pub overwritten: &'a [Option<usize>],
    pub split: &'a Reversed,
    /// The same for callers to whom a parameter is a constant.
    pub given: Option<&'a Given>,
    pub seeded: Option<&'a Seeded>,
    pub tangents: &'a Tangents,
    /// The same with several tangents side by side.
    pub lanes: &'a Tangents,
    /// From the second order on, as far as derivatives are wanted.
    pub higher: &'a [Higher],
}

/// The type that bears the derivatives of the item, and its functions.
pub fn emit(item: &ItemFn, args: &Args, derivatives: &Derivatives) -> TokenStream {
    // Who shows what the passes make knows the attribute only.
    let args = &args.of_function(&item.sig);
    let signature = Signature::new(item, args);
    items::emit_items(&signature, args, derivatives)
}

/// The same, made of the rules that the arguments name.
pub fn emit_custom(item: &ItemFn, args: &Args) -> TokenStream {
    custom::emit_items(item, args)
}

/// The body once more, for what is said beside a function that has errors: rustc has the same of both.
pub fn body_again(item: &ItemFn) -> Option<TokenStream> {
    let signature = &item.sig;
    let has_receiver = signature.inputs.iter().any(|input| matches!(input, syn::FnArg::Receiver(_)));
    let is_special = signature.asyncness.is_some() || signature.abi.is_some() || signature.variadic.is_some();
    let text = quote::ToTokens::to_token_stream(signature).to_string();
    if has_receiver || is_special || text.contains("impl ") || text.contains("unsafe ") {
        return None;
    }
    let body = compiles::in_a_closure(signature, &item.block)?;
    Some(quote::quote!(#[allow(warnings, clippy::all)] #body))
}

/// Whether a function has a Jacobian at all, and one that may be computed by columns.
pub fn has_jacobian(item: &ItemFn, args: &Args) -> [bool; 2] {
    items::has_jacobian(&Signature::new(item, args), args)
}

/// The same functions without bodies, for an item that has errors: its callers then have none of their own. Where the item
/// could not be read, rustc says so if it gets so far as to compile one of them.
pub fn emit_stubs(item: &ItemFn, args: &Args, is_unread: bool) -> TokenStream {
    let krate = &args.krate;
    let not_read = is_unread.then(|| quote::quote_spanned!(site()=> #krate::__private::not_read::<Self>();));
    let item = signature::with_plain_result(item, &args.krate);
    let mut signature = Signature::new(&item, args);
    signature.keep_floats(args.wrt.is_some());
    items::emit_stubs(&signature, args, not_read.unwrap_or_default())
}
