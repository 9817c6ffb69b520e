//! What derivatives are of, and how an operation ends.

use crate::__private::{Accumulate, EachLane, LanesLike, ZerosLike};
use crate::Lanes;
use core::borrow::Borrow;

/// What an operation takes or gives: a number, a matrix, a factorisation of one.
pub trait Value: ZerosLike<Zeros = Self::Tangent> + 'static {
    /// Its tangent, and its cotangent.
    type Tangent: Space;
    /// What holds it where it is passed by value.
    type Own: Borrow<Self>;

    /// No tangent in any lane.
    fn lanes<const N: usize>(&self) -> <Self::Tangent as Space>::Lanes<N>;
    /// Whether its cotangent is [fresh](ZerosLike::__grad_fresh), and not zeros yet.
    #[inline]
    fn is_fresh(&self, cotangent: &Self::Tangent) -> bool {
        let _ = cotangent;
        false
    }
}

/// Numbers and matrices: what is its own tangent.
pub trait Space: Value<Tangent = Self> + Accumulate<Self> + Clone {
    /// Tangents side by side.
    type Lanes<const N: usize>: EachLane<One = Self> + Clone + 'static;
}

/// What an operation that is linear in it takes in its place: its tangents.
pub trait Straight: Value {
    /// A tangent as one.
    fn of_tangent(tangent: &Self::Tangent) -> &Self;
}

impl<V: Space> Straight for V {
    #[inline]
    fn of_tangent(tangent: &V) -> &V {
        tangent
    }
}

macro_rules! floats {
    ($($float:ty)*) => {$(
        impl Value for $float {
            type Tangent = $float;
            type Own = $float;

            #[inline]
            fn lanes<const N: usize>(&self) -> Lanes<$float, N> {
                self.__grad_lanes_like()
            }
        }

        impl Space for $float {
            type Lanes<const N: usize> = Lanes<$float, N>;
        }
    )*};
}

floats! { f32 f64 }

impl Value for () {
    type Tangent = ();
    type Own = ();

    #[inline]
    fn lanes<const N: usize>(&self) {}
}

impl Space for () {
    type Lanes<const N: usize> = ();
}

/// How an operation ends: with its result, or without one.
pub trait Outcome: 'static {
    /// What comes back, where the result is a `T`.
    type Of<T>;

    /// Makes another of the result, if there is one.
    fn map<T, U>(outcome: Self::Of<T>, f: impl FnOnce(T) -> U) -> Self::Of<U>;
}

/// With its result.
#[derive(Debug)]
pub struct Always;

impl Outcome for Always {
    type Of<T> = T;

    #[inline]
    fn map<T, U>(outcome: T, f: impl FnOnce(T) -> U) -> U {
        f(outcome)
    }
}

/// With `None`, maybe.
#[derive(Debug)]
pub struct Maybe;

impl Outcome for Maybe {
    type Of<T> = Option<T>;

    #[inline]
    fn map<T, U>(outcome: Option<T>, f: impl FnOnce(T) -> U) -> Option<U> {
        outcome.map(f)
    }
}

/// With an error, maybe.
#[derive(Debug)]
pub struct Fallible<E>(core::marker::PhantomData<E>);

impl<E: 'static> Outcome for Fallible<E> {
    type Of<T> = Result<T, E>;

    #[inline]
    fn map<T, U>(outcome: Result<T, E>, f: impl FnOnce(T) -> U) -> Result<U, E> {
        outcome.map(f)
    }
}
