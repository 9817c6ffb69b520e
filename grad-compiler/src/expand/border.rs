//! No panic leaves the macro.
//!
//! A panic is a mistake of the compiler's. The user gets a numbered error at the name of the function, with the panic's
//! words, and the function itself with stubs beside it, so that nothing else fails to compile.

use super::{block, stubs, with_errors};
use crate::args::Args;
use crate::diag::{Code, Errors};
use proc_macro2::{Span, TokenStream, TokenTree};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use syn::ItemFn;

/// What `work` makes of an item, or an error if it panics.
pub fn guarded(args: &TokenStream, item: &TokenStream, work: impl FnOnce() -> TokenStream) -> TokenStream {
    // Nothing outlives the work: what a panic leaves half done is dropped with it.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let mut errors = Errors::new();
        errors.push(
            Code::Internal,
            name(item),
            format!("the compiler of `#[grad]` panicked: {}", words(&*panic)),
            "please report this, with the function; until then, write it in another way, with a `let` for each part of \
             its expressions",
        );
        let stubs = catch_unwind(AssertUnwindSafe(|| {
            let args = Args::parse(&mut Errors::new(), args.clone());
            let function = syn::parse2::<ItemFn>(item.clone()).ok()?;
            stubs(&function, &args, false)
        }));
        with_errors(&block::without_attributes(item), errors, stubs.ok().flatten().as_ref())
    })
}

/// The same for `#[derive(Differentiable)]`, which leaves the item where it is.
pub(crate) fn guarded_derive(item: &TokenStream, work: impl FnOnce() -> TokenStream) -> TokenStream {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let mut errors = Errors::new();
        errors.push_at(
            Code::Internal,
            item,
            format!("the compiler of `#[derive(Differentiable)]` panicked: {}", words(&*panic)),
            "please report this, with the type",
        );
        errors.finish().unwrap_or_default()
    })
}

/// The same for `grad::function!`, which is an expression.
pub(super) fn guarded_expression(input: &TokenStream, work: impl FnOnce() -> TokenStream) -> TokenStream {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let mut errors = Errors::new();
        errors.push_at(
            Code::Internal,
            input,
            format!("the compiler of `grad::function!` panicked: {}", words(&*panic)),
            "please report this, with the closure; until then, write a function with `#[grad]`",
        );
        let errors = errors.finish();
        quote::quote!({ #errors })
    })
}

/// Where the function's name is written.
fn name(item: &TokenStream) -> Span {
    let mut trees = item.clone().into_iter();
    let found = trees.by_ref().any(|tree| matches!(&tree, TokenTree::Ident(ident) if ident == "fn"));
    match trees.next() {
        Some(TokenTree::Ident(name)) if found => name.span(),
        _ => Span::call_site(),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}
