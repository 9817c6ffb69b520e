//! Stopping differentiation.

/// Its argument, as a constant: inside an annotated function no derivative flows through it.
///
/// Outside of annotated functions it does nothing.
#[inline]
pub fn constant<T>(x: T) -> T {
    x
}

/// What a call of the function is compiled to: found beside the function only, so that a function of the user's that
/// happens to be called `constant` is never taken for this one.
#[doc(hidden)]
#[allow(non_camel_case_types)]
pub enum constant {}

impl constant {
    #[doc(hidden)]
    #[inline]
    pub fn __grad_value<T>(x: T) -> T {
        x
    }
}
