//! Zeros in the shape of a constant that is beside numbers, if it has one.
//!
//! A type of the user's that is a constant need not implement anything, and generated code does not know which it is. By the rules of
//! methods `(&&Beside(&x)).__grad_zeros()` is that of [`ZerosOf`] where the type has zeros, and that of [`ZerosBeside`] where not.

use super::{LanesLike, ZerosLike};

/// A constant.
#[derive(Debug)]
pub struct Beside<'a, T: ?Sized>(pub &'a T);

/// The same, with so many tangents side by side.
#[derive(Debug)]
pub struct BesideN<'a, const N: usize, T: ?Sized>(pub &'a T);

/// A collection, and no iterator: a loop over `&mut` of it that is left early takes nothing out of it.
#[inline]
pub fn collection<T: ?Sized>(_: &mut T)
where
    for<'a> &'a T: IntoIterator,
{
}

/// What has zeros.
pub trait ZerosOf {
    /// Of what has them.
    type Zeros;
    /// Zeros in the shape of the constant.
    fn __grad_zeros(&self) -> Self::Zeros;
}

impl<T: ZerosLike + ?Sized> ZerosOf for &Beside<'_, T> {
    type Zeros = T::Zeros;

    #[inline]
    fn __grad_zeros(&self) -> T::Zeros {
        self.0.__grad_zeros_like()
    }
}

impl<const N: usize, T: LanesLike<N> + ?Sized> ZerosOf for &BesideN<'_, N, T> {
    type Zeros = T::Lanes;

    #[inline]
    fn __grad_zeros(&self) -> T::Lanes {
        super::lanes_like::<T, N>(self.0)
    }
}

/// What has none.
pub trait ZerosBeside {
    /// Nothing.
    #[inline]
    fn __grad_zeros(&self) {}
}

impl<T: ?Sized> ZerosBeside for Beside<'_, T> {}
impl<const N: usize, T: ?Sized> ZerosBeside for BesideN<'_, N, T> {}

#[cfg(test)]
#[allow(clippy::needless_borrow, reason = "as generated code asks, whose type decides how often")]
mod tests {
    use super::{Beside, ZerosBeside as _, ZerosOf as _};

    #[test]
    fn what_has_no_zeros_has_nothing() {
        struct Kind;
        let zeros: ((), f64, ()) = (
            (&&Beside(&Kind)).__grad_zeros(),
            (&&Beside(&2.5_f64)).__grad_zeros(),
            (&&Beside("name")).__grad_zeros(),
        );
        assert_eq!(zeros.1, 0.0);
    }
}
