//! Automatic differentiation of plain Rust functions at compile time.
//!
//! ```
//! use grad::grad;
//!
//! #[grad]
//! pub fn rosenbrock(x: f64, y: f64) -> f64 {
//!     let a = 1.0 - x;
//!     let b = y - x * x;
//!     a * a + 100.0 * b * b
//! }
//!
//! assert_eq!(rosenbrock(0.5, 2.0), 306.5);
//! assert_eq!(rosenbrock::grad(0.5, 2.0), (-351.0, 350.0));
//! ```
//!
//! `#[grad]` leaves the function as it is and writes its derivatives beside it, as ordinary Rust: no tape of
//! operations, no number types, nothing at run time that a hand-written gradient would not have. They are functions
//! of a type with the function's name:
//!
//! | item | is |
//! | --- | --- |
//! | `f::grad(args)` | the gradient of a scalar function |
//! | `f::value_and_grad(args)` | value and gradient; the function runs once |
//! | `f::grad_into(args, &mut g…)` | value; the gradient is written into buffers |
//! | `f::vjp(args)` | value and pullback: a closure from the cotangent of the result to those of the arguments |
//! | `f::vjp_add(args, seed, &mut g…)` | value; the cotangents are added to buffers |
//! | `f::jvp(args, tangents…)` | forward mode: value and its tangent |
//! | `f::jvp_n(args, tangents…)` | the same with several tangents side by side: [`Lanes`] |
//! | `f::hvp(args, v…)`, `f::hvp_n(args, v…)`, `f::hessian(args)` | second derivatives, with `#[grad(second)]` |
//! | `f::jacobian(args)`, `f::value_and_jacobian(args)` | a row for every float of the result |
//! | `f::jacobian_rows(args, seeds)`, `f::jacobian_columns(args, directions)` | some of its rows or columns, or sums of them |
//! | `f::objective(constants…)` | an [`Objective`] for [`descent`] |
//! | `f::residuals(constants…)` | the result as [`Residuals`], for least squares |
//!
//! [`function!`] makes a closure with a gradient, and an objective, of a closure.
//!
//! The book is the module `book`: a tutorial, what a function may contain, what errors mean, which method fits which problem.

//!
//! Without the standard library, `default-features = false`, there are all functions that `#[grad]` writes, and no [`descent`].
//! Then `core` has no `sin`: the feature `libm` and `use grad::Real;` bring it, and what else floats can do elsewhere.

#![cfg_attr(not(feature = "std"), no_std)]

#[cfg(all(doc, not(doctest)))]
pub mod book;
#[cfg(any(feature = "std", feature = "libm"))]
pub mod functions;

pub use grad_macro::{Differentiable, function, grad};
#[doc(hidden)]
pub use grad_runtime::__private;
#[cfg(feature = "nalgebra")]
pub use grad_runtime::__private::IsometryTangent;
#[cfg(any(feature = "argmin", feature = "basin"))]
pub use grad_runtime::adapters;
pub use grad_runtime::{
    AsTheyAre, Ask, Differentiable, Failure, Fallible, Flat, FlatResiduals, FromFn, FromResiduals,
    HessianProduct, InShape, Lanes, Objective, OfObjective, OfResiduals, Real, Residuals, Scalar, Shaped,
    ShapedResiduals, StartsAt, Wanted, WithHessianProduct, constant, from_fn, from_fn_of, from_residuals,
    with_cotangent, with_hessian_product,
};
#[cfg(feature = "std")]
pub use grad_runtime::{CheckedCoordinate, GradientCheck, Verdict, check_gradient, descent};
