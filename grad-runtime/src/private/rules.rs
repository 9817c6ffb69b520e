//! Rules of the user's own: what is asked of them, and what is said where one is missing.

/// Asked for by `f::jvp` of a function that has a rule for reverse mode only; nothing has it.
#[diagnostic::on_unimplemented(
    message = "this function has a rule for reverse mode only, `vjp = …`, and is differentiated in forward mode here",
    label = "needs a rule for forward mode",
    note = "give the function `jvp = …` as well: a function of the shape of `f::jvp`"
)]
pub trait ForwardRule {}

/// Asked for by `f::grad` and its kin of a function that has a rule for forward mode only; nothing has it.
#[diagnostic::on_unimplemented(
    message = "this function has a rule for forward mode only, `jvp = …`, and is differentiated in reverse mode here",
    label = "needs a rule for reverse mode",
    note = "give the function `vjp = …` as well: a function of the shape of `f::vjp`"
)]
pub trait ReverseRule {}

/// Asked for by second derivatives of a function that has rules for first derivatives only; nothing has it.
#[diagnostic::on_unimplemented(
    message = "this function has rules of your own for first derivatives only, and is differentiated twice here",
    label = "needs a rule for second derivatives",
    note = "give the function `hvp = …` as well: a function of the shape of `f::hvp`"
)]
pub trait SecondRule {
    /// See [`FirstDerivative`](super::FirstDerivative).
    type Forms;
    /// See [`FirstDerivative`](super::FirstDerivative).
    const FORMS: Self::Forms;
}

/// Asked for by second derivatives of `with_cotangent`; nothing has it.
#[diagnostic::on_unimplemented(
    message = "a function with a hook on a cotangent is differentiated twice here",
    label = "what the hook does to the cotangent has no derivative",
    note = "remove the hook, or `second`"
)]
pub trait HookDerivative {
    /// See [`FirstDerivative`](super::FirstDerivative).
    type Forms;
    /// See [`FirstDerivative`](super::FirstDerivative).
    const FORMS: Self::Forms;
}

/// Value and pullback of a rule that callers keep until their reverse sweep: the pullback borrows nothing.
#[inline]
pub fn owning<R, Pullback: 'static>(of: (R, Pullback)) -> (R, Pullback) {
    of
}
