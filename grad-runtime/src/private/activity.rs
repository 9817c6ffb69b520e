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
