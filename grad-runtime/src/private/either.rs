//! A pullback of one of two types.

/// Which of the two it is, the markers say: it costs nothing.
#[derive(Clone)]
pub enum Either<First, Second> {
    First(First),
    Second(Second),
}
