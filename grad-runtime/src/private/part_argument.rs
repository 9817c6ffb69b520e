//! Fields that may be constants of their types, as arguments of calls.
//!
//! A caller sees neither the type of a field nor the signature of its callee. Whether an argument is differentiated, the type of
//! the field's tangent says: what is nothing, or consists of nothing, is that of a constant. A callee is told so by the marker,
//! and given no place for a cotangent, and no tangent.
//!
//! All is asked of a reference to the tangent, `argument(&mut x).slot()`. By the rules of methods those of [`PartArgument`] are found
//! first, of what is known to have no tangent, and for everything else those of [`OfValue`].

use super::{Active, Activity, Again, Constant, Lend, Merge};
use crate::Differentiable;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Deref;

/// Holds no number, whatever its value.
pub trait NoTangent {}

impl NoTangent for () {}
impl<T: NoTangent> NoTangent for Vec<T> {}
impl<T: NoTangent> NoTangent for [T] {}
impl<T: NoTangent, const N: usize> NoTangent for [T; N] {}
impl<T: NoTangent> NoTangent for Option<T> {}
impl<T: NoTangent + ?Sized> NoTangent for Box<T> {}

macro_rules! tuples {
    ($($($T:ident)*;)*) => {$(
        impl<$($T: NoTangent),*> NoTangent for ($($T,)*) {}
    )*};
}

tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }

/// A reference to a part of a tangent, or of a cotangent.
pub struct PartArgument<Reference>(OfValue<Reference>);

/// The same, of what is not known to be nothing.
pub struct OfValue<Reference>(Cell<Option<Reference>>);

/// See [`PartArgument`].
#[inline]
pub fn argument<Reference>(part: Reference) -> PartArgument<Reference> {
    PartArgument(OfValue(Cell::new(Some(part))))
}

impl<Reference> Deref for PartArgument<Reference> {
    type Target = OfValue<Reference>;

    #[inline]
    fn deref(&self) -> &OfValue<Reference> {
        &self.0
    }
}

impl<Reference> OfValue<Reference> {
    #[inline]
    fn it(&self) -> Reference {
        self.0.take().expect("it is asked for once")
    }
}

impl<T: NoTangent + ?Sized> PartArgument<&T> {
    /// The marker of the argument.
    #[inline]
    pub fn activity(&self) -> Constant {
        Constant
    }

    /// A tangent that is lent.
    #[inline]
    pub fn dot<Dot>(&self) -> Option<Dot> {
        None
    }

    /// A tangent by value.
    #[inline]
    pub fn dot_owned<Dot>(&self) -> Option<Dot> {
        None
    }

    /// What of a tangent a pullback takes again.
    #[inline]
    pub fn again(&self) {}
}

impl<'a, T: ?Sized> OfValue<&'a T> {
    /// See [`PartArgument`].
    #[inline]
    pub fn activity(&self) -> Active {
        Active
    }

    /// See [`PartArgument`].
    #[inline]
    pub fn dot<Dot>(&self) -> Option<Dot>
    where
        T: Lend<'a, Dot>,
    {
        Some(self.it().lend())
    }

    /// See [`PartArgument`].
    #[inline]
    pub fn dot_owned(&self) -> Option<T>
    where
        T: Clone,
    {
        Some(self.it().clone())
    }

    /// See [`PartArgument`].
    #[inline]
    pub fn again(&self) -> T::Again
    where
        T: Again,
    {
        self.it().__grad_again()
    }
}

impl<T: NoTangent + ?Sized> PartArgument<&mut T> {
    /// Where a cotangent goes.
    #[inline]
    pub fn slot<Slot>(&self) -> Option<Slot> {
        None
    }

    /// What a pullback returns.
    #[inline]
    pub fn merge<Cotangent>(&self, _: Cotangent) {}
}

impl<'a, T: ?Sized> OfValue<&'a mut T> {
    /// See [`PartArgument`].
    #[inline]
    pub fn slot<Slot: ?Sized>(&self) -> Option<&'a mut Slot>
    where
        T: LendMut<Slot>,
    {
        Some(self.it().lend_mut())
    }

    /// See [`PartArgument`].
    #[inline]
    pub fn merge<Cotangent>(&self, cotangent: Cotangent)
    where
        T: Merge<Cotangent>,
    {
        super::merge(self.it(), cotangent);
    }
}

/// Is what a callee takes as the place of a cotangent, or is lent as such.
pub trait LendMut<Slot: ?Sized> {
    /// The place.
    fn lend_mut(&mut self) -> &mut Slot;
}

impl<T: ?Sized> LendMut<T> for T {
    #[inline]
    fn lend_mut(&mut self) -> &mut T {
        self
    }
}

impl<T> LendMut<[T]> for Vec<T> {
    #[inline]
    fn lend_mut(&mut self) -> &mut [T] {
        self
    }
}

impl<T, const N: usize> LendMut<[T]> for [T; N] {
    #[inline]
    fn lend_mut(&mut self) -> &mut [T] {
        self
    }
}

/// What a caller's caller says of the whole, where the part is differentiated.
pub trait PartActivity: Activity {
    /// `Whole`, if there is a tangent of the part.
    type Of<Whole: Activity>: Activity;
}

impl PartActivity for Active {
    type Of<Whole: Activity> = Whole;
}

impl PartActivity for Constant {
    type Of<Whole: Activity> = Constant;
}

/// The marker of a part of `whole`, from a function that nobody calls: what it returns says what the tangent of the part is.
#[inline]
pub fn activity_in<Whole, Part, Of>(_: Whole, _: &Of, _: impl FnOnce(&Of::Tangent) -> Part) -> Part::Of<Whole>
where
    Whole: Activity,
    Part: PartActivity,
    Of: Differentiable + ?Sized,
{
    Part::Of::<Whole>::default()
}

#[cfg(test)]
mod tests {
    use super::argument;

    #[test]
    fn what_is_nothing_has_no_place() {
        let (mut number, mut indices) = (vec![1.0], vec![((), None::<()>)]);
        let slot: Option<&mut [f64]> = argument(&mut number).slot();
        assert_eq!(slot, Some(&mut [1.0][..]));
        assert!(argument(&mut indices).slot::<&mut [f64]>().is_none());
        let dot: Option<&[f64]> = argument(&number).dot();
        assert_eq!(dot, Some(&[1.0][..]));
        assert!(argument(&indices).dot::<&[f64]>().is_none());
        argument(&mut indices).merge(3.0);
        argument(&mut number[0]).merge(3.0);
        assert_eq!(number, [4.0]);
    }
}
