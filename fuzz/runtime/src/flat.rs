//! Arguments, results and cotangents of any shape as rows of numbers.

use crate::number::{D32, D64};
use grad::Lanes;

/// What a function returned: its floats from left to right, and everything in it bit for bit, lengths included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    pub floats: Vec<f64>,
    pub bits: Vec<u64>,
}

impl Observed {
    /// What the parts are made of, one behind the other.
    pub fn of(parts: &[&dyn Observe]) -> Observed {
        let mut observed = Observed::default();
        for part in parts {
            part.observe(&mut observed);
        }
        observed
    }
}

/// The floats of the parts, one behind the other.
pub fn floats(parts: &[&dyn Observe]) -> Vec<f64> {
    Observed::of(parts).floats
}

pub trait Observe {
    fn observe(&self, into: &mut Observed);
}

impl Observe for f64 {
    fn observe(&self, into: &mut Observed) {
        into.floats.push(*self);
        into.bits.push(self.to_bits());
    }
}

impl Observe for f32 {
    fn observe(&self, into: &mut Observed) {
        into.floats.push(f64::from(*self));
        into.bits.push(u64::from(self.to_bits()));
    }
}

macro_rules! observe_without_floats {
    ($($ty:ty: $self:ident => $bits:expr;)*) => {$(
        impl Observe for $ty {
            fn observe(&$self, into: &mut Observed) {
                into.bits.extend($bits);
            }
        }
    )*};
}

observe_without_floats! {
    (): self => [0_u64; 0];
    bool: self => [u64::from(*self)];
    usize: self => [*self as u64];
    i32: self => [u64::from(self.cast_unsigned())];
}

impl<T: Observe> Observe for [T] {
    fn observe(&self, into: &mut Observed) {
        into.bits.push(self.len() as u64);
        for value in self {
            value.observe(into);
        }
    }
}

impl<T: Observe> Observe for Vec<T> {
    fn observe(&self, into: &mut Observed) {
        self[..].observe(into);
    }
}

impl<T: Observe, const N: usize> Observe for [T; N] {
    fn observe(&self, into: &mut Observed) {
        for value in self {
            value.observe(into);
        }
    }
}

/// Tangents side by side, one lane after the other for each number.
impl<const N: usize> Observe for Lanes<f64, N> {
    fn observe(&self, into: &mut Observed) {
        self.0.observe(into);
    }
}

impl<const N: usize> Observe for Lanes<f32, N> {
    fn observe(&self, into: &mut Observed) {
        self.0.observe(into);
    }
}

/// What a seed for a result looks like: the same shape, without what holds no floats.
pub trait Seeded {
    type Bar;
    fn bar(&self, from: &mut Numbers) -> Self::Bar;
}

impl Seeded for f64 {
    type Bar = f64;
    fn bar(&self, from: &mut Numbers) -> f64 {
        from.f64()
    }
}

impl Seeded for f32 {
    type Bar = f32;
    fn bar(&self, from: &mut Numbers) -> f32 {
        from.f32()
    }
}

macro_rules! no_seed {
    ($($ty:ty)*) => {$(
        impl Seeded for $ty {
            type Bar = ();
            fn bar(&self, _: &mut Numbers) {}
        }
    )*};
}
no_seed!(() bool usize i32);

impl<T: Seeded> Seeded for Vec<T> {
    type Bar = Vec<T::Bar>;
    fn bar(&self, from: &mut Numbers) -> Self::Bar {
        self.iter().map(|value| value.bar(from)).collect()
    }
}

impl<T: Seeded, const N: usize> Seeded for [T; N] {
    type Bar = [T::Bar; N];
    fn bar(&self, from: &mut Numbers) -> Self::Bar {
        std::array::from_fn(|k| self[k].bar(from))
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+);)*) => {$(
        impl<$($name: Observe),+> Observe for ($($name,)+) {
            fn observe(&self, into: &mut Observed) {
                $(self.$index.observe(into);)+
            }
        }
        impl<$($name: Seeded),+> Seeded for ($($name,)+) {
            type Bar = ($($name::Bar,)+);
            fn bar(&self, from: &mut Numbers) -> Self::Bar {
                ($(self.$index.bar(from),)+)
            }
        }
        impl<$($name: Outcome),+> Outcome for ($($name,)+) {
            fn collect(&self, into: &mut Results) {
                $(self.$index.collect(into);)+
            }
        }
    )*};
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
}

/// Numbers that arguments are made of, one after the other.
pub struct Numbers<'a>(pub &'a [f64]);

impl Numbers<'_> {
    pub fn f64(&mut self) -> f64 {
        let (first, rest) = self.0.split_first().expect("as many numbers as the arguments have");
        self.0 = rest;
        *first
    }
    #[allow(clippy::cast_possible_truncation)]
    pub fn f32(&mut self) -> f32 {
        self.f64() as f32
    }
}

/// The same for tangents side by side.
pub struct ThreeRows<'a>(pub [&'a [f64]; 3]);

impl ThreeRows<'_> {
    pub fn f64(&mut self) -> Lanes<f64, 3> {
        Lanes(self.0.each_mut().map(|row| {
            let (first, rest) = row.split_first().expect("as many numbers as the arguments have");
            *row = rest;
            *first
        }))
    }
    #[allow(clippy::cast_possible_truncation)]
    pub fn f32(&mut self) -> Lanes<f32, 3> {
        Lanes(self.f64().0.map(|x| x as f32))
    }
}

/// The same for the witness: numbers with an ε in some of them.
pub struct Duals<'a> {
    pub at: &'a [f64],
    /// By level: what stands at its ε, for each number.
    pub along: &'a [Vec<f64>],
    pub next: usize,
}

impl Duals<'_> {
    pub fn f64(&mut self) -> D64 {
        let k = self.next;
        self.next += 1;
        let with = |x: D64, (level, row): (usize, &Vec<f64>)| x.seeded(level, row[k]);
        self.along.iter().enumerate().fold(D64::lit(self.at[k]), with)
    }
    #[allow(clippy::cast_possible_truncation)]
    pub fn f32(&mut self) -> D32 {
        let k = self.next;
        self.next += 1;
        let with = |x: D32, (level, row): (usize, &Vec<f64>)| x.seeded(level, row[k]);
        self.along.iter().enumerate().fold(D32::lit(self.at[k] as f32), with)
    }
}

/// What the witness returned.
#[derive(Default)]
pub struct Results {
    pub observed: Observed,
    /// For every float the coefficients at ε₀, at ε₁ and at both.
    pub slopes: Vec<[f64; 3]>,
}

impl Results {
    pub fn of(parts: &[&dyn Outcome]) -> Results {
        let mut results = Results::default();
        for part in parts {
            part.collect(&mut results);
        }
        results
    }
}

pub trait Outcome {
    fn collect(&self, into: &mut Results);
}

impl Outcome for D64 {
    fn collect(&self, into: &mut Results) {
        self.value().observe(&mut into.observed);
        into.slopes.push([1, 2, 3].map(|set| self.coefficient(set)));
    }
}

impl Outcome for D32 {
    fn collect(&self, into: &mut Results) {
        self.value().observe(&mut into.observed);
        into.slopes.push([1, 2, 3].map(|set| self.coefficient(set)));
    }
}

macro_rules! plain_outcome {
    ($($ty:ty)*) => {$(
        impl Outcome for $ty {
            fn collect(&self, into: &mut Results) {
                self.observe(&mut into.observed);
            }
        }
    )*};
}
plain_outcome!(() bool usize i32);

impl<T: Outcome> Outcome for [T] {
    fn collect(&self, into: &mut Results) {
        into.observed.bits.push(self.len() as u64);
        for value in self {
            value.collect(into);
        }
    }
}

impl<T: Outcome> Outcome for Vec<T> {
    fn collect(&self, into: &mut Results) {
        self[..].collect(into);
    }
}

impl<T: Outcome, const N: usize> Outcome for [T; N] {
    fn collect(&self, into: &mut Results) {
        for value in self {
            value.collect(into);
        }
    }
}
