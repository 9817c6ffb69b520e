//! Points of a space that one can take steps in.

use crate::Scalar;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// A user's parameters: a value with tangents, which can be added to it.
///
/// Implemented for `f32`, `f64`, arrays, slices, `Vec`s, tuples, `Option`s and `Box`es of them to any depth. What holds no
/// floats (integers, `bool`, `String`) has the tangent `()`. For types of your own, `#[derive(Differentiable)]` implements it,
/// with more than is seen here that generated code needs.
///
/// ```
/// use grad_runtime::Differentiable;
///
/// let mut x = (1.0_f64, vec![2.0_f64, 3.0]);
/// let mut step = x.zero_tangent();
/// step.1[0] = 10.0;
/// x.add_scaled(0.5, &step);
/// assert_eq!(x, (1.0, vec![7.0, 3.0]));
/// ```
#[diagnostic::on_unimplemented(
    message = "GRAD0043: the type `{Self}` has no tangents",
    label = "`#[derive(Differentiable)]` is missing on it",
    note = "write `#[derive(grad::Differentiable)]` on the type; or `#[grad(constant)]` on the field, if it is data"
)]
pub trait Differentiable {
    /// A direction: the owned form of the same shape. Tangents form a vector space, so the tangent of a
    /// tangent is a tangent.
    type Tangent: Differentiable<Tangent = Self::Tangent> + Clone;

    /// Zero in the shape of `self`.
    fn zero_tangent(&self) -> Self::Tangent;

    /// `self += scale · tangent`.
    ///
    /// # Panics
    /// If the shapes differ.
    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent);

    /// ⟨a, b⟩, the sum of the products of corresponding floats.
    ///
    /// # Panics
    /// If the shapes differ.
    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64;

    /// ‖a‖ = √⟨a, a⟩.
    #[cfg(any(feature = "std", feature = "libm"))]
    fn norm(a: &Self::Tangent) -> f64 {
        crate::math::function!(f64, sqrt)(Self::inner(a, a))
    }

    /// The number of floats.
    fn dim(&self) -> usize;

    /// Writes the floats, first to last, to the start of `flat` and returns how many they are.
    ///
    /// # Panics
    /// If `flat` is shorter than [`dim`](Self::dim).
    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize;

    /// Sets the floats, first to last, from the start of `flat` and returns how many they are.
    ///
    /// # Panics
    /// If `flat` is shorter than [`dim`](Self::dim).
    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize;

    /// The floats, first to last.
    fn flatten<S: Scalar>(&self) -> Vec<S> {
        let mut flat = vec![S::default(); self.dim()];
        self.flatten_into(&mut flat);
        flat
    }
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Differentiable for $float {
            type Tangent = $float;

            #[inline]
            fn zero_tangent(&self) -> $float {
                0.0
            }

            #[inline]
            fn add_scaled(&mut self, scale: f64, tangent: &$float) {
                *self += <$float as Scalar>::from_f64(scale) * *tangent;
            }

            #[inline]
            fn inner(a: &$float, b: &$float) -> f64 {
                a.to_f64() * b.to_f64()
            }

            #[inline]
            fn dim(&self) -> usize {
                1
            }

            #[inline]
            fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
                flat[0] = S::from_f64(self.to_f64());
                1
            }

            #[inline]
            fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
                *self = <$float as Scalar>::from_f64(flat[0].to_f64());
                1
            }
        }
    )*};
}

floats! { f32 f64 }

/// What holds no floats has no tangent: types one after the other, or one with parameters of its own.
macro_rules! without_floats {
    ([$($of:tt)*] $ty:ty) => {
        impl<$($of)*> Differentiable for $ty {
            type Tangent = ();

            fn zero_tangent(&self) {}

            fn add_scaled(&mut self, _: f64, (): &()) {}

            fn inner((): &(), (): &()) -> f64 {
                0.0
            }

            fn dim(&self) -> usize {
                0
            }

            fn flatten_into<S: Scalar>(&self, _: &mut [S]) -> usize {
                0
            }

            fn unflatten_from<S: Scalar>(&mut self, _: &[S]) -> usize {
                0
            }
        }
    };
    ($($ty:ty)*) => {
        $(without_floats! { [] $ty })*
    };
}
pub(crate) use without_floats;

without_floats! { () bool char String u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl<T: Differentiable> Differentiable for [T] {
    type Tangent = Vec<T::Tangent>;

    fn zero_tangent(&self) -> Self::Tangent {
        self.iter().map(T::zero_tangent).collect()
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        check_lengths(self.len(), tangent.len());
        for (x, tangent) in self.iter_mut().zip(tangent) {
            x.add_scaled(scale, tangent);
        }
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        check_lengths(a.len(), b.len());
        a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + T::inner(a, b))
    }

    fn dim(&self) -> usize {
        self.iter().map(T::dim).sum()
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        self.iter().fold(0, |done, x| done + x.flatten_into(&mut flat[done..]))
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        self.iter_mut().fold(0, |done, x| done + x.unflatten_from(&flat[done..]))
    }
}

impl<T: Differentiable> Differentiable for Vec<T> {
    type Tangent = Vec<T::Tangent>;

    fn zero_tangent(&self) -> Self::Tangent {
        self.as_slice().zero_tangent()
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        self.as_mut_slice().add_scaled(scale, tangent);
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        <[T]>::inner(a, b)
    }

    fn dim(&self) -> usize {
        self.as_slice().dim()
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        self.as_slice().flatten_into(flat)
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        self.as_mut_slice().unflatten_from(flat)
    }
}

impl<T: Differentiable, const N: usize> Differentiable for [T; N] {
    type Tangent = [T::Tangent; N];

    fn zero_tangent(&self) -> Self::Tangent {
        self.each_ref().map(T::zero_tangent)
    }

    fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
        for (x, tangent) in self.iter_mut().zip(tangent) {
            x.add_scaled(scale, tangent);
        }
    }

    fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
        a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + T::inner(a, b))
    }

    fn dim(&self) -> usize {
        self.as_slice().dim()
    }

    fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
        self.as_slice().flatten_into(flat)
    }

    fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
        self.as_mut_slice().unflatten_from(flat)
    }
}

macro_rules! tuples {
    ($($ty:ident $index:tt),*) => {
        impl<$($ty: Differentiable),*> Differentiable for ($($ty,)*) {
            type Tangent = ($($ty::Tangent,)*);

            fn zero_tangent(&self) -> Self::Tangent {
                ($(self.$index.zero_tangent(),)*)
            }

            fn add_scaled(&mut self, scale: f64, tangent: &Self::Tangent) {
                $(self.$index.add_scaled(scale, &tangent.$index);)*
            }

            fn inner(a: &Self::Tangent, b: &Self::Tangent) -> f64 {
                0.0 $(+ $ty::inner(&a.$index, &b.$index))*
            }

            fn dim(&self) -> usize {
                0 $(+ self.$index.dim())*
            }

            fn flatten_into<S: Scalar>(&self, flat: &mut [S]) -> usize {
                let mut done = 0;
                $(done += self.$index.flatten_into(&mut flat[done..]);)*
                done
            }

            fn unflatten_from<S: Scalar>(&mut self, flat: &[S]) -> usize {
                let mut done = 0;
                $(done += self.$index.unflatten_from(&flat[done..]);)*
                done
            }
        }
    };
}

tuples! { T0 0 }
tuples! { T0 0, T1 1 }
tuples! { T0 0, T1 1, T2 2 }
tuples! { T0 0, T1 1, T2 2, T3 3 }
tuples! { T0 0, T1 1, T2 2, T3 3, T4 4 }
tuples! { T0 0, T1 1, T2 2, T3 3, T4 4, T5 5 }
tuples! { T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6 }
tuples! { T0 0, T1 1, T2 2, T3 3, T4 4, T5 5, T6 6, T7 7 }

fn check_lengths(left: usize, right: usize) {
    assert!(left == right, "shapes differ: {left} elements and {right}");
}

#[cfg(test)]
mod tests {
    use super::*;

    type Nested = (f64, Vec<[f32; 2]>, usize);

    #[test]
    fn integers_have_no_tangent_and_no_place_in_the_flat_form() {
        let x: Nested = (1.0, vec![[2.0, 3.0], [4.0, 5.0]], 9);
        assert_eq!(x.dim(), 5);
        assert_eq!(x.flatten::<f64>(), [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(x.zero_tangent(), (0.0, vec![[0.0; 2]; 2], ()));
    }

    #[test]
    fn unflattening_undoes_flattening() {
        let x: Nested = (1.5, vec![[2.25, 3.0], [4.0, -5.0]], 9);
        let mut y: Nested = (0.0, vec![[0.0; 2]; 2], 9);
        assert_eq!(y.unflatten_from(&x.flatten::<f32>()), 5);
        assert_eq!(x, y);
    }

    #[test]
    fn steps_products_and_norms_go_over_the_whole_shape() {
        let mut x: Nested = (1.0, vec![[2.0, 3.0]], 9);
        let step = (3.0, vec![[0.0, 4.0]], ());
        x.add_scaled(-0.5, &step);
        assert_eq!(x, (-0.5, vec![[2.0, 1.0]], 9));
        assert_eq!(Nested::inner(&step, &step), 25.0);
        assert_eq!(Nested::norm(&step), 5.0);
    }

    #[test]
    fn shapes_that_differ_panic() {
        assert!(std::panic::catch_unwind(|| vec![1.0].add_scaled(1.0, &vec![1.0, 2.0])).is_err());
        assert!(std::panic::catch_unwind(|| Vec::<f64>::inner(&vec![1.0], &vec![])).is_err());
    }
}
