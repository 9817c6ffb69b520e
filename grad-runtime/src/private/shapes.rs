//! Cotangents of any shape: numbers, arrays, slices, `Vec`s, tuples, to any depth.
//!
//! A cotangent has the owned form of its primal's shape, with `()` in the place of what holds no floats.
//! Every operation goes over the shape once, and panics where two shapes differ: a buffer of the wrong
//! length is a mistake of the caller's that must not become a wrong gradient.

use super::{GenericFloat, cast_generic};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Has a zero cotangent.
pub trait ZerosLike {
    /// The owned form of the same shape.
    type Zeros;
    /// Zero in the shape of `self`.
    fn __grad_zeros_like(&self) -> Self::Zeros;
    /// What a library's pullback, which is the first to add to it, puts its part in the place of: zeros, or something that costs less.
    #[inline]
    fn __grad_fresh(&self) -> Self::Zeros {
        self.__grad_zeros_like()
    }
    /// Zeros in the shape of each element: for floats one allocation of zeroed memory.
    fn __grad_zeros_like_each(elements: &[Self]) -> Vec<Self::Zeros>
    where
        Self: Sized,
    {
        elements.iter().map(Self::__grad_zeros_like).collect()
    }
}

/// Can have a cotangent of the type `From` added to it.
#[diagnostic::on_unimplemented(
    message = "a cotangent of the type `{From}` cannot be added to one of the type `{Self}`",
    note = "where a type is not spelt in the function, `#[grad]` takes argument and parameter to have the same shape"
)]
pub trait Accumulate<From: ?Sized> {
    /// `self += from`, element by element.
    fn __grad_accumulate(&mut self, from: &From);
}

/// Can be set to zero in place.
pub trait Clear {
    /// Every float becomes 0; lengths stay.
    fn __grad_clear(&mut self);
}

/// Can be multiplied by a number in place.
pub trait Scale<By: Copy> {
    /// Every float is multiplied.
    fn __grad_scale(&mut self, by: By);
}

/// Has an inner product with `Other`, which has the same shape.
pub trait Inner<Other: ?Sized> {
    /// The sum of the products of corresponding floats.
    fn __grad_inner(&self, other: &Other) -> f64;
}

/// Holds floats of one type.
pub trait Sum {
    /// `f32` or `f64`.
    type Float;
    /// The sum of all floats in it, first to last.
    fn __grad_sum(&self) -> Self::Float;
}

/// A slot for the cotangent of an argument whose type the macro does not know.
pub trait Merge<Cotangent> {
    /// Adds a number; `()` stands for what was added through the slot already.
    fn __grad_merge(&mut self, cotangent: Cotangent);
}

/// Zero in the shape of `x`; references are looked through.
#[inline]
pub fn zeros_like<T: ZerosLike + ?Sized>(x: &T) -> T::Zeros {
    x.__grad_zeros_like()
}

/// See [`ZerosLike::__grad_fresh`].
#[inline]
pub fn fresh<T: ZerosLike + ?Sized>(x: &T) -> T::Zeros {
    x.__grad_fresh()
}

/// Zeros in the shape of each element, around what has none.
#[inline]
pub fn zeros_like_each<T, Z>(elements: &[T], zeros: impl FnMut(&T) -> Z) -> Vec<Z> {
    elements.iter().map(zeros).collect()
}

/// The tangent of a slice, or zeros where it is absent.
#[inline]
pub fn present<'a, D, X: ZerosLike<Zeros = Vec<D>> + ?Sized>(
    dot: Option<&'a [D]>,
    x: &X,
    absent: &'a mut Vec<D>,
) -> &'a [D] {
    dot.unwrap_or_else(|| {
        *absent = zeros_like(x);
        absent
    })
}

/// `to += from`.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn accumulate<To: Accumulate<From> + ?Sized, From: ?Sized>(to: &mut To, from: &From) {
    to.__grad_accumulate(from);
}

/// Sets every float in `x` to 0.
#[inline]
pub fn clear<T: Clear + ?Sized>(x: &mut T) {
    x.__grad_clear();
}

/// Multiplies every float in `x`.
#[inline]
pub fn scale<T: Scale<By> + ?Sized, By: Copy>(x: &mut T, by: By) {
    x.__grad_scale(by);
}

/// `to += by · from`.
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn accumulate_scaled<To, From, By>(to: &mut To, by: By, mut from: From)
where
    To: Accumulate<From> + ?Sized,
    From: Scale<By>,
    By: Copy,
{
    from.__grad_scale(by);
    to.__grad_accumulate(&from);
}

/// The sum of the terms, each by its factor.
///
/// # Panics
/// If there are none, or their lengths differ.
#[inline]
pub fn combination<T, By: Copy, const N: usize>(terms: [(By, &T); N]) -> T
where
    T: Clone + Scale<By> + Accumulate<T>,
{
    let scaled = |(by, x): &(By, &T)| {
        let mut x = (*x).clone();
        x.__grad_scale(*by);
        x
    };
    let mut sum = scaled(&terms[0]);
    for term in &terms[1..] {
        sum.__grad_accumulate(&scaled(term));
    }
    sum
}

/// ⟨a, b⟩
///
/// # Panics
/// If the lengths differ.
#[inline]
pub fn inner<A: Inner<B> + ?Sized, B: ?Sized>(a: &A, b: &B) -> f64 {
    a.__grad_inner(b)
}

/// The sum of all floats in `x`.
#[inline]
pub fn sum<T: Sum + ?Sized>(x: &T) -> T::Float {
    x.__grad_sum()
}

/// Adds the cotangent that a pullback returned, if it returned one, to the slot.
#[inline]
pub fn merge<Slot: Merge<Cotangent> + ?Sized, Cotangent>(slot: &mut Slot, cotangent: Cotangent) {
    slot.__grad_merge(cotangent);
}

#[track_caller]
fn check_lengths(to: usize, from: usize) {
    assert!(to == from, "a cotangent of {from} elements does not fit its buffer of {to}");
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl ZerosLike for $float {
            type Zeros = $float;
            #[inline]
            fn __grad_zeros_like(&self) -> $float { 0.0 }
            #[inline]
            fn __grad_zeros_like_each(elements: &[$float]) -> Vec<$float> { vec![0.0; elements.len()] }
        }
        impl Accumulate<$float> for $float {
            #[inline]
            fn __grad_accumulate(&mut self, from: &$float) { *self += *from; }
        }
        impl Clear for $float {
            #[inline]
            fn __grad_clear(&mut self) { *self = 0.0; }
        }
        impl Inner<$float> for $float {
            #[inline]
            fn __grad_inner(&self, other: &$float) -> f64 { f64::from(self * other) }
        }
        // A derivative has the precision of what it is the derivative with respect to. A product of two `f32` is exact in `f64`.
        impl<By: GenericFloat> Scale<By> for $float {
            #[inline]
            fn __grad_scale(&mut self, by: By) { *self = cast_generic(self.__grad_to_f64() * by.__grad_to_f64()); }
        }
        impl Sum for $float {
            type Float = $float;
            #[inline]
            fn __grad_sum(&self) -> $float { *self }
        }
        impl Merge<$float> for $float {
            #[inline]
            fn __grad_merge(&mut self, cotangent: $float) { *self += cotangent; }
        }
    )*};
}

floats! { f32 f64 }

macro_rules! without_floats {
    ($($ty:ty)*) => {$(
        impl ZerosLike for $ty {
            type Zeros = ();
            #[inline]
            fn __grad_zeros_like(&self) {}
        }
    )*};
}

without_floats! { () bool char str String u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl Accumulate<()> for () {
    #[inline]
    fn __grad_accumulate(&mut self, (): &()) {}
}

impl Inner<()> for () {
    #[inline]
    fn __grad_inner(&self, (): &()) -> f64 {
        0.0
    }
}

impl Clear for () {
    #[inline]
    fn __grad_clear(&mut self) {}
}

impl<T: ?Sized> Merge<()> for T {
    #[inline]
    fn __grad_merge(&mut self, (): ()) {}
}

// References.

impl<T: ZerosLike + ?Sized> ZerosLike for &T {
    type Zeros = T::Zeros;
    #[inline]
    fn __grad_zeros_like(&self) -> T::Zeros {
        (**self).__grad_zeros_like()
    }
}

impl<T: ZerosLike + ?Sized> ZerosLike for &mut T {
    type Zeros = T::Zeros;
    #[inline]
    fn __grad_zeros_like(&self) -> T::Zeros {
        (**self).__grad_zeros_like()
    }
}

impl<To: Accumulate<From> + ?Sized, From: ?Sized> Accumulate<&From> for To {
    #[inline]
    fn __grad_accumulate(&mut self, from: &&From) {
        self.__grad_accumulate(*from);
    }
}

impl<To: Accumulate<From> + ?Sized, From: ?Sized> Accumulate<&mut From> for To {
    #[inline]
    fn __grad_accumulate(&mut self, from: &&mut From) {
        self.__grad_accumulate(&**from);
    }
}

impl<T: Clear + ?Sized> Clear for &mut T {
    #[inline]
    fn __grad_clear(&mut self) {
        (**self).__grad_clear();
    }
}

// Slices, arrays, `Vec`s.

impl<T: ZerosLike> ZerosLike for [T] {
    type Zeros = Vec<T::Zeros>;
    #[inline]
    fn __grad_zeros_like(&self) -> Vec<T::Zeros> {
        T::__grad_zeros_like_each(self)
    }
}

impl<T: ZerosLike> ZerosLike for Vec<T> {
    type Zeros = Vec<T::Zeros>;
    #[inline]
    fn __grad_zeros_like(&self) -> Vec<T::Zeros> {
        self.as_slice().__grad_zeros_like()
    }
}

impl<T: ZerosLike, const N: usize> ZerosLike for [T; N] {
    type Zeros = [T::Zeros; N];
    #[inline]
    fn __grad_zeros_like(&self) -> [T::Zeros; N] {
        self.each_ref().map(T::__grad_zeros_like)
    }
}

impl<To: Accumulate<From>, From> Accumulate<[From]> for [To] {
    #[inline]
    #[track_caller]
    fn __grad_accumulate(&mut self, from: &[From]) {
        check_lengths(self.len(), from.len());
        for (to, from) in self.iter_mut().zip(from) {
            to.__grad_accumulate(from);
        }
    }
}

impl<A: Inner<B>, B> Inner<[B]> for [A] {
    #[inline]
    #[track_caller]
    fn __grad_inner(&self, other: &[B]) -> f64 {
        check_lengths(self.len(), other.len());
        self.iter().zip(other).map(|(a, b)| a.__grad_inner(b)).sum()
    }
}

/// The other pairs of slice, array and `Vec` are that of two slices.
macro_rules! inner_as_slices {
    ($([$($generics:tt)*] $a:ty, $b:ty;)*) => {$(
        impl<A: Inner<B>, B, $($generics)*> Inner<$b> for $a {
            #[inline]
            #[track_caller]
            fn __grad_inner(&self, other: &$b) -> f64 {
                self[..].__grad_inner(&other[..])
            }
        }
    )*};
}

inner_as_slices! {
    [] Vec<A>, [B];
    [] Vec<A>, Vec<B>;
    [const N: usize] [A; N], [B];
    [const N: usize] [A; N], [B; N];
}

impl<A: Inner<B> + ?Sized, B: ?Sized> Inner<&B> for A {
    #[inline]
    fn __grad_inner(&self, other: &&B) -> f64 {
        self.__grad_inner(*other)
    }
}

/// The other pairs of slice, array and `Vec` are that of two slices.
macro_rules! accumulate_as_slices {
    ($([$($generics:tt)*] $to:ty, $from:ty;)*) => {$(
        impl<To: Accumulate<From>, From, $($generics)*> Accumulate<$from> for $to {
            #[inline]
            #[track_caller]
            fn __grad_accumulate(&mut self, from: &$from) {
                self[..].__grad_accumulate(&from[..]);
            }
        }
    )*};
}

accumulate_as_slices! {
    [] [To], Vec<From>;
    [const N: usize] [To], [From; N];
    [] Vec<To>, [From];
    [] Vec<To>, Vec<From>;
    [const N: usize] Vec<To>, [From; N];
    [const N: usize] [To; N], [From];
    [const N: usize] [To; N], Vec<From>;
    [const N: usize] [To; N], [From; N];
}

impl<T: Clear> Clear for [T] {
    #[inline]
    fn __grad_clear(&mut self) {
        for x in self {
            x.__grad_clear();
        }
    }
}

impl<T: Clear> Clear for Vec<T> {
    #[inline]
    fn __grad_clear(&mut self) {
        self.as_mut_slice().__grad_clear();
    }
}

impl<T: Clear, const N: usize> Clear for [T; N] {
    #[inline]
    fn __grad_clear(&mut self) {
        self.as_mut_slice().__grad_clear();
    }
}

impl<By: Copy> Scale<By> for () {
    #[inline]
    fn __grad_scale(&mut self, _: By) {}
}

impl<T: Scale<By>, By: Copy> Scale<By> for Vec<T> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.iter_mut().for_each(|x| x.__grad_scale(by));
    }
}

impl<T: Scale<By>, By: Copy, const N: usize> Scale<By> for [T; N] {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.iter_mut().for_each(|x| x.__grad_scale(by));
    }
}

impl<T> Sum for Vec<T>
where
    [T]: Sum,
{
    type Float = <[T] as Sum>::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        self.as_slice().__grad_sum()
    }
}

impl<T, const N: usize> Sum for [T; N]
where
    [T]: Sum,
{
    type Float = <[T] as Sum>::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        self.as_slice().__grad_sum()
    }
}

impl<T: Sum + ?Sized> Sum for &T {
    type Float = T::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        (**self).__grad_sum()
    }
}

impl<T: Sum + ?Sized> Sum for &mut T {
    type Float = T::Float;
    #[inline]
    fn __grad_sum(&self) -> Self::Float {
        (**self).__grad_sum()
    }
}

// Tuples.

macro_rules! tuples {
    ($($to:ident $from:ident $index:tt),*) => {
        impl<$($to: ZerosLike),*> ZerosLike for ($($to,)*) {
            type Zeros = ($($to::Zeros,)*);
            #[inline]
            fn __grad_zeros_like(&self) -> Self::Zeros { ($(self.$index.__grad_zeros_like(),)*) }
        }
        impl<$($to: Accumulate<$from>, $from),*> Accumulate<($($from,)*)> for ($($to,)*) {
            #[inline]
            fn __grad_accumulate(&mut self, from: &($($from,)*)) { $(self.$index.__grad_accumulate(&from.$index);)* }
        }
        impl<$($to: Inner<$from>, $from),*> Inner<($($from,)*)> for ($($to,)*) {
            #[inline]
            fn __grad_inner(&self, other: &($($from,)*)) -> f64 { [$(self.$index.__grad_inner(&other.$index)),*].iter().sum() }
        }
        impl<By: Copy, $($to: Scale<By>),*> Scale<By> for ($($to,)*) {
            #[inline]
            fn __grad_scale(&mut self, by: By) { $(self.$index.__grad_scale(by);)* }
        }
        impl<$($to: Clear),*> Clear for ($($to,)*) {
            #[inline]
            fn __grad_clear(&mut self) { $(self.$index.__grad_clear();)* }
        }
    };
}

tuples! { A0 B0 0 }
tuples! { A0 B0 0, A1 B1 1 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5, A6 B6 6 }
tuples! { A0 B0 0, A1 B1 1, A2 B2 2, A3 B3 3, A4 B4 4, A5 B5 5, A6 B6 6, A7 B7 7 }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_have_the_owned_form_of_the_same_shape() {
        let x: (&[f64], [f32; 2], Vec<Vec<f64>>, usize) = (&[1.0, 2.0], [3.0; 2], vec![vec![4.0], vec![]], 7);
        let zeros: (Vec<f64>, [f32; 2], Vec<Vec<f64>>, ()) = zeros_like(&x);
        assert_eq!(zeros, (vec![0.0; 2], [0.0; 2], vec![vec![0.0], vec![]], ()));
    }

    #[test]
    fn slices_vecs_and_arrays_accumulate_into_each_other() {
        let mut rows = vec![[1.0, 2.0], [3.0, 4.0]];
        accumulate(&mut rows, &[vec![10.0, 20.0], vec![30.0, 40.0]]);
        assert_eq!(rows, [[11.0, 22.0], [33.0, 44.0]]);
        accumulate(&mut rows[1][..], &vec![1.0, 1.0]);
        accumulate(&mut rows[..1], &&[[0.5, 0.5]][..]);
        assert_eq!(rows, [[11.5, 22.5], [34.0, 45.0]]);
    }

    #[test]
    fn clearing_keeps_the_lengths() {
        let mut x = (vec![vec![1.0], vec![2.0, f64::NAN]], [f64::INFINITY]);
        clear(&mut x);
        assert_eq!(x, (vec![vec![0.0], vec![0.0, 0.0]], [0.0]));
    }

    #[test]
    fn the_sum_of_nothing_is_positive_zero() {
        assert_eq!(sum::<[f64]>(&[]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(sum(&vec![1.0_f32, 2.0, 3.5]), 6.5);
    }

    #[test]
    fn a_number_merges_and_unit_does_not() {
        let mut slot = 1.0;
        merge(&mut slot, 2.0);
        merge(&mut slot, ());
        assert_eq!(slot, 3.0);
    }

    #[test]
    fn lengths_that_differ_panic() {
        let mismatch = std::panic::catch_unwind(|| accumulate(&mut [0.0][..], &vec![1.0, 2.0]));
        assert!(mismatch.is_err());
    }
}
