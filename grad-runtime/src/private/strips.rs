//! Strips of the passes of a loop, at whose ends what was put by is added up.

/// How many passes a strip has; the compiler's arrays are of this size.
const STRIP: usize = 32;

/// To put by what fewer passes have is not worth the while.
const FEW: usize = 12;

/// How many of the passes find their elements in memory of length `len`, where the last of each is `ahead` behind that of
/// the pass.
#[inline]
#[must_use]
pub fn bounded(passes: usize, len: usize, ahead: usize) -> usize {
    passes.min(len.saturating_sub(ahead))
}

/// How many of the passes run in strips.
#[inline]
#[must_use]
pub fn in_strips(passes: usize) -> usize {
    if passes < FEW { 0 } else { passes }
}

/// The number of strips.
#[inline]
#[must_use]
pub fn strips(passes: usize) -> usize {
    passes.div_ceil(STRIP)
}

/// How many passes the strip has that begins with pass `start`: the last may have fewer.
#[inline]
#[must_use]
pub fn strip_len(passes: usize, start: usize) -> usize {
    (passes - start).min(STRIP)
}

/// How many times four of so many passes sum up in four sums: none, where there are few.
#[inline]
#[must_use]
pub const fn fours(passes: usize) -> usize {
    if passes < 16 { 0 } else { passes / 4 }
}

/// The same of powers, whose fourth power is this: none, where it might be too large or too small for what a power is
/// multiplied by step by step, and not at once.
#[inline]
#[must_use]
pub fn fours_by(passes: usize, fourth_power: impl Into<f64>) -> usize {
    let is_moderate = (1e-30..1e30).contains(&fourth_power.into().abs());
    if passes < 8 || !is_moderate { 0 } else { passes / 4 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_follow_each_other_and_have_all_passes() {
        for passes in 0..200 {
            let whole = in_strips(passes);
            assert!(whole == passes || passes < FEW);
            let mut next = 0;
            for strip in 0..strips(whole) {
                assert_eq!(strip * STRIP, next);
                assert!((1..=STRIP).contains(&strip_len(whole, next)));
                next += strip_len(whole, next);
            }
            assert_eq!(next, whole);
        }
    }

    #[test]
    fn powers_are_multiplied_at_once_where_that_is_what_they_are_step_by_step() {
        assert_eq!(fours_by(21, 0.5), 5);
        assert_eq!(fours_by(21, -2.0_f32), 5);
        assert_eq!(fours_by(7, 0.5), 0);
        for power in [0.0, 1e-40, 1e40, f64::INFINITY, f64::NAN] {
            assert_eq!(fours_by(21, power), 0);
        }
    }

    #[test]
    fn a_pass_without_its_elements_is_in_no_strip() {
        assert_eq!(bounded(10, 20, 1), 10);
        assert_eq!(bounded(10, 10, 1), 9);
        assert_eq!(bounded(10, 0, 1), 0);
    }
}
