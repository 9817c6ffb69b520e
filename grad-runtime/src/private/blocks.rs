//! Blocks of the passes of a loop that is reversed block by block.

/// How many passes a block has: about as many as there are blocks.
#[inline]
#[must_use]
pub fn block_len(passes: usize) -> usize {
    let root = passes.isqrt();
    if root * root < passes { root + 1 } else { root.max(1) }
}

/// The number of blocks.
#[inline]
#[must_use]
pub fn blocks(passes: usize) -> usize {
    passes.div_ceil(block_len(passes))
}

/// The pass that a block starts with.
#[inline]
#[must_use]
pub fn block_start(passes: usize, block: usize) -> usize {
    block * block_len(passes)
}

/// How many passes a block has: the last may have fewer.
#[inline]
#[must_use]
pub fn block_passes(passes: usize, block: usize) -> usize {
    block_len(passes).min(passes - block_start(passes, block))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_each_other_and_are_few_and_short() {
        for passes in (0..1000).chain([999_999, 1_000_000, 1_000_001]) {
            let count = blocks(passes);
            let mut next = 0;
            for block in 0..count {
                assert_eq!(block_start(passes, block), next);
                assert!((1..=block_len(passes)).contains(&block_passes(passes, block)));
                next += block_passes(passes, block);
            }
            assert_eq!(next, passes);
            assert!(count <= block_len(passes));
            assert!(block_len(passes) <= passes.isqrt() + 1);
        }
    }
}
