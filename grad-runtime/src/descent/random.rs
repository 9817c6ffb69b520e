//! Random numbers that are the same on every machine.

/// xoshiro256++ 1.0, seeded by splitmix64.
///
/// Blackman and Vigna, *Scrambled linear pseudorandom number generators*, ACM TOMS 47(4), 2021; both generators
/// follow the authors' public domain code at <https://prng.di.unimi.it>. Not for cryptography.
///
/// ```
/// use grad_runtime::descent::Random;
///
/// let mut random = Random::new(7);
/// let mut order = [0, 1, 2, 3, 4];
/// random.shuffle(&mut order);
/// assert_eq!(Random::new(7).next_u64(), Random::new(7).next_u64());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// The generator of a seed; every seed is good.
    pub fn new(seed: u64) -> Self {
        let mut splitmix = seed;
        Random { state: std::array::from_fn(|_| splitmix64(&mut splitmix)) }
    }

    #[cfg(feature = "serde")]
    pub(crate) fn words(&mut self) -> [&mut u64; 4] {
        self.state.each_mut()
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = a.wrapping_add(*d).rotate_left(23).wrapping_add(*a);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Normal with mean 0 and variance 1: Box and Muller, *A note on the generation of random normal deviates*, 1958.
    pub fn normal(&mut self) -> f64 {
        // 1 − u is in (0, 1], so the logarithm is finite.
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Uniform in `0..n`, without bias: Lemire, *Fast random integer generation in an interval*, 2019.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "there is no number below 0");
        let n = n as u64;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            let low = product & u128::from(u64::MAX);
            // 2⁶⁴ mod n values of the low half belong to numbers that would come up once too often.
            if low >= u128::from(n) || low >= u128::from(n.wrapping_neg() % n) {
                return usize::try_from(product >> 64).expect("below n, which is a usize");
            }
        }
    }

    /// Every order is equally likely: Durstenfeld's form of the shuffle of Fisher and Yates.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generators_give_their_published_numbers() {
        let mut state = 1_234_567;
        let numbers: [u64; 3] = std::array::from_fn(|_| splitmix64(&mut state));
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );

        let mut random = Random { state: [1, 2, 3, 4] };
        let numbers: [u64; 4] = std::array::from_fn(|_| random.next_u64());
        assert_eq!(numbers, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn a_shuffle_is_a_permutation_and_depends_on_the_seed() {
        let order = |seed| {
            let mut order: Vec<usize> = (0..100).collect();
            Random::new(seed).shuffle(&mut order);
            order
        };
        let mut sorted = order(1);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(order(1), order(1));
        assert_ne!(order(1), order(2));
    }

    #[test]
    fn every_number_below_the_bound_comes_up_about_equally_often() {
        let mut random = Random::new(3);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[random.below(7)] += 1;
        }
        assert!(counts.iter().all(|&n| (9_500..10_500).contains(&n)), "{counts:?}");
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::new(4);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..100_000 {
            let x = random.normal();
            sum += x;
            squares += x * x;
        }
        assert!((sum / 1e5).abs() < 0.02 && (squares / 1e5 - 1.0).abs() < 0.02);
    }
}
