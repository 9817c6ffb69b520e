//! Did a minimum or maximum stay what it was?

/// Whether two numbers are equal: not where one is NaN.
#[inline]
#[must_use]
pub fn is_same<F: PartialEq>(a: F, b: F) -> bool {
    a == b
}
