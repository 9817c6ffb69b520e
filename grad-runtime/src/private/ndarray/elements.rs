//! All elements of an array as one slice, in the order of the library, the last axis running fastest: for a loop over them.

use core::ops::{Deref, DerefMut};
use ndarray::{ArrayRef, Dimension};

/// All elements: where they are, or a copy in their order.
#[derive(Debug)]
pub enum Elements<'a, E> {
    /// Without gaps, and in order.
    There(&'a [E]),
    /// Of an array that is laid out in another way.
    Copied(Vec<E>),
}

impl<E> Deref for Elements<'_, E> {
    type Target = [E];
    #[inline]
    fn deref(&self) -> &[E] {
        match self {
            Elements::There(elements) => elements,
            Elements::Copied(elements) => elements,
        }
    }
}

/// The same, to be changed.
#[derive(Debug)]
pub enum ElementsMut<'a, E, D: Dimension> {
    /// Without gaps, and in order.
    There(&'a mut [E]),
    /// Of an array that is laid out in another way, and gets them back.
    Copied(Vec<E>, &'a mut ArrayRef<E, D>),
    /// In the place of what is not asked for.
    Absent(Vec<E>),
}

impl<E, D: Dimension> Deref for ElementsMut<'_, E, D> {
    type Target = [E];
    #[inline]
    fn deref(&self) -> &[E] {
        match self {
            ElementsMut::There(elements) => elements,
            ElementsMut::Copied(elements, _) | ElementsMut::Absent(elements) => elements,
        }
    }
}

impl<E, D: Dimension> DerefMut for ElementsMut<'_, E, D> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [E] {
        match self {
            ElementsMut::There(elements) => elements,
            ElementsMut::Copied(elements, _) | ElementsMut::Absent(elements) => elements,
        }
    }
}

impl<E, D: Dimension> ElementsMut<'_, E, D> {
    /// Puts them where they came from.
    #[inline]
    pub fn put_back(self) {
        if let ElementsMut::Copied(elements, to) = self {
            to.iter_mut().zip(elements).for_each(|(to, from)| *to = from);
        }
    }
}

/// Panics where the shapes differ: that of a cotangent, which may come from anywhere, is that of the array.
#[inline]
#[track_caller]
pub fn of_one_shape<E, F, D: Dimension>(one: &ArrayRef<E, D>, other: &ArrayRef<F, D>) {
    super::shapes::check_shapes(other.shape(), one.shape());
}

/// All elements.
#[inline]
#[must_use]
pub fn elements<E: Clone, D: Dimension>(m: &ArrayRef<E, D>) -> Elements<'_, E> {
    match m.as_slice() {
        Some(elements) => Elements::There(elements),
        None => Elements::Copied(m.iter().cloned().collect()),
    }
}

/// The same, to be changed.
#[inline]
#[must_use]
pub fn elements_mut<E: Clone, D: Dimension>(m: &mut ArrayRef<E, D>) -> ElementsMut<'_, E, D> {
    if m.is_standard_layout() {
        return ElementsMut::There(m.as_slice_mut().expect("no gaps"));
    }
    ElementsMut::Copied(m.iter().cloned().collect(), m)
}

/// The same of a slot, which may be one that nobody asks for: then there are as many that are thrown away.
#[inline]
#[must_use]
pub fn elements_of_slot<E: Clone + Default, D: Dimension>(
    m: &mut ArrayRef<E, D>,
    count: usize,
) -> ElementsMut<'_, E, D> {
    if m.is_empty() { ElementsMut::Absent(vec![E::default(); count]) } else { elements_mut(m) }
}
