//! Elements of matrices by their number, in the order of the library.

/// Has elements, one behind the other.
pub trait Numbered {
    /// What it is indexed with.
    type At;
    /// See [`nth`].
    fn nth(&self, k: usize) -> Self::At;
}

/// What element `k` is indexed with.
#[inline]
pub fn nth<M: Numbered + ?Sized>(m: &M, k: usize) -> M::At {
    m.nth(k)
}

impl<M: Numbered + ?Sized> Numbered for &M {
    type At = M::At;
    #[inline]
    fn nth(&self, k: usize) -> M::At {
        (**self).nth(k)
    }
}

impl<M: Numbered + ?Sized> Numbered for &mut M {
    type At = M::At;
    #[inline]
    fn nth(&self, k: usize) -> M::At {
        (**self).nth(k)
    }
}
