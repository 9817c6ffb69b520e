//! Tangents of fields that are constants of their types.
//!
//! Such a field has the tangent `()`, of which only rustc knows. Generated code that reads a part of it, or adds to one, asks for
//! it by [`PartOf::__grad_part`] or [`PartOfMut::__grad_part_mut`]: of everything else this is the field itself, of `()` it is [`Nothing`],
//! of which any part is nothing, what is added to it is gone, and what is read of it is 0. By the rules of methods the first is found
//! for `()` only, and not where a type parameter may be `()`.

use super::{Accumulate, Clear, LanesLike, ZerosLike};
use alloc::borrow::ToOwned;
use core::ops::{AddAssign, Index, IndexMut, SubAssign};

/// A shared look at a field of a tangent.
pub trait PartOf {
    /// The field, or nothing.
    type Part;
    /// See [`PartOf`].
    fn __grad_part(self) -> Self::Part;
}

/// An exclusive one.
pub trait PartOfMut {
    /// The field, or nothing.
    type Part;
    /// See [`PartOfMut`].
    fn __grad_part_mut(self) -> Self::Part;
}

impl<'a, T: ?Sized> PartOf for &'a T {
    type Part = &'a T;

    #[inline]
    fn __grad_part(self) -> &'a T {
        self
    }
}

impl PartOf for () {
    type Part = &'static Nothing;

    #[inline]
    fn __grad_part(self) -> &'static Nothing {
        &NOTHING
    }
}

impl<'a, T: ?Sized> PartOfMut for &'a mut T {
    type Part = &'a mut T;

    #[inline]
    fn __grad_part_mut(self) -> &'a mut T {
        self
    }
}

impl PartOfMut for () {
    type Part = &'static mut Nothing;

    #[inline]
    fn __grad_part_mut(self) -> &'static mut Nothing {
        nothing()
    }
}

/// A part of a tuple in a tuple, for as deep as they go.
#[derive(Debug)]
pub struct Innermost;

/// A part of a tuple.
#[derive(Debug)]
pub struct Inner(
    pub Innermost,
    pub Innermost,
    pub Innermost,
    pub Innermost,
    pub Innermost,
    pub Innermost,
    pub Innermost,
    pub Innermost,
);

/// What stands for the tangent of a constant: an element or a part of it is nothing, too.
#[derive(Debug)]
pub struct Nothing(pub Inner, pub Inner, pub Inner, pub Inner, pub Inner, pub Inner, pub Inner, pub Inner);

const INNERMOST: Innermost = Innermost;
const INNER: Inner =
    Inner(INNERMOST, INNERMOST, INNERMOST, INNERMOST, INNERMOST, INNERMOST, INNERMOST, INNERMOST);
const NOTHING: Nothing = Nothing(INNER, INNER, INNER, INNER, INNER, INNER, INNER, INNER);

/// Of no size, so that nothing is allocated.
#[inline]
fn nothing() -> &'static mut Nothing {
    alloc::boxed::Box::leak(alloc::boxed::Box::new(NOTHING))
}

impl Nothing {
    /// What stands for a row.
    #[inline]
    pub fn get_mut<I>(&mut self, _: I) -> Option<&mut Nothing> {
        Some(self)
    }
}

impl Default for &mut Nothing {
    #[inline]
    fn default() -> Self {
        nothing()
    }
}

/// Addition to a part of a cotangent, as far as it is something.
pub trait AddToPart {
    /// `self += from`
    #[inline]
    fn __grad_accumulate<From: ?Sized>(&mut self, from: &From)
    where
        Self: Accumulate<From>,
    {
        super::accumulate(self, from);
    }
}

impl<T: ?Sized> AddToPart for T {}

/// A part of a tangent that is copied beside what it is the tangent of, a `P`.
pub trait CopyPart<P: ?Sized> {
    /// The copy.
    type Copy;
    /// The copy, and zeros in the shape of `of` where there is none.
    fn copy_part(&self, of: &P) -> Self::Copy;
}

impl<T: ToOwned + ?Sized, P: ?Sized> CopyPart<P> for T {
    type Copy = T::Owned;

    #[inline]
    fn copy_part(&self, _: &P) -> T::Owned {
        self.to_owned()
    }
}

impl<P: ZerosLike + ?Sized> CopyPart<P> for Nothing {
    type Copy = P::Zeros;

    #[inline]
    fn copy_part(&self, of: &P) -> P::Zeros {
        super::zeros_like(of)
    }
}

/// See `CopyPart`.
#[inline]
pub fn copy_part<T: CopyPart<P> + ?Sized, P: ?Sized>(part: &T, of: &P) -> T::Copy {
    part.copy_part(of)
}

/// The same with several tangents side by side.
pub trait CopyPartN<const N: usize, P: ?Sized> {
    /// The copy.
    type Copy;
    /// The copy, and what has no tangent in any lane where there is none.
    fn copy_part_n(&self, of: &P) -> Self::Copy;
}

impl<const N: usize, T: ToOwned + ?Sized, P: ?Sized> CopyPartN<N, P> for T {
    type Copy = T::Owned;

    #[inline]
    fn copy_part_n(&self, _: &P) -> T::Owned {
        self.to_owned()
    }
}

impl<const N: usize, P: LanesLike<N> + ?Sized> CopyPartN<N, P> for Nothing {
    type Copy = P::Lanes;

    #[inline]
    fn copy_part_n(&self, of: &P) -> P::Lanes {
        super::lanes_like(of)
    }
}

/// See `CopyPartN`.
#[inline]
pub fn copy_part_n<const N: usize, T: CopyPartN<N, P> + ?Sized, P: ?Sized>(part: &T, of: &P) -> T::Copy {
    part.copy_part_n(of)
}

/// A number that is read of a tangent: what is there, and 0 where nothing is.
pub trait Read<F> {
    /// See `Read`.
    fn read(&self) -> F;
}

impl<F: Copy> Read<F> for F {
    #[inline]
    fn read(&self) -> F {
        *self
    }
}

/// See `Read`.
#[inline]
pub fn read<F, T: Read<F> + ?Sized>(tangent: &T) -> F {
    tangent.read()
}

macro_rules! nothing {
    ($($ty:ident)*) => {$(
        impl $ty {
            /// Nothing is added to.
            #[inline]
            pub fn __grad_accumulate<From: ?Sized>(&mut self, _: &From) {}
        }

        impl ZerosLike for $ty {
            type Zeros = ();

            #[inline]
            fn __grad_zeros_like(&self) {}
        }

        impl<const N: usize> LanesLike<N> for $ty {
            type Lanes = ();

            #[inline]
            fn __grad_lanes_like(&self) {}
        }

        impl super::NoTangent for $ty {}

        impl<F: Default> Read<F> for $ty {
            #[inline]
            fn read(&self) -> F {
                F::default()
            }
        }

        impl Clear for $ty {
            #[inline]
            fn __grad_clear(&mut self) {}
        }

        impl<F> AddAssign<F> for $ty {
            #[inline]
            fn add_assign(&mut self, _: F) {}
        }

        impl<F> SubAssign<F> for $ty {
            #[inline]
            fn sub_assign(&mut self, _: F) {}
        }

        impl<I> Index<I> for $ty {
            type Output = Nothing;

            #[inline]
            fn index(&self, _: I) -> &Nothing {
                &NOTHING
            }
        }

        impl<I> IndexMut<I> for $ty {
            #[inline]
            fn index_mut(&mut self, _: I) -> &mut Nothing {
                nothing()
            }
        }
    )*};
}

nothing! { Nothing Inner Innermost }

#[cfg(test)]
mod tests {
    use super::{PartOf as _, PartOfMut as _, read};

    #[test]
    #[expect(clippy::unit_arg, reason = "a unit is what this is about")]
    fn only_a_constant_has_no_parts() {
        let mut tangent = (1.0_f64, (), vec![[2.0_f64; 2]]);
        *tangent.0.__grad_part_mut() += 1.0;
        *tangent.1.__grad_part_mut() += 1.0;
        tangent.1.__grad_part_mut()[3].0.1 -= 1.0_f32;
        tangent.2.__grad_part_mut()[0][1] -= 5.0;
        assert_eq!(tangent, (2.0, (), vec![[2.0, -3.0]]));
        let numbers: [f64; 3] = [
            read(tangent.0.__grad_part()),
            read(&tangent.1.__grad_part()[7][..2][0].1),
            read(&tangent.2.__grad_part()[0][1]),
        ];
        assert_eq!(numbers, [2.0, 0.0, -3.0]);
        assert_eq!(size_of::<super::Nothing>(), 0);
    }
}
