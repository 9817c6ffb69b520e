//! Sums and products of vectors, in one fixed order: same input, same bits.

use crate::Scalar;

/// Partial sums that are independent of each other, so that the processor need not wait for the last addition.
const LANES: usize = 8;

/// ⟨a, b⟩, summed in `f64`.
pub(crate) fn dot<S: Scalar>(a: &[S], b: &[S]) -> f64 {
    debug_assert_eq!(a.len(), b.len());
    let mut sums = [0.0; LANES];
    let (a, a_rest) = a.as_chunks::<LANES>();
    let (b, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane].to_f64() * b[lane].to_f64();
        }
    }
    let rest = a_rest.iter().zip(b_rest).fold(0.0, |sum, (&a, &b)| sum + a.to_f64() * b.to_f64());
    let [s0, s1, s2, s3, s4, s5, s6, s7] = sums;
    ((s0 + s4) + (s1 + s5)) + ((s2 + s6) + (s3 + s7)) + rest
}

/// ‖a‖₂. Neither overflows nor underflows where the norm itself does not.
pub(crate) fn norm<S: Scalar>(a: &[S]) -> f64 {
    let square = dot(a, a);
    if square.is_normal() {
        return square.sqrt();
    }
    let largest = crate::norms::max_norm(a);
    if largest == 0.0 || !largest.is_finite() {
        return largest;
    }
    largest * a.iter().fold(0.0, |sum, a| sum + (a.to_f64() / largest).powi(2)).sqrt()
}

/// y += alpha · x
pub(crate) fn add_scaled<S: Scalar>(y: &mut [S], alpha: f64, x: &[S]) {
    debug_assert_eq!(x.len(), y.len());
    let alpha = S::from_f64(alpha);
    for (y, &x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}

/// x *= alpha
pub(crate) fn scale<S: Scalar>(x: &mut [S], alpha: f64) {
    let alpha = S::from_f64(alpha);
    for x in x {
        *x = alpha * *x;
    }
}

/// d = a − b
pub(crate) fn difference<S: Scalar>(d: &mut [S], a: &[S], b: &[S]) {
    for ((d, &a), &b) in d.iter_mut().zip(a).zip(b) {
        *d = a - b;
    }
}

/// p = −g
pub(crate) fn negate<S: Scalar>(p: &mut [S], g: &[S]) {
    for (p, &g) in p.iter_mut().zip(g) {
        *p = -g;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_and_rest_are_all_summed() {
        let a: Vec<f64> = (1..=19).map(f64::from).collect();
        assert_eq!(dot(&a, &a), (1..=19).map(|k| f64::from(k * k)).sum::<f64>());
        assert_eq!(dot::<f32>(&[], &[]), 0.0);
    }

    #[test]
    fn norms_of_huge_and_tiny_vectors_are_right() {
        assert_eq!(norm(&[3.0, 4.0]), 5.0);
        assert!((norm(&[3e200, 4e200]) / 5e200 - 1.0).abs() < 1e-15);
        assert!((norm(&[3e-200, 4e-200]) / 5e-200 - 1.0).abs() < 1e-15);
        assert_eq!(norm(&[0.0_f64; 3]), 0.0);
        assert!(norm(&[1.0, f64::NAN]).is_nan());
        assert_eq!(norm(&[1.0, f64::INFINITY]), f64::INFINITY);
    }
}
