//! Memory for numbers that are recorded, as many as a loop makes passes.

use alloc::vec;
use alloc::vec::Vec;

/// Up to how many have room on the stack, where both sweeps are in one scope.
const FEW: usize = 32;

/// Up to how many are cleared here: allocators are slow to find little memory that is clear.
const CLEARED: usize = 64;

/// `vec![value; len]`
#[inline]
#[must_use]
pub fn buffer<T: Clone>(value: T, len: usize) -> Vec<T> {
    if len > CLEARED {
        return vec![value; len];
    }
    let mut buffer = Vec::with_capacity(len);
    buffer.resize(len, value);
    buffer
}

/// Memory for `len` numbers: a part of `few`, or `many`, which was empty.
#[inline]
#[must_use]
pub fn few_or_many<'m, T: Clone>(few: &'m mut [T; FEW], many: &'m mut Vec<T>, len: usize) -> &'m mut [T] {
    if len > FEW {
        *many = vec![few[0].clone(); len];
        return many;
    }
    &mut few[..len]
}

/// Memory that nobody reads any more, as memory for a cotangent.
#[inline]
#[must_use]
pub fn cleared<T: Clone + Default>(mut memory: Vec<T>) -> Vec<T> {
    memory.fill(T::default());
    memory
}

/// More bytes are not made room for at once: how much will be recorded is a guess.
pub(super) const MOST: usize = 1 << 24;

/// Room on an empty tape, if it gets `more` things so often.
#[inline]
pub fn make_room<T>(tape: &mut Vec<T>, more: usize, times: usize) {
    if tape.capacity() == 0 {
        first_room(tape, more, times);
    }
}

/// Apart from the loop that asks.
#[cold]
#[inline(never)]
fn first_room<T>(tape: &mut Vec<T>, more: usize, times: usize) {
    let most = MOST.checked_div(size_of::<T>()).unwrap_or(0);
    tape.reserve_exact(more.saturating_mul(times).min(most).max(more));
}
