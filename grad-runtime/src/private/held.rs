//! A constant that a pullback keeps, of a type that need not be `Clone`.
//!
//! Pullbacks are cloned, and what they own with them. Generated code does not know the type of a constant. By the rules of methods
//! `(&&Keeping::of(x)).kept()` is that of [`KeptAsItIs`] where the type can be cloned, and that of [`KeptBehind`] where it cannot:
//! there, all copies look at one.

#[cfg(not(target_has_atomic = "ptr"))]
use alloc::rc::Rc as Held;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc as Held;
use core::cell::RefCell;

/// What is to be kept.
#[derive(Debug)]
pub struct Keeping<T>(RefCell<Option<T>>);

impl<T> Keeping<T> {
    /// See [`Keeping`].
    #[inline]
    pub fn of(constant: T) -> Keeping<T> {
        Keeping(RefCell::new(Some(constant)))
    }

    fn taken(&self) -> T {
        self.0.borrow_mut().take().expect("asked once")
    }
}

/// Of what can be cloned.
pub trait KeptAsItIs {
    /// What is kept.
    type Kept;
    /// As it is: this is asked once.
    fn kept(&self) -> Self::Kept;
}

impl<T: Clone> KeptAsItIs for &Keeping<T> {
    type Kept = T;

    #[inline]
    fn kept(&self) -> T {
        self.taken()
    }
}

/// Of everything else.
pub trait KeptBehind {
    /// What is kept.
    type Kept;
    /// Behind a reference that counts: this is asked once.
    fn kept(&self) -> Self::Kept;
}

impl<T> KeptBehind for Keeping<T> {
    type Kept = Held<T>;

    #[inline]
    fn kept(&self) -> Held<T> {
        Held::new(self.taken())
    }
}

/// An item of a list of constants that was given by value: `(&&ItemOf::new(&items[i])).item()` is a copy of it where it can be cloned
/// ([`CopyOfItem`]), and what leads to it where it cannot ([`LentItem`]).
#[derive(Clone, Copy, Debug)]
pub struct ItemOf<'a, T>(&'a T);

impl<T> ItemOf<'_, T> {
    /// See [`ItemOf`].
    #[inline]
    pub fn new(item: &T) -> ItemOf<'_, T> {
        ItemOf(item)
    }
}

/// Of what can be cloned.
pub trait CopyOfItem {
    /// The item.
    type Item;
    /// A copy.
    fn item(&self) -> Self::Item;
}

impl<T: Clone> CopyOfItem for &ItemOf<'_, T> {
    type Item = T;

    #[inline]
    fn item(&self) -> T {
        self.0.clone()
    }
}

/// Of everything else.
pub trait LentItem {
    /// The item.
    type Item;
    /// A reference.
    fn item(&self) -> Self::Item;
}

impl<'a, T> LentItem for ItemOf<'a, T> {
    type Item = &'a T;

    #[inline]
    fn item(&self) -> &'a T {
        self.0
    }
}

#[cfg(test)]
#[allow(clippy::needless_borrow, reason = "as generated code asks, whose type decides how often")]
mod tests {
    use super::{CopyOfItem as _, ItemOf, Keeping, KeptAsItIs as _, KeptBehind as _, LentItem as _};

    #[test]
    fn what_cannot_be_cloned_is_lent() {
        struct Once(f64);
        let items = [Once(0.5)];
        assert!(core::ptr::eq((&&ItemOf::new(&items[0])).item(), &raw const items[0]));
        assert_eq!(items[0].0, 0.5);
        let item: f64 = (&&ItemOf::new(&1.5)).item();
        assert_eq!(item, 1.5);
    }

    #[test]
    fn what_cannot_be_cloned_is_shared() {
        struct Once(f64);
        let kept = (&&Keeping::of(Once(0.5))).kept();
        let again = kept.clone();
        assert!(core::ptr::eq(&raw const *kept, &raw const *again));
        assert_eq!(kept.0, 0.5);
        let kept: f64 = (&&Keeping::of(1.5)).kept();
        assert_eq!(kept, 1.5);
    }
}
