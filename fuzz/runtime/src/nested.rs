//! What `g::grad(..)`, `g::value_and_grad(..)` and `g::jvp(..)` inside of a program are to the witness.

use crate::number::{D64, inside};

/// An argument that a derivative is taken with respect to.
pub trait Point {
    /// What `grad` returns for it.
    type Gradient;
    type Held;
    /// The same with the ε of `level`, times `by`, in its number `k`.
    fn seeded(&self, k: usize, level: usize, by: f64) -> Self::Held;
    fn gradient(&self, of: &mut dyn FnMut(usize) -> D64) -> Self::Gradient;
}

impl Point for D64 {
    type Gradient = D64;
    type Held = D64;
    fn seeded(&self, k: usize, level: usize, by: f64) -> D64 {
        if k == 0 { D64::seeded(*self, level, by) } else { *self }
    }
    fn gradient(&self, of: &mut dyn FnMut(usize) -> D64) -> D64 {
        of(0)
    }
}

impl<const N: usize> Point for [D64; N] {
    type Gradient = [D64; N];
    type Held = [D64; N];
    fn seeded(&self, k: usize, level: usize, by: f64) -> [D64; N] {
        let mut held = *self;
        if k < N {
            held[k] = held[k].seeded(level, by);
        }
        held
    }
    fn gradient(&self, of: &mut dyn FnMut(usize) -> D64) -> [D64; N] {
        std::array::from_fn(of)
    }
}

impl Point for [D64] {
    type Gradient = Vec<D64>;
    type Held = Vec<D64>;
    fn seeded(&self, k: usize, level: usize, by: f64) -> Vec<D64> {
        let mut held = self.to_vec();
        if k < held.len() {
            held[k] = held[k].seeded(level, by);
        }
        held
    }
    fn gradient(&self, of: &mut dyn FnMut(usize) -> D64) -> Vec<D64> {
        (0..<[D64]>::len(self)).map(of).collect()
    }
}

impl Point for Vec<D64> {
    type Gradient = Vec<D64>;
    type Held = Vec<D64>;
    fn seeded(&self, k: usize, level: usize, by: f64) -> Vec<D64> {
        self[..].seeded(k, level, by)
    }
    fn gradient(&self, of: &mut dyn FnMut(usize) -> D64) -> Vec<D64> {
        self[..].gradient(of)
    }
}

/// Value and gradient of a function of one argument.
pub fn gradient<P: Point + ?Sized>(at: &P, f: impl Fn(&P::Held) -> D64) -> (D64, P::Gradient) {
    let value = f(&at.seeded(usize::MAX, 0, 0.0));
    let gradient = at.gradient(&mut |k| inside(|level| f(&at.seeded(k, level, 1.0)).at_level(level)));
    (value, gradient)
}

/// Value and gradient of a function of two arguments.
pub fn gradient_of_two<P: Point + ?Sized, Q: Point + ?Sized>(
    p: &P,
    q: &Q,
    f: impl Fn(&P::Held, &Q::Held) -> D64,
) -> (D64, (P::Gradient, Q::Gradient)) {
    let (p_held, q_held) = (p.seeded(usize::MAX, 0, 0.0), q.seeded(usize::MAX, 0, 0.0));
    let value = f(&p_held, &q_held);
    let by_p = gradient(p, |p| f(p, &q_held)).1;
    let by_q = gradient(q, |q| f(&p_held, q)).1;
    (value, (by_p, by_q))
}

/// What a gradient is made of.
pub trait Entries {
    fn entries(&self) -> Vec<D64>;
}

impl Entries for D64 {
    fn entries(&self) -> Vec<D64> {
        vec![*self]
    }
}

impl Entries for [D64] {
    fn entries(&self) -> Vec<D64> {
        self.to_vec()
    }
}

impl Entries for Vec<D64> {
    fn entries(&self) -> Vec<D64> {
        self.clone()
    }
}

impl<const N: usize> Entries for [D64; N] {
    fn entries(&self) -> Vec<D64> {
        self.to_vec()
    }
}

/// ⟨g, v⟩
pub fn inner(g: &(impl Entries + ?Sized), v: &(impl Entries + ?Sized)) -> D64 {
    g.entries().into_iter().zip(v.entries()).map(|(g, v)| g * v).sum()
}
