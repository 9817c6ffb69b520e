//! Which derivatives does a function have, and where are the forms of them that callers call?
//!
//! A function that is called in an annotated function is asked for its derivatives by one of these traits. What it lacks is
//! said by the trait, at the name of the function, and nothing else is said there.

use super::Callee;
use core::marker::PhantomData;

/// The forms of a function's first derivative.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no derivatives that this version of grad can call",
    label = "its derivatives come from another version of grad, or it has none",
    note = "use one version of grad in all crates: `cargo tree --duplicates` shows where there are two"
)]
pub trait FirstDerivative {
    /// The type whose methods the forms are.
    type Forms;
    /// Its value.
    const FORMS: Self::Forms;
    /// The parameters that the function overwrites before it reads them, each with that which says how much of it.
    const OVERWRITES: &'static [(usize, usize)] = &[];
}

/// By which parameter it is known how much of `parameter` is overwritten; `usize::MAX`: nothing of it is known to be.
#[must_use]
pub const fn overwritten_by(all: &[(usize, usize)], parameter: usize) -> usize {
    let mut k = 0;
    while k < all.len() {
        if all[k].0 == parameter {
            return all[k].1;
        }
        k += 1;
    }
    usize::MAX
}

/// The forms of a function's derivative of a higher order.
#[diagnostic::on_unimplemented(
    message = "a function without derivatives of order {ORDER} is differentiated to that order here",
    label = "needs the derivative of order {ORDER} of this function",
    note = "write `#[grad(order = {ORDER})]` on the called function, or stop differentiation with `grad::constant(..)`"
)]
pub trait Derivative<const ORDER: usize> {
    /// See [`FirstDerivative`].
    type Forms;
    /// See [`FirstDerivative`].
    const FORMS: Self::Forms;
}

/// That users can call derivatives of an order, such as `f::hessian`.
#[diagnostic::on_unimplemented(
    message = "this function has no derivatives of order {ORDER}",
    label = "needs the derivative of order {ORDER}",
    note = "write `#[grad(order = {ORDER})]` on the function"
)]
pub trait HasDerivative<const ORDER: usize> {}

/// The forms of the derivatives of a function's derivatives, `f::grad` and its kin, together of an order.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function without derivatives of order {ORDER} is differentiated to that order here",
    label = "needs the derivative of order {ORDER} of this function",
    note = "write `#[grad(order = {ORDER})]` on the called function, or stop differentiation with `grad::constant(..)`"
)]
pub trait NestedDerivative<const ORDER: usize> {
    /// See [`FirstDerivative`].
    type Forms;
    /// See [`FirstDerivative`].
    const FORMS: Self::Forms;
}

/// What the derivative of a derivative asks for, where the function has changed a constant and cannot run again.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function that changes a constant behind `&mut` is differentiated here",
    label = "this derivative cannot run once more",
    note = "return what the function changes, or stop differentiation with `grad::constant(..)`"
)]
pub trait Repeatable {
    /// See [`FirstDerivative`].
    type Forms;
    /// See [`FirstDerivative`].
    const FORMS: Self::Forms;
}

/// What the derivative of a derivative asks for, where the function may fail.
#[diagnostic::on_unimplemented(
    message = "the derivative of a function that returns a `Result` or an `Option` is differentiated here",
    label = "this derivative has none of its own",
    note = "call a function that returns the number itself, or stop differentiation with `grad::constant(..)`"
)]
pub trait Infallible {
    /// See [`FirstDerivative`].
    type Forms;
    /// See [`FirstDerivative`].
    const FORMS: Self::Forms;
}

/// The forms of a function's first derivative, from a value of the type that bears it: what a method or a type leads to.
#[inline]
pub fn first_forms<const COMPILES: usize, F: Callee<COMPILES>>(_: F) -> <F::It as FirstDerivative>::Forms
where
    F::It: FirstDerivative,
{
    <F::It as FirstDerivative>::FORMS
}

/// What bears the derivatives of a method of the type, or of references to it. What a method leads to through a dereference
/// may be that of another method, which has its name.
#[diagnostic::on_unimplemented(
    message = "GRAD0010: these are derivatives of a method of another type, to which `{Of}` dereferences",
    label = "which method of this name is called here, the derivative cannot see",
    note = "write the dereference out: `(*x).method(..)`"
)]
pub trait MethodOf<Of: ?Sized, How = ()> {}

/// By a reference.
#[derive(Debug)]
pub struct Behind<How>(PhantomData<How>);

impl<T: ?Sized, How, F: MethodOf<T, How>> MethodOf<&T, Behind<How>> for F {}
impl<T: ?Sized, How, F: MethodOf<T, How>> MethodOf<&mut T, Behind<How>> for F {}

/// The type that bears the derivatives of a method, asked whether it is one of the receiver's type.
#[inline]
pub fn of_receiver<const COMPILES: usize, T: ?Sized, F: Callee<COMPILES>, How>(bearer: F, _: &T) -> F
where
    F::It: MethodOf<T, How>,
{
    bearer
}

/// A receiver, if the function that calls its method compiles.
#[inline]
pub fn receiver<const COMPILES: usize, T: Callee<COMPILES> + ?Sized>(x: &T) -> &T::It {
    x.it()
}

/// Two names of one function.
#[inline]
pub fn same<F>(_: F, _: F) {}

/// The same of a higher order.
#[inline]
pub fn forms<const ORDER: usize, const COMPILES: usize, F: Callee<COMPILES>>(
    _: F,
) -> <F::It as Derivative<ORDER>>::Forms
where
    F::It: Derivative<ORDER>,
{
    <F::It as Derivative<ORDER>>::FORMS
}
