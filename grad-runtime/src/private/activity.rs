//! Which cotangents does a caller want?
//!
//! A derivative takes one marker per parameter, behind all arguments. Both markers are empty, so the choice
//! is made when the code is compiled: `if A0::ACTIVE { … }` costs nothing.

/// The argument depends on an independent variable: its cotangent is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Active;

/// The argument is a constant: it has no cotangent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Constant;

/// [`Active`] or [`Constant`].
pub trait Activity: Copy + 'static {
    /// Whether the cotangent is wanted.
    const ACTIVE: bool;
}

impl Activity for Active {
    const ACTIVE: bool = true;
}

impl Activity for Constant {
    const ACTIVE: bool = false;
}

/// The marker of a parameter that is no independent variable of its function.
#[diagnostic::on_unimplemented(
    message = "this argument depends on an independent variable, but the called function treats the parameter as a constant",
    label = "its derivative would be lost here",
    note = "name the parameter in `#[grad(wrt(..))]` of the called function, or pass a constant: `grad::constant(..)` stops differentiation"
)]
pub trait ConstantArgument: Activity {}

impl ConstantArgument for Constant {}

/// What a caller names its callees by, with a constant that is 0 if the caller compiles: so that a mistake in the caller is
/// reported there, and not in its derivatives, too.
pub trait Callee<const COMPILES: usize> {
    /// The callee.
    type It: ?Sized;
}

impl<T: ?Sized> Callee<0> for T {
    type It = T;
}

/// What the derivative of a derivative asks for.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function without second derivatives is differentiated here",
    label = "needs the second derivative of this function",
    note = "write `#[grad(second)]` on the called function, or stop differentiation with `grad::constant(..)`"
)]
pub trait SecondDerivative {}

/// What the second derivative of a derivative asks for.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function without third derivatives is differentiated twice here",
    label = "needs the third derivative of this function",
    note = "write `#[grad(third)]` on the called function, or leave `second` out of the attribute of this one"
)]
pub trait ThirdDerivative {}

/// What the derivative of a derivative asks for, where the function has changed a constant and cannot run again.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function that changes a constant behind `&mut` is differentiated here",
    label = "this derivative cannot run once more",
    note = "return what the function changes, or stop differentiation with `grad::constant(..)`"
)]
pub trait Repeatable {}
