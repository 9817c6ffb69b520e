//! `D64` and `D32`: what a program of the fuzzer is compiled with in the place of `f64` and `f32`.
//!
//! The value is computed by the very operation of `f64` (`f32`) that the program asks for, so that it is the program's bit
//! for bit; beside it three levels of dual numbers in `f64`, of which two serve first and second derivatives and the third a
//! `g::grad(..)` inside. Nothing here is of the compiler's or of the runtime's: it is the witness against them.

use crate::dual::{Dual, Real};
use std::cell::Cell;
use std::cmp::Ordering;
use std::fmt;
use std::iter::{Product, Sum};
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign};

/// How many derivatives can be taken of each other.
pub(crate) const LEVELS: usize = 3;

type Series = Dual<Dual<Dual<f64>>>;

thread_local! {
    static KINK: Cell<bool> = const { Cell::new(false) };
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// Notes that the point is one where there is no derivative, so that any answer is as good as another.
fn kink(is_one: bool) {
    if is_one {
        KINK.set(true);
    }
}

/// Whether the program came to a point without a derivative since this was asked the last time.
pub fn kink_met() -> bool {
    KINK.replace(false)
}

/// The coefficients, by the set of the ε that they belong to.
fn coefficients(x: Series) -> [f64; 8] {
    [x.v.v.v, x.v.v.d, x.v.d.v, x.v.d.d, x.d.v.v, x.d.v.d, x.d.d.v, x.d.d.d]
}

fn series(c: [f64; 8]) -> Series {
    let pair = |k: usize| Dual { v: c[k], d: c[k + 1] };
    Dual { v: Dual { v: pair(0), d: pair(2) }, d: Dual { v: pair(4), d: pair(6) } }
}

fn constant(value: f64) -> Series {
    Series::lift(value)
}

fn power(x: Series, n: i32) -> Series {
    let mut result = constant(1.0);
    for _ in 0..n.unsigned_abs() {
        result = result * x;
    }
    if n < 0 { constant(1.0) / result } else { result }
}

macro_rules! number {
    ($name:ident, $float:ident) => {
        #[derive(Clone, Copy)]
        pub struct $name {
            value: $float,
            series: Series,
        }

        impl $name {
            pub const INFINITY: $name = $name::lit($float::INFINITY);
            pub const NEG_INFINITY: $name = $name::lit($float::NEG_INFINITY);
            pub const EPSILON: $name = $name::lit($float::EPSILON);
            pub const MAX: $name = $name::lit($float::MAX);
            pub const MIN: $name = $name::lit($float::MIN);

            /// A literal.
            #[allow(clippy::cast_lossless)]
            pub const fn lit(value: $float) -> Self {
                let none = Dual { v: 0.0, d: 0.0 };
                let wide = Dual { v: value as f64, d: 0.0 };
                let (low, high) = (Dual { v: wide, d: none }, Dual { v: none, d: none });
                $name { value, series: Dual { v: low, d: high } }
            }

            /// The value, with the derivatives of a formula that may round otherwise.
            fn with(value: $float, from: Series) -> Self {
                let mut c = coefficients(from);
                c[0] = f64::from(value);
                $name { value, series: series(c) }
            }

            pub fn one() -> Self {
                $name::lit(1.0)
            }

            /// As `grad::Real` has it; a literal is one of these already.
            #[allow(clippy::self_named_constructors)]
            pub fn from_f64(value: Self) -> Self {
                value
            }

            pub fn value(self) -> $float {
                self.value
            }

            /// The number with 1 as the coefficient of the ε of a level.
            pub fn seeded(self, level: usize, by: f64) -> Self {
                let mut c = coefficients(self.series);
                c[1 << level] += by;
                $name { value: self.value, series: series(c) }
            }

            /// The coefficient that belongs to a set of ε.
            pub fn coefficient(self, set: usize) -> f64 {
                coefficients(self.series)[set]
            }

            /// What stands at the ε of a level, as a number of the other levels.
            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless)]
            pub fn at_level(self, level: usize) -> Self {
                let (all, mut part) = (coefficients(self.series), [0.0; 8]);
                for (set, to) in part.iter_mut().enumerate() {
                    if set >> level & 1 == 0 {
                        *to = all[set | 1 << level];
                    }
                }
                $name { value: part[0] as $float, series: series(part) }
            }

            /// The same value, which depends on nothing.
            pub fn stopped(self) -> Self {
                $name::lit(self.value)
            }

            /// Whether it depends on anything.
            fn varies(self) -> bool {
                coefficients(self.series)[1..].iter().any(|c| *c != 0.0)
            }

            /// Notes a point without a derivative, if there is one to be lost.
            pub(crate) fn kink(self, is_one: bool) {
                kink(is_one && self.varies());
            }

            fn kink_with(self, other: Self, is_one: bool) {
                kink(is_one && (self.varies() || other.varies()));
            }

            /// Piecewise constant.
            fn step(self, value: $float) -> Self {
                self.kink(value == self.value);
                $name::lit(value)
            }

            pub fn abs(self) -> Self {
                self.kink(self.value == 0.0);
                if self.value.is_sign_negative() { -self } else { self }
            }
            pub fn signum(self) -> Self {
                self.kink(self.value == 0.0);
                $name::lit(self.value.signum())
            }
            pub fn copysign(self, sign: Self) -> Self {
                self.kink_with(sign, self.value == 0.0 || sign.value == 0.0);
                if self.value.is_sign_negative() == sign.value.is_sign_negative() { self } else { -self }
            }
            pub fn max(self, other: Self) -> Self {
                self.kink_with(other, self.value == other.value);
                let value = self.value.max(other.value);
                if value == self.value { self } else { other }
            }
            pub fn min(self, other: Self) -> Self {
                self.kink_with(other, self.value == other.value);
                let value = self.value.min(other.value);
                if value == self.value { self } else { other }
            }
            pub fn clamp(self, lo: Self, hi: Self) -> Self {
                self.kink_with(lo, self.value == lo.value || self.value == hi.value);
 self.kink_with(hi, self.value == lo.value || self.value == hi.value);
                let value = self.value.clamp(lo.value, hi.value);
                if value == self.value { self } else if value == lo.value { lo } else { hi }
            }
            pub fn midpoint(self, y: Self) -> Self {
                Self::with(self.value.midpoint(y.value), (self.series + y.series) * constant(0.5))
            }
            pub fn mul_add(self, y: Self, z: Self) -> Self {
                Self::with(self.value.mul_add(y.value, z.value), self.series * y.series + z.series)
            }
            pub fn to_radians(self) -> Self {
                Self::with(self.value.to_radians(), self.series * constant(std::f64::consts::PI / 180.0))
            }
            pub fn to_degrees(self) -> Self {
                Self::with(self.value.to_degrees(), self.series * constant(180.0 / std::f64::consts::PI))
            }
            pub fn floor(self) -> Self {
                self.step(self.value.floor())
            }
            pub fn ceil(self) -> Self {
                self.step(self.value.ceil())
            }
            pub fn round(self) -> Self {
                self.kink(self.value.fract().abs() == 0.5);
                $name::lit(self.value.round())
            }
            pub fn round_ties_even(self) -> Self {
                self.kink(self.value.fract().abs() == 0.5);
                $name::lit(self.value.round_ties_even())
            }
            pub fn trunc(self) -> Self {
                self.step(self.value.trunc())
            }
            pub fn fract(self) -> Self {
                self.kink(self.value.fract() == 0.0);
                Self::with(self.value.fract(), self.series)
            }
            pub fn recip(self) -> Self {
                Self::with(self.value.recip(), constant(1.0) / self.series)
            }
            pub fn rem_euclid(self, y: Self) -> Self {
                let times = f64::from(self.value.div_euclid(y.value));
                let value = self.value.rem_euclid(y.value);
                self.kink(value == 0.0);
                Self::with(value, self.series - constant(times) * y.series)
            }
            pub fn div_euclid(self, y: Self) -> Self {
                self.kink_with(y, self.value.rem_euclid(y.value) == 0.0);
                $name::lit(self.value.div_euclid(y.value))
            }
            pub fn powi(self, n: i32) -> Self {
                Self::with(self.value.powi(n), power(self.series, n))
            }
            pub fn powf(self, p: Self) -> Self {
                self.kink(self.value <= 0.0);
                Self::with(self.value.powf(p.value), (p.series * self.series.ln()).exp())
            }
            pub fn sqrt(self) -> Self {
                self.kink(self.value == 0.0);
                Self::with(self.value.sqrt(), self.series.sqrt())
            }
            pub fn cbrt(self) -> Self {
                self.kink(self.value == 0.0);
                Self::with(self.value.cbrt(), self.series.cbrt())
            }
            pub fn exp(self) -> Self {
                Self::with(self.value.exp(), self.series.exp())
            }
            pub fn exp2(self) -> Self {
                Self::with(self.value.exp2(), (self.series * constant(std::f64::consts::LN_2)).exp())
            }
            pub fn exp_m1(self) -> Self {
                Self::with(self.value.exp_m1(), self.series.exp())
            }
            pub fn ln(self) -> Self {
                Self::with(self.value.ln(), self.series.ln())
            }
            pub fn ln_1p(self) -> Self {
                Self::with(self.value.ln_1p(), (constant(1.0) + self.series).ln())
            }
            pub fn log(self, base: Self) -> Self {
                Self::with(self.value.log(base.value), self.series.ln() / base.series.ln())
            }
            pub fn log2(self) -> Self {
                Self::with(self.value.log2(), self.series.ln() / constant(std::f64::consts::LN_2))
            }
            pub fn log10(self) -> Self {
                Self::with(self.value.log10(), self.series.ln() / constant(std::f64::consts::LN_10))
            }
            pub fn sin(self) -> Self {
                Self::with(self.value.sin(), self.series.sin())
            }
            pub fn cos(self) -> Self {
                Self::with(self.value.cos(), self.series.cos())
            }
            pub fn sin_cos(self) -> (Self, Self) {
                let (sin, cos) = self.value.sin_cos();
                (Self::with(sin, self.series.sin()), Self::with(cos, self.series.cos()))
            }
            pub fn tan(self) -> Self {
                Self::with(self.value.tan(), self.series.sin() / self.series.cos())
            }
            pub fn asin(self) -> Self {
                Self::with(self.value.asin(), self.series.asin())
            }
            pub fn acos(self) -> Self {
                Self::with(self.value.acos(), -self.series.asin())
            }
            pub fn atan(self) -> Self {
                Self::with(self.value.atan(), self.series.atan())
            }
            /// Up to a constant, which has no derivative.
            pub fn atan2(self, x: Self) -> Self {
                self.kink_with(x, self.value == 0.0 && x.value == 0.0);
                let angle = if self.value.abs() > x.value.abs() {
                    -(x.series / self.series).atan()
                } else {
                    (self.series / x.series).atan()
                };
                Self::with(self.value.atan2(x.value), angle)
            }
            pub fn sinh(self) -> Self {
                Self::with(self.value.sinh(), self.series.sinh())
            }
            pub fn cosh(self) -> Self {
                Self::with(self.value.cosh(), self.series.cosh())
            }
            pub fn tanh(self) -> Self {
                Self::with(self.value.tanh(), self.series.sinh() / self.series.cosh())
            }
            pub fn asinh(self) -> Self {
                Self::with(self.value.asinh(), self.series.asinh())
            }
            pub fn acosh(self) -> Self {
                self.kink(self.value == 1.0);
                Self::with(self.value.acosh(), self.series.acosh())
            }
            pub fn atanh(self) -> Self {
                Self::with(self.value.atanh(), self.series.atanh())
            }
            pub fn hypot(self, y: Self) -> Self {
                self.kink_with(y, self.value == 0.0 && y.value == 0.0);
                let squares = self.series * self.series + y.series * y.series;
                Self::with(self.value.hypot(y.value), squares.sqrt())
            }

            pub fn is_nan(self) -> bool {
                self.value.is_nan()
            }
            pub fn is_finite(self) -> bool {
                self.value.is_finite()
            }
            pub fn is_infinite(self) -> bool {
                self.value.is_infinite()
            }
            pub fn is_sign_negative(self) -> bool {
                self.value.is_sign_negative()
            }
            pub fn is_sign_positive(self) -> bool {
                self.value.is_sign_positive()
            }
            pub fn total_cmp(&self, other: &Self) -> Ordering {
                self.value.total_cmp(&other.value)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.value, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.value, f)
            }
        }

        impl Default for $name {
            fn default() -> Self {
                $name::lit(0.0)
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.value == other.value
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.value.partial_cmp(&other.value)
            }
        }

        impl Neg for $name {
            type Output = Self;
            fn neg(self) -> Self {
                Self::with(-self.value, -self.series)
            }
        }

        impl Neg for &$name {
            type Output = $name;
            fn neg(self) -> $name {
                -*self
            }
        }

        operators!($name $float; Add add AddAssign add_assign; Sub sub SubAssign sub_assign;
            Mul mul MulAssign mul_assign; Div div DivAssign div_assign);

        impl Rem for $name {
            type Output = Self;
            fn rem(self, other: Self) -> Self {
                let times = f64::from((self.value / other.value).trunc());
                self.kink_with(other, self.value % other.value == 0.0);
                Self::with(self.value % other.value, self.series - constant(times) * other.series)
            }
        }
        variants!($name $float Rem rem RemAssign rem_assign);

        impl Sum for $name {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                // What the standard library begins with: 0 or −0.
                let nothing: $float = std::iter::empty::<$float>().sum();
                iter.fold($name::lit(nothing), |sum, x| sum + x)
            }
        }
        impl<'a> Sum<&'a $name> for $name {
            fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().sum()
            }
        }
        impl Product for $name {
            fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.fold($name::lit(1.0), |product, x| product * x)
            }
        }
        impl<'a> Product<&'a $name> for $name {
            fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().product()
            }
        }
    };
}

macro_rules! operators {
    ($name:ident $float:ident; $($trait:ident $op:ident $assign:ident $op_assign:ident);*) => {$(
        impl $trait for $name {
            type Output = Self;
            fn $op(self, other: Self) -> Self {
                Self::with($trait::$op(self.value, other.value), $trait::$op(self.series, other.series))
            }
        }
        variants!($name $float $trait $op $assign $op_assign);
    )*};
}

/// The operator for references, for plain floats, and with an assignment.
macro_rules! variants {
    ($name:ident $float:ident $trait:ident $op:ident $assign:ident $op_assign:ident) => {
        impl $trait<&$name> for $name {
            type Output = $name;
            fn $op(self, other: &$name) -> $name {
                $trait::$op(self, *other)
            }
        }
        impl $trait<$name> for &$name {
            type Output = $name;
            fn $op(self, other: $name) -> $name {
                $trait::$op(*self, other)
            }
        }
        impl $trait<&$name> for &$name {
            type Output = $name;
            fn $op(self, other: &$name) -> $name {
                $trait::$op(*self, *other)
            }
        }
        impl $assign for $name {
            fn $op_assign(&mut self, other: $name) {
                *self = $trait::$op(*self, other);
            }
        }
        impl $assign<&$name> for $name {
            fn $op_assign(&mut self, other: &$name) {
                *self = $trait::$op(*self, *other);
            }
        }
    };
}

number!(D64, f64);

impl D64 {
    /// The same derivatives, with a value that rounds otherwise.
    pub(crate) fn with_value(self, value: f64) -> D64 {
        D64::with(value, self.series)
    }
}

number!(D32, f32);

/// `as`, of the numbers here and of the plain ones.
pub trait Cast<T> {
    fn cast(self) -> T;
}

pub fn cast<T, F: Cast<T>>(from: F) -> T {
    from.cast()
}

macro_rules! casts {
    ($($int:ident)*) => {
        casts!(@pairs [$($int)*] $($int)*);
        $(
            impl Cast<D64> for $int {
                #[allow(clippy::cast_lossless)]
                fn cast(self) -> D64 {
                    D64::lit(self as f64)
                }
            }
            impl Cast<D32> for $int {
                #[allow(clippy::cast_lossless)]
                fn cast(self) -> D32 {
                    D32::lit(self as f32)
                }
            }
            impl Cast<$int> for D64 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                fn cast(self) -> $int {
                    self.kink(self.value.fract() == 0.0);
                    self.value as $int
                }
            }
            impl Cast<$int> for D32 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                fn cast(self) -> $int {
                    self.kink(self.value.fract() == 0.0);
                    self.value as $int
                }
            }
            impl Cast<$int> for bool {
                fn cast(self) -> $int {
                    $int::from(self)
                }
            }
        )*
    };
    (@pairs $all:tt $($int:ident)*) => {$(casts!(@from $int $all);)*};
    (@from $from:ident [$($to:ident)*]) => {$(
        impl Cast<$to> for $from {
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)]
            #[allow(clippy::cast_lossless)]
            fn cast(self) -> $to {
                self as $to
            }
        }
    )*};
}
casts!(u8 u32 u64 usize i32 i64);

impl Cast<D64> for D64 {
    fn cast(self) -> D64 {
        self
    }
}
impl Cast<D32> for D32 {
    fn cast(self) -> D32 {
        self
    }
}
impl Cast<D32> for D64 {
    #[allow(clippy::cast_possible_truncation)]
    fn cast(self) -> D32 {
        D32::with(self.value as f32, self.series)
    }
}
impl Cast<D64> for D32 {
    fn cast(self) -> D64 {
        D64::with(f64::from(self.value), self.series)
    }
}

impl From<D32> for D64 {
    fn from(x: D32) -> D64 {
        x.cast()
    }
}

macro_rules! from {
    ($($from:ident => $to:ident $float:ident),*) => {$(
        impl From<$from> for $to {
            fn from(x: $from) -> $to {
                $to::lit($float::from(x))
            }
        }
    )*};
}
from!(i32 => D64 f64, u32 => D64 f64, u8 => D64 f64, i8 => D64 f64, i16 => D64 f64, u16 => D64 f64, bool => D64 f64,
      u8 => D32 f32, i16 => D32 f32, u16 => D32 f32);

/// Makes the derivative of `f` inside of a program: what `g::grad(..)` is to the witness. The closure gets the level whose ε it
/// is to put into its arguments.
pub fn inside<T>(f: impl FnOnce(usize) -> T) -> T {
    let level = LEVEL.get();
    assert!(level < LEVELS, "derivatives are nested {level} deep");
    LEVEL.set(level + 1);
    let result = f(level);
    LEVEL.set(level);
    result
}

/// Runs a program whose outermost `levels` ε are the harness's.
pub fn outside<T>(levels: usize, f: impl FnOnce() -> T) -> T {
    let before = LEVEL.replace(levels);
    let result = f();
    LEVEL.set(before);
    result
}

#[cfg(test)]
mod tests {
    use super::D64;

    /// First and second derivative by differences.
    fn differences(f: &dyn Fn(f64) -> f64, x: f64) -> (f64, f64) {
        let h = 1e-4;
        let (up, at, down) = (f(x + h), f(x), f(x - h));
        ((up - down) / (2.0 * h), (up - 2.0 * at + down) / (h * h))
    }

    #[track_caller]
    fn check(name: &str, plain: &dyn Fn(f64) -> f64, dual: &dyn Fn(D64) -> D64, x: f64) {
        let found = dual(D64::lit(x).seeded(0, 1.0).seeded(1, 1.0));
        assert_eq!(found.value().to_bits(), plain(x).to_bits(), "{name}: the value");
        let (first, second) = differences(plain, x);
        for (level, found) in [1, 2].map(|set| (set, found.coefficient(set))) {
            assert!(
                (found - first).abs() < 1e-6 * first.abs().max(1.0),
                "{name}, {level}: {found}, not {first}"
            );
        }
        let found = found.coefficient(3);
        assert!((found - second).abs() < 1e-4 * second.abs().max(1.0), "{name}: {found}, not {second}");
    }

    macro_rules! functions {
        ($at:expr; $($name:ident),*) => {$(
            check(stringify!($name), &|x| x.$name(), &|x| x.$name(), $at);
        )*};
    }

    #[test]
    fn functions_have_the_derivatives_that_differences_have() {
        functions!(0.4; sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, atanh, exp, exp2, exp_m1, ln, ln_1p);
        functions!(0.4; log2, log10, sqrt, cbrt, recip, abs, fract, to_radians, to_degrees, floor, signum);
        functions!(1.7; acosh, round, trunc, ceil);
        functions!(-0.6; abs, sin, fract);
    }

    #[test]
    fn functions_of_two_numbers_have_the_derivatives_that_differences_have() {
        /// The same text over plain and over dual numbers; `c` makes a constant of a literal.
        macro_rules! functions {
            ($($name:literal: $x:ident, $c:ident => $body:expr;)*) => {$(
                {
                    let plain = |$x: f64| {
                        let $c = |x: f64| x;
                        std::convert::identity($c)(0.0);
                        $body
                    };
                    let dual = |$x: D64| {
                        let $c = D64::lit;
                        std::convert::identity($c)(0.0);
                        $body
                    };
                    check($name, &plain, &dual, 0.7);
                }
            )*};
        }
        functions! {
            "powi": x, c => x.powi(3) + x.powi(-2);
            "powf": x, c => x.powf(c(1.5)) + c(2.5).powf(x) + x.powf(x);
            "hypot": x, c => x.hypot(c(2.0)) * c(0.5).hypot(x);
            "atan2": x, c => x.atan2(c(0.25)) + c(0.5).atan2(x) + x.atan2(c(-3.0));
            "log": x, c => x.log(c(3.0)) + c(3.0).log(x + c(2.0));
            "midpoint": x, c => x.midpoint(c(2.0)) * c(0.5).midpoint(x);
            "mul_add": x, c => x.mul_add(x, x);
            "max": x, c => x.max(c(0.25)) * x + x.min(c(0.25)) * x;
            "clamp": x, c => x.clamp(c(0.0), c(0.5)) * x + x.clamp(c(0.0), c(1.0)) * x;
            "copysign": x, c => x.copysign(c(-1.0)) * x;
            "rem": x, c => (x * x) % (x + c(-0.6));
            "rem_euclid": x, c => (-x * x).rem_euclid(x) + x.div_euclid(c(0.3)) * x;
            "operators": x, c => (x + c(1.0)) * (x - c(2.0)) / (x * x + c(1.0)) - x;
        }
    }

    #[test]
    fn perturbations_are_not_confused() {
        // d/dx (x · d/dy (x + y)) at 1 is 1, not 2.
        let outer = D64::lit(1.0).seeded(0, 1.0);
        let inner = super::inside(|level| (outer + D64::lit(1.0).seeded(level + 1, 1.0)).at_level(level + 1));
        assert_eq!((outer * inner).coefficient(1), 1.0);
    }

    #[test]
    fn a_kink_is_noticed() {
        super::kink_met();
        let zero = D64::lit(0.0).seeded(0, 1.0);
        let _ = D64::lit(1.0).max(zero);
        assert!(!super::kink_met());
        let _ = D64::lit(0.0).max(D64::lit(0.0));
        assert!(!super::kink_met(), "of constants there is no derivative");
        let _ = D64::lit(0.0).max(zero);
        assert!(super::kink_met());
        assert!(!super::kink_met(), "it is told once");
    }
}
