//! Which elements a sort or a choice of the user's leaves, by their indices.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// The order in which `x.sort_by(by)` leaves the elements.
#[inline]
pub fn sorted_by<T>(x: &[T], mut by: impl FnMut(&T, &T) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&i, &j| by(&x[i], &x[j]));
    order
}

/// The order in which `x.sort_by_key(key)` leaves the elements.
#[inline]
pub fn sorted_by_key<T, K: Ord>(x: &[T], mut key: impl FnMut(&T) -> K) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by_key(|&i| key(&x[i]));
    order
}

/// The elements that `x.retain(keep)` leaves.
#[inline]
pub fn kept_by<T>(x: &[T], mut keep: impl FnMut(&T) -> bool) -> Vec<usize> {
    (0..x.len()).filter(|&i| keep(&x[i])).collect()
}

/// The elements that `x.dedup()` leaves.
#[inline]
pub fn deduped<T: PartialEq>(x: &[T]) -> Vec<usize> {
    deduped_by(x, |a, b| a == b)
}

/// The elements that `x.dedup_by(is_same)` leaves: `is_same` is asked of one, and of the last that stays in front of it.
#[inline]
pub fn deduped_by<T>(x: &[T], mut is_same: impl FnMut(&T, &T) -> bool) -> Vec<usize> {
    let mut kept: Vec<usize> = Vec::new();
    for (i, item) in x.iter().enumerate() {
        if !kept.last().is_some_and(|&last| is_same(item, &x[last])) {
            kept.push(i);
        }
    }
    kept
}

/// The elements that `x.dedup_by_key(key)` leaves.
#[inline]
pub fn deduped_by_key<T, K: PartialEq>(x: &[T], mut key: impl FnMut(&T) -> K) -> Vec<usize> {
    deduped_by(x, |a, b| key(a) == key(b))
}
