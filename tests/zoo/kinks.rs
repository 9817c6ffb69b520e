//! Derivatives where there is none in the strict sense, by the project's rule: at a convex or concave kink the
//! (sub- or super-)gradient of least norm; else by continuity, infinities included; else NaN. An `if` has the
//! derivative of the branch taken.
//!
//! One test for each row of the table in `docs/derivative-policy.md`.

use crate::support::{check, exactly};
use grad::grad;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Functions of one argument.
macro_rules! functions {
    ($($name:ident($x:ident) = $y:expr;)+) => {
        $(
            #[grad(second)]
            fn $name($x: f64) -> f64 {
                $y
            }
        )+
    };
}

/// Functions of two arguments.
macro_rules! functions_of_two {
    ($($name:ident($x:ident, $y:ident) = $z:expr;)+) => {
        $(
            #[grad(second)]
            fn $name($x: f64, $y: f64) -> f64 {
                $z
            }
        )+
    };
}

functions! {
    abs(x) = x.abs();
    relu(x) = if x > 0.0 { x } else { 0.0 };
    relu_by_max(x) = x.max(0.0);
    relu_by_max_of_constant(x) = f64::max(0.0, x);
    capped(x) = x.min(2.0);
    clamp(x) = x.clamp(-1.0, 1.0);
    sqrt(x) = x.sqrt();
    cbrt(x) = x.cbrt();
    asin(x) = x.asin();
    acos(x) = x.acos();
    acosh(x) = x.acosh();
    atanh(x) = x.atanh();
    ln(x) = x.ln();
    ln_1p(x) = x.ln_1p();
    log2(x) = x.log2();
    log10(x) = x.log10();
    reciprocal(x) = 1.0 / x;
    recip(x) = x.recip();
    square_by_powf(x) = x.powf(2.0);
    cube_by_powf(x) = x.powf(3.0);
    root_by_powf(x) = x.powf(0.5);
    one_and_a_half_by_powf(x) = x.powf(1.5);
    reciprocal_by_powf(x) = x.powf(-1.0);
    power_of_two(y) = 2.0_f64.powf(y);
    power_of_zero(y) = 0.0_f64.powf(y);
    powi_0(x) = x.powi(0);
    powi_1(x) = x.powi(1);
    powi_2(x) = x.powi(2);
    powi_minus_1(x) = x.powi(-1);
    signum(x) = x.signum();
    floor(x) = x.floor();
    ceil(x) = x.ceil();
    round(x) = x.round();
    trunc(x) = x.trunc();
    fract(x) = x.fract();
    guarded_sqrt(x) = if x > 0.0 { x.sqrt() } else { 0.0 };
    x_sqrt(x) = x * x.sqrt();
    x_ln(x) = x * x.ln();
    sinc(x) = x.sin() / x;
    sqrt_of_square(x) = (x * x).sqrt();
    x_over_x(x) = x / x;
    x_minus_x(x) = x - x;
    softplus(x) = (1.0 + x.exp()).ln();
    sigmoid(x) = 1.0 / (1.0 + (-x).exp());
    square(x) = x * x;
    zero_times_ln(x) = 0.0 * x.ln();
}

functions_of_two! {
    max(x, y) = x.max(y);
    min(x, y) = x.min(y);
    powf(x, y) = x.powf(y);
    atan2(y, x) = y.atan2(x);
    hypot(x, y) = x.hypot(y);
    remainder(x, y) = x % y;
    rem_euclid(x, y) = x.rem_euclid(y);
    div_euclid(x, y) = x.div_euclid(y);
    copysign(x, y) = x.copysign(y);
    log_sum_exp(x, y) = (x.exp() + y.exp()).ln();
}

#[test]
fn abs_at_zero() {
    exactly!(abs(0.0) => [0.0]);
    exactly!(abs(-0.0) => [0.0]);
}

#[test]
fn relu_at_zero() {
    exactly!(relu(0.0) => [0.0]);
}

#[test]
fn a_tie_of_two_variables_is_shared() {
    exactly!(max(1.5, 1.5) => [0.5, 0.5]);
    exactly!(min(1.5, 1.5) => [0.5, 0.5]);
    exactly!(max(0.0, -0.0) => [0.5, 0.5]);
}

#[test]
fn a_variable_at_a_constant_bound() {
    exactly!(relu_by_max(0.0) => [0.0]);
    exactly!(relu_by_max(-0.0) => [0.0]);
    exactly!(relu_by_max_of_constant(0.0) => [0.0]);
    exactly!(capped(2.0) => [0.0]);
    exactly!(relu_by_max(1.0) => [1.0]);
    exactly!(capped(1.0) => [1.0]);
}

#[test]
fn clamp_at_a_bound() {
    exactly!(clamp(1.0) => [0.0]);
    exactly!(clamp(-1.0) => [0.0]);
    exactly!(clamp(0.5) => [1.0]);
    exactly!(clamp(1.5) => [0.0]);
}

#[grad(second)]
fn largest_of_three(x: f64, y: f64, z: f64) -> f64 {
    x.max(y).max(z)
}

#[test]
fn a_tie_of_three_is_shared_twice() {
    exactly!(largest_of_three(1.5, 1.5, 1.5) => [0.25, 0.25, 0.5]);
    exactly!(largest_of_three(1.5, 1.5, 1.0) => [0.5, 0.5, 0.0]);
}

#[test]
fn max_ignores_nan() {
    exactly!(max(1.0, NAN) => [1.0, 0.0]);
    exactly!(max(NAN, 1.0) => [0.0, 1.0]);
    exactly!(min(1.0, NAN) => [1.0, 0.0]);
    exactly!(min(NAN, 1.0) => [0.0, 1.0]);
}

#[test]
fn sqrt_at_zero() {
    exactly!(sqrt(0.0) => [INF]);
}

#[test]
fn edges_of_domains() {
    exactly!(sqrt(-1.0) => [NAN]);
    exactly!(asin(1.0) => [INF]);
    exactly!(asin(-1.0) => [INF]);
    exactly!(asin(1.5) => [NAN]);
    exactly!(acos(1.0) => [-INF]);
    exactly!(acos(-1.0) => [-INF]);
    exactly!(acos(1.5) => [NAN]);
    exactly!(acosh(1.0) => [INF]);
    exactly!(acosh(0.5) => [NAN]);
    exactly!(atanh(1.0) => [INF]);
    exactly!(atanh(-1.0) => [INF]);
}

#[test]
fn cbrt_at_zero() {
    exactly!(cbrt(0.0) => [INF]);
}

#[test]
fn logarithms_at_and_below_zero() {
    exactly!(ln(0.0) => [INF]);
    exactly!(ln_1p(-1.0) => [INF]);
    exactly!(log2(0.0) => [INF]);
    exactly!(log10(0.0) => [INF]);
    // The value is NaN, and so is the derivative.
    exactly!(ln(-1.0) => [NAN]);
    exactly!(ln_1p(-2.0) => [NAN]);
    exactly!(log2(-1.0) => [NAN]);
    exactly!(log10(-1.0) => [NAN]);
}

#[test]
fn a_pole() {
    exactly!(reciprocal(0.0) => [-INF]);
    exactly!(recip(0.0) => [-INF]);
    exactly!(reciprocal_by_powf(0.0) => [-INF]);
    exactly!(powi_minus_1(0.0) => [-INF]);
}

#[test]
fn powf_at_zero() {
    exactly!(powf(0.0, 0.0) => [0.0, 0.0]);
    exactly!(powf(0.0, 1.0) => [1.0, 0.0]);
    exactly!(powf(0.0, 2.0) => [0.0, 0.0]);
    exactly!(powf(0.0, 0.5) => [INF, 0.0]);
    exactly!(powf(0.0, -1.0) => [-INF, NAN]);
    exactly!(square_by_powf(0.0) => [0.0]);
    exactly!(root_by_powf(0.0) => [INF]);
    exactly!(one_and_a_half_by_powf(0.0) => [0.0]);
    exactly!(power_of_zero(2.0) => [0.0]);
}

#[test]
fn powf_of_negative_numbers() {
    exactly!(powf(-2.0, 2.0) => [-4.0, NAN]);
    exactly!(powf(-2.0, 3.0) => [12.0, NAN]);
    exactly!(square_by_powf(-2.0) => [-4.0]);
    exactly!(cube_by_powf(-2.0) => [12.0]);
}

#[grad(wrt(x), second)]
fn powf_of_base(x: f64, y: f64) -> f64 {
    x.powf(y)
}

#[test]
fn powf_with_a_constant_exponent_has_no_logarithm() {
    exactly!(powf_of_base(-2.0, =2.0) => [-4.0]);
    exactly!(powf_of_base(0.0, =-1.0) => [-INF]);
    exactly!(powf_of_base(0.0, =0.0) => [0.0]);
}

#[test]
fn powf_to_the_zero() {
    exactly!(powf(2.0, 0.0) => [0.0, std::f64::consts::LN_2]);
    exactly!(power_of_two(0.0) => [std::f64::consts::LN_2]);
}

#[test]
fn powi_at_zero() {
    exactly!(powi_0(0.0) => [0.0]);
    exactly!(powi_1(0.0) => [1.0]);
    exactly!(powi_2(0.0) => [0.0]);
}

#[grad(second)]
fn powi_of_variable(x: f64, n: i32) -> f64 {
    x.powi(n)
}

#[test]
fn powi_at_zero_with_a_computed_exponent() {
    exactly!(powi_of_variable(0.0, =0) => [0.0]);
    exactly!(powi_of_variable(0.0, =1) => [1.0]);
    exactly!(powi_of_variable(0.0, =2) => [0.0]);
    exactly!(powi_of_variable(0.0, =-1) => [-INF]);
    // 0 · ∞ must not come out of n = 0.
    exactly!(powi_of_variable(INF, =0) => [0.0]);
}

#[test]
fn atan2_at_the_origin() {
    exactly!(atan2(0.0, 0.0) => [0.0, 0.0]);
}

#[test]
fn hypot_at_the_origin() {
    exactly!(hypot(0.0, 0.0) => [0.0, 0.0]);
}

#[test]
fn rounding_at_a_jump() {
    exactly!(signum(0.0) => [0.0]);
    exactly!(floor(2.0) => [0.0]);
    exactly!(ceil(2.0) => [0.0]);
    exactly!(round(2.5) => [0.0]);
    exactly!(trunc(2.0) => [0.0]);
    exactly!(fract(2.0) => [1.0]);
}

#[test]
fn remainders_at_a_jump() {
    exactly!(remainder(7.0, 3.0) => [1.0, -2.0]);
    exactly!(remainder(6.0, 3.0) => [1.0, -2.0]);
    exactly!(rem_euclid(-7.0, 3.0) => [1.0, 3.0]);
    exactly!(rem_euclid(6.0, 3.0) => [1.0, -2.0]);
    exactly!(div_euclid(6.0, 3.0) => [0.0, 0.0]);
}

#[test]
fn copysign_at_zero() {
    exactly!(copysign(0.0, -1.0) => [0.0, 0.0]);
    exactly!(copysign(2.0, -1.0) => [-1.0, 0.0]);
}

#[test]
fn a_branch_not_taken_is_not_evaluated() {
    exactly!(guarded_sqrt(0.0) => [0.0]);
    exactly!(guarded_sqrt(-1.0) => [0.0]);
}

#[test]
fn removable_singularities_are_not_hidden() {
    exactly!(x_sqrt(0.0) => [NAN]);
    exactly!(x_ln(0.0) => [NAN]);
    exactly!(sinc(0.0) => [NAN]);
    exactly!(sqrt_of_square(0.0) => [NAN]);
    exactly!(x_over_x(0.0) => [NAN]);
    exactly!(zero_times_ln(0.0) => [NAN]);
}

#[test]
fn x_minus_x_at_infinity() {
    exactly!(x_minus_x(INF) => [0.0]);
}

#[test]
fn overflowing_formulas_are_not_rewritten() {
    exactly!(softplus(1000.0) => [NAN]);
    exactly!(sigmoid(-1000.0) => [NAN]);
    exactly!(log_sum_exp(-INF, -INF) => [NAN, NAN]);
}

#[test]
fn nan_in_nan_out() {
    exactly!(square(NAN) => [NAN]);
    exactly!(sqrt(NAN) => [NAN]);
    exactly!(ln(NAN) => [NAN]);
    exactly!(abs(NAN) => [NAN]);
}

/// The same in a loop, where the reverse sweep is other code.
#[grad(second)]
fn norms(v: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..v.len() {
        s += v[i].abs() + v[i].max(0.0) + if v[i] > 0.0 { v[i].sqrt() } else { 0.0 };
    }
    s
}

#[test]
fn kinks_in_loops() {
    exactly!(norms(&[0.0, 4.0, -1.0]) => [0.0, 2.25, -1.0]);
    check!(norms(&[0.5, 4.0, -1.0]));
}
