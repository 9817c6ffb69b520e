//! How often does a counted loop run?

/// An integer that a loop can count with.
pub trait Trips: Copy {
    /// The greatest of its type.
    const GREATEST: Self;

    /// The length of `lo..hi`.
    fn trips(lo: Self, hi: Self) -> usize;

    /// `self + by`, for a sum in the range of a loop.
    #[must_use]
    fn up(self, by: usize) -> Self;

    /// `self - by`, for a difference in the range of a loop.
    #[must_use]
    fn down(self, by: usize) -> Self;
}

macro_rules! integers {
    ($($int:ty)*) => {$(
        impl Trips for $int {
            const GREATEST: Self = <$int>::MAX;

            #[inline]
            fn trips(lo: Self, hi: Self) -> usize {
                // More passes than `usize::MAX` never finish: any number serves for their buffer.
                if lo < hi { usize::try_from(hi.abs_diff(lo)).unwrap_or(usize::MAX) } else { 0 }
            }

            // Modulo the size of the type, which is exact because the result is in range.
            #[inline]
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
            fn up(self, by: usize) -> Self {
                self.wrapping_add(by as $int)
            }

            #[inline]
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
            fn down(self, by: usize) -> Self {
                self.wrapping_sub(by as $int)
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// The number of passes of a loop over `lo..hi`.
#[inline]
pub fn trips<T: Trips>(lo: T, hi: T) -> usize {
    T::trips(lo, hi)
}

/// Where a range that begins at `lo` and has no end comes to one.
#[inline]
pub fn greatest<T: Trips>(_lo: T) -> T {
    T::GREATEST
}

/// Of the elements that so many passes touch, the first; where there is no pass, one that is always there to end at.
#[inline]
#[must_use]
pub const fn first_of(passes: usize, first: usize) -> usize {
    if passes == 0 { 0 } else { first }
}

/// The number of passes of a loop over `lo..=hi`.
#[inline]
pub fn trips_inclusive<T: Trips + PartialOrd>(lo: T, hi: T) -> usize {
    if lo <= hi { T::trips(lo, hi).saturating_add(1) } else { 0 }
}

/// How many items an iterator gives that begins again after so many: there is no end, but where there is no beginning. Half of
/// what can be counted, so that something may be added to it.
#[inline]
#[must_use]
pub const fn cycled(len: usize) -> usize {
    if len == 0 { 0 } else { usize::MAX / 2 }
}

/// Room for so many things in each of so many passes.
#[inline]
#[must_use]
pub fn times(passes: usize, len: usize) -> usize {
    passes.saturating_mul(len)
}

/// A counter before so much was added to it.
#[inline]
pub fn down<T: Trips>(counter: T, by: usize) -> T {
    counter.down(by)
}

/// A counter before so much was taken from it.
#[inline]
pub fn up<T: Trips>(counter: T, by: usize) -> T {
    counter.up(by)
}

/// The index in pass `pass` of a loop over `lo..hi` or `lo..=hi`.
#[inline]
pub fn index<T: Trips>(lo: T, _hi: T, pass: usize) -> T {
    lo.up(pass)
}

/// The index in pass `pass` of a loop over `(lo..hi).rev()`.
#[inline]
pub fn index_reversed<T: Trips>(_lo: T, hi: T, pass: usize) -> T {
    hi.down(pass).down(1)
}

/// The index in pass `pass` of a loop over `(lo..=hi).rev()`.
#[inline]
pub fn index_reversed_inclusive<T: Trips>(_lo: T, hi: T, pass: usize) -> T {
    hi.down(pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_reversed_range_has_no_passes() {
        assert_eq!(trips(3_usize, 3), 0);
        assert_eq!(trips(5_i32, -5), 0);
        assert_eq!(trips_inclusive(1_u8, 0), 0);
    }

    #[test]
    fn ranges_over_the_whole_of_a_type_do_not_overflow() {
        assert_eq!(trips(i8::MIN, i8::MAX), 255);
        assert_eq!(trips_inclusive(u8::MIN, u8::MAX), 256);
        assert_eq!(trips(-3_i64, 4), 7);
        assert_eq!(index(i8::MIN, i8::MAX, 200), 72);
        assert_eq!(index_reversed(-3_i64, 4, 0), 3);
        assert_eq!(index_reversed_inclusive(0_u8, 255, 5), 250);
        assert_eq!(trips(i128::MIN, i128::MAX), usize::MAX);
    }
}
