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
