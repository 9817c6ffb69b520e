//! Operations on matrices of other libraries: how their derivatives are called.
//!
//! An operation is a type, `Op`, and its mathematics an implementation of [`Rule`] for the types of its operands. [`Row`] makes
//! the forms of that which generated code calls, for every way in which operands are passed, so that a rule knows values only.

/// A type without content that has forms, whatever its parameters are: it is the value that has them.
macro_rules! forms {
    ($name:ident<$($of:ident),+>) => {
        impl<$($of),+> Clone for $name<$($of),+> {
            #[inline]
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<$($of),+> Copy for $name<$($of),+> {}

        impl<$($of),+> core::fmt::Debug for $name<$($of),+> {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl<$($of),+> $name<$($of),+> {
            /// Its value.
            pub const ROW: Self = $name(PhantomData);
        }

        impl<$($of),+> $crate::__private::FirstDerivative for $name<$($of),+> {
            type Forms = Self;
            const FORMS: Self = Self::ROW;
        }

        impl<$($of),+> $crate::__private::Derivative<2> for $name<$($of),+> {
            type Forms = Self;
            const FORMS: Self = Self::ROW;
        }
    };
}
use forms;

#[cfg(any(feature = "glam", feature = "nalgebra"))]
#[cfg_attr(not(feature = "nalgebra"), allow(unreachable_pub, reason = "rules of nalgebra name it"))]
pub(crate) mod coordinates;
#[cfg(any(feature = "glam", feature = "nalgebra"))]
#[cfg_attr(not(feature = "nalgebra"), allow(dead_code, unreachable_pub, reason = "glam needs fewer"))]
pub(crate) mod formulas;
#[cfg(any(feature = "glam", feature = "nalgebra"))]
#[cfg_attr(not(feature = "nalgebra"), allow(dead_code, unreachable_pub, reason = "glam needs fewer"))]
pub(crate) mod numbers;
mod one;
mod passed;
mod row;
mod rule;
mod value;
#[cfg(feature = "glam")]
pub(crate) mod vectors;

pub use one::Row1;
pub use passed::{Number, NumberRef, Owned, Passed, Ref};
pub use row::Row;
pub use rule::{Bilinear, LinearIn, Rule, Turn};
pub use value::{Always, Fallible, Maybe, Outcome, Space, Straight, Value};

/// What an operation makes of one operand.
#[cfg(feature = "nalgebra")]
#[inline]
pub fn made<Op: Rule<V, (), Outcome = Always>, V: Value>(v: V) -> Op::Y {
    Op::value(&v, &())
}

/// What an operation reads of one operand.
#[cfg(feature = "nalgebra")]
#[inline]
pub fn read<Op: Rule<V, (), Outcome = Always>, V: Value>(v: &V) -> Op::Y {
    Op::value(v, &())
}
