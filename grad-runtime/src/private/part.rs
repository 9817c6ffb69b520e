//! What a call gave, without what it may borrow: a view of an array is copied, everything else is left as it is.
//!
//! Generated code sees names, not types. `part(x).owned()` finds the function of views first, which is in the library's module.

use core::cell::RefCell;
use core::ops::Deref;

/// What a call gave.
#[derive(Debug)]
pub struct Part<T>(Anything<T>);

/// Of any type.
#[derive(Debug)]
pub struct Anything<T>(RefCell<Option<T>>);

/// See [`Part`].
#[inline]
pub fn part<T>(given: T) -> Part<T> {
    Part(Anything(RefCell::new(Some(given))))
}

impl<T> Deref for Part<T> {
    type Target = Anything<T>;
    #[inline]
    fn deref(&self) -> &Anything<T> {
        &self.0
    }
}

impl<T> Anything<T> {
    /// As it is: this is asked once.
    #[inline]
    pub fn owned(&self) -> T {
        self.0.borrow_mut().take().expect("asked once")
    }
}
