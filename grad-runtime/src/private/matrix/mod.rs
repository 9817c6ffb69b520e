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

mod one;
mod passed;
mod row;
mod rule;
mod value;

pub use one::Row1;
pub use passed::{Number, NumberRef, Owned, Passed, Ref};
pub use row::Row;
pub use rule::{Bilinear, LinearIn, Rule, Turn};
pub use value::{Always, Fallible, Maybe, Outcome, Space, Straight, Value};
