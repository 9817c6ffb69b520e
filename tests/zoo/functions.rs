//! The functions of `grad::functions`, as they are and called: values and derivatives at ordinary and at special points.

use crate::support::{check, check_into, exactly};
use grad::functions::{self, log_sigmoid, logsumexp, relu, sigmoid, sinc, single, softplus, xlogy};
use grad::grad;

#[test]
fn ordinary_points() {
    for x in [-30.0, -3.0, -0.4, 0.7, 2.0, 20.0] {
        check!(sigmoid(x));
        check!(log_sigmoid(x));
        check!(softplus(x));
        check!(relu(x));
    }
    for x in [-7.0_f64, -1.2, -0.95, -0.3, 0.02, 0.6, 1.3, 12.0] {
        check!(sinc(x) => [(x.cos() - x.sin() / x) / x]);
    }
    check!(xlogy(0.3, 2.0) => [2.0_f64.ln(), 0.15]);
    check!(xlogy(-1.5, 0.2));
    check_into!(logsumexp(&[0.5, -1.0, 2.0, 2.0]));
    check_into!(logsumexp(&[1000.0, 1001.0, -1000.0]));
}

#[test]
fn single_precision() {
    check!(single::sigmoid(0.7_f32));
    check!(single::softplus(-0.7_f32));
    check!(single::log_sigmoid(0.7_f32));
    check!(single::sinc(0.9_f32));
    check!(single::xlogy(0.3_f32, 2.0_f32));
    check!(single::relu(0.3_f32));
    check_into!(single::logsumexp(&[0.5_f32, -1.0, 2.0]));
}

#[test]
fn sigmoids_far_out() {
    assert_eq!((sigmoid(-1000.0), sigmoid(1000.0), sigmoid(0.0)), (0.0, 1.0, 0.5));
    exactly!(sigmoid(-1000.0) => [0.0]);
    exactly!(sigmoid(1000.0) => [0.0]);
    exactly!(sigmoid(0.0) => [0.25]);
    exactly!(sigmoid(f64::NEG_INFINITY) => [0.0]);
    exactly!(sigmoid(f64::INFINITY) => [0.0]);
    exactly!(sigmoid(f64::NAN) => [f64::NAN]);
    // Far down the value is eˣ, and so is the derivative.
    check!(sigmoid(-700.0) => [(-700.0_f64).exp()]);

    assert_eq!((softplus(1000.0), softplus(-1000.0), softplus(0.0)), (1000.0, 0.0, 2.0_f64.ln()));
    exactly!(softplus(1000.0) => [1.0]);
    exactly!(softplus(-1000.0) => [0.0]);
    exactly!(softplus(f64::INFINITY) => [1.0]);
    exactly!(softplus(f64::NEG_INFINITY) => [0.0]);
    exactly!(softplus(0.0) => [0.5]);

    assert_eq!((log_sigmoid(-1000.0), log_sigmoid(1000.0)), (-1000.0, 0.0));
    exactly!(log_sigmoid(-1000.0) => [1.0]);
    exactly!(log_sigmoid(1000.0) => [0.0]);
    exactly!(log_sigmoid(0.0) => [0.5]);
    exactly!(log_sigmoid(f64::NEG_INFINITY) => [1.0]);
}

#[test]
fn logsumexp_of_infinities() {
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    assert_eq!(logsumexp(&[]), low);
    assert_eq!(logsumexp::grad(&[]), []);
    assert_eq!(logsumexp(&[1000.0, 1000.0]), 1000.0 + 2.0_f64.ln());
    exactly!(logsumexp(&[1000.0, 1000.0]) => [0.5, 0.5]);
    exactly!(logsumexp(&[-1000.0]) => [1.0]);
    assert_eq!(logsumexp(&[low, low]), low);
    exactly!(logsumexp(&[low, low]) => [0.0, 0.0]);
    exactly!(logsumexp(&[low, 3.0]) => [0.0, 1.0]);
    assert_eq!(logsumexp(&[1.0, high]), high);
    let gradient = logsumexp::grad(&[1.0, high]);
    assert!(gradient[0] == 0.0 && gradient[1].is_nan(), "{gradient:?}");
    for x in [[f64::NAN, 1.0], [1.0, f64::NAN], [low, f64::NAN]] {
        assert!(logsumexp(&x).is_nan());
    }
}

#[test]
fn xlogy_at_zero() {
    let (low, high) = (f64::NEG_INFINITY, f64::INFINITY);
    for zero in [0.0, -0.0] {
        assert_eq!((xlogy(zero, 0.0), xlogy(zero, high), xlogy(zero, 2.0)), (0.0, 0.0, 0.0));
        exactly!(xlogy(zero, 0.0) => [low, 0.0]);
        exactly!(xlogy(zero, high) => [high, 0.0]);
        exactly!(xlogy(zero, 2.0) => [2.0_f64.ln(), 0.0]);
    }
    assert_eq!(xlogy::grad(2.0, 0.0), (low, high));
    assert!(xlogy(0.0, -1.0).is_nan() && xlogy(0.0, f64::NAN).is_nan());
}

#[test]
fn sinc_and_relu_at_zero() {
    assert_eq!((sinc(0.0), sinc(-0.0)), (1.0, 1.0));
    exactly!(sinc(0.0) => [0.0]);
    // −x/3 to first order
    check!(sinc(1e-9) => [-1e-9 / 3.0]);
    // The series goes over into the fraction.
    let (inside, outside) = (sinc::grad(1.0), sinc::grad(1.0 + f64::EPSILON));
    assert!((inside - outside).abs() < 1e-15, "{inside} {outside}");
    assert_eq!((relu(-1.0), relu(-0.0), relu(2.0)), (0.0, 0.0, 2.0));
    exactly!(relu(0.0) => [0.0]);
    exactly!(relu(-0.0) => [0.0]);
    exactly!(relu(f64::NAN) => [1.0]);
    assert!(relu(f64::NAN).is_nan());
}

// Called.

/// The negative log-likelihood of a classifier of three classes with one hidden layer, summed over the data.
#[grad(wrt(w), second)]
fn likelihood(w: &[f64], xs: &[[f64; 2]], labels: &[usize]) -> f64 {
    let mut sum = 0.0;
    for (x, &label) in xs.iter().zip(labels) {
        let hidden = [relu(w[0] * x[0] + w[1] * x[1]), softplus(w[2] * x[0]), sigmoid(w[3] - x[1])];
        let mut scores = [0.0; 3];
        for k in 0..3 {
            for j in 0..3 {
                scores[k] += w[4 + 3 * k + j] * hidden[j];
            }
        }
        sum += logsumexp(&scores) - scores[label];
    }
    sum
}

#[grad(second)]
fn nested(x: f64, y: f64, n: usize) -> f64 {
    let mut s = functions::sinc(functions::softplus(x));
    for k in 0..n {
        s = if k % 2 == 0 { log_sigmoid(s * y) } else { -xlogy(2.0, s.abs() + x) + xlogy(s, 3.0) };
    }
    s + sigmoid(2.0) * grad::functions::relu(y)
}

#[grad(second)]
fn by_name(x: &[f64]) -> f64 {
    x.iter().copied().map(sigmoid).sum()
}

#[test]
fn called_in_loops_and_branches() {
    let w = [0.4, -0.2, 0.3, 0.9, 0.1, 0.8, -0.5, 0.2, 0.7, -0.9, 0.35, 0.15, -0.25];
    check!(likelihood(&w, =&[[1.0, 0.5], [0.8, -0.3], [2.0, 1.5]], =&[0, 2, 1]));
    check!(nested(0.6, 1.3, =5));
    check!(by_name(&[0.3, -2.0, 5.0]));
}

/// σ″ = σ (1 − σ)(1 − 2σ), and so on: the derivatives are differentiated, too.
#[test]
fn second_derivatives() {
    for x in [-2.0_f64, 0.3, 1.7] {
        let s = sigmoid(x);
        let close = |found: f64, wanted: f64| {
            assert!((found - wanted).abs() < 1e-14, "{found} instead of {wanted} at {x}");
        };
        close(sigmoid::hessian(x), s * (1.0 - s) * (1.0 - 2.0 * s));
        close(softplus::hessian(x), s * (1.0 - s));
        close(log_sigmoid::hessian(x), -s * (1.0 - s));
        close(sinc::hessian(x), -x.sin() / x - 2.0 * (x.cos() - x.sin() / x) / (x * x));
        assert_eq!(relu::hessian(x), 0.0);
    }
    assert!((sinc::hessian(0.0) + 1.0 / 3.0).abs() < 1e-16);
    let hessian = logsumexp::hessian(&[1000.0, 1000.0]);
    assert_eq!(hessian, [[0.25, -0.25], [-0.25, 0.25]]);
    assert_eq!(softplus::hessian(1000.0), 0.0);
}

#[cfg(feature = "libm")]
mod libm {
    use crate::support::{check, exactly};
    use grad::functions::{digamma, erf, erfc, j0, j1, jn, lgamma, ln_gamma, tgamma, y0, y1, yn};
    use grad::grad;

    #[test]
    fn ordinary_points() {
        for x in [-1.4, -0.3, 0.2, 1.1, 2.5] {
            check!(erf(x));
            check!(erfc(x));
            check!(tgamma(x));
            check!(ln_gamma(x));
            check!(digamma(x));
            check!(j0(x));
            check!(j1(x));
            check!(jn(=3, x));
            check!(jn(=-2, x));
        }
        for x in [0.4, 1.1, 2.5, 9.0] {
            check!(y0(x));
            check!(y1(x));
            check!(yn(=2, x));
            check!(yn(=-3, x));
        }
        for x in [15.0, 60.0] {
            check!(ln_gamma(x));
            check!(tgamma(x));
            check!(digamma(x));
        }
    }

    #[test]
    fn special_points() {
        exactly!(erf(0.0) => [std::f64::consts::FRAC_2_SQRT_PI]);
        exactly!(erf(30.0) => [0.0]);
        exactly!(erfc(-40.0) => [0.0]);
        exactly!(ln_gamma(0.0) => [f64::NEG_INFINITY]);
        exactly!(ln_gamma(-2.0) => [f64::NAN]);
        exactly!(j0(0.0) => [0.0]);
        exactly!(j1(0.0) => [0.5]);
        exactly!(jn(=0, 0.0) => [0.0]);
        exactly!(y0(0.0) => [f64::INFINITY]);
        exactly!(yn(=-1, 0.0) => [f64::NEG_INFINITY]);
        assert!((lgamma::grad(1.0) + 0.577_215_664_901_532_9).abs() < 1e-15);
    }

    /// The logarithm of a Student's t density, and a Rayleigh scattering amplitude of nothing in particular.
    #[grad(second)]
    fn student(x: f64, nu: f64) -> f64 {
        ln_gamma(0.5 * (nu + 1.0))
            - lgamma(0.5 * nu)
            - 0.5 * (nu * std::f64::consts::PI).ln()
            - 0.5 * (nu + 1.0) * (x * x / nu).ln_1p()
    }

    #[grad(second)]
    fn series(x: f64, n: i32) -> f64 {
        let mut sum = erf(x) * erfc(0.3);
        for k in 0..n {
            sum += jn(k, x) * yn(k, 2.0) + if k > 1 { tgamma(x) } else { j0(x * x) };
        }
        sum
    }

    #[test]
    fn called() {
        check!(student(0.7, 4.5));
        check!(series(1.3, =4));
    }
}
