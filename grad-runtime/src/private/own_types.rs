//! What `#[derive(Differentiable)]` asks of the runtime, beside the traits that all shapes have.

use crate::{Differentiable, Lanes};
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Whether a function's types can be differentiated. Generated code names the user's types by way of the constant, so that
/// one that cannot is reported there, once.
pub trait Types {
    /// 0, if they can.
    const TYPES: usize;
}

/// 0: the type has tangents.
#[inline]
pub const fn has_tangents<T: Differentiable>() -> usize {
    0
}

/// Is a type of the user's with the derive, which implements this.
pub trait Checked {
    /// The type itself.
    type It;
    /// Itself.
    fn checked(self) -> Self::It;
}

/// The same, for a constant that is 0 if something else compiles: if that does not, rustc says nothing of this, nor of the
/// result of [`checked`].
#[diagnostic::on_unimplemented(
    message = "GRAD0025: a differentiated value goes into a `{Self}`, which has no tangents",
    label = "`#[derive(Differentiable)]` is missing on it",
    note = "write `#[derive(grad::Differentiable)]` on the type; or stop differentiation with `grad::constant(..)`"
)]
pub trait CheckedIn<const COMPILES: usize> {
    /// The type itself.
    type It;
    /// See [`checked`].
    fn checked_in(self) -> Self::It;
}

impl<T: Checked> CheckedIn<0> for T {
    type It = T::It;

    #[inline]
    fn checked_in(self) -> T::It {
        self.checked()
    }
}

/// What a literal of a type of the user's makes, if that has tangents.
#[inline]
pub fn checked<const COMPILES: usize, T: CheckedIn<COMPILES>>(x: T) -> T::It {
    x.checked_in()
}

/// Asks for them.
#[inline]
pub fn must_have_tangents<const TYPES: usize, T: CheckedIn<TYPES>>(x: T) -> T {
    x
}

/// The tangent of something that is not a constant of its type.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: this field is a constant of its type, and a differentiated value goes through it",
    label = "its tangent is `()`",
    note = "it is read and passed on as any other; a field of it is read of `grad::constant(..)`; to be differentiated, it is without `#[grad(constant)]`"
)]
pub trait Followed {}

// None of them is what to write instead.
#[diagnostic::do_not_recommend]
impl Followed for f32 {}
#[diagnostic::do_not_recommend]
impl Followed for f64 {}
#[diagnostic::do_not_recommend]
impl<T> Followed for Vec<T> {}
#[diagnostic::do_not_recommend]
impl<T, const N: usize> Followed for [T; N] {}
#[diagnostic::do_not_recommend]
impl<T> Followed for Option<T> {}
#[diagnostic::do_not_recommend]
impl<T> Followed for Box<T> {}

macro_rules! followed {
    ($($($T:ident)*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($T),*> Followed for ($($T,)*) {}
    )*};
}

// Of one there is no other: and rustc does not propose a tuple for what is none.
#[diagnostic::do_not_recommend]
impl<A: Followed> Followed for (A,) {}

followed! { A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// Asks whether there is a field.
#[inline]
pub fn is_there<T>(_: &T) {}

/// Asks whether a field is followed.
#[inline]
pub fn is_followed<T: Followed>(_: &T) {}

/// A tangent with a field of this [name](super::in_variant).
#[diagnostic::on_unimplemented(
    message = "GRAD0025: the tangent `{Self}` has no field of this name",
    label = "named in `wrt(..)`",
    note = "name a field of a struct with `#[derive(grad::Differentiable)]` that is not `#[grad(constant)]`; a field of a private type in a type that is not private has no tangent to return"
)]
pub trait FieldOf<const NAME: u64> {
    /// The tangent of the field.
    type Of: Clone;
    /// A look at it.
    fn field(&self) -> &Self::Of;
    /// An exclusive one.
    fn field_mut(&mut self) -> &mut Self::Of;
}

/// 0: it has the field.
#[inline]
pub const fn has_field<const NAME: u64, T: FieldOf<NAME>>() -> usize {
    0
}

/// The same, for a constant that is 0 if the field is there: if it is not, that was said.
pub trait FieldIn<const NAME: u64, const IS_THERE: usize> {
    /// See [`FieldOf`].
    type Of;
    /// See [`FieldOf`].
    fn field_in(&self) -> &Self::Of;
    /// See [`FieldOf`].
    fn field_in_mut(&mut self) -> &mut Self::Of;
}

impl<const NAME: u64, T: FieldOf<NAME>> FieldIn<NAME, 0> for T {
    type Of = T::Of;

    #[inline]
    fn field_in(&self) -> &T::Of {
        self.field()
    }

    #[inline]
    fn field_in_mut(&mut self) -> &mut T::Of {
        self.field_mut()
    }
}

/// See [`FieldOf`].
#[inline]
pub fn field<const NAME: u64, const IS_THERE: usize, T: FieldIn<NAME, IS_THERE>>(tangent: &T) -> &T::Of {
    tangent.field_in()
}

/// See [`FieldOf`].
#[inline]
pub fn field_mut<const NAME: u64, const IS_THERE: usize, T: FieldIn<NAME, IS_THERE>>(
    tangent: &mut T,
) -> &mut T::Of {
    tangent.field_in_mut()
}

/// Where a tangent meets a value of an enum, or an `Option`, that is of another variant.
#[cold]
#[track_caller]
pub fn other_variant() -> ! {
    panic!("a tangent of one variant does not fit a value of another")
}

/// Where an entry is asked for that a tangent does not have; `beyond` is how many entries too far.
#[cold]
#[track_caller]
pub fn no_entry(beyond: usize) -> ! {
    panic!("the derivative has another shape than its result: there is no entry {beyond} after its last one")
}

/// The sum, where all are known.
#[inline]
pub const fn add_counts(counts: &[Option<usize>]) -> Option<usize> {
    super::jacobian::add(counts)
}

/// Is the type `T`. Where something may be asked of `T` that it lacks, it is asked of a type that is `T`, so that the
/// implementation stands and whoever needs it is told.
pub trait Is<T> {
    /// Itself.
    fn itself(self) -> T;
}

impl<T> Is<T> for T {
    #[inline]
    fn itself(self) -> T {
        self
    }
}

/// Has a zero without lengths: `Vec`s are empty, an `Option` is `None`.
pub trait Blank {
    /// The zero.
    fn __grad_blank() -> Self;
}

macro_rules! blank_by_default {
    ($($ty:ty)*) => {$(
        impl Blank for $ty {
            fn __grad_blank() -> $ty {
                <$ty>::default()
            }
        }
    )*};
}

blank_by_default! { () f32 f64 }

impl<F: Default, const N: usize> Blank for Lanes<F, N> {
    fn __grad_blank() -> Self {
        Self::default()
    }
}

impl<T> Blank for Vec<T> {
    fn __grad_blank() -> Self {
        Vec::new()
    }
}

impl<T> Blank for Option<T> {
    fn __grad_blank() -> Self {
        None
    }
}

impl<T: Blank> Blank for Box<T> {
    fn __grad_blank() -> Self {
        Box::new(T::__grad_blank())
    }
}

// For every length: `Default` ends at 32.
impl<T: Blank, const N: usize> Blank for [T; N] {
    fn __grad_blank() -> Self {
        core::array::from_fn(|_| T::__grad_blank())
    }
}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T: Blank),*> Blank for ($($T,)*) {
            fn __grad_blank() -> Self {
                ($($T::__grad_blank(),)*)
            }
        }
    )*};
}

tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// What is read as a matrix of nalgebra, by its name.
#[diagnostic::on_unimplemented(
    message = "GRAD0043: the type `{Self}` has no tangents",
    label = "a matrix of nalgebra, by its name",
    note = "for these, turn on the feature `nalgebra` of grad: `grad = {{ package = \"grad-rs\", features = [\"nalgebra\"] }}`",
    note = "a type of your own of this name needs `#[derive(grad::Differentiable)]`"
)]
pub trait OfAMatrix {}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> OfAMatrix for T {}

/// 0: the type has tangents.
#[inline]
pub const fn has_tangents_of_a_matrix<T: OfAMatrix>() -> usize {
    0
}

/// What is read as a type of glam, by its name.
#[diagnostic::on_unimplemented(
    message = "GRAD0043: the type `{Self}` has no tangents",
    label = "a type of glam, by its name",
    note = "for these, turn on the feature `glam` of grad: `grad = {{ package = \"grad-rs\", features = [\"glam\"] }}`",
    note = "a type of your own of this name needs `#[derive(grad::Differentiable)]`"
)]
pub trait OfGlam {}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> OfGlam for T {}

/// 0: the type has tangents.
#[inline]
pub const fn has_tangents_of_glam<T: OfGlam>() -> usize {
    0
}

/// What is made as a type of glam is, by its name: of what it is at first, its fields are changed.
#[diagnostic::on_unimplemented(
    message = "GRAD0023: the constructor of a `{Self}` has no derivative rule",
    label = "read as one of glam, by the name of the type",
    note = "give a type of your own another name, or make it with its fields, `{Self} {{ … }}`"
)]
pub trait MadeOfFields {
    /// Whose fields are all zero.
    const NOTHING: Self;
}

/// What is read as an array of ndarray, by its name.
#[diagnostic::on_unimplemented(
    message = "GRAD0043: the type `{Self}` has no tangents",
    label = "an array of ndarray, by its name",
    note = "for these, turn on the feature `ndarray` of grad: `grad = {{ package = \"grad-rs\", features = [\"ndarray\"] }}`",
    note = "a type of your own of this name needs `#[derive(grad::Differentiable)]`"
)]
pub trait OfAnArray {}

#[diagnostic::do_not_recommend]
impl<T: Differentiable> OfAnArray for T {}

/// 0: the type has tangents.
#[inline]
pub const fn has_tangents_of_an_array<T: OfAnArray>() -> usize {
    0
}

/// What a function that ends with `Ok(…)` or `Err(…)` returns, by whatever name: a `Result`.
#[diagnostic::on_unimplemented(
    message = "GRAD0013: a result of this type cannot be differentiated",
    label = "`{Self}` is no `Result`, and the function ends with `Ok(…)` or `Err(…)`",
    note = "return a `Result`, an `Option`, or what is in it"
)]
pub trait IsResult {
    /// The error in it.
    type Error;
}

impl<R, E> IsResult for Result<R, E> {
    type Error = E;
}

/// A map, which has no tangents: a constant.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: `{Self}` is read as a map, since a text is looked up in it",
    label = "it is none of the standard library's",
    note = "if it is a constant, write `grad::constant(&x.field).get(key)`"
)]
pub trait IsMap {}

#[diagnostic::do_not_recommend]
impl<K, V> IsMap for alloc::collections::BTreeMap<K, V> {}
#[cfg(feature = "std")]
#[diagnostic::do_not_recommend]
impl<K, V, S> IsMap for std::collections::HashMap<K, V, S> {}

/// The map itself.
#[inline]
pub const fn map<T: IsMap>(map: &T) -> &T {
    map
}
