//! Tangents of an `Option` and of a `Box`: those of what is inside, in the same form.
//!
//! `None` has the tangent `None`. Where one is `None` and the other is not, that is a mistake of the caller's, as two
//! lengths that differ are.

use super::{
    Accumulate, Again, Clear, EachLane, Entries, Gone, Inner, Keep, LanesLike, Merge, Scale, ZerosLike,
    other_variant,
};
use crate::{Differentiable, Scalar};
use alloc::boxed::Box;
use core::ops::{Index, IndexMut};

/// Index of what is in an `Option`: a place that can be read and written as an element of a sequence can.
#[derive(Clone, Copy, Debug)]
pub struct Inside;

impl<T> Index<Inside> for Option<T> {
    type Output = T;

    #[inline]
    #[track_caller]
    fn index(&self, _: Inside) -> &T {
        match self {
            Some(x) => x,
            None => super::other_variant(),
        }
    }
}

impl<T> IndexMut<Inside> for Option<T> {
    #[inline]
    #[track_caller]
    fn index_mut(&mut self, _: Inside) -> &mut T {
        match self {
            Some(x) => x,
            None => super::other_variant(),
        }
    }
}

/// Index of a field of a variant of an enum, which the derive implements: the number is that of its name.
#[derive(Clone, Copy, Debug)]
pub struct InVariant<const NAME: u64>;

/// The number of a name such as `Circle.radius`. Two fields of one enum with the same would be an error of rustc's.
#[must_use]
pub const fn in_variant(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

impl<T: Differentiable> Differentiable for Option<T> {
    type Tangent = Option<T::Tangent>;

    fn zero_tangent(&self) -> Self::Tangent {
        self.as_ref().map(T::zero_tangent)
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        match (self, tangent) {
            (Some(x), Some(tangent)) => x.add_scaled(scale, tangent),
            (None, None) => {}
            _ => other_variant(),
        }
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        match (a, b) {
            (Some(a), Some(b)) => T::inner(a, b),
            (None, None) => 0.0,
            _ => other_variant(),
        }
    }

    fn dim(&self) -> usize {
        self.as_ref().map_or(0, T::dim)
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        self.as_ref().map_or(0, |x| x.flatten_into(flat))
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        self.as_mut().map_or(0, |x| x.unflatten_from(flat))
    }
}

impl<T: Differentiable> Differentiable for Box<T> {
    type Tangent = Box<T::Tangent>;

    fn zero_tangent(&self) -> Self::Tangent {
        Box::new((**self).zero_tangent())
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        (**self).add_scaled(scale, tangent);
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        T::inner(a, b)
    }

    fn dim(&self) -> usize {
        (**self).dim()
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        (**self).flatten_into(flat)
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        (**self).unflatten_from(flat)
    }
}

impl<T: ZerosLike> ZerosLike for Option<T> {
    type Zeros = Option<T::Zeros>;

    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        self.as_ref().map(T::__grad_zeros_like)
    }
}

impl<T: ZerosLike> ZerosLike for Box<T> {
    type Zeros = Box<T::Zeros>;

    #[inline]
    fn __grad_zeros_like(&self) -> Self::Zeros {
        Box::new((**self).__grad_zeros_like())
    }
}

impl<To: Accumulate<From>, From> Accumulate<Option<From>> for Option<To> {
    #[inline]
    fn __grad_accumulate(&mut self, from: &Option<From>) {
        match (self, from) {
            (Some(to), Some(from)) => to.__grad_accumulate(from),
            (None, None) => {}
            _ => other_variant(),
        }
    }
}

impl<To: Accumulate<From>, From> Accumulate<Box<From>> for Box<To> {
    #[inline]
    fn __grad_accumulate(&mut self, from: &Box<From>) {
        (**self).__grad_accumulate(&**from);
    }
}

impl<T: Accumulate<T>> Merge<Option<T>> for Option<T> {
    #[inline]
    fn __grad_merge(&mut self, cotangent: Option<T>) {
        self.__grad_accumulate(&cotangent);
    }
}

impl<T: Accumulate<T>> Merge<Box<T>> for Box<T> {
    #[inline]
    fn __grad_merge(&mut self, cotangent: Box<T>) {
        (**self).__grad_accumulate(&*cotangent);
    }
}

impl<T: Clear> Clear for Option<T> {
    #[inline]
    fn __grad_clear(&mut self) {
        self.iter_mut().for_each(T::__grad_clear);
    }
}

impl<T: Clear> Clear for Box<T> {
    #[inline]
    fn __grad_clear(&mut self) {
        (**self).__grad_clear();
    }
}

impl<T: Scale<By>, By: Copy> Scale<By> for Option<T> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.iter_mut().for_each(|x| x.__grad_scale(by));
    }
}

impl<T: Scale<By>, By: Copy> Scale<By> for Box<T> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        (**self).__grad_scale(by);
    }
}

impl<T: Inner<U>, U> Inner<Option<U>> for Option<T> {
    #[inline]
    fn __grad_inner(&self, other: &Option<U>) -> f64 {
        match (self, other) {
            (Some(a), Some(b)) => a.__grad_inner(b),
            (None, None) => 0.0,
            _ => other_variant(),
        }
    }
}

impl<T: Inner<U>, U> Inner<Box<U>> for Box<T> {
    #[inline]
    fn __grad_inner(&self, other: &Box<U>) -> f64 {
        (**self).__grad_inner(&**other)
    }
}

impl<T: LanesLike<N>, const N: usize> LanesLike<N> for Option<T> {
    type Lanes = Option<T::Lanes>;

    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        self.as_ref().map(T::__grad_lanes_like)
    }
}

impl<T: LanesLike<N>, const N: usize> LanesLike<N> for Box<T> {
    type Lanes = Box<T::Lanes>;

    #[inline]
    fn __grad_lanes_like(&self) -> Self::Lanes {
        Box::new((**self).__grad_lanes_like())
    }
}

impl<T: EachLane> EachLane for Option<T> {
    type One = Option<T::One>;
    const COUNT: Option<usize> = None;

    #[inline]
    fn lane(&self, lane: usize) -> Self::One {
        self.as_ref().map(|x| x.lane(lane))
    }

    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Self::One) {
        match (self, one) {
            (Some(x), Some(one)) => x.set_lane(lane, one),
            (None, None) => {}
            _ => other_variant(),
        }
    }

    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        self.as_mut().map_or(0, |x| x.set_entry(at, lane, value))
    }
}

impl<T: EachLane> EachLane for Box<T> {
    type One = Box<T::One>;
    const COUNT: Option<usize> = T::COUNT;

    #[inline]
    fn lane(&self, lane: usize) -> Self::One {
        Box::new((**self).lane(lane))
    }

    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Self::One) {
        (**self).set_lane(lane, one);
    }

    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        (**self).set_entry(at, lane, value)
    }
}

impl<T: Entries> Entries for Option<T> {
    type Rows<G> = Option<T::Rows<G>>;
    const COUNT: Option<usize> = None;

    #[inline]
    fn count(&self) -> usize {
        self.as_ref().map_or(0, T::count)
    }

    #[inline]
    fn entry(&self, at: usize) -> f64 {
        self.as_ref().map_or_else(|| super::no_entry(at), |x| x.entry(at))
    }

    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        match self {
            Some(x) => x.set_entry(at, value),
            None => super::no_entry(at),
        }
    }

    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Self::Rows<G> {
        self.as_ref().map(|x| x.rows(row))
    }

    #[inline]
    fn count_rows<G>(rows: &Self::Rows<G>) -> usize {
        rows.as_ref().map_or(0, T::count_rows::<G>)
    }

    #[inline]
    fn row<G>(rows: &mut Self::Rows<G>, at: usize) -> &mut G {
        match rows {
            Some(rows) => T::row(rows, at),
            None => super::no_entry(at),
        }
    }
}

impl<T: Entries> Entries for Box<T> {
    type Rows<G> = Box<T::Rows<G>>;
    const COUNT: Option<usize> = T::COUNT;

    #[inline]
    fn count(&self) -> usize {
        (**self).count()
    }

    #[inline]
    fn entry(&self, at: usize) -> f64 {
        (**self).entry(at)
    }

    #[inline]
    fn set_entry(&mut self, at: usize, value: f64) {
        (**self).set_entry(at, value);
    }

    #[inline]
    fn rows<G>(&self, row: &mut impl FnMut() -> G) -> Self::Rows<G> {
        Box::new((**self).rows(row))
    }

    #[inline]
    fn count_rows<G>(rows: &Self::Rows<G>) -> usize {
        T::count_rows::<G>(rows)
    }

    #[inline]
    fn row<G>(rows: &mut Self::Rows<G>, at: usize) -> &mut G {
        T::row(rows, at)
    }
}

impl<T> Again for Option<T> {
    type Again = Gone;

    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<T> Again for Box<T> {
    type Again = Gone;

    #[inline]
    fn __grad_again(&self) -> Gone {
        Gone
    }
}

impl<T: Clone> Keep<Option<T>> for Option<T> {
    #[inline]
    fn __grad_keep(x: &Option<T>) -> Option<T> {
        x.clone()
    }
}

impl<T: Clone> Keep<Box<T>> for Box<T> {
    #[inline]
    fn __grad_keep(x: &Box<T>) -> Box<T> {
        x.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{accumulate, clear, zeros_like};
    use crate::Differentiable;

    type Tree = (Option<Vec<f64>>, Option<f64>, Box<[f32; 2]>);

    fn tree() -> Tree {
        (Some(vec![1.0, 2.0]), None, Box::new([3.0, 4.0]))
    }

    #[test]
    fn what_is_inside_is_followed() {
        let mut x = tree();
        assert_eq!((x.dim(), x.flatten::<f64>()), (4, vec![1.0, 2.0, 3.0, 4.0]));
        let step = (Some(vec![10.0, 0.0]), None, Box::new([0.0, 2.0]));
        x.add_scaled(0.5, &step);
        assert_eq!(x, (Some(vec![6.0, 2.0]), None, Box::new([3.0, 5.0])));
        assert_eq!(Tree::inner(&step, &step), 104.0);
        let mut sum = zeros_like(&x);
        accumulate(&mut sum, &step);
        accumulate(&mut sum, &step);
        assert_eq!(sum, (Some(vec![20.0, 0.0]), None, Box::new([0.0, 4.0])));
        clear(&mut sum);
        assert_eq!(sum, x.zero_tangent());
    }

    #[test]
    fn none_and_some_differ_in_shape() {
        let mut x = Some(1.0);
        assert!(std::panic::catch_unwind(move || x.add_scaled(1.0, &None)).is_err());
        assert!(std::panic::catch_unwind(|| accumulate(&mut None::<f64>, &Some(1.0))).is_err());
    }
}
