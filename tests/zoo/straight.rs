//! Straight lines: arithmetic, `let` in all its forms, shadowing, casts, constants.

use crate::support::{check, check_vjp, exactly};
use grad::grad;

/// x³ == d 3x²
#[grad(second)]
fn thrice(x: f64) -> f64 {
    x * x * x
}

#[test]
fn a_value_used_three_times_collects_three_contributions() {
    check!(thrice(1.3) => [3.0 * 1.3 * 1.3]);
    check!(thrice(-0.4) => [3.0 * 0.4 * 0.4]);
}

/// x·y·x by another name of x
#[grad(second)]
fn alias(x: f64) -> f64 {
    let y = x;
    x * y * x
}

#[test]
fn another_name_is_the_same_variable() {
    check!(alias(0.7) => [3.0 * 0.7 * 0.7]);
}

#[grad(second)]
fn rosenbrock(x: f64, y: f64) -> f64 {
    let a = 1.0 - x;
    let b = y - x * x;
    a * a + 100.0 * b * b
}

#[test]
fn rosenbrock_has_its_textbook_gradient() {
    let (x, y) = (0.5_f64, 2.0);
    check!(rosenbrock(0.5, 2.0) => [-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)]);
    exactly!(rosenbrock(1.0, 1.0) => [0.0, 0.0]);
}

/// Every operator, precedence as in the primal.
#[grad(second)]
fn operators(a: f64, b: f64, c: f64) -> f64 {
    -a * b + c / b - (a - b) * -(c + a) / (b * b - -c) + a - b - c + a / b / c
}

#[test]
fn operators_keep_their_precedence() {
    check!(operators(0.7, 1.9, -0.4));
    check!(operators(-1.2, 0.8, 2.5));
}

/// x % y == d 1, -trunc(x / y)
#[grad(second)]
fn remainder(x: f64, y: f64) -> f64 {
    x % y
}

#[test]
fn a_remainder_steps_down_by_multiples() {
    check!(remainder(7.3, 2.0) => [1.0, -3.0]);
    check!(remainder(-7.3, 2.0) => [1.0, 3.0]);
    check!(remainder(7.3, -2.0) => [1.0, 3.0]);
}

#[grad(second)]
fn shadowing(x: f64) -> f64 {
    let x = x * x;
    let x = x.sin();
    {
        let x = 3.0;
        let _ = x;
    }
    let y = {
        let x = x + 1.0;
        x * x
    };
    x * y
}

#[test]
fn a_shadowed_name_is_another_variable() {
    let x = 0.6_f64;
    let (s, c) = (x * x).sin_cos();
    check!(shadowing(0.6) => [((s + 1.0).powi(2) + s * 2.0 * (s + 1.0)) * c * 2.0 * x]);
}

/// A block scopes its names, and the parameter is visible again behind it.
#[grad(second)]
fn scoped(x: f64, y: f64) -> f64 {
    let a = x * 2.0;
    let b = {
        let a = a * y;
        let y = a + 1.0;
        y * y
    };
    a * b * y
}

#[test]
fn an_inner_block_does_not_leak_its_names() {
    check!(scoped(0.4, 1.1));
}

#[grad(second)]
fn patterns(x: f64, y: f64) -> f64 {
    let (a, b) = (x + y, x * y);
    let ((c, d), e) = ((a * b, a), b);
    let (f, _) = (c, d);
    let [g, h] = [f * e, f + e];
    let (_, .., k) = (g, h, d);
    let &l = &k;
    g * h + l
}

#[test]
fn tuples_arrays_and_references_are_taken_apart() {
    check!(patterns(0.3, 1.4));
}

#[grad(second)]
fn annotated(x: f64) -> f64 {
    let y: f64 = x * x;
    let (a, b): (f64, f64) = (y, 2.0);
    let c: [f64; 2] = [a, b];
    let n: usize = 1;
    c[0] * c[n] + c[0]
}

#[test]
fn annotations_are_allowed() {
    check!(annotated(1.5) => [9.0]);
}

#[grad(second)]
fn declared_later(x: f64, up: bool) -> f64 {
    let y;
    let z: f64;
    if up {
        y = x * x;
        z = 2.0;
    } else {
        y = x.cos();
        z = x;
    }
    y * z
}

#[test]
fn a_variable_may_be_initialised_later() {
    check!(declared_later(0.8, =true) => [3.2]);
    check!(declared_later(0.8, =false) => [0.8_f64.cos() - 0.8 * 0.8_f64.sin()]);
}

#[grad(second)]
fn mutated(x: f64, y: f64) -> f64 {
    let mut a = x;
    a += y;
    a *= x;
    a -= y * y;
    a /= 1.0 + x * x;
    a %= 10.0;
    a
}

#[test]
fn compound_assignment_is_assignment() {
    check!(mutated(0.9, 1.7));
}

#[grad(second)]
fn assigned_tuples(x: f64, y: f64) -> f64 {
    let mut p = (x, y);
    p.0 *= p.1;
    p.1 = p.0 + x;
    let (mut a, b) = p;
    a += b;
    (a, p.0) = (p.0, a * b);
    let _ = ();
    a * p.0 + p.1
}

#[test]
fn tuple_fields_are_places() {
    check!(assigned_tuples(0.8, -1.2));
}

#[grad(second)]
fn references(x: &f64, y: f64) -> f64 {
    let r = &y;
    let s = &x;
    let mut z = *x * *r;
    {
        let w = &mut z;
        *w += **s;
        *w *= 2.0;
    }
    z * *r
}

#[test]
fn references_lead_to_their_variable() {
    let (x, y) = (1.2, 0.7);
    check!(references(&1.2, 0.7) => [2.0 * y * (y + 1.0), 4.0 * x * y + 2.0 * x]);
}

#[grad(second)]
fn pattern_parameters((a, b): (f64, f64), [c, d]: [f64; 2], &e: &f64, mut f: f64) -> f64 {
    f += a * c;
    f * b - d * e * f
}

#[test]
fn parameters_may_be_patterns() {
    check!(pattern_parameters((0.4, 1.2), [0.5, -0.7], &2.0, 0.3));
}

#[grad(second)]
fn mutable_parameter(mut x: f64, mut v: [f64; 2]) -> f64 {
    x *= x;
    v[0] *= x;
    v[1] += v[0];
    v[1] * x
}

#[test]
fn a_parameter_taken_by_value_may_change() {
    let (x, a, b) = (0.9_f64, 0.5, 1.5);
    check!(mutable_parameter(0.9, [0.5, 1.5]) => [
        2.0 * x * (b + 2.0 * a * x * x),
        x.powi(4),
        x.powi(2),
    ]);
    let _ = (a, b);
}

const GAIN: f64 = 1.5;
static OFFSET: f64 = 0.25;

#[grad(second)]
fn constants(x: f64) -> f64 {
    const SCALE: f64 = 3.0;
    use std::f64::consts::{FRAC_PI_4, PI};
    let tau = std::f64::consts::TAU;
    (x * SCALE + OFFSET).sin() * GAIN
        + (PI * x - FRAC_PI_4).cos() * f64::EPSILON.sqrt()
        + tau * x
        + f64::MIN_POSITIVE
}

#[test]
fn constants_of_all_kinds_are_constant() {
    check!(constants(0.35));
}

#[grad(second)]
fn literals(x: f64) -> f64 {
    1e-3 * x + 2.0_f64 * x * x + 3f64 + 1_000.5 * x - 0.5e1
}

#[test]
fn literals_keep_their_value() {
    check!(literals(0.25) => [1e-3 + 4.0 * 0.25 + 1000.5]);
}

/// No suffix, no variable: `(1.5).sin()` alone is error E0689.
#[grad(second)]
fn untyped_constants(x: f64) -> f64 {
    let a = 2.0;
    let b = 1.5_f64.sin();
    let c = a * 0.5;
    x * a + b * c + x.powf(a) * c
}

#[test]
fn constants_without_suffix_get_a_type() {
    check!(untyped_constants(0.8) => [2.0 + 1.6]);
}

#[grad(second)]
fn casts(x: f64, n: usize, k: i32, up: bool) -> f64 {
    let m = n as f64;
    let down = x as f32;
    let back = f64::from(down);
    let sign = f64::from(u8::from(up)) * 2.0 - 1.0;
    let whole = x as i64 as f64;
    x * m + (down * 2.0) as f64 + back * f64::from(k) + whole * x * sign
}

#[test]
fn a_cast_between_floats_passes_the_derivative_and_one_to_an_integer_cuts_it() {
    // Single precision inside: differences are useless, the formula is not.
    exactly!(casts(2.5, =3, =-2, =true) => [3.0 + 2.0 - 2.0 + 2.0]);
    exactly!(casts(2.5, =3, =-2, =false) => [3.0 + 2.0 - 2.0 - 2.0]);
}

/// Integers, bools, `len`, rounding: nothing flows through them.
#[grad(second)]
fn inactive(x: f64, v: &[f64], n: i32) -> f64 {
    let half = (x * 2.0) as i32 / 2;
    let rounded = x.floor() + x.round() * 2.0 + x.trunc() * 3.0 + x.ceil() + x.signum();
    let positive = x > 0.0 && !v.is_empty();
    let count = v.len() as f64 * if positive { 2.0 } else { 0.5 };
    x * f64::from(half * n) + rounded * v[0] + count * x
}

#[test]
fn what_is_not_differentiable_carries_nothing() {
    // floor 3, round 4, trunc 3, ceil 4, signum 1: 3 + 8 + 9 + 4 + 1 = 25; half 3, n 5, count 2 · 2
    check!(inactive(3.7, &[0.4, 0.6], =5) => [15.0 + 4.0, 25.0, 0.0]);
}

#[grad(second)]
fn unused_parameter(x: f64, _unused: f64, _: f64) -> f64 {
    x * 2.0
}

#[grad(second)]
fn constant_function(_x: f64, v: &[f64]) -> f64 {
    let _ = v;
    42.0
}

#[grad(second)]
fn identity(x: f64) -> f64 {
    x
}

#[grad(second)]
fn returned(x: f64) -> f64 {
    return x * x;
}

#[test]
fn results_that_do_not_depend_have_an_exact_zero() {
    exactly!(unused_parameter(1.0, 2.0, 3.0) => [2.0, 0.0, 0.0]);
    exactly!(constant_function(1.0, &[1.0, 2.0]) => [0.0, 0.0, 0.0]);
    exactly!(identity(5.0) => [1.0]);
    exactly!(identity(f64::INFINITY) => [1.0]);
    exactly!(identity(f64::NAN) => [1.0]);
    check!(returned(1.25) => [2.5]);
}

#[grad(second)]
fn dead_code(x: f64) -> f64 {
    let unused = x.ln();
    let _also = unused * 3.0;
    x * 2.0
}

#[test]
fn a_result_nobody_uses_does_not_poison_the_gradient() {
    // ln 0 is infinite, its derivative too.
    exactly!(dead_code(0.0) => [2.0]);
}

#[grad(second)]
#[allow(unused_braces, unused_parens)]
fn blocks(x: f64) -> f64 {
    let y = {
        let a = x * x;
        let b = { a + 1.0 };
        a * b
    };
    let z = ({ y } + ({ x }));
    { z * y }
}

#[test]
fn blocks_are_expressions() {
    check!(blocks(0.55));
}

#[grad(second)]
pub(super) fn pair(x: f64, y: f64) -> (f64, f64) {
    (x * y, x + y.exp())
}

#[grad(second)]
pub(super) fn nested_result(x: f64, y: f64) -> ((f64, [f64; 2]), f64) {
    let a = x * y;
    ((a, [a * x, y]), a + x)
}

#[grad(second)]
pub(super) fn array_result(x: f64) -> [f64; 3] {
    [x, x * x, 1.0]
}

#[test]
fn results_may_be_tuples_and_arrays() {
    check_vjp!(pair(0.4, -0.3));
    check_vjp!(nested_result(0.4, -0.3));
    check_vjp!(array_result(0.4));
}

/// No parameter to speak of in one, many in the other.
#[grad(second)]
fn eight(a: f64, b: f64, c: f64, d: f64, e: f64, f: f64, g: f64, h: f64) -> f64 {
    a * b + c * d * e - f / (1.0 + g * g) + h * a
}

#[test]
fn many_parameters_come_back_in_their_order() {
    check!(eight(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0) => [10.0, 1.0, 20.0, 15.0, 12.0, -0.02, 84.0 / 2500.0, 1.0]);
}

/// Both sides of a condition, statements and parameters.
#[grad(second)]
fn conditional(
    x: f64,
    #[cfg(debug_assertions)] y: f64,
    #[cfg(not(debug_assertions))] y: f64,
    #[cfg(any())] z: NoSuchType,
) -> f64 {
    #[cfg(debug_assertions)]
    let k = 2.0;
    #[cfg(not(debug_assertions))]
    let k = 2.0;
    let mut s = x * k;
    #[cfg(any())]
    {
        s = nonsense(z);
    }
    #[cfg(not(any()))]
    if s > 0.0 {
        s *= y;
    }
    s
}

#[test]
fn statements_and_parameters_with_a_cfg() {
    check!(conditional(0.5, 3.0) => [6.0, 1.0]);
}

/// The user's own variables bear the names that generated code would like to use.
#[grad(second)]
fn taken_names(x: f64, x_bar: f64, seed: f64) -> f64 {
    let tape = x * x_bar;
    let sin_x = x.sin();
    let t1 = tape + sin_x;
    let y_bar = t1 * seed;
    let x_1 = y_bar * x;
    let value = x_1 + x_bar;
    let result = value * x_1;
    let gradient = result * t1;
    let pullback = gradient + tape;
    let f = pullback;
    let grad = f * 2.0;
    grad
}

#[test]
fn generated_names_do_not_capture_the_users() {
    check!(taken_names(0.6, 0.8, 1.3));
}

#[grad(second)]
fn seed_zero(x: f64, y: f64) -> f64 {
    0.0 * x + y
}

#[test]
fn a_written_zero_is_ordinary_arithmetic() {
    check!(seed_zero(1.0, 2.0) => [0.0, 1.0]);
}

#[grad(second)]
#[allow(clippy::eq_op)]
fn self_operations(x: f64) -> f64 {
    (x - x) + (x / x) + (x + x)
}

#[test]
fn the_same_operand_on_both_sides() {
    check!(self_operations(1.7) => [2.0]);
}
