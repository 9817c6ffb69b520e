//! Tangents side by side, in the shape of what they are tangents of: a [`Lanes`] in the place of every float.

use super::jacobian::add;
use super::{Accumulate, Clear, GenericFloat, Merge, Scale, ZerosLike, accumulate_scaled};
use crate::Lanes;
use alloc::string::String;
use alloc::vec::Vec;

/// Has a tangent of `N` lanes.
pub trait LanesLike<const N: usize> {
    /// The owned form of the same shape, with lanes in the place of floats.
    type Lanes;
    /// No tangent, in the shape of `self`.
    fn __grad_lanes_like(&self) -> Self::Lanes;
}

/// Lanes in some shape, of which one can be taken out.
pub trait EachLane {
    /// The same shape with floats in the place of lanes.
    type One;
    /// The number of entries, where the type tells.
    const COUNT: Option<usize>;
    /// The tangent in a lane.
    fn lane(&self, lane: usize) -> Self::One;
    /// Sets the tangent in a lane.
    ///
    /// # Panics
    /// If the shapes differ.
    fn set_lane(&mut self, lane: usize, one: &Self::One);
    /// Sets one entry in a lane, if there is one, and returns how many entries there are.
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize;
}

/// No tangent, in the shape of `x`; references are looked through.
#[inline]
pub fn lanes_like<T: LanesLike<N> + ?Sized, const N: usize>(x: &T) -> T::Lanes {
    x.__grad_lanes_like()
}

/// The tangents of a slice side by side, or none where they are absent.
#[inline]
pub fn present_n<'a, D, X: LanesLike<N, Lanes = Vec<D>> + ?Sized, const N: usize>(
    dot: Option<&'a [D]>,
    x: &X,
    absent: &'a mut Vec<D>,
) -> &'a [D] {
    dot.unwrap_or_else(|| {
        *absent = lanes_like(x);
        absent
    })
}

/// Sets entry `first + k` in lane k, where there is one: the directions of that many coordinates, side by side.
///
/// Coordinates of what comes before are counted below zero, round the end of the numbers.
#[inline]
pub fn set_directions<T: EachLane>(dots: &mut T, first: usize, lanes: usize, to: f64) {
    for lane in 0..lanes {
        dots.set_entry(first.wrapping_add(lane), lane, to);
    }
}

/// Value and tangents of a function that has one tangent at a time: once for each lane.
///
/// # Panics
/// If there is no lane.
#[inline]
pub fn lane_by_lane<V, One: LanesLike<N>, const N: usize>(
    mut of_lane: impl FnMut(usize) -> (V, One),
) -> (V, One::Lanes)
where
    One::Lanes: EachLane<One = One>,
{
    const {
        assert!(
            N > 0,
            "a rule of your own, and a derivative inside of a function, run once for each direction: there is none"
        )
    };
    let (value, first) = of_lane(0);
    let mut lanes = first.__grad_lanes_like();
    lanes.set_lane(0, &first);
    for lane in 1..N {
        lanes.set_lane(lane, &of_lane(lane).1);
    }
    (value, lanes)
}

/// In every lane k, `to += by[k] · from`.
///
/// # Panics
/// If the shapes differ.
#[inline]
pub fn accumulate_outer<To, By, From, const N: usize>(to: &mut To, by: Lanes<By, N>, from: &From)
where
    To: EachLane + ?Sized,
    To::One: Accumulate<From>,
    From: Scale<By> + Clone,
    By: Copy,
{
    for (lane, by) in by.0.into_iter().enumerate() {
        let mut one = to.lane(lane);
        accumulate_scaled(&mut one, by, from.clone());
        to.set_lane(lane, &one);
    }
}

/// Can be given its old content again.
pub trait Restore {
    /// `*self = old`
    fn restore(&mut self, old: &Self);
}

/// `*x = old`
#[inline]
pub fn restore<T: Restore + ?Sized>(x: &mut T, old: &T) {
    x.restore(old);
}

impl<T: Clone> Restore for [T] {
    #[inline]
    fn restore(&mut self, old: &[T]) {
        self.clone_from_slice(old);
    }
}

impl<T: Clone, const M: usize> Restore for [T; M] {
    #[inline]
    fn restore(&mut self, old: &[T; M]) {
        self.clone_from(old);
    }
}

impl<T: Clone> Restore for Vec<T> {
    #[inline]
    fn restore(&mut self, old: &Vec<T>) {
        self.clone_from(old);
    }
}

#[inline]
#[track_caller]
fn check_lengths(lanes: usize, one: usize) {
    assert!(lanes == one, "a tangent of {one} elements does not fit one of {lanes}");
}

macro_rules! floats {
    ($($float:ident)*) => {$(
        impl<const N: usize> LanesLike<N> for $float {
            type Lanes = Lanes<$float, N>;
            #[inline]
            fn __grad_lanes_like(&self) -> Lanes<$float, N> {
                Lanes::<$float, N>::ZERO
            }
        }
    )*};
}

floats! { f32 f64 }

impl<F: GenericFloat, const N: usize> LanesLike<N> for Lanes<F, N> {
    type Lanes = Lanes<F, N>;
    #[inline]
    fn __grad_lanes_like(&self) -> Lanes<F, N> {
        Self::default()
    }
}

impl<F: GenericFloat, const N: usize> EachLane for Lanes<F, N> {
    type One = F;
    const COUNT: Option<usize> = Some(1);
    #[inline]
    fn lane(&self, lane: usize) -> F {
        self.0[lane]
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &F) {
        self.0[lane] = *one;
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        if at == 0 {
            self.0[lane] = F::__grad_number(value);
        }
        1
    }
}

impl<F: GenericFloat, const N: usize> ZerosLike for Lanes<F, N> {
    type Zeros = Self;
    #[inline]
    fn __grad_zeros_like(&self) -> Self {
        Self::default()
    }
}

impl<F: GenericFloat, const N: usize> Accumulate<Lanes<F, N>> for Lanes<F, N> {
    #[inline]
    fn __grad_accumulate(&mut self, from: &Self) {
        *self += *from;
    }
}

impl<F: GenericFloat + Scale<By>, By: Copy, const N: usize> Scale<By> for Lanes<F, N> {
    #[inline]
    fn __grad_scale(&mut self, by: By) {
        self.0.iter_mut().for_each(|lane| lane.__grad_scale(by));
    }
}

impl<F: GenericFloat, const N: usize> Merge<Lanes<F, N>> for Lanes<F, N> {
    #[inline]
    fn __grad_merge(&mut self, cotangent: Self) {
        *self += cotangent;
    }
}

impl<F: GenericFloat, const N: usize> Clear for Lanes<F, N> {
    #[inline]
    fn __grad_clear(&mut self) {
        *self = Self::default();
    }
}

macro_rules! without_floats {
    ($($ty:ty)*) => {$(
        impl<const N: usize> LanesLike<N> for $ty {
            type Lanes = ();
            #[inline]
            fn __grad_lanes_like(&self) {}
        }
    )*};
}

without_floats! { () bool char str String u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl EachLane for () {
    type One = ();
    const COUNT: Option<usize> = Some(0);
    #[inline]
    fn lane(&self, _: usize) {}
    #[inline]
    fn set_lane(&mut self, _: usize, (): &()) {}
    #[inline]
    fn set_entry(&mut self, _: usize, _: usize, _: f64) -> usize {
        0
    }
}

impl<T: LanesLike<N> + ?Sized, const N: usize> LanesLike<N> for &T {
    type Lanes = T::Lanes;
    #[inline]
    fn __grad_lanes_like(&self) -> T::Lanes {
        T::__grad_lanes_like(self)
    }
}

impl<T: LanesLike<N> + ?Sized, const N: usize> LanesLike<N> for &mut T {
    type Lanes = T::Lanes;
    #[inline]
    fn __grad_lanes_like(&self) -> T::Lanes {
        T::__grad_lanes_like(self)
    }
}

impl<T: LanesLike<N>, const N: usize> LanesLike<N> for [T] {
    type Lanes = Vec<T::Lanes>;
    #[inline]
    fn __grad_lanes_like(&self) -> Vec<T::Lanes> {
        self.iter().map(T::__grad_lanes_like).collect()
    }
}

impl<T: LanesLike<N>, const N: usize> LanesLike<N> for Vec<T> {
    type Lanes = Vec<T::Lanes>;
    #[inline]
    fn __grad_lanes_like(&self) -> Vec<T::Lanes> {
        self.as_slice().__grad_lanes_like()
    }
}

impl<T: LanesLike<N>, const N: usize, const M: usize> LanesLike<N> for [T; M] {
    type Lanes = [T::Lanes; M];
    #[inline]
    fn __grad_lanes_like(&self) -> [T::Lanes; M] {
        core::array::from_fn(|k| self[k].__grad_lanes_like())
    }
}

#[inline]
fn set_entry_of<T: EachLane>(elements: &mut [T], at: usize, lane: usize, value: f64) -> usize {
    if let Some(each) = T::COUNT {
        let element = at.checked_div(each).and_then(|k| elements.get_mut(k));
        if let Some(element) = element {
            element.set_entry(at % each, lane, value);
        }
        return each * elements.len();
    }
    let mut before = 0;
    for element in elements {
        before += element.set_entry(at.wrapping_sub(before), lane, value);
    }
    before
}

impl<T: EachLane> EachLane for Vec<T> {
    type One = Vec<T::One>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn lane(&self, lane: usize) -> Vec<T::One> {
        self.as_slice().lane(lane)
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Vec<T::One>) {
        self.as_mut_slice().set_lane(lane, one);
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        set_entry_of(self, at, lane, value)
    }
}

impl<T: EachLane> EachLane for [T] {
    type One = Vec<T::One>;
    const COUNT: Option<usize> = None;
    #[inline]
    fn lane(&self, lane: usize) -> Vec<T::One> {
        self.iter().map(|element| element.lane(lane)).collect()
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &Vec<T::One>) {
        check_lengths(self.len(), one.len());
        self.iter_mut().zip(one).for_each(|(element, one)| element.set_lane(lane, one));
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        set_entry_of(self, at, lane, value)
    }
}

impl<T: EachLane, const M: usize> EachLane for [T; M] {
    type One = [T::One; M];
    const COUNT: Option<usize> = match T::COUNT {
        Some(count) => Some(count * M),
        None => None,
    };
    #[inline]
    fn lane(&self, lane: usize) -> [T::One; M] {
        core::array::from_fn(|k| self[k].lane(lane))
    }
    #[inline]
    fn set_lane(&mut self, lane: usize, one: &[T::One; M]) {
        self.iter_mut().zip(one).for_each(|(element, one)| element.set_lane(lane, one));
    }
    #[inline]
    fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
        set_entry_of(self, at, lane, value)
    }
}

macro_rules! tuples {
    ($($($T:ident $k:tt)*;)*) => {$(
        impl<$($T: LanesLike<LANES>,)* const LANES: usize> LanesLike<LANES> for ($($T,)*) {
            type Lanes = ($($T::Lanes,)*);
            #[inline]
            fn __grad_lanes_like(&self) -> Self::Lanes {
                ($(self.$k.__grad_lanes_like(),)*)
            }
        }

        impl<$($T: EachLane),*> EachLane for ($($T,)*) {
            type One = ($($T::One,)*);
            const COUNT: Option<usize> = add(&[$($T::COUNT),*]);
            #[inline]
            fn lane(&self, lane: usize) -> Self::One {
                ($(self.$k.lane(lane),)*)
            }
            #[inline]
            fn set_lane(&mut self, lane: usize, one: &Self::One) {
                $(self.$k.set_lane(lane, &one.$k);)*
            }
            #[inline]
            fn set_entry(&mut self, at: usize, lane: usize, value: f64) -> usize {
                let mut before = 0;
                $(before += self.$k.set_entry(at.wrapping_sub(before), lane, value);)*
                before
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_have_the_shape_of_their_primal() {
        let x = (1.0_f64, vec![[2.0_f32; 2]; 2], 7_usize);
        let mut lanes: (Lanes<f64, 3>, Vec<[Lanes<f32, 3>; 2]>, ()) = lanes_like(&x);
        let one = (1.0, vec![[2.0, 3.0], [4.0, 5.0]], ());
        lanes.set_lane(1, &one);
        assert_eq!(lanes.lane(1), one);
        assert_eq!(lanes.lane(2), (0.0, vec![[0.0; 2]; 2], ()));
    }

    #[test]
    fn entries_are_counted_over_the_whole_shape() {
        let x = (1.0_f64, vec![[2.0_f64; 2]; 2], 7_usize, 3.0_f64);
        let mut lanes = lanes_like::<_, 2>(&x);
        assert_eq!(lanes.set_entry(3, 0, 1.0), 6);
        lanes.set_entry(5, 1, 1.0);
        assert_eq!(lanes.lane(0), (0.0, vec![[0.0, 0.0], [1.0, 0.0]], (), 0.0));
        assert_eq!(lanes.lane(1), (0.0, vec![[0.0; 2]; 2], (), 1.0));
    }
}
