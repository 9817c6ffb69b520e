//! What a pullback takes where its caller's macro does not know the callee's signature: types decide.

use crate::Lanes;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// Stands for an argument that was moved into a call, or lent to be changed.
#[derive(Clone, Copy, Debug)]
pub struct Gone;

/// What a pullback takes for an argument that was passed by value.
pub trait Again {
    /// The number itself, or [`Gone`].
    type Again;

    /// See [`again`].
    fn __grad_again(&self) -> Self::Again;
}

macro_rules! numbers_again {
    ($($float:ty)*) => {$(
        impl Again for $float {
            type Again = $float;

            #[inline]
            fn __grad_again(&self) -> $float {
                *self
            }
        }
    )*};
}

numbers_again! { f32 f64 }

impl<F: Copy, const N: usize> Again for Lanes<F, N> {
    type Again = Self;

    #[inline]
    fn __grad_again(&self) -> Self {
        *self
    }
}

impl<T> Again for Vec<T> {
    type Again = Gone;

    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<T, const N: usize> Again for [T; N] {
    type Again = Gone;

    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

macro_rules! tuples_again {
    ($($($T:ident)*;)*) => {$(
        impl<$($T),*> Again for ($($T,)*) {
            type Again = Gone;

            #[inline]
            fn __grad_again(&self) -> Gone {
                Gone
            }
        }
    )*};
}

tuples_again! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// The number, or [`Gone`]: what a pullback takes for an argument of a type that the caller's macro does not know.
#[inline]
pub fn again<T: Again>(x: &T) -> T::Again {
    x.__grad_again()
}

/// A parameter of a pullback, for an argument that is a constant of type `T`: the constant again, or [`Gone`], if it is an
/// aggregate of floats in the callee. `How` tells the two apart.
#[diagnostic::on_unimplemented(
    message = "a constant of the type `{T}` is passed by value to a function whose derivative needs it again",
    label = "moved into the call",
    note = "pass a reference to it; or derive `Clone` for its type"
)]
pub trait Retaken<T, How> {
    /// See [`retaken`].
    fn retaken(x: &T) -> Self;
}

/// It is passed again.
#[derive(Debug)]
pub struct PassedAgain;

/// It is a reference, and the parameter one to what that dereferences to.
#[derive(Debug)]
pub struct Dereferenced;

/// It is a reference to an array, and the parameter one to a slice.
#[derive(Debug)]
pub struct Unsized;

/// It is not.
#[derive(Debug)]
pub struct Taken;

impl<T: Clone> Retaken<T, PassedAgain> for T {
    #[inline]
    fn retaken(x: &T) -> T {
        x.clone()
    }
}

impl<'a, T: core::ops::Deref + ?Sized> Retaken<&'a T, Dereferenced> for &'a T::Target {
    #[inline]
    fn retaken(x: &&'a T) -> &'a T::Target {
        x
    }
}

impl<'a, T, const N: usize> Retaken<&'a [T; N], Unsized> for &'a [T] {
    #[inline]
    fn retaken(x: &&'a [T; N]) -> &'a [T] {
        *x
    }
}

impl<T> Retaken<T, Taken> for Gone {
    #[inline]
    fn retaken(_: &T) -> Gone {
        Gone
    }
}

/// What a pullback takes for a constant that is passed by value, of a type that the caller's macro does not know.
#[inline]
pub fn retaken<T, How, Parameter: Retaken<T, How>>(x: &T) -> Parameter {
    Parameter::retaken(x)
}

/// What a method is called of that may not change it.
#[inline]
pub const fn look<T: ?Sized>(x: &T) -> &T {
    x
}

/// What can be kept of a constant that is changed before a pullback takes it again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is changed after this call, and a derivative needs it as it was: a copy of it",
    label = "derive `Clone` for it, or pass what does not change"
)]
pub trait Seen<Of> {
    fn __grad_seen(&self) -> Of;
}

impl<T: Clone> Seen<T> for T {
    #[inline]
    fn __grad_seen(&self) -> T {
        self.clone()
    }
}

impl<T: Clone> Seen<Vec<T>> for [T] {
    #[inline]
    fn __grad_seen(&self) -> Vec<T> {
        self.to_vec()
    }
}

impl Seen<String> for str {
    #[inline]
    fn __grad_seen(&self) -> String {
        self.to_owned()
    }
}

/// A copy of it.
#[inline]
pub fn seen<T: Seen<Of> + ?Sized, Of>(x: &T) -> Of {
    x.__grad_seen()
}

/// What a pullback takes for `None`: that again, of its type, or [`Gone`].
pub trait NoneAgain {
    /// See [`none_again`].
    fn none_again() -> Self;
}

impl<T> NoneAgain for Option<T> {
    #[inline]
    fn none_again() -> Self {
        None
    }
}

impl NoneAgain for Gone {
    #[inline]
    fn none_again() -> Self {
        Gone
    }
}

/// `None`, or [`Gone`]: what a pullback takes for a `None`.
#[inline]
pub fn none_again<Parameter: NoneAgain>() -> Parameter {
    Parameter::none_again()
}

/// What a pullback takes for an argument that is a `&mut` reference in the caller: it again, if the parameter is `&`;
/// [`Gone`], if it is `&mut`.
pub trait Lend<'a, Parameter> {
    /// See [`lend`].
    fn lend(&'a self) -> Parameter;
}

impl<'a, T: ?Sized> Lend<'a, &'a T> for T {
    #[inline]
    fn lend(&'a self) -> &'a T {
        self
    }
}

impl<'a, T> Lend<'a, &'a [T]> for Vec<T> {
    #[inline]
    fn lend(&'a self) -> &'a [T] {
        self
    }
}

impl<'a, T, const N: usize> Lend<'a, &'a [T]> for [T; N] {
    #[inline]
    fn lend(&'a self) -> &'a [T] {
        self
    }
}

impl<T: ?Sized> Lend<'_, Gone> for T {
    #[inline]
    fn lend(&self) -> Gone {
        Gone
    }
}

/// The reference, or [`Gone`], as the callee's parameter asks.
#[inline]
pub fn lend<'a, T: Lend<'a, Parameter> + ?Sized, Parameter>(x: &'a T) -> Parameter {
    x.lend()
}

/// What must be kept of an argument that is a `&mut` reference in the caller and overwritten there after the call: a copy,
/// if the parameter is `&`; nothing, if it is `&mut`.
pub trait Kept<'a> {
    /// The copy, or [`Gone`].
    type Owned;

    /// See [`lend_kept`].
    fn lend_kept(kept: &'a Self::Owned) -> Self;
}

impl<'a, T: ToOwned + ?Sized> Kept<'a> for &'a T {
    type Owned = T::Owned;

    #[inline]
    fn lend_kept(kept: &'a T::Owned) -> &'a T {
        core::borrow::Borrow::borrow(kept)
    }
}

impl Kept<'_> for Gone {
    type Owned = Gone;

    #[inline]
    fn lend_kept(_: &Gone) -> Gone {
        Gone
    }
}

/// Can be made of what is to be kept.
pub trait Keep<T: ?Sized> {
    /// See [`keep`].
    fn __grad_keep(x: &T) -> Self;
}

impl<T: ?Sized> Keep<T> for Gone {
    #[inline]
    fn __grad_keep(_: &T) -> Gone {
        Gone
    }
}

impl<T: Clone> Keep<[T]> for Vec<T> {
    #[inline]
    fn __grad_keep(x: &[T]) -> Vec<T> {
        x.to_vec()
    }
}

impl<T: Clone> Keep<Vec<T>> for Vec<T> {
    #[inline]
    fn __grad_keep(x: &Vec<T>) -> Vec<T> {
        x.clone()
    }
}

impl<T: Clone, const N: usize> Keep<[T; N]> for [T; N] {
    #[inline]
    fn __grad_keep(x: &[T; N]) -> [T; N] {
        x.clone()
    }
}

impl<T: Clone, const N: usize> Keep<[T; N]> for Vec<T> {
    #[inline]
    fn __grad_keep(x: &[T; N]) -> Vec<T> {
        x.to_vec()
    }
}

impl<F: Clone, const N: usize> Keep<Lanes<F, N>> for Lanes<F, N> {
    #[inline]
    fn __grad_keep(x: &Lanes<F, N>) -> Lanes<F, N> {
        x.clone()
    }
}

macro_rules! kept {
    ($([$($T:ident)*] $ty:ty;)*) => {$(
        impl<$($T: Clone),*> Keep<$ty> for $ty {
            #[inline]
            fn __grad_keep(x: &$ty) -> $ty {
                x.clone()
            }
        }
    )*};
}

kept! {
    [] f32;
    [] f64;
    [A] (A,);
    [A B] (A, B);
    [A B C] (A, B, C);
    [A B C D] (A, B, C, D);
    [A B C D E] (A, B, C, D, E);
    [A B C D E F] (A, B, C, D, E, F);
    [A B C D E F G] (A, B, C, D, E, F, G);
    [A B C D E F G H] (A, B, C, D, E, F, G, H);
}

/// What must be kept of a constant that is lent by `&mut`, and may be another one when the pullback runs: a copy, if the parameter
/// is `&`; nothing, if it is `&mut`. `How` tells the ways apart.
#[diagnostic::on_unimplemented(
    message = "`{T}` is changed after this call, and a derivative needs it as it was: a copy of it",
    label = "derive `Clone` for it, or pass what does not change"
)]
pub trait Left<T: ?Sized, How> {
    /// See [`left`].
    fn left(x: &T) -> Self;
}

impl<T: ?Sized> Left<T, Taken> for Gone {
    #[inline]
    fn left(_: &T) -> Gone {
        Gone
    }
}

impl<T: Clone> Left<T, PassedAgain> for T {
    #[inline]
    fn left(x: &T) -> T {
        x.clone()
    }
}

impl<T: core::ops::Deref<Target: Clone>> Left<T, Dereferenced> for T::Target {
    #[inline]
    fn left(x: &T) -> T::Target {
        (**x).clone()
    }
}

impl<T: Clone> Left<[T], Unsized> for Vec<T> {
    #[inline]
    fn left(x: &[T]) -> Vec<T> {
        x.to_vec()
    }
}

impl<T: Clone, const N: usize> Left<[T; N], Unsized> for Vec<T> {
    #[inline]
    fn left(x: &[T; N]) -> Vec<T> {
        x.to_vec()
    }
}

impl Left<str, Unsized> for String {
    #[inline]
    fn left(x: &str) -> String {
        x.to_owned()
    }
}

/// The copy, or [`Gone`]: the pullback that will take it decides.
#[inline]
pub fn left<T: Left<Of, How>, Of: ?Sized, How>(x: &Of) -> T {
    T::left(x)
}

/// A copy, in the memory of `spare`, if there is one.
#[inline]
pub fn refill<T: ToOwned + ?Sized>(spare: Option<T::Owned>, x: &T) -> T::Owned {
    match spare {
        Some(mut copy) => {
            x.clone_into(&mut copy);
            copy
        }
        None => x.to_owned(),
    }
}

/// A copy, or [`Gone`]: the pullback that will take it decides.
#[inline]
pub fn keep<T: ?Sized, Owned: Keep<T>>(x: &T) -> Owned {
    Owned::__grad_keep(x)
}

/// What was kept as the callee's parameter.
#[inline]
pub fn lend_kept<'a, Parameter: Kept<'a>>(kept: &'a Parameter::Owned) -> Parameter {
    Parameter::lend_kept(kept)
}

/// What a callee may take behind `&` for a run of numbers.
pub trait FromCopy<T> {
    /// See [`lend_copy`].
    fn from_copy<'a>(copy: &'a [T], room: &'a mut Vec<T>) -> &'a Self;
}

impl<T> FromCopy<T> for [T] {
    #[inline]
    fn from_copy<'a>(copy: &'a [T], _: &'a mut Vec<T>) -> &'a [T] {
        copy
    }
}

impl<T: Clone> FromCopy<T> for Vec<T> {
    fn from_copy<'a>(copy: &'a [T], room: &'a mut Vec<T>) -> &'a Vec<T> {
        room.extend_from_slice(copy);
        room
    }
}

/// A copy that lies on a tape as the callee's parameter, which may be a `Vec` that has to be somewhere.
#[inline]
pub fn lend_copy<'a, T, Parameter: FromCopy<T> + ?Sized>(
    copy: &'a [T],
    room: &'a mut Vec<T>,
) -> &'a Parameter {
    Parameter::from_copy(copy, room)
}

/// The cotangent of a result that is not used.
#[diagnostic::on_unimplemented(
    message = "the result of this call is not used, and its derivative needs a cotangent of the type `{Self}`",
    label = "the result is dropped here",
    note = "bind it with `let`, so that its shape is known"
)]
pub trait NoSeed {
    /// See [`no_seed`].
    fn no_seed() -> Self;
}

macro_rules! nothing {
    ($($ty:ty)*) => {$(
        impl NoSeed for $ty {
            #[inline]
            fn no_seed() -> $ty {
                <$ty>::default()
            }
        }
    )*};
}

nothing! { () bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl<F: Default, const N: usize> NoSeed for Lanes<F, N> {
    #[inline]
    fn no_seed() -> Self {
        Self::default()
    }
}

impl<T: NoSeed, const N: usize> NoSeed for [T; N] {
    #[inline]
    fn no_seed() -> [T; N] {
        core::array::from_fn(|_| T::no_seed())
    }
}

macro_rules! tuples_of_nothing {
    ($($($T:ident)*;)*) => {$(
        impl<$($T: NoSeed),*> NoSeed for ($($T,)*) {
            #[inline]
            fn no_seed() -> Self {
                ($($T::no_seed(),)*)
            }
        }
    )*};
}

tuples_of_nothing! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// Zero, or `()` where the callee returns nothing.
#[inline]
pub fn no_seed<T: NoSeed>() -> T {
    T::no_seed()
}

/// What can be used once. A copy is empty: whoever has one makes the value again.
#[derive(Debug)]
pub struct Once<T>(Option<T>);

impl<T> Once<T> {
    /// Holds the value.
    #[inline]
    pub fn new(x: T) -> Self {
        Once(Some(x))
    }

    /// The value, of the original.
    #[inline]
    pub fn into_inner(self) -> Option<T> {
        self.0
    }
}

impl<T> Clone for Once<T> {
    #[inline]
    fn clone(&self) -> Self {
        Once(None)
    }
}

/// What there is, where it is known that there is something: the function did not leave here when it ran.
pub trait Reached {
    type Of;

    fn __grad_reached(self) -> Self::Of;
}

const LEAVES: &str = "the function came to another end when its pullback ran it again";

impl<T> Reached for Option<T> {
    type Of = T;

    #[inline]
    fn __grad_reached(self) -> T {
        self.expect(LEAVES)
    }
}

impl<T, E> Reached for Result<T, E> {
    type Of = T;

    #[inline]
    fn __grad_reached(self) -> T {
        self.ok().expect(LEAVES)
    }
}
