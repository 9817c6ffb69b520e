//! Maps and sets by a hash that costs next to nothing. Their keys are variables, places in memory and names of one function: a
//! hash that withstands chosen keys takes longer than all else that is done with them.

use std::collections;
use std::hash::{BuildHasherDefault, Hasher};

pub(crate) type HashMap<K, V> = collections::HashMap<K, V, BuildHasherDefault<ByMultiplying>>;
pub(crate) type HashSet<K> = collections::HashSet<K, BuildHasherDefault<ByMultiplying>>;

/// Multiplicative hashing (Knuth, The Art of Computer Programming 3, 6.4), word after word.
#[derive(Default)]
pub(crate) struct ByMultiplying(u64);

impl ByMultiplying {
    fn add(&mut self, word: u64) {
        // 2⁶⁴ by the golden ratio, odd.
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for ByMultiplying {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.add(word.into());
    }

    fn write_u32(&mut self, word: u32) {
        self.add(word.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    /// The best bits of a product are its upper ones; tables take the lower ones, too.
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}
