//! The number behind references, where the macro knows that it is one, and only rustc how many references there are: the
//! items of a collection that a pattern has bound.

/// A number, or a reference to one. Where a constant is read as a number since it has a method that floats have, and a
/// differentiated value goes into that, rustc may know better.
#[diagnostic::on_unimplemented(
    message = "GRAD0025: a differentiated value may get lost in a method of `{Self}`, which the compiler does not look into",
    label = "of the type `{Self}`, and has a method with the name of one of floats",
    note = "compute with numbers, in free functions with `#[grad]`; or stop differentiation of the arguments with `grad::constant(..)`"
)]
pub trait Number {
    /// The number's type.
    type Of;

    /// See [`number`].
    fn __grad_as_number(&self) -> Self::Of;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Number for $ty {
            type Of = $ty;

            #[inline]
            fn __grad_as_number(&self) -> $ty {
                *self
            }
        }
    )*};
}

numbers! { f32 f64 bool u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

impl<T: Number + ?Sized> Number for &T {
    type Of = T::Of;

    #[inline]
    fn __grad_as_number(&self) -> T::Of {
        (**self).__grad_as_number()
    }
}

impl<T: Number + ?Sized> Number for &mut T {
    type Of = T::Of;

    #[inline]
    fn __grad_as_number(&self) -> T::Of {
        (**self).__grad_as_number()
    }
}

/// The number that `x` is or refers to.
#[inline]
pub fn number<T: Number>(x: T) -> T::Of {
    x.__grad_as_number()
}

/// A number that is no float. Where a field of a type that only rustc knows is cast to a float, it is one of these, or a
/// derivative would be lost.
#[diagnostic::on_unimplemented(
    message = "GRAD0026: a differentiated `{Self}` is converted, and `#[grad]` sees only here what it is",
    label = "of the type `{Self}`",
    note = "bind it with its type before: `let x: f32 = …;`"
)]
pub trait Whole {}

macro_rules! whole {
    ($($ty:ty)*) => {$(
        impl Whole for $ty {}
    )*};
}

whole! { bool char u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

/// A number that is no float, as it is.
#[inline]
pub fn whole<T: Whole>(x: T) -> T {
    x
}

/// A float of either type.
pub trait TotalOrder {
    /// See [`total_cmp`].
    fn order(&self, other: &Self) -> core::cmp::Ordering;
}

macro_rules! total_orders {
    ($($ty:ident)*) => {$(
        impl TotalOrder for $ty {
            #[inline]
            fn order(&self, other: &$ty) -> core::cmp::Ordering {
                $ty::total_cmp(self, other)
            }
        }
    )*};
}

total_orders! { f32 f64 }

/// `a.total_cmp(b)`, where the type of `a` is that of `b`, and known only there.
#[inline]
pub fn total_cmp<F: TotalOrder>(a: &F, b: &F) -> core::cmp::Ordering {
    a.order(b)
}
