//! Dual numbers v + d ε with ε² = 0, over any numbers, so also over themselves.
//!
//! Each function says its derivative by functions of one level below: the textbook's rule once, and all orders follow.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// What the rules of [`Dual`] need of the numbers below.
pub(crate) trait Real:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    fn lift(value: f64) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn sinh(self) -> Self;
    fn cosh(self) -> Self;
    fn sqrt(self) -> Self;
    fn cbrt(self) -> Self;
    fn asin(self) -> Self;
    fn atan(self) -> Self;
    fn asinh(self) -> Self;
    fn acosh(self) -> Self;
    fn atanh(self) -> Self;
}

macro_rules! natively {
    ($($name:ident)*) => {
        impl Real for f64 {
            fn lift(value: f64) -> f64 {
                value
            }
            $(fn $name(self) -> f64 {
                f64::$name(self)
            })*
        }
    };
}
natively!(exp ln sin cos sinh cosh sqrt cbrt asin atan asinh acosh atanh);

#[derive(Clone, Copy)]
pub(crate) struct Dual<T> {
    pub(crate) v: T,
    pub(crate) d: T,
}

impl<T: Real> Dual<T> {
    fn chain(self, value: T, slope: T) -> Self {
        Dual { v: value, d: slope * self.d }
    }
}

impl<T: Real> Add for Dual<T> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Dual { v: self.v + other.v, d: self.d + other.d }
    }
}

impl<T: Real> Sub for Dual<T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Dual { v: self.v - other.v, d: self.d - other.d }
    }
}

impl<T: Real> Mul for Dual<T> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Dual { v: self.v * other.v, d: self.d * other.v + self.v * other.d }
    }
}

impl<T: Real> Div for Dual<T> {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let ratio = self.v / other.v;
        Dual { v: ratio, d: (self.d - ratio * other.d) / other.v }
    }
}

impl<T: Real> Neg for Dual<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Dual { v: -self.v, d: -self.d }
    }
}

impl<T: Real> Real for Dual<T> {
    fn lift(value: f64) -> Self {
        Dual { v: T::lift(value), d: T::lift(0.0) }
    }
    fn exp(self) -> Self {
        self.chain(self.v.exp(), self.v.exp())
    }
    fn ln(self) -> Self {
        self.chain(self.v.ln(), T::lift(1.0) / self.v)
    }
    fn sin(self) -> Self {
        self.chain(self.v.sin(), self.v.cos())
    }
    fn cos(self) -> Self {
        self.chain(self.v.cos(), -self.v.sin())
    }
    fn sinh(self) -> Self {
        self.chain(self.v.sinh(), self.v.cosh())
    }
    fn cosh(self) -> Self {
        self.chain(self.v.cosh(), self.v.sinh())
    }
    fn sqrt(self) -> Self {
        self.chain(self.v.sqrt(), T::lift(0.5) / self.v.sqrt())
    }
    fn cbrt(self) -> Self {
        let root = self.v.cbrt();
        self.chain(root, T::lift(1.0 / 3.0) / (root * root))
    }
    fn asin(self) -> Self {
        self.chain(self.v.asin(), T::lift(1.0) / (T::lift(1.0) - self.v * self.v).sqrt())
    }
    fn atan(self) -> Self {
        self.chain(self.v.atan(), T::lift(1.0) / (T::lift(1.0) + self.v * self.v))
    }
    fn asinh(self) -> Self {
        self.chain(self.v.asinh(), T::lift(1.0) / (self.v * self.v + T::lift(1.0)).sqrt())
    }
    fn acosh(self) -> Self {
        self.chain(self.v.acosh(), T::lift(1.0) / (self.v * self.v - T::lift(1.0)).sqrt())
    }
    fn atanh(self) -> Self {
        self.chain(self.v.atanh(), T::lift(1.0) / (T::lift(1.0) - self.v * self.v))
    }
}
