//! Every method of the floats that has a derivative, as a method and as a path, on `f64` and `f32`.

use crate::support::{check, exactly};
use grad::grad;

/// For a function of one argument: its derivative at some points. The functions come out of a `macro_rules` macro, one
/// for each float.
macro_rules! unary {
    ($($name:ident at [$($at:expr),+]: $x:ident => $d:expr;)+) => {
        mod double {
            use grad::grad;
            $(
                #[grad(second)]
                pub(super) fn $name(x: f64) -> f64 {
                    3.0 * x.$name() + f64::$name(x)
                }
            )+
        }

        mod single {
            use grad::grad;
            $(
                #[grad(second)]
                pub(super) fn $name(x: f32) -> f32 {
                    3.0 * x.$name() + f32::$name(x)
                }
            )+
        }

        mod tests_of_one_argument {
            use crate::support::check;
            $(
                #[test]
                fn $name() {
                    for $x in [$($at),+] {
                        let d: f64 = 4.0 * $d;
                        check!(super::double::$name($x) => [d]);
                        check!(super::single::$name($x as f32) => [d]);
                    }
                }
            )+
        }
    };
}

unary! {
    sqrt at [0.3_f64, 2.0]: x => 0.5 / x.sqrt();
    cbrt at [0.3_f64, -2.0]: x => 1.0 / (3.0 * x.cbrt().powi(2));
    exp at [-1.5_f64, 0.5]: x => x.exp();
    exp2 at [-1.5_f64, 0.5]: x => x.exp2() * std::f64::consts::LN_2;
    exp_m1 at [-1.5_f64, 0.25]: x => x.exp();
    ln at [0.3_f64, 2.0]: x => 1.0 / x;
    ln_1p at [-0.3_f64, 2.0]: x => 1.0 / (1.0 + x);
    log2 at [0.3_f64, 2.0]: x => 1.0 / (x * std::f64::consts::LN_2);
    log10 at [0.3_f64, 2.0]: x => 1.0 / (x * std::f64::consts::LN_10);
    sin at [-0.4_f64, 2.0]: x => x.cos();
    cos at [-0.4_f64, 2.0]: x => -x.sin();
    tan at [-0.4_f64, 0.9]: x => 1.0 + x.tan().powi(2);
    asin at [-0.4_f64, 0.7]: x => 1.0 / (1.0 - x * x).sqrt();
    acos at [-0.4_f64, 0.7]: x => -1.0 / (1.0 - x * x).sqrt();
    atan at [-0.4_f64, 2.0]: x => 1.0 / (1.0 + x * x);
    sinh at [-0.4_f64, 1.5]: x => x.cosh();
    cosh at [-0.4_f64, 1.5]: x => x.sinh();
    tanh at [-0.4_f64, 1.5]: x => 1.0 - x.tanh().powi(2);
    asinh at [-0.4_f64, 1.5]: x => 1.0 / (x * x + 1.0).sqrt();
    acosh at [1.4_f64, 2.5]: x => 1.0 / (x * x - 1.0).sqrt();
    atanh at [-0.4_f64, 0.7]: x => 1.0 / (1.0 - x * x);
    abs at [-0.4_f64, 0.7]: x => x.signum();
    recip at [-0.4_f64, 0.7]: x => -1.0 / (x * x);
    to_radians at [-0.4_f64, 30.0]: _x => std::f64::consts::PI / 180.0;
    to_degrees at [-0.4_f64, 0.7]: _x => 180.0 / std::f64::consts::PI;
    signum at [-0.4_f64, 0.7]: _x => 0.0;
    floor at [-1.4_f64, 0.7]: _x => 0.0;
    ceil at [-1.4_f64, 0.7]: _x => 0.0;
    round at [-1.4_f64, 0.7]: _x => 0.0;
    trunc at [-1.4_f64, 0.7]: _x => 0.0;
    round_ties_even at [-1.4_f64, 0.7]: _x => 0.0;
    fract at [-1.4_f64, 0.7]: _x => 1.0;
}

/// The same for two arguments.
macro_rules! binary {
    ($($name:ident at [$($at:expr),+]: $x:ident, $y:ident => [$dx:expr, $dy:expr];)+) => {
        mod double_of_two {
            use grad::grad;
            $(
                #[grad(second)]
                pub(super) fn $name(x: f64, y: f64) -> f64 {
                    3.0 * x.$name(y) + f64::$name(x, y)
                }
            )+
        }

        mod single_of_two {
            use grad::grad;
            $(
                #[grad(second)]
                pub(super) fn $name(x: f32, y: f32) -> f32 {
                    3.0 * x.$name(y) + f32::$name(x, y)
                }
            )+
        }

        mod tests_of_two_arguments {
            use crate::support::check;
            $(
                #[test]
                fn $name() {
                    for ($x, $y) in [$($at),+] {
                        let ($x, $y): (f64, f64) = ($x, $y);
                        let (dx, dy): (f64, f64) = (4.0 * $dx, 4.0 * $dy);
                        check!(super::double_of_two::$name($x, $y) => [dx, dy]);
                        check!(super::single_of_two::$name($x as f32, $y as f32) => [dx, dy]);
                    }
                }
            )+
        }
    };
}

binary! {
    powf at [(0.7, 2.5), (1.8, -1.5)]: x, y => [y * x.powf(y - 1.0), x.powf(y) * x.ln()];
    log at [(0.7, 2.5), (3.0, 10.0)]: x, y => [1.0 / (x * y.ln()), -x.ln() / (y * y.ln().powi(2))];
    atan2 at [(0.7, 2.5), (-0.7, -2.5)]: y, x => [x / (x * x + y * y), -y / (x * x + y * y)];
    hypot at [(0.7, 2.5), (-3.0, 4.0)]: x, y => [x / x.hypot(y), y / x.hypot(y)];
    copysign at [(0.7, -2.5), (-0.7, -2.5)]: x, y => [x.signum() * y.signum(), 0.0];
    max at [(0.7, 2.5), (2.5, 0.7)]: x, y => [f64::from(u8::from(x > y)), f64::from(u8::from(y > x))];
    min at [(0.7, 2.5), (2.5, 0.7)]: x, y => [f64::from(u8::from(x < y)), f64::from(u8::from(y < x))];
    rem_euclid at [(7.3, 3.0), (-7.3, 3.0), (7.3, -3.0)]: x, y => [1.0, -x.div_euclid(y)];
    div_euclid at [(7.3, 3.0), (-7.3, 3.0)]: _x, _y => [0.0, 0.0];
}

#[grad(second)]
fn whole_powers(x: f64, n: i32) -> f64 {
    x.powi(3) + f64::powi(x, -2) + x.powi(n) + x.powi(n - 1) + x.powi(0) + x.powi(1)
}

#[grad(second)]
fn fixed_powers(x: f64, p: f64) -> f64 {
    x.powf(2.0) + x.powf(0.5) + f64::powf(x, 3.0) + 2.0_f64.powf(p) + x.powf(p + 1.0)
}

#[test]
fn powers() {
    let x = 0.8_f64;
    for n in [-3, 0, 1, 2, 5] {
        check!(whole_powers(0.8, =n) => [
            3.0 * x * x - 2.0 * x.powi(-3)
                + f64::from(n) * x.powi(n - 1)
                + f64::from(n - 1) * x.powi(n - 2)
                + 1.0
        ]);
    }
    check!(whole_powers(-0.8, =4));
    check!(fixed_powers(0.8, 1.3));
}

#[grad(second)]
fn three_arguments(x: f64, a: f64, b: f64) -> f64 {
    x.mul_add(a, b) * f64::mul_add(a, b, x) + x.clamp(-1.0, 1.0) * 2.0 + f64::clamp(a, b, b + 1.0)
}

#[test]
fn mul_add_and_clamp() {
    // a within [b, b + 1]
    check!(three_arguments(0.6, 1.2, 0.9));
    // below, and x above its bound
    check!(three_arguments(1.6, 0.2, 0.9));
    // above
    check!(three_arguments(-1.6, 2.9, 0.9));
}

#[grad(second)]
fn sines(x: f64, y: f64) -> f64 {
    let (s, c) = x.sin_cos();
    let (t, _) = f64::sin_cos(y);
    let p = y.sin_cos();
    s * c * t + p.1 * x.sin_cos().0
}

#[test]
fn sin_cos_returns_both() {
    check!(sines(0.6, 1.9));
}

#[grad(second)]
fn predicates(x: f64) -> f64 {
    if !x.is_finite() || x.is_nan() || x.is_infinite() || f64::is_nan(x) {
        return 0.0;
    }
    let s = if x.is_sign_negative() { -1.0 } else { 1.0 };
    if x.is_normal() && x.is_sign_positive() { s * x * x } else { s * x }
}

#[test]
fn predicates_are_conditions() {
    check!(predicates(1.5) => [3.0]);
    check!(predicates(-1.5) => [-1.0]);
    exactly!(predicates(f64::INFINITY) => [0.0]);
    exactly!(predicates(f64::NAN) => [0.0]);
}

#[grad(second)]
fn chains(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt().ln().sin().mul_add(y, x.exp().recip()).tanh()
        + (-x).exp().ln_1p()
        + (x - y).abs().powf(1.5)
        + (2.0 * x).max(y).min(x * y + 3.0)
        + -x.powi(2)
}

#[test]
fn methods_of_methods() {
    check!(chains(0.7, 1.6));
}

#[grad(second)]
fn through_references(v: &[f64], x: &f64) -> f64 {
    let mut s = x.sin() + x.powi(2);
    for e in v {
        s += e.exp() * (*e).cos() + e.max(*x);
    }
    let r = &s;
    r.sqrt()
}

#[test]
fn methods_of_references() {
    check!(through_references(&[0.4, 0.9], &0.6));
}

#[grad(second)]
fn from_the_core(x: f64) -> f64 {
    std::primitive::f64::sin(x) + core::primitive::f64::sqrt(x) + <f64>::cos(x)
}

#[test]
fn other_paths_to_the_same_function() {
    check!(from_the_core(0.7) => [0.7_f64.cos() + 0.5 / 0.7_f64.sqrt() - 0.7_f64.sin()]);
}

/// Integers have methods of the same names, which are none of our business.
#[grad(second)]
fn of_integers(x: f64, n: i32, k: usize) -> f64 {
    let m = n.abs().max(3).min(7).pow(2).clamp(0, 50).rem_euclid(20);
    let l = k.min(4).saturating_sub(1);
    x.powi(m) * l as f64 + x * f64::from(n.signum())
}

#[test]
fn methods_of_integers_are_constant() {
    // 5² mod 20 = 5, 4 - 1 = 3
    check!(of_integers(0.9, =-5, =9) => [15.0 * 0.9_f64.powi(4) - 1.0]);
}

/// Inactive floats may call what has no derivative.
#[grad(wrt(x), second)]
fn without_a_rule(x: f64, c: f64) -> f64 {
    let bits = f64::from_bits(c.to_bits());
    let next = c.next_up();
    x * bits + next * x.total_cmp(&0.0) as i32 as f64
}

#[test]
fn constants_may_call_anything() {
    check!(without_a_rule(0.7, =1.5) => [1.5]);
}

#[grad(second)]
fn comparisons(x: f64, y: f64) -> f64 {
    use std::cmp::Ordering;
    let a = match x.total_cmp(&y) {
        Ordering::Less => x * x,
        Ordering::Equal => 0.0,
        Ordering::Greater => y * y,
    };
    let b = if x.partial_cmp(&y) == Some(Ordering::Less) { x } else { y };
    a * b
}

#[test]
fn comparing_methods() {
    check!(comparisons(0.7, 0.9) => [3.0 * 0.49, 0.0]);
    check!(comparisons(0.9, 0.7) => [0.0, 3.0 * 0.49]);
}
