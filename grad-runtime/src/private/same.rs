//! Did a minimum or maximum stay what it was?

/// Whether two numbers are equal: not where one is NaN.
#[inline]
#[must_use]
pub fn is_same<F: PartialEq>(a: F, b: F) -> bool {
    a == b
}

/// Whether a minimum of two numbers is the same as before: `next` is it, of `before` and another. Of `numbers`, the lesser of the
/// two is `less` if it is less than `more`: of these, one is `before`. Of a minimum that is NaN to start with, only the result
/// tells; a maximum has them the other way round.
#[inline]
#[must_use]
#[allow(clippy::neg_cmp_op_on_partial_ord, reason = "a NaN is not chosen")]
pub fn stays<F: PartialOrd>(numbers: bool, less: F, more: F, next: F, before: F) -> bool {
    if numbers { !(less < more) } else { next == before }
}

/// Whether the other of the two is what was chosen, alone or together with the one.
#[inline]
#[must_use]
pub fn has_it<F: PartialOrd>(numbers: bool, less: F, more: F, other: F, next: F) -> bool {
    if numbers { less <= more } else { other == next }
}

/// That a function which its pullback ran again gave the same number.
///
/// # Panics
///
/// If not: it depends on something that is not in its arguments.
#[inline]
#[allow(clippy::eq_op, reason = "NaN is not equal to itself")]
pub fn same_again<F: PartialEq + Copy>(before: F, now: F) {
    assert!(
        before == now || before != before && now != now,
        "the function gave another value when its pullback ran it again: what it chooses must follow from its arguments"
    );
}
