//! Arguments, results and cotangents of any shape as rows of numbers.

/// What a function returned or a gradient is made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Observed {
    /// Its floats, from left to right.
    pub(crate) floats: Vec<f64>,
    /// Everything in it, bit for bit; lengths of `Vec`s included.
    pub(crate) bits: Vec<u64>,
}

/// A value whose floats can be read and replaced.
pub(crate) trait Flat {
    fn observe(&self, into: &mut Observed);
    /// The same shape with other floats, taken from the front of `from`.
    fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self;
    /// Holds an `f32`: differences are less precise.
    fn single(&self) -> bool;
}

pub(crate) fn observe(value: &impl Flat) -> Observed {
    let mut observed = Observed::default();
    value.observe(&mut observed);
    observed
}

/// A number of either type of floats.
pub(crate) fn number<F: Flat + Default>(value: f64) -> F {
    F::default().refill(&mut std::iter::once(value))
}

impl Flat for f64 {
    fn observe(&self, into: &mut Observed) {
        into.floats.push(*self);
        into.bits.push(self.to_bits());
    }
    fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self {
        from.next().expect("as many floats as the shape has")
    }
    fn single(&self) -> bool {
        false
    }
}

impl Flat for f32 {
    fn observe(&self, into: &mut Observed) {
        into.floats.push(f64::from(*self));
        into.bits.push(u64::from(self.to_bits()));
    }
    #[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is meant")]
    fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self {
        from.next().expect("as many floats as the shape has") as f32
    }
    fn single(&self) -> bool {
        true
    }
}

macro_rules! without_floats {
    ($($ty:ty: $self:ident => $bits:expr;)*) => {$(
        impl Flat for $ty {
            fn observe(&$self, into: &mut Observed) {
                into.bits.extend($bits);
            }
            fn refill(&self, _: &mut dyn Iterator<Item = f64>) -> Self {
                *self
            }
            fn single(&self) -> bool {
                false
            }
        }
    )*};
}

without_floats! {
    (): self => [0_u64; 0];
    bool: self => [u64::from(*self)];
    u8: self => [u64::from(*self)];
    u32: self => [u64::from(*self)];
    u64: self => [*self];
    usize: self => [*self as u64];
    i32: self => [u64::from(self.cast_unsigned())];
    i64: self => [self.cast_unsigned()];
}

impl<T: Flat> Flat for Vec<T> {
    fn observe(&self, into: &mut Observed) {
        into.bits.push(self.len() as u64);
        for value in self {
            value.observe(into);
        }
    }
    fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self {
        self.iter().map(|value| value.refill(from)).collect()
    }
    fn single(&self) -> bool {
        self.iter().any(Flat::single)
    }
}

impl<T: Flat, const N: usize> Flat for [T; N] {
    fn observe(&self, into: &mut Observed) {
        for value in self {
            value.observe(into);
        }
    }
    fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self {
        std::array::from_fn(|i| self[i].refill(from))
    }
    fn single(&self) -> bool {
        self.iter().any(Flat::single)
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+);)*) => {$(
        impl<$($name: Flat),+> Flat for ($($name,)+) {
            fn observe(&self, into: &mut Observed) {
                $(self.$index.observe(into);)+
            }
            fn refill(&self, from: &mut dyn Iterator<Item = f64>) -> Self {
                ($(self.$index.refill(from),)+)
            }
            fn single(&self) -> bool {
                $(self.$index.single())||+
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
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
}
