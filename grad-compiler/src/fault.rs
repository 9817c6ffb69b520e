//! Faults planted by tests, to prove that the completeness check finds them. Outside of tests there are none.

/// A place where a test may break the compiler.
#[cfg(not(test))]
#[inline]
pub const fn planted(_: Fault) -> bool {
    false
}

#[cfg(test)]
pub use switch::{planted, with};

macro_rules! faults {
    ($($(#[doc = $doc:literal])* $name:ident,)*) => {
        /// What is broken.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Fault {
            $($(#[doc = $doc])* $name,)*
        }

        #[cfg(test)]
        impl Fault {
            pub const ALL: &[Fault] = &[$(Fault::$name),*];
        }
    };
}

faults! {
    // Arms of the activity analysis: what is not varied, or not useful, any more.
    VariedCopy,
}

#[cfg(test)]
mod switch {
    use super::Fault;
    use std::cell::Cell;

    thread_local! {
        static PLANTED: Cell<Option<Fault>> = const { Cell::new(None) };
        static MET: Cell<bool> = const { Cell::new(false) };
    }

    /// Whether this is the place that is broken.
    pub fn planted(fault: Fault) -> bool {
        let here = PLANTED.get() == Some(fault);
        if here {
            MET.set(true);
        }
        here
    }

    /// Runs `f` with the fault, and says whether it was met.
    pub fn with<T>(fault: Fault, f: impl FnOnce() -> T) -> (T, bool) {
        PLANTED.set(Some(fault));
        MET.set(false);
        let result = f();
        PLANTED.set(None);
        (result, MET.get())
    }
}
