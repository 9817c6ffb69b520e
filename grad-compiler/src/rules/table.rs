//! The table. One row per primitive:
//!
//! ```text
//! name(arguments) = result  on [points where the test compares with differences]
//!     => [one partial per argument];
//! ```
//!
//! A partial of `0.0` is a structural zero. A partial that can be had from the result reads
//! the result: it is recorded once and nothing transcendental is computed again. `at` says what
//! happens where there is no derivative; the rule is: differentiable: the gradient; a convex or
//! concave kink: the sub- or supergradient of least norm; else by continuity, infinities included; else NaN.

use super::formula::{Expr, Formula, IntoPartial};
use super::power::{powf_dp, powf_dx, powf_dx_dp, powf_dx_dx, powf_ln_dp, powf_ln_dx, powi_dx, powi_next};
use super::{Cost, Form, Kind, Row};
use std::f64::consts::{LN_2, LOG2_E, LOG10_E};

const DEGREES: f64 = 180.0 / std::f64::consts::PI;
const RADIANS: f64 = std::f64::consts::PI / 180.0;

/// A point in the domain of a primitive.
trait Point {
    fn coordinates(self) -> Vec<f64>;
}

impl Point for f64 {
    fn coordinates(self) -> Vec<f64> {
        vec![self]
    }
}

impl<const N: usize> Point for [f64; N] {
    fn coordinates(self) -> Vec<f64> {
        self.to_vec()
    }
}

macro_rules! rules {
    ($([$form:ident, $cost:ident] $(
        $name:ident($($param:ident $(: $kind:ident)?),*) $(= $y:ident)? on [$($point:expr),*] $(at $note:literal)?
            => [$($partial:expr),*];
    )*)*) => {
        pub(super) static ROWS: &[Row] = &[$($(
            Row {
                name: stringify!($name),
                params: &[$(stringify!($param)),*],
                result: rules!(@result $($y)?),
                kinds: &[$(rules!(@kind $($kind)?)),*],
                form: Form::$form,
                cost: Cost::$cost,
                formulas: &[$(stringify!($partial)),*],
                note: concat!("" $(, $note)?),
                points: || vec![$(Point::coordinates($point)),*],
                build: {
                    // A row names all its arguments, whether its partials read them or not.
                    #[allow(unused_variables)]
                    fn build<'f>(formula: &'f Formula, args: &[Expr<'f>], result: Expr<'f>) -> Vec<Option<Expr<'f>>> {
                        let [$($param),*] = *args else { unreachable!("the caller checks the number of arguments") };
                        $(let $y = result;)?
                        vec![$(IntoPartial::partial($partial, formula)),*]
                    }
                    build
                },
            },
        )*)*];
    };
    (@result) => { None };
    (@result $y:ident) => { Some(stringify!($y)) };
    (@kind) => { Kind::Float };
    (@kind $kind:ident) => { Kind::$kind };
}

rules! {
    [Infix, Cheap]
    add(x, y) on [[-2.0, 0.5]] => [1.0, 1.0];
    sub(x, y) on [[-2.0, 0.5]] => [1.0, -1.0];
    mul(x, y) on [[-2.0, 0.5]] => [y, x];

    [Infix, Costly]
    div(x, y) = z on [[-2.0, 0.5], [3.0, -1.5]]
        => [1.0 / y, if x.is_one() { -(z * z) } else { -(1.0 / y * z) }];
    rem(x, y) on [[7.5, 3.0], [-7.5, 3.0], [7.5, -2.0]] at "1, -trunc(x / y) everywhere"
        => [1.0, -(x / y).trunc()];

    [Prefix, Cheap]
    neg(x) on [-2.0, 0.5] => [-1.0];

    [Method, Cheap]
    abs(x) on [-2.0, 0.5] at "0 at 0"
        => [x.sign()];
    signum(x) on [-2.0, 0.5] at "0 at the jump"
        => [0.0];
    copysign(x, s) on [[-2.0, 0.5], [2.0, -0.5], [2.0, 0.5]] at "0 at x = 0"
        => [x.sign() * sign_bit(s), 0.0];
    max(x, y) = z on [[-2.0, 0.5], [0.5, -2.0]] at "half each at a tie, 0 at a tie with a literal; a NaN argument is ignored, as `max` does"
        => [upper(x, y, z), upper_other(x, y, z)];
    min(x, y) = z on [[-2.0, 0.5], [0.5, -2.0]] at "half each at a tie, 0 at a tie with a literal; a NaN argument is ignored, as `min` does"
        => [lower(x, y, z), lower_other(x, y, z)];
    clamp(x, lo, hi) = z on [[-2.0, -1.0, 1.0], [0.5, -1.0, 1.0], [2.0, -1.0, 1.0]] at "∂x is 0 at a bound"
        => [inside(x, lo, hi, z), x.clamp_lo(lo, hi), x.clamp_hi(lo, hi)];
    midpoint(x, y) on [[-2.0, 0.5]] => [0.5, 0.5];
    mul_add(x, y, z) on [[-2.0, 0.5, 3.0]] => [y, x, 1.0];
    to_radians(x) on [-2.0, 0.5] => [RADIANS];
    to_degrees(x) on [-2.0, 0.5] => [DEGREES];
    floor(x) on [-2.3, 0.5] at "0 at the jumps" => [0.0];
    ceil(x) on [-2.3, 0.5] at "0 at the jumps" => [0.0];
    round(x) on [-2.3, 0.4] at "0 at the jumps" => [0.0];
    round_ties_even(x) on [-2.3, 0.4] at "0 at the jumps" => [0.0];
    trunc(x) on [-2.3, 0.5] at "0 at the jumps" => [0.0];
    fract(x) on [-2.3, 0.5] at "1 at the jumps" => [1.0];

    [Method, Costly]
    recip(x) = y on [-2.0, 0.5] at "-∞ at 0" => [-(y * y)];
    rem_euclid(x, y) on [[-7.5, 3.0], [7.5, 3.0], [7.5, -2.0]] at "1, -div_euclid(x, y) everywhere"
        => [1.0, -x.div_euclid(y)];
    div_euclid(x, y) on [[-7.5, 3.0], [7.5, 3.0]] at "0 at the jumps" => [0.0, 0.0];
    powi(x, n: Integer) = y on [[-2.0, 3.0], [0.5, -2.0], [-1.5, 0.0], [2.5, 1.0], [0.5, 2.0], [2.5, -1.0], [1.5, 7.0]] at "∂x = n·xⁿ⁻¹, also for n < 0; 0 for n = 0, whatever x is"
        => [powi_dx(x, n, y), 0.0];
    powf(x, p) = y on [[0.5, -2.0], [2.5, 0.0], [2.5, 1.5], [1.5, 2.0], [0.5, 0.5], [1.5, 1.0], [2.5, -1.0], [2.5, 3.0], [0.7, 0.3]]
        at "∂x = p·xᵖ⁻¹, ∂p = xᵖ·ln x; at x = 0: ∂x is 0 for p = 0, 1 for p = 1, 0 for p > 1, ∞ for 0 < p < 1, else -∞; ∂p is 0 for p ≥ 0, else NaN. ∂p is NaN for x < 0"
        => [powf_dx(x, p, y), powf_dp(x, p, y)];
    sqrt(x) = y on [0.5, 4.0] at "∞ at 0" => [0.5 / y];
    cbrt(x) = y on [-2.0, 0.5] at "∞ at 0" => [1.0 / (3.0 * (y * y))];
    exp(x) = y on [-2.0, 0.5] => [y];
    exp2(x) = y on [-2.0, 0.5] => [LN_2 * y];
    exp_m1(x) = y on [-2.0, 0.5] => [y + 1.0];
    ln(x) on [0.5, 4.0] at "∞ at 0, NaN below" => [x.recip_positive()];
    ln_1p(x) on [-0.5, 4.0] at "∞ at -1, NaN below" => [(1.0 + x).recip_positive()];
    log(x, base) = y on [[0.5, 2.0], [4.0, 10.0], [4.0, 0.5]] at "∞ or -∞ at x = 0, NaN below"
        => [x.recip_positive() * (1.0 / base.ln()), -(y * (1.0 / (base * base.ln())))];
    log2(x) on [0.5, 4.0] at "∞ at 0, NaN below" => [LOG2_E * x.recip_positive()];
    log10(x) on [0.5, 4.0] at "∞ at 0, NaN below" => [LOG10_E * x.recip_positive()];
    sin(x) on [-2.0, 0.5] => [x.cos()];
    cos(x) on [-2.0, 0.5] => [-x.sin()];
    tan(x) = y on [-1.0, 0.5] => [1.0 + y * y];
    asin(x) on [-0.7, 0.5] at "∞ at ±1, NaN outside" => [1.0 / ((1.0 - x) * (1.0 + x)).sqrt()];
    acos(x) on [-0.7, 0.5] at "-∞ at ±1, NaN outside" => [-(1.0 / ((1.0 - x) * (1.0 + x)).sqrt())];
    atan(x) on [-2.0, 0.5] => [1.0 / (1.0 + x * x)];
    atan2(x, y) on [[-2.0, 0.5], [2.0, -0.5], [0.5, 3.0]] at "0, 0 at 0, 0"
        => [y.over_norm2(x), -x.over_norm2(y)];
    sinh(x) on [-2.0, 0.5] => [x.cosh()];
    cosh(x) on [-2.0, 0.5] => [x.sinh()];
    tanh(x) = y on [-2.0, 0.5] => [1.0 - y * y];
    asinh(x) on [-2.0, 0.5] => [1.0 / (x * x + 1.0).sqrt()];
    acosh(x) on [1.5, 3.0] at "∞ at 1, NaN below" => [1.0 / ((x - 1.0).sqrt() * (x + 1.0).sqrt())];
    atanh(x) on [-0.7, 0.5] at "∞ at ±1, NaN outside" => [((1.0 - x) * (1.0 + x)).recip_positive()];
    hypot(x, y) = z on [[-2.0, 0.5], [3.0, 4.0]] at "0, 0 at 0, 0"
        => [x.div_or_zero(z), y.div_or_zero(z)];

    // What partials need beyond the methods of floats: functions of `Real` in the runtime.
    [Runtime, Cheap]
    // ±1, and 0 at ±0.
    sign(x) on [-2.0, 0.5] => [0.0];
    // ∂max(x, y)/∂x and ∂min(x, y)/∂x.
    max_weight(x, y) on [[-2.0, 0.5], [0.5, -2.0]] => [0.0, 0.0];
    min_weight(x, y) on [[-2.0, 0.5], [0.5, -2.0]] => [0.0, 0.0];
    // 1 where x > bound, else 0; 1 where x < bound, else 0.
    above(x, bound) on [[-2.0, 0.5], [0.5, -2.0]] => [0.0, 0.0];
    below(x, bound) on [[-2.0, 0.5], [0.5, -2.0]] => [0.0, 0.0];
    // The partials of clamp(x, lo, hi).
    clamp_x(x, lo, hi) on [[-2.0, -1.0, 1.0], [0.5, -1.0, 1.0]] => [0.0, 0.0, 0.0];
    clamp_lo(x, lo, hi) on [[-2.0, -1.0, 1.0], [0.5, -1.0, 1.0]] => [0.0, 0.0, 0.0];
    clamp_hi(x, lo, hi) on [[2.0, -1.0, 1.0], [0.5, -1.0, 1.0]] => [0.0, 0.0, 0.0];

    [Runtime, Costly]
    // 1 / x, ∞ at ±0, NaN for x < 0.
    recip_positive(x) = y on [0.5, 4.0] => [-(y * y)];
    // x / y, 0 where y = 0.
    div_or_zero(x, y) = z on [[-2.0, 0.5]] => [recip_or_zero(y), -z.div_or_zero(y)];
    // x / (x² + y²), 0 at 0, 0.
    over_norm2(x, y) = p on [[-2.0, 0.5], [0.5, 3.0]]
        => [y.over_norm2(x) * y.over_norm2(x) - p * p, -(2.0 * (p * y.over_norm2(x)))];
    // The k-th derivative of xⁿ.
    powi_nth(x, n: Integer, k: Integer) on [[-2.0, 3.0, 1.0], [0.5, -2.0, 1.0], [1.5, 2.0, 2.0], [1.5, 0.0, 1.0]]
        => [powi_next(x, n, k), 0.0, 0.0];
    // p·xᵖ⁻¹, where y = xᵖ is known. A function of x and p: y only saves work.
    powf_dx(x, p, y: Hint) on [[0.5, -2.0, 4.0], [1.5, 2.0, 2.25]]
        => [powf_dx_dx(x, p), powf_dx_dp(x, p), 0.0];
    // xᵖ·lnᵏx, where y = xᵖ is known. A function of x and p: y only saves work.
    powf_ln(x, p, k: Integer, y: Hint) on [[0.5, -2.0, 1.0, 4.0], [1.5, 2.0, 2.0, 2.25]]
        => [powf_ln_dx(x, p, k), powf_ln_dp(x, p, k, y), 0.0, 0.0];
}

/// ±1, with the sign of ±0 and NaN, too.
fn sign_bit(s: Expr) -> Expr {
    s.float(1.0).copysign(s)
}

fn recip_or_zero(y: Expr) -> Expr {
    y.float(1.0).div_or_zero(y)
}

/// ∂max(x, y)/∂x. Beside a number, the result is above that where the argument is.
fn upper<'f>(x: Expr<'f>, y: Expr<'f>, z: Expr<'f>) -> Expr<'f> {
    if y.is_literal() { z.above(y) } else { x.max_weight(y) }
}

/// ∂max(x, y)/∂y.
fn upper_other<'f>(x: Expr<'f>, y: Expr<'f>, z: Expr<'f>) -> Expr<'f> {
    if x.is_literal() { z.above(x) } else { 1.0 - x.max_weight(y) }
}

/// ∂min(x, y)/∂x.
fn lower<'f>(x: Expr<'f>, y: Expr<'f>, z: Expr<'f>) -> Expr<'f> {
    if y.is_literal() { z.below(y) } else { x.min_weight(y) }
}

/// ∂min(x, y)/∂y.
fn lower_other<'f>(x: Expr<'f>, y: Expr<'f>, z: Expr<'f>) -> Expr<'f> {
    if x.is_literal() { z.below(x) } else { 1.0 - x.min_weight(y) }
}

/// ∂clamp(x, lo, hi)/∂x. Between numbers, the result is where the argument is.
fn inside<'f>(x: Expr<'f>, lo: Expr<'f>, hi: Expr<'f>, z: Expr<'f>) -> Expr<'f> {
    if lo.is_literal() && hi.is_literal() { z.clamp_x(lo, hi) } else { x.clamp_x(lo, hi) }
}
