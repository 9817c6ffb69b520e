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

/// A closure that has a gradient, written where it is used.
///
/// ```
/// use grad::descent::Lbfgs;
///
/// let xs = [0.0, 1.0, 2.0, 3.0];
/// let ys = vec![1.0, 3.1, 4.9, 7.0];
/// let mut misfit = grad::function!(|w: &[f64]| -> f64 {
///     xs.iter().zip(&ys).map(|(x, y)| (w[0] + w[1] * x - y).powi(2)).sum()
/// });
/// let at_zero = misfit.grad(&[0.0, 0.0]);
/// assert_eq!(at_zero, [-32.0, -67.8]);
/// let line = Lbfgs::default().minimize(&mut misfit, vec![0.0, 0.0])?.x;
/// assert!((line[1] - 1.98).abs() < 1e-6);
/// # Ok::<(), grad::descent::DescentError>(())
/// ```
///
/// The parameters have their types, and the closure returns a float, or a `Result` or `Option` of one. What it captures is
/// constant, of whatever type, and captured as always, by reference or with `move`; it is not changed. The closure has the methods
/// `call(args)`, `grad(args)`, `value_and_grad(args)` and `grad_into(args, &mut g…)`, and is an objective for the methods of
/// descent. `#[grad(wrt(w))]` in front of it says which parameters are differentiated.
///
/// Of the path of a function with `#[grad]`, `grad::function!(g)`, it makes what stands for `g` where a function is passed to the
/// derivatives of another: `integral::grad(&grad::function!(g), a, b)`.
#[proc_macro]
pub fn function(input: TokenStream) -> TokenStream {
    grad_compiler::expand::in_place::function(input.into()).into()
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
