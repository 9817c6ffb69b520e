/// What an arm of a branch leaves for its mirror image, if it was taken: a tape for one thing.
#[derive(Clone, Copy, Debug)]
pub struct Slot<T>(Option<T>);

impl<T> Slot<T> {
    /// Nothing.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        Slot(None)
    }

    /// Puts it in.
    #[inline]
    pub fn push(&mut self, x: T) {
        self.0 = Some(x);
    }

    /// Takes it out.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.0.take()
    }
}

/// The same for a pullback.
#[derive(Clone, Debug)]
pub struct PullbackSlot<T>(Slot<T>);

impl<T> PullbackSlot<T> {
    /// Nothing.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "only generated code makes one")]
    pub const fn new() -> Self {
        PullbackSlot(Slot::new())
    }

    /// Puts it in.
    #[inline]
    pub fn push(&mut self, x: T) {
        self.0.push(x);
    }

    /// Takes it out.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }
}

/// Does nothing. But with it, rustc need not look at what is inside to know whether there is something to drop: where functions
/// call each other in a circle, that is in the end the slot itself, and the search an error beside the one that says so.
impl<T> Drop for PullbackSlot<T> {
    #[inline]
    fn drop(&mut self) {}
}
