//! Numbers with which a formula is computed: floats, and floats with a tangent, which give its derivatives.

use core::ops::{Add, Div, Mul, Neg, Sub};

/// What a formula is written in.
pub trait Num:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self>
{
    /// A constant.
    fn constant(x: f64) -> Self;
    /// Without its tangent.
    fn primal(self) -> f64;
    /// Whether it is zero, and so is its tangent.
    fn is_nothing(self) -> bool;
    /// The square root.
    fn root(self) -> Self;
    /// Sine and cosine.
    fn sine_cosine(self) -> (Self, Self);
    /// The angle of the point (x, self).
    fn angle_above(self, x: Self) -> Self;
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl Num for $float {
            #[inline]
            #[allow(clippy::cast_possible_truncation, reason = "a constant has the precision of its type")]
            fn constant(x: f64) -> Self {
                x as $float
            }
            #[inline]
            fn primal(self) -> f64 {
                f64::from(self)
            }
            #[inline]
            fn is_nothing(self) -> bool {
                self == 0.0
            }
            #[inline]
            fn root(self) -> Self {
                self.sqrt()
            }
            #[inline]
            fn sine_cosine(self) -> (Self, Self) {
                self.sin_cos()
            }
            #[inline]
            fn angle_above(self, x: Self) -> Self {
                self.atan2(x)
            }
        }
    )*};
}

floats! { f32 f64 }

/// A number and its tangent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dual<N> {
    x: N,
    /// The tangent.
    pub(crate) dot: N,
}

impl<N> Dual<N> {
    /// A number with a tangent.
    #[inline]
    pub(crate) fn new(x: N, dot: N) -> Self {
        Dual { x, dot }
    }
}

impl<N: Num> Add for Dual<N> {
    type Output = Self;
    #[inline]
    fn add(self, b: Self) -> Self {
        Dual::new(self.x + b.x, self.dot + b.dot)
    }
}

impl<N: Num> Sub for Dual<N> {
    type Output = Self;
    #[inline]
    fn sub(self, b: Self) -> Self {
        Dual::new(self.x - b.x, self.dot - b.dot)
    }
}

impl<N: Num> Mul for Dual<N> {
    type Output = Self;
    #[inline]
    fn mul(self, b: Self) -> Self {
        Dual::new(self.x * b.x, self.dot * b.x + self.x * b.dot)
    }
}

impl<N: Num> Div for Dual<N> {
    type Output = Self;
    #[inline]
    fn div(self, b: Self) -> Self {
        let y = self.x / b.x;
        Dual::new(y, (self.dot - y * b.dot) / b.x)
    }
}

impl<N: Num> Neg for Dual<N> {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Dual::new(-self.x, -self.dot)
    }
}

impl<N: Num> Num for Dual<N> {
    #[inline]
    fn constant(x: f64) -> Self {
        Dual::new(N::constant(x), N::constant(0.0))
    }
    #[inline]
    fn primal(self) -> f64 {
        self.x.primal()
    }
    #[inline]
    fn is_nothing(self) -> bool {
        self.x.is_nothing() && self.dot.is_nothing()
    }
    #[inline]
    fn root(self) -> Self {
        let y = self.x.root();
        Dual::new(y, self.dot / (y + y))
    }
    #[inline]
    fn sine_cosine(self) -> (Self, Self) {
        let (sin, cos) = self.x.sine_cosine();
        (Dual::new(sin, cos * self.dot), Dual::new(cos, -sin * self.dot))
    }
    #[inline]
    fn angle_above(self, x: Self) -> Self {
        let square = self.x * self.x + x.x * x.x;
        Dual::new(self.x.angle_above(x.x), (self.dot * x.x - self.x * x.dot) / square)
    }
}
