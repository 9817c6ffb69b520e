//! The tangent of an isometry: that of its rotation, and that of its translation.

use crate::__private::matrix::{Space, Value};
use crate::__private::{
    Accumulate, Again, Blank, Checked, Clear, EachLane, Entries, Followed, Gone, Inner, Keep, LanesLike,
    Merge, NoSeed, Restore, Scale, Unread, ZerosLike, no_entry,
};
use crate::{Differentiable, Scalar};

/// The tangent of an isometry of nalgebra, and its cotangent: of `Isometry3<f64>`, of the quaternion as (i, j, k, w), and of the
/// translation; of `Isometry2<f64>`, of the complex number as (re, im).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IsometryTangent<R, V> {
    /// That of the rotation.
    pub rotation: R,
    /// That of the translation.
    pub translation: V,
}

impl<R, V> IsometryTangent<R, V> {
    /// Of both.
    #[inline]
    pub fn new(rotation: R, translation: V) -> Self {
        IsometryTangent { rotation, translation }
    }
}

impl<R: ZerosLike, V: ZerosLike> ZerosLike for IsometryTangent<R, V> {
    type Zeros = IsometryTangent<R::Zeros, V::Zeros>;
    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        IsometryTangent::new(self.rotation.__grad_zeros_like(), self.translation.__grad_zeros_like())
    }
}

impl<R: LanesLike<N>, V: LanesLike<N>, const N: usize> LanesLike<N> for IsometryTangent<R, V> {
    type Lanes = IsometryTangent<R::Lanes, V::Lanes>;
    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        IsometryTangent::new(self.rotation.__grad_lanes_like(), self.translation.__grad_lanes_like())
    }
}

impl<R: EachLane, V: EachLane> EachLane for IsometryTangent<R, V> {
    type One = IsometryTangent<R::One, V::One>;
    const COUNT: Option<usize> = crate::__private::add_counts(&[R::COUNT, V::COUNT]);
    #[inline]
    fn lane(&self, lane: usize) -> Self::One {
        IsometryTangent::new(self.rotation.lane(lane), self.translation.lane(lane))
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Self::One) {
        self.rotation.set_lane(lane, &one.rotation);
        self.translation.set_lane(lane, &one.translation);
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        let before = self.rotation.set_entry(at, lane, value);
        before + self.translation.set_entry(at.wrapping_sub(before), lane, value)
    }
}

impl<R: Accumulate<R>, V: Accumulate<V>> Accumulate<Self> for IsometryTangent<R, V> {
    #[inline]
    fn __grad_accumulate(&mut self, from: &Self) {
        self.rotation.__grad_accumulate(&from.rotation);
        self.translation.__grad_accumulate(&from.translation);
    }
}

impl<R: Accumulate<R>, V: Accumulate<V>> Merge<Self> for IsometryTangent<R, V> {
    #[inline]
    fn __grad_merge(&mut self, cotangent: Self) {
        self.__grad_accumulate(&cotangent);
    }
}

impl<R: Clear, V: Clear> Clear for IsometryTangent<R, V> {
    #[inline]
    fn __grad_clear(&mut self) {
        self.rotation.__grad_clear();
        self.translation.__grad_clear();
    }
}

impl<R: Scale<By>, V: Scale<By>, By: Copy> Scale<By> for IsometryTangent<R, V> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.rotation.__grad_scale(by);
        self.translation.__grad_scale(by);
    }
}

impl<R: Inner<R>, V: Inner<V>> Inner<Self> for IsometryTangent<R, V> {
    #[inline]
    fn __grad_inner(&self, other: &Self) -> f64 {
        self.rotation.__grad_inner(&other.rotation) + self.translation.__grad_inner(&other.translation)
    }
}

impl<R: Clone, V: Clone> Restore for IsometryTangent<R, V> {
    #[inline]
    fn restore(&mut self, old: &Self) {
        self.clone_from(old);
    }
}

impl<R, V> Again for IsometryTangent<R, V> {
    type Again = Gone;
    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<R: Clone, V: Clone> Keep<Self> for IsometryTangent<R, V> {
    #[inline]
    fn __grad_keep(x: &Self) -> Self {
        x.clone()
    }
}

impl<R: NoSeed, V: NoSeed> NoSeed for IsometryTangent<R, V> {
    #[inline]
    fn no_seed() -> Self {
        IsometryTangent::new(R::no_seed(), V::no_seed())
    }
}

impl<R: Blank, V: Blank> Blank for IsometryTangent<R, V> {
    #[inline]
    fn __grad_blank() -> Self {
        IsometryTangent::new(R::__grad_blank(), V::__grad_blank())
    }
}

impl<R: Unread, V: Unread> Unread for IsometryTangent<R, V> {
    #[inline]
    fn __grad_unread() -> Self {
        IsometryTangent::new(R::__grad_unread(), V::__grad_unread())
    }
}

impl<R, V> Checked for IsometryTangent<R, V> {
    type It = Self;
    #[inline]
    fn checked(self) -> Self {
        self
    }
}

impl<R, V> Followed for IsometryTangent<R, V> {}

impl<R: Entries, V: Entries> Entries for IsometryTangent<R, V> {
    type Rows<G> = IsometryTangent<R::Rows<G>, V::Rows<G>>;
    const COUNT: Option<usize> = crate::__private::add_counts(&[R::COUNT, V::COUNT]);
    #[inline]
    fn count(&self) -> usize {
        self.rotation.count() + self.translation.count()
    }
    #[inline]
    fn entry(&self, at: usize) -> f64 {
        let before = self.rotation.count();
        if at < before { self.rotation.entry(at) } else { self.translation.entry(at - before) }
    }
    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        let before = self.rotation.count();
        if at < before {
            self.rotation.set_entry(at, value);
        } else {
            self.translation.set_entry(at - before, value);
        }
    }
    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Self::Rows<G> {
        IsometryTangent::new(self.rotation.rows(row), self.translation.rows(row))
    }
    #[inline]
    fn count_rows<G>(rows: &Self::Rows<G>) -> usize {
        R::count_rows(&rows.rotation) + V::count_rows(&rows.translation)
    }
    #[inline]
    fn row<G>(rows: &mut Self::Rows<G>, at: usize) -> &mut G {
        let before = R::count_rows(&rows.rotation);
        match at.checked_sub(before) {
            None => R::row(&mut rows.rotation, at),
            Some(at) if at < V::count_rows(&rows.translation) => V::row(&mut rows.translation, at),
            Some(beyond) => no_entry(beyond),
        }
    }
}

impl<R, V> Differentiable for IsometryTangent<R, V>
where
    R: Differentiable<Tangent = R> + Clone,
    V: Differentiable<Tangent = V> + Clone,
{
    type Tangent = Self;

    #[inline]
    fn zero_tangent(&self) -> Self {
        IsometryTangent::new(self.rotation.zero_tangent(), self.translation.zero_tangent())
    }

    #[inline]
    fn add_scaled(&mut self, scale: f64, tangent: &Self) {
        self.rotation.add_scaled(scale, &tangent.rotation);
        self.translation.add_scaled(scale, &tangent.translation);
    }

    #[inline]
    fn inner(a: &Self, b: &Self) -> f64 {
        R::inner(&a.rotation, &b.rotation) + V::inner(&a.translation, &b.translation)
    }

    #[inline]
    fn dim(&self) -> usize {
        self.rotation.dim() + self.translation.dim()
    }

    #[inline]
    fn flatten_into<X: Scalar>(&self, flat: &mut [X]) -> usize {
        let done = self.rotation.flatten_into(flat);
        done + self.translation.flatten_into(&mut flat[done..])
    }

    #[inline]
    fn unflatten_from<X: Scalar>(&mut self, flat: &[X]) -> usize {
        let done = self.rotation.unflatten_from(flat);
        done + self.translation.unflatten_from(&flat[done..])
    }
}

impl<R: Space, V: Space> Value for IsometryTangent<R, V> {
    type Tangent = Self;
    type Own = Self;

    #[inline]
    fn lanes<const N: usize>(&self) -> <Self as Space>::Lanes<N> {
        IsometryTangent::new(self.rotation.lanes(), self.translation.lanes())
    }
}

impl<R: Space, V: Space> Space for IsometryTangent<R, V> {
    type Lanes<const N: usize> = IsometryTangent<R::Lanes<N>, V::Lanes<N>>;
}
