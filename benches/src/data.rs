//! Data from a fixed seed, the same on every machine.

/// Xorshift, after Marsaglia (2003): good enough to fill arrays, and the same everywhere.
pub struct Source(u64);

impl Source {
    pub fn new(seed: u64) -> Self {
        Source(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// Uniform in `[low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // 53 bits, as many as the significand has.
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }

    pub fn vec(&mut self, length: usize, low: f64, high: f64) -> Vec<f64> {
        (0..length).map(|_| self.uniform(low, high)).collect()
    }

    pub fn array<const N: usize>(&mut self, low: f64, high: f64) -> [f64; N] {
        std::array::from_fn(|_| self.uniform(low, high))
    }
}
