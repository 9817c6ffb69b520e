//! How long is a flat vector, and is it finite?

use crate::Scalar;

/// Partial results that are independent of each other, so that the processor need not wait for the last one.
const LANES: usize = 8;

/// ‖x‖∞, the largest magnitude; NaN if any coordinate is NaN.
pub(crate) fn max_norm<S: Scalar>(x: &[S]) -> f64 {
    max_of(x, x, |x, _| x.to_f64())
}

/// ‖y − x‖∞; NaN if any coordinate is NaN.
pub(crate) fn max_difference<S: Scalar>(x: &[S], y: &[S]) -> f64 {
    max_of(x, y, |x, y| (y - x).to_f64())
}

#[inline]
fn max_of<S: Scalar>(x: &[S], y: &[S], size: impl Fn(S, S) -> f64) -> f64 {
    let (mut norms, mut poison) = ([0.0; LANES], [0.0; LANES]);
    let mut take = |lane: usize, x: S, y: S| {
        let size = size(x, y).abs();
        norms[lane] = if size > norms[lane] { size } else { norms[lane] };
        // NaN for ever, once there was an infinity or NaN.
        poison[lane] += size * 0.0;
    };
    let (chunks, rest) = x.as_chunks::<LANES>();
    let (y_chunks, y_rest) = y.as_chunks::<LANES>();
    for (x, y) in chunks.iter().zip(y_chunks) {
        for lane in 0..LANES {
            take(lane, x[lane], y[lane]);
        }
    }
    for (&x, &y) in rest.iter().zip(y_rest) {
        take(0, x, y);
    }
    if poison.iter().sum::<f64>() == 0.0 {
        return norms.iter().fold(0.0, |norm: f64, &size| norm.max(size));
    }
    x.iter().zip(y).fold(0.0, |norm: f64, (&x, &y)| {
        let size = size(x, y).abs();
        if size > norm || size.is_nan() { size } else { norm }
    })
}

/// Whether no coordinate is infinite or NaN.
pub(crate) fn all_finite<S: Scalar>(x: &[S]) -> bool {
    let zero = S::default();
    let mut poison = [zero; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for x in chunks {
        for lane in 0..LANES {
            poison[lane] += x[lane] * zero;
        }
    }
    let poison = rest.iter().chain(&poison).fold(zero, |sum, &x| sum + x * zero);
    poison == zero
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nan_anywhere_makes_the_norm_nan() {
        assert_eq!(max_norm(&[1.0, -3.0, 2.0]), 3.0);
        assert!(max_norm(&[f64::NAN, 1.0]).is_nan());
        assert!(max_norm(&[1.0, f64::NAN]).is_nan());
        assert!(max_norm(&[f64::INFINITY, f64::NAN]).is_nan());
        assert_eq!(max_norm::<f32>(&[]), 0.0);
        let mut long = [1.0_f32; 21];
        for k in 0..21 {
            long[k] = -3.0;
            assert_eq!((max_norm(&long), max_difference(&[0.0; 21], &long)), (3.0, 3.0));
            long[k] = f32::INFINITY;
            assert_eq!((max_norm(&long), all_finite(&long)), (f64::INFINITY, false));
            long[k] = f32::NAN;
            assert!(max_norm(&long).is_nan() && !all_finite(&long));
            long[k] = 1.0;
            assert!(all_finite(&long) && max_norm(&long) == 1.0);
        }
    }
}
