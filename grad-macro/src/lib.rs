//! The `#[grad]` attribute and `#[derive(Differentiable)]`: see the crate `grad` for what it does, and `grad-compiler` for how.

use proc_macro::{Literal, TokenStream, TokenTree};

#[doc = include_str!("attribute.md")]
#[doc(alias = "adjoint")]
#[doc(alias = "autodiff")]
#[doc(alias = "backpropagation")]
#[doc(alias = "derivative")]
#[doc(alias = "gradient")]
#[doc(alias = "hessian")]
#[doc(alias = "jacobian")]
#[proc_macro_attribute]
pub fn grad(args: TokenStream, item: TokenStream) -> TokenStream {
    grad_compiler::expand::expand(args.into(), item.into()).into()
}

/// Makes a type of yours a point that one can take steps from: implements the trait `Differentiable`, and beside the type `S`
/// declares `STangent`, the type of its tangents and cotangents, with the same fields.
///
/// ```text
/// #[derive(Clone, Differentiable)]
/// pub struct Spring { pub k: f64, pub rest: Vec<f64>, pub name: String }
/// // pub struct SpringTangent { pub k: f64, pub rest: Vec<f64>, pub name: () }
///
/// #[grad(constant)]          on a field: its tangent is `()`
/// #[grad(crate = path)]      on the type: where the crate `grad` is
/// ```
#[proc_macro_derive(Differentiable, attributes(grad))]
pub fn differentiable(item: TokenStream) -> TokenStream {
    grad_compiler::derive::derive(item.into()).into()
}

/// A page of the book as a text, for the modules of the crate `grad` that are its pages: links between pages lead to modules.
#[doc(hidden)]
#[proc_macro]
pub fn __book_page(input: TokenStream) -> TokenStream {
    let name = input.to_string();
    let name = name.trim_matches('"');
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = std::path::Path::new(&folder).join("docs").join(name).with_extension("md");
    // Without it the documentation of the items is there all the same.
    let text = std::fs::read_to_string(path).unwrap_or_default();
    TokenStream::from(TokenTree::from(Literal::string(&book::linked(&text))))
}

mod book;
