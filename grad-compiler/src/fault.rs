//! Faults planted by tests, to prove that the completeness check finds them. Outside of the compiler's own tests there
//! are none, and nothing of this is left in the code.

#[cfg(feature = "testing")]
pub(crate) use switch::planted;
#[cfg(feature = "testing")]
pub use switch::{names, with};

/// Whether a test broke the compiler here: what is broken, by its name.
#[cfg(not(feature = "testing"))]
#[inline]
pub(crate) const fn planted(_: &'static str) -> bool {
    false
}

#[cfg(feature = "testing")]
mod switch {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    thread_local! {
        /// A test asks.
        static IS_WATCHED: Cell<bool> = const { Cell::new(false) };
        static PLANTED: Cell<Option<(&'static str, Option<usize>)>> = const { Cell::new(None) };
        /// How often every place was passed.
        static PASSED: RefCell<BTreeMap<&'static str, usize>> = const { RefCell::new(BTreeMap::new()) };
    }

    #[inline]
    pub(crate) fn planted(name: &'static str) -> bool {
        IS_WATCHED.get() && is_planted(name)
    }

    fn is_planted(name: &'static str) -> bool {
        let passed = PASSED.with_borrow_mut(|passed| {
            let count = passed.entry(name).or_default();
            *count += 1;
            *count - 1
        });
        PLANTED.get().is_some_and(|(other, at)| other == name && at.is_none_or(|at| at == passed))
    }

    fn watched<T>(f: impl FnOnce() -> T) -> T {
        PASSED.take();
        IS_WATCHED.set(true);
        let result = f();
        IS_WATCHED.set(false);
        result
    }

    /// Runs `f` with one fault: everywhere, or only where its place is passed for the n-th time. Says how often it was passed.
    pub fn with<T>(name: &'static str, at: Option<usize>, f: impl FnOnce() -> T) -> (T, usize) {
        PLANTED.set(Some((name, at)));
        let result = watched(f);
        PLANTED.set(None);
        (result, PASSED.take().get(name).copied().unwrap_or(0))
    }

    /// The places that `f` passes.
    pub fn names(f: impl FnOnce()) -> Vec<&'static str> {
        watched(f);
        PASSED.take().into_keys().collect()
    }
}
