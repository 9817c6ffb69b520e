//! Which cotangents does a caller want?
//!
//! A derivative takes one marker per parameter, behind all arguments. Both markers are empty, so the choice
//! is made when the code is compiled: `if A0::ACTIVE { … }` costs nothing.

use alloc::sync::Arc;
use core::cell::Cell;
use core::ops::Deref;
use core::sync::atomic::{
    AtomicBool, AtomicI8, AtomicI16, AtomicI32, AtomicIsize, AtomicU8, AtomicU16, AtomicU32, AtomicUsize,
};
#[cfg(target_has_atomic = "64")]
use core::sync::atomic::{AtomicI64, AtomicU64};
#[cfg(feature = "std")]
use std::sync::{Mutex, OnceLock, RwLock};

/// The argument depends on an independent variable: its cotangent is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Active;

/// The argument is a constant: it has no cotangent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Constant;

/// The argument is something that the caller does not look into: a constant, and one that must stay a constant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unfollowed;

/// [`Active`], [`Constant`] or [`Unfollowed`].
pub trait Activity: Copy + Default + 'static {
    /// Whether the cotangent is wanted.
    const ACTIVE: bool;
}

impl Activity for Active {
    const ACTIVE: bool = true;
}

impl Activity for Constant {
    const ACTIVE: bool = false;
}

impl Activity for Unfollowed {
    const ACTIVE: bool = false;
}

/// The marker of a `&mut` parameter of floats: what its function writes there is a result.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: a differentiated value gets lost in this argument, which the compiler does not look into",
    label = "the called function writes numbers here, whose derivative would be lost",
    note = "lend a variable, an array or a `Vec`, declared with its type: `let mut v: Vec<f64> = …;`"
)]
pub trait FollowedArgument: Activity {}

impl FollowedArgument for Active {}

impl FollowedArgument for Constant {}

/// A constant into which a function cannot put anything: it is no `&mut`, and nothing in it changes behind `&`.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: a differentiated value may get lost in this argument, which the called function may change",
    label = "of the type `{Self}`",
    note = "call a function with `#[grad]` that returns what it changes; or stop differentiation of the other arguments with `grad::constant(..)`"
)]
pub trait Unchanging {}

#[diagnostic::do_not_recommend]
impl<T: core::panic::UnwindSafe> Unchanging for T {}

/// The argument of a call that is not differentiated, beside others that depend on an independent variable: `given(x)
/// .unchanging()` is the argument, if nothing can be put into it. Locks and atomics are as safe to unwind through as
/// numbers are, so they are told apart by name.
pub struct Given<T>(Unnamed<T>);

/// What has no name in the list of [`Given`].
pub struct Unnamed<T>(Cell<Option<T>>);

/// See [`Given`].
#[inline]
pub fn given<T>(x: T) -> Given<T> {
    Given(Unnamed(Cell::new(Some(x))))
}

impl<T> Deref for Given<T> {
    type Target = Unnamed<T>;

    #[inline]
    fn deref(&self) -> &Unnamed<T> {
        &self.0
    }
}

impl<T> Unnamed<T> {
    /// The argument.
    #[inline]
    pub fn unchanging(&self) -> T
    where
        T: Unchanging,
    {
        self.0.take().expect("it is asked for once")
    }
}

/// Implemented for nothing: what is named changes behind `&`.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: a differentiated value may get lost in this argument, which the called function may change",
    label = "this can be changed behind a shared reference",
    note = "call a function with `#[grad]` that returns what it changes; or stop differentiation of the other arguments with `grad::constant(..)`"
)]
pub trait NotNamed {}

macro_rules! changing {
    ($([$($T:ident)?] $ty:ty;)*) => {$(
        impl<'a, $($T)?> Given<&'a $ty> {
            /// Refused.
            pub fn unchanging(&self) -> &'a $ty
            where
                for<'x> &'x $ty: NotNamed,
            {
                self.0.0.take().expect("it is asked for once")
            }
        }

        impl<'a, $($T)?> Given<&'a Arc<$ty>> {
            /// Refused.
            pub fn unchanging(&self) -> &'a Arc<$ty>
            where
                for<'x> &'x $ty: NotNamed,
            {
                self.0.0.take().expect("it is asked for once")
            }
        }

        impl<$($T)?> Given<Arc<$ty>> {
            /// Refused.
            pub fn unchanging(&self) -> Arc<$ty>
            where
                for<'x> &'x $ty: NotNamed,
            {
                self.0.0.take().expect("it is asked for once")
            }
        }
    )*};
}

changing! {
    [] AtomicBool;
    [] AtomicI8;
    [] AtomicI16;
    [] AtomicI32;
    [] AtomicIsize;
    [] AtomicU8;
    [] AtomicU16;
    [] AtomicU32;
    [] AtomicUsize;
}

#[cfg(target_has_atomic = "64")]
changing! {
    [] AtomicI64;
    [] AtomicU64;
}

#[cfg(feature = "std")]
changing! {
    [T] Mutex<T>;
    [T] RwLock<T>;
    [T] OnceLock<T>;
}

/// The marker of a parameter that is no independent variable of its function.
#[diagnostic::on_unimplemented(
    message = "this argument depends on an independent variable, but the called function treats the parameter as a constant",
    label = "its derivative would be lost here",
    note = "name the parameter in `#[grad(wrt(..))]` of the called function, or pass a constant: `grad::constant(..)` stops differentiation"
)]
pub trait ConstantArgument: Activity {}

impl ConstantArgument for Constant {}

impl ConstantArgument for Unfollowed {}

/// In the derivatives of a function that misses a semicolon, of which rustc has said so: whoever can compile one of them has read
/// something else.
#[inline]
pub fn not_read<Function: ?Sized>() {
    const { assert!(size_of::<&Function>() == usize::MAX, "GRAD0019: syntax that is not known here: expected `;`") }
}

/// Whether a function compiles.
pub trait Compiles {
    /// 0, if it does.
    const COMPILES: usize;
}

/// What a caller names its callees by, with a constant that is 0 if the caller compiles: so that a mistake in the caller is
/// reported there, and not in its derivatives, too.
pub trait Callee<const COMPILES: usize> {
    /// The callee.
    type It: ?Sized;

    /// The same of a receiver.
    fn it(&self) -> &Self::It;
}

impl<T: ?Sized> Callee<0> for T {
    type It = T;

    #[inline]
    fn it(&self) -> &T {
        self
    }
}
