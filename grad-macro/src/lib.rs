//! The `#[grad]` attribute and `#[derive(Differentiable)]`: see the crate `grad` for what it does, and `grad-compiler` for how.

use proc_macro::TokenStream;

/// Differentiates a function: generates `f::grad`, `f::value_and_grad`, `f::grad_into`, `f::vjp`, `f::vjp_add` and
/// `f::objective` beside the function `f`, which stays as it is.
///
/// ```text
/// #[grad]                    with respect to every parameter that holds floats
/// #[grad(wrt(w, b))]         with respect to these, in this order
/// #[grad(name = other)]      the derivatives are `other::grad`, …
/// #[grad(crate = path)]      where the crate `grad` is
/// #[grad(recursive)]         calls itself through another function
/// #[grad(second)]            second derivatives, too: `f::hvp`, `f::hessian`
/// #[grad(third)]             and third ones: for functions with `second` that call `f::grad`
/// #[grad(checkpoint)]        long loops run again in the reverse sweep, in place of a record of all their passes
/// #[grad(vjp = rule)]        the derivative is a function of yours, of the shape of `f::vjp`; the body may be anything
/// #[grad(jvp = rule)]        the same for forward mode, of the shape of `f::jvp`
/// #[grad(hvp = rule)]        beside both: for second derivatives, of the shape of `f::hvp`
/// ```
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
