//! Several tangents side by side.

use crate::__private::{GenericFloat, cast_generic, flows};
use core::ops::{Add, AddAssign, Div, DivAssign, Index, IndexMut, Mul, MulAssign, Neg, Sub, SubAssign};

/// `N` tangents of one number: what `f::jvp_n` has in the place of a tangent, to differentiate along `N` directions in one
/// run of the function.
///
/// Lane `k` of a result is the derivative along lane `k` of the directions. Lanes are added, and multiplied by numbers,
/// as tangents are: a vector space of dimension `N`.
///
/// ```
/// use grad_runtime::Lanes;
///
/// let x_dot = Lanes([1.0, 0.0]);
/// let y_dot = Lanes([0.0, 1.0]);
/// assert_eq!(2.0 * x_dot - y_dot, Lanes([2.0, -1.0]));
/// assert_eq!(Lanes::<f64, 3>::unit(1), Lanes([0.0, 1.0, 0.0]));
/// ```
// Aligned as registers of two floats are: LLVM then keeps the lanes in them, and does not pair one with the primal.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(16))]
pub struct Lanes<F, const N: usize>(pub [F; N]);

impl<F: Default, const N: usize> Lanes<F, N> {
    /// No tangent in any lane.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn none() -> Self {
        Self::default()
    }
}

impl<F: GenericFloat, const N: usize> Lanes<F, N> {
    /// 1 in one lane, 0 in the others.
    ///
    /// # Panics
    /// If `lane >= N`.
    #[must_use]
    #[inline]
    pub fn unit(lane: usize) -> Self {
        let mut unit = Self::default();
        unit.0[lane] = F::__grad_number(1.0);
        unit
    }

    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn cast<To: GenericFloat>(self) -> Lanes<To, N> {
        Lanes(self.0.map(cast_generic))
    }

    /// Whether any lane is not 0.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn flows(self) -> bool {
        self.0.iter().any(|lane| flows(*lane))
    }

    /// 0 in those lanes in which `dot` is 0, whatever they were.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn where_flows(self, dot: Self) -> Self {
        Lanes(core::array::from_fn(|k| if flows(dot.0[k]) { self.0[k] } else { F::default() }))
    }
}

impl<F: Default, const N: usize> Default for Lanes<F, N> {
    #[inline]
    fn default() -> Self {
        Lanes(core::array::from_fn(|_| F::default()))
    }
}

impl<F, const N: usize> From<[F; N]> for Lanes<F, N> {
    #[inline]
    fn from(lanes: [F; N]) -> Self {
        Lanes(lanes)
    }
}

impl<F, const N: usize> Index<usize> for Lanes<F, N> {
    type Output = F;

    /// # Panics
    /// If `lane >= N`.
    #[inline]
    fn index(&self, lane: usize) -> &F {
        &self.0[lane]
    }
}

impl<F, const N: usize> IndexMut<usize> for Lanes<F, N> {
    /// # Panics
    /// If `lane >= N`.
    #[inline]
    fn index_mut(&mut self, lane: usize) -> &mut F {
        &mut self.0[lane]
    }
}

macro_rules! lanes {
    ($($float:ty)*) => {$(
        impl<const N: usize> Lanes<$float, N> {
            /// No tangent in any lane.
            pub const ZERO: Self = Lanes([0.0; N]);
        }

        impl<const N: usize> Mul<Lanes<$float, N>> for $float {
            type Output = Lanes<$float, N>;
            #[inline]
            fn mul(self, lanes: Lanes<$float, N>) -> Lanes<$float, N> {
                lanes * self
            }
        }
    )*};
}

lanes! {
    f32 f64
}

// Plain loops, all of them: from many lanes on, `map` and `from_fn` are calls that are neither inlined nor vectorised.

impl<F: GenericFloat, const N: usize> Neg for Lanes<F, N> {
    type Output = Self;
    #[inline]
    fn neg(mut self) -> Self {
        for lane in &mut self.0 {
            *lane = -*lane;
        }
        self
    }
}

impl<F: GenericFloat, const N: usize> Add for Lanes<F, N> {
    type Output = Self;
    #[inline]
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl<F: GenericFloat, const N: usize> Sub for Lanes<F, N> {
    type Output = Self;
    #[inline]
    fn sub(mut self, other: Self) -> Self {
        self -= other;
        self
    }
}

impl<F: GenericFloat, const N: usize> Mul<F> for Lanes<F, N> {
    type Output = Self;
    #[inline]
    fn mul(mut self, by: F) -> Self {
        self *= by;
        self
    }
}

impl<F: GenericFloat, const N: usize> Div<F> for Lanes<F, N> {
    type Output = Self;
    #[inline]
    fn div(mut self, by: F) -> Self {
        self /= by;
        self
    }
}

impl<F: GenericFloat, const N: usize> AddAssign for Lanes<F, N> {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        for k in 0..N {
            self.0[k] += other.0[k];
        }
    }
}

impl<F: GenericFloat, const N: usize> SubAssign for Lanes<F, N> {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        for k in 0..N {
            self.0[k] -= other.0[k];
        }
    }
}

impl<F: GenericFloat, const N: usize> MulAssign<F> for Lanes<F, N> {
    #[inline]
    fn mul_assign(&mut self, by: F) {
        for lane in &mut self.0 {
            *lane *= by;
        }
    }
}

impl<F: GenericFloat, const N: usize> DivAssign<F> for Lanes<F, N> {
    #[inline]
    fn div_assign(&mut self, by: F) {
        for lane in &mut self.0 {
            *lane /= by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_is_a_tangent_of_its_own() {
        let mut x = Lanes([1.0_f64, -2.0, 0.5]);
        let y = Lanes([4.0_f64, 0.0, -1.0]);
        assert_eq!(x + y, Lanes([5.0, -2.0, -0.5]));
        assert_eq!(x - y, Lanes([-3.0, -2.0, 1.5]));
        assert_eq!(-(2.0 * x) / 4.0, Lanes([-0.5, 1.0, -0.25]));
        x += 2.0 * y;
        x -= y;
        x *= 3.0;
        x /= 2.0;
        assert_eq!(x, Lanes([7.5, -3.0, -0.75]));
        assert_eq!((x[1], Lanes::<f32, 2>::default()[0]), (-3.0, 0.0));
    }

    #[test]
    fn what_does_not_flow_does_not_become_nan() {
        let steep = f64::INFINITY * Lanes([0.0_f64, 1.0]);
        assert!(steep[0].is_nan());
        assert_eq!(steep.where_flows(Lanes([0.0, 1.0])), Lanes([0.0, f64::INFINITY]));
        assert!(!Lanes([0.0_f64, -0.0]).flows() && Lanes([0.0, f64::NAN]).flows());
    }

    #[test]
    fn casts_round_each_lane() {
        assert_eq!(Lanes([0.1_f64, 1.0]).cast::<f32>(), Lanes([0.1_f32, 1.0]));
        assert_eq!(Lanes([0.5_f32]).cast::<f64>(), Lanes([0.5_f64]));
    }
}
