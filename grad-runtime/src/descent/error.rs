//! Why did a descent not start?

use std::fmt;

use crate::Failure;

/// A descent that could not start. What ends one that has started is a [`Termination`](super::Termination).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum DescentError {
    /// The start has another number of coordinates than the objective.
    WrongDimension {
        /// Of the objective.
        expected: usize,
        /// Of the start.
        found: usize,
    },
    /// A coordinate of the start is infinite or NaN.
    StartNotFinite {
        /// Which coordinate.
        coordinate: usize,
    },
    /// The objective failed at the start: its error.
    Objective(Failure),
    /// The value of the objective at the start is infinite or NaN.
    ValueNotFinite {
        /// The value.
        value: f64,
    },
    /// A coordinate of the gradient at the start is infinite or NaN.
    GradientNotFinite {
        /// Which coordinate.
        coordinate: usize,
    },
    /// A setting makes no sense.
    InvalidSetting {
        /// Its name.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// There are more or fewer bounds than coordinates.
    WrongBounds {
        /// Which: `"lower"` or `"upper"`.
        name: &'static str,
        /// The number of coordinates.
        expected: usize,
        /// The number of bounds.
        found: usize,
    },
    /// A group of coordinates goes beyond the point, or overlaps with one before it.
    WrongGroup {
        /// The first of its coordinates.
        start: usize,
        /// The one behind its last.
        end: usize,
        /// The coordinates of the point.
        dim: usize,
    },
    /// A preconditioner has more or fewer numbers than it takes: n, or n² of a matrix.
    WrongPreconditioner {
        /// How many it takes.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The gradient at the start is finite, but its square is not.
    GradientTooLarge {
        /// ‖∇f(x)‖₂
        norm: f64,
    },
    /// The method needs more memory than there is.
    OutOfMemory {
        /// How many numbers it wants to remember.
        numbers: f64,
    },
    /// There is nothing to train on.
    NoSamples,
    /// The checkpoint to go on from is unusable, or cannot be written.
    #[cfg(feature = "serde")]
    Checkpoint(super::CheckpointError),
}

impl fmt::Display for DescentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DescentError::WrongDimension { expected: 0, found } => write!(
                f,
                "the start has {found} coordinates, the objective none: start from the parameters, or give it their lengths with `shaped_like`"
            ),
            DescentError::WrongDimension { expected, found } => {
                write!(f, "the start has {found} coordinates, the objective {expected}")
            }
            DescentError::StartNotFinite { coordinate } => {
                write!(f, "coordinate {coordinate} of the start is not a finite number")
            }
            DescentError::Objective(failure) => write!(f, "the objective failed at the start: {failure}"),
            DescentError::ValueNotFinite { value } => {
                write!(f, "the objective is {value} at the start: start where it is a finite number")
            }
            DescentError::GradientNotFinite { coordinate } => write!(
                f,
                "coordinate {coordinate} of the gradient is not a finite number at the start: start elsewhere"
            ),
            DescentError::InvalidSetting { name, value, expected } => {
                write!(f, "`{name}` is {value}, but must be {expected}")
            }
            DescentError::WrongBounds { name, expected, found } => {
                write!(f, "there are {found} {name} bounds for {expected} coordinates")
            }
            DescentError::WrongGroup { start, end, dim } => write!(
                f,
                "the group {start}..{end} of {dim} coordinates goes beyond them, or overlaps with another"
            ),
            DescentError::WrongPreconditioner { expected, found } => {
                write!(f, "the preconditioner has {found} numbers, and takes {expected}")
            }
            DescentError::GradientTooLarge { norm } => write!(
                f,
                "the gradient at the start is so large ({norm:e}) that its square overflows: divide the objective by a constant"
            ),
            DescentError::OutOfMemory { numbers } => write!(
                f,
                "there is no room for the {numbers:e} numbers that the method remembers: take a smaller memory, or a method that remembers less"
            ),
            DescentError::NoSamples => write!(f, "there are no samples to train on"),
            #[cfg(feature = "serde")]
            DescentError::Checkpoint(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DescentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            DescentError::Objective(failure) => Some(failure),
            _ => None,
        }
    }
}

#[cfg(feature = "serde")]
impl From<super::CheckpointError> for DescentError {
    fn from(error: super::CheckpointError) -> Self {
        DescentError::Checkpoint(error)
    }
}
