//! What the tests compare with: differences of the function.

use grad::Differentiable;

pub(crate) fn check(name: &str, f: impl Fn(&[f64]) -> f64, gradient: &[f64], x: &[f64]) {
    assert_eq!(gradient.len(), x.len(), "{name}");
    for k in 0..x.len() {
        let h = 1e-6 * (1.0 + x[k].abs());
        let along = |step: f64| {
            let mut x = x.to_vec();
            x[k] += step;
            f(&x)
        };
        let wanted = (along(h) - along(-h)) / (2.0 * h);
        let found = gradient[k];
        assert!(
            (wanted - found).abs() <= 1e-6 * (1.0 + wanted.abs()),
            "{name}, {k}: {found} instead of {wanted}"
        );
    }
}

pub(crate) fn flat<T: Differentiable>(x: &T) -> Vec<f64> {
    x.flatten()
}

/// The same with other numbers in it.
pub(crate) fn at<T: Differentiable + Clone>(x: &T, flat: &[f64]) -> T {
    let mut x = x.clone();
    x.unflatten_from(flat);
    x
}

/// The derivative of a function of a number, by differences.
pub(crate) fn slope(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-6 * (1.0 + x.abs());
    (f(x + h) - f(x - h)) / (2.0 * h)
}

#[track_caller]
pub(crate) fn near(found: f64, wanted: f64) {
    assert!((wanted - found).abs() <= 1e-6 * (1.0 + wanted.abs()), "{found} instead of {wanted}");
}
