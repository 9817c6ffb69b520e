//! What is the value of a branch that leaves early?
//!
//! A branch of the derivative has a value in every arm. In an arm that leaves a function, a loop or a block nobody reads
//! it; the macro writes such a value itself where it knows the type, and `unread()` where only rustc does.

use crate::Lanes;
use alloc::string::String;
use alloc::vec::Vec;

/// What a branch yields that leaves without a value.
#[diagnostic::on_unimplemented(
    message = "this gets a value of the type `{Self}` in some branches only, and `#[grad]` knows no value of it for the others",
    label = "a branch leaves early here",
    note = "give it a value in every branch, or leave before it is chosen"
)]
pub trait Unread {
    /// See [`unread`].
    fn __grad_unread() -> Self;
}

macro_rules! unread_by_default {
    ($($ty:ty)*) => {$(
        impl Unread for $ty {
            #[inline]
            fn __grad_unread() -> $ty {
                <$ty>::default()
            }
        }
    )*};
}

unread_by_default! { () f32 f64 bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize String &'static str }

impl<T> Unread for Option<T> {
    #[inline]
    fn __grad_unread() -> Self {
        None
    }
}

impl<T> Unread for Vec<T> {
    #[inline]
    fn __grad_unread() -> Self {
        Vec::new()
    }
}

impl<T> Unread for &[T] {
    #[inline]
    fn __grad_unread() -> Self {
        &[]
    }
}

impl<F: Default, const N: usize> Unread for Lanes<F, N> {
    #[inline]
    fn __grad_unread() -> Self {
        Self::default()
    }
}

impl<T: Unread, const N: usize> Unread for [T; N] {
    #[inline]
    fn __grad_unread() -> [T; N] {
        core::array::from_fn(|_| T::__grad_unread())
    }
}

macro_rules! unread_tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T: Unread),*> Unread for ($($T,)*) {
            #[inline]
            fn __grad_unread() -> Self {
                ($($T::__grad_unread(),)*)
            }
        }
    )*};
}

unread_tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// A value that is never read: where a branch leaves a function, a loop or a block, the others' values have a type that
/// only rustc knows.
#[inline]
pub fn unread<T: Unread>() -> T {
    T::__grad_unread()
}
