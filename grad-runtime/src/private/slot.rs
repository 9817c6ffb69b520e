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
