//! Sums over points or observations, in parts.

use std::ops::Range;

use rayon::prelude::*;

/// How many threads compute a sum.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threads {
    One,
    /// Those of `rayon`'s pool: as many as there are cores.
    All,
}

/// No sum is cut into more parts: each needs a gradient of its own.
const MOST_PARTS: usize = 16;
/// No part but the last has fewer points.
const SHORTEST_PART: usize = 64;

/// 0..n in parts, which depend on `n` alone.
fn parts(n: usize) -> impl Iterator<Item = Range<usize>> {
    let length = n.div_ceil(MOST_PARTS).max(SHORTEST_PART);
    (0..n).step_by(length).map(move |start| start..n.min(start + length))
}

/// Value and gradient of a sum over `n` points. `part` adds the gradient of a part to a buffer of `dim` numbers, and returns
/// the part's value. Parts are added in their order: the sum has the same bits for any number of threads.
pub fn sum(
    n: usize,
    dim: usize,
    threads: Threads,
    part: impl Fn(Range<usize>, &mut [f64]) -> f64 + Sync,
) -> (f64, Vec<f64>) {
    let mut total = (0.0, vec![0.0; dim]);
    let mut add = |value: f64, gradient: &[f64]| {
        total.0 += value;
        for (sum, x) in total.1.iter_mut().zip(gradient) {
            *sum += x;
        }
    };
    match threads {
        Threads::One => {
            let mut gradient = vec![0.0; dim];
            for range in parts(n) {
                gradient.fill(0.0);
                let value = part(range, &mut gradient);
                add(value, &gradient);
            }
        }
        Threads::All => {
            let ranges: Vec<_> = parts(n).collect();
            let of_parts: Vec<(f64, Vec<f64>)> = ranges
                .into_par_iter()
                .map(|range| {
                    let mut gradient = vec![0.0; dim];
                    (part(range, &mut gradient), gradient)
                })
                .collect();
            of_parts.iter().for_each(|(value, gradient)| add(*value, gradient));
        }
    }
    total
}

/// What `of` makes of 0..n, in order.
pub fn map<T: Send>(n: usize, threads: Threads, of: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    match threads {
        Threads::One => (0..n).map(of).collect(),
        Threads::All => (0..n).into_par_iter().map(of).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_all_points_once() {
        for n in [0, 1, 63, 64, 65, 128, 1000, 1024, 1025, 100_000] {
            let all: Vec<usize> = parts(n).flatten().collect();
            assert_eq!(all, (0..n).collect::<Vec<_>>());
            assert!(parts(n).count() <= MOST_PARTS);
        }
    }

    #[test]
    fn a_sum_has_the_same_bits_for_any_number_of_threads() {
        let of = |range: Range<usize>, gradient: &mut [f64]| {
            let terms = range.map(|k| (k as f64 * 0.37).sin());
            terms
                .map(|x| {
                    gradient[0] += x * x;
                    gradient[1] += x;
                    x.exp()
                })
                .sum()
        };
        for n in [0, 1, 100, 5000] {
            let (one, all) = (sum(n, 2, Threads::One, of), sum(n, 2, Threads::All, of));
            assert_eq!(one.0.to_bits(), all.0.to_bits());
            assert_eq!(one.1, all.1);
        }
    }
}
